"""What a delivered table is: its role in the plan and what its fields mean, or why that is open."""

from spatialplan.recognition.fields import find_area_unit, find_unit_fields
from spatialplan.recognition.recognising import (
    Candidate,
    GeometryKind,
    Recognition,
    is_single,
    kind_of_geometry,
    recognise,
)

__all__ = [
    "Candidate",
    "GeometryKind",
    "Recognition",
    "find_area_unit",
    "find_unit_fields",
    "is_single",
    "kind_of_geometry",
    "recognise",
]
