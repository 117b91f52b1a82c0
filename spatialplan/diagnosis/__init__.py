"""What is wrong with a delivered layer: judgements on shapes, borders, position and fields."""

from spatialplan.diagnosis.attributes import Rows, diagnose_attributes, diagnose_texts
from spatialplan.diagnosis.borders import Borders, match_borders
from spatialplan.diagnosis.coverage import CoverageLayer, diagnose_coverage, is_too_loose
from spatialplan.diagnosis.defects import Defect, Place, make_defect
from spatialplan.diagnosis.gcj02 import looks_shifted
from spatialplan.diagnosis.geometry import diagnose_geometry, kinds_of
from spatialplan.diagnosis.position import Suggestion, diagnose_position, suggest_crs
from spatialplan.diagnosis.shared_borders import diagnose_shared_borders, share_borders

__all__ = [
    "Borders",
    "CoverageLayer",
    "Defect",
    "Place",
    "Rows",
    "Suggestion",
    "diagnose_attributes",
    "diagnose_coverage",
    "diagnose_geometry",
    "diagnose_position",
    "diagnose_shared_borders",
    "diagnose_texts",
    "is_too_loose",
    "kinds_of",
    "looks_shifted",
    "make_defect",
    "match_borders",
    "share_borders",
    "suggest_crs",
]
