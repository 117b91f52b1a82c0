"""A screening of sites as JSON, workbook, GeoPackage, boundary points and on a terminal."""

from spatialplan.reports.screenings.console import print_screening
from spatialplan.reports.screenings.document import screening_document
from spatialplan.reports.screenings.geopackage import write_screening_geopackage
from spatialplan.reports.screenings.plots import write_plots
from spatialplan.reports.screenings.rows import write_rows
from spatialplan.reports.screenings.streamed import print_streamed, streamed_document
from spatialplan.reports.screenings.workbook import write_screening_workbook

__all__ = [
    "print_screening",
    "print_streamed",
    "screening_document",
    "streamed_document",
    "write_plots",
    "write_rows",
    "write_screening_geopackage",
    "write_screening_workbook",
]
