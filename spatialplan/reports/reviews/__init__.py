"""A review (quotas, conflicts, quality) as JSON, workbook, GeoPackage and on a terminal."""

from spatialplan.reports.reviews.console import print_review
from spatialplan.reports.reviews.document import review_document
from spatialplan.reports.reviews.geopackage import write_geopackage
from spatialplan.reports.reviews.workbook import write_workbook

__all__ = ["print_review", "review_document", "write_geopackage", "write_workbook"]
