"""The job behind ``spatialplan init``: a plan file for a new county from its delivery."""

from spatialplan.drafting.choice import OpenTable
from spatialplan.drafting.drafting import PLAN_FILE, Draft, DraftLayer, draft_plan
from spatialplan.drafting.survey import SurveyedTable

__all__ = ["PLAN_FILE", "Draft", "DraftLayer", "OpenTable", "SurveyedTable", "draft_plan"]
