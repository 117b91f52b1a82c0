"""An inspection of a delivery as console table, JSON, workbook and GeoPackage."""

from spatialplan.reports.inspections.console import print_inspection
from spatialplan.reports.inspections.document import inspection_document
from spatialplan.reports.inspections.geopackage import write_inspection_geopackage
from spatialplan.reports.inspections.workbook import write_inspection_workbook

__all__ = [
    "inspection_document",
    "print_inspection",
    "write_inspection_geopackage",
    "write_inspection_workbook",
]
