"""Project sites as they were submitted, in the plane of judgement, with every doubt about them."""

from spatialplan.sites.assembly import assemble_sites
from spatialplan.sites.batch import SiteBatch
from spatialplan.sites.fields import (
    FieldChoice,
    clean_text,
    describe_sites,
    find_columns,
    parse_area,
)
from spatialplan.sites.footprints import Footprint
from spatialplan.sites.plots import NumberedPoint, Plot, number_points, round_outline
from spatialplan.sites.position import settle_crs
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
    "Plot",
    "SiteBatch",
    "Sites",
    "Submission",
    "assemble_sites",
    "build_polygon",
    "clean_text",
    "describe_sites",
    "find_columns",
    "number_points",
    "parse_area",
    "relocate_sites",
    "round_outline",
    "settle_crs",
    "trace_outline",
]
