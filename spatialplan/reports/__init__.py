"""Findings as a document, a workbook, a GeoPackage and tables on a terminal."""

from spatialplan.reports.console import print_review
from spatialplan.reports.document import review_document, write_json
from spatialplan.reports.geopackage import write_geopackage
from spatialplan.reports.opinions import write_opinions
from spatialplan.reports.plots import write_plots
from spatialplan.reports.screening_console import print_screening
from spatialplan.reports.screening_document import screening_document
from spatialplan.reports.screening_geopackage import write_screening_geopackage
from spatialplan.reports.screening_workbook import write_screening_workbook
from spatialplan.reports.workbook import write_workbook

__all__ = [
    "print_review",
    "print_screening",
    "review_document",
    "screening_document",
    "write_geopackage",
    "write_json",
    "write_opinions",
    "write_plots",
    "write_screening_geopackage",
    "write_screening_workbook",
    "write_workbook",
]
