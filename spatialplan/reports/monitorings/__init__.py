"""What changed between two editions of land cover, written down, and the ledger kept."""

from spatialplan.reports.monitorings.console import print_monitoring
from spatialplan.reports.monitorings.document import monitoring_document
from spatialplan.reports.monitorings.geopackage import write_monitoring_geopackage
from spatialplan.reports.monitorings.ledger import write_ledger
from spatialplan.reports.monitorings.workbook import write_monitoring_workbook

__all__ = [
    "monitoring_document",
    "print_monitoring",
    "write_ledger",
    "write_monitoring_geopackage",
    "write_monitoring_workbook",
]
