"""Project sites as they were submitted, in the plane of judgement, with every doubt about them."""

from spatialplan.sites.assembly import assemble_sites
from spatialplan.sites.batch import SiteBatch
from spatialplan.sites.fields import (
    FieldChoice,
    choose_columns,
    clean_text,
    describe_sites,
    find_candidates,
    find_columns,
    is_demonstration,
    parse_area,
    read_texts,
    says_something,
)
from spatialplan.sites.footprints import Footprint
from spatialplan.sites.numbering import Numbering, number_sites
from spatialplan.sites.plots import NumberedPoint, Plot, number_points, round_outline
from spatialplan.sites.position import region_degrees, settle_crs
from spatialplan.sites.relocation import relocate_sites
from spatialplan.sites.rings import BoundaryPoint, build_polygon, trace_outline
from spatialplan.sites.submission import Attributes, Submission
from spatialplan.sites.table import WHOLE_FILE, Doubt, Sites

__all__ = [
    "WHOLE_FILE",
    "Attributes",
    "BoundaryPoint",
    "Doubt",
    "FieldChoice",
    "Footprint",
    "NumberedPoint",
    "Numbering",
    "Plot",
    "SiteBatch",
    "Sites",
    "Submission",
    "assemble_sites",
    "build_polygon",
    "choose_columns",
    "clean_text",
    "describe_sites",
    "find_candidates",
    "find_columns",
    "is_demonstration",
    "number_points",
    "number_sites",
    "parse_area",
    "read_texts",
    "region_degrees",
    "relocate_sites",
    "round_outline",
    "says_something",
    "settle_crs",
    "trace_outline",
]
