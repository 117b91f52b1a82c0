"""A draft of a plan: as a file to go on with, and on a terminal."""

from spatialplan.reports.drafts.console import print_draft
from spatialplan.reports.drafts.plan_file import plan_text, write_plan

__all__ = ["plan_text", "print_draft", "write_plan"]
