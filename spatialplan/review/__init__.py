"""The job behind ``spatialplan check``: everything that one check of a plan found."""

from spatialplan.review.job import Review, check_plan

__all__ = ["Review", "check_plan"]
