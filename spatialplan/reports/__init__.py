"""Findings as a document, a workbook, a GeoPackage and tables on a terminal."""

from spatialplan.reports.console import print_review
from spatialplan.reports.document import review_document, write_json
from spatialplan.reports.geopackage import write_geopackage
from spatialplan.reports.workbook import write_workbook

__all__ = ["print_review", "review_document", "write_geopackage", "write_json", "write_workbook"]
