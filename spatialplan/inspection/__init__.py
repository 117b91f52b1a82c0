"""The job behind ``spatialplan inspect``: what is in a delivery, and what is wrong with it."""

from spatialplan.inspection.job import inspect_files
from spatialplan.inspection.repairing import RepairReport, repair_inspected
from spatialplan.inspection.results import (
    FaultPlace,
    InspectedLayer,
    Inspection,
    LayerFault,
    NotJudged,
    RecognisedRole,
)

__all__ = [
    "FaultPlace",
    "InspectedLayer",
    "Inspection",
    "LayerFault",
    "NotJudged",
    "RecognisedRole",
    "RepairReport",
    "inspect_files",
    "repair_inspected",
]
