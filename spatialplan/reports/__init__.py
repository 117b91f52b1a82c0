"""What was found, written down, by what it is about; what they share stands beside these folders.

`reviews` holds the check of a plan, `screenings` that of project sites, `opinions` the Word
document about sites, `inspections` that of a delivery, `drafts` a plan file to start from.
"""

from spatialplan.reports.drafts import print_draft, write_plan
from spatialplan.reports.inspections import (
    inspection_document,
    print_inspection,
    write_inspection_geopackage,
    write_inspection_workbook,
)
from spatialplan.reports.json_documents import write_json
from spatialplan.reports.opinions import write_opinions
from spatialplan.reports.repairs import print_repairs, repair_document, repair_sheets
from spatialplan.reports.reviews import (
    print_review,
    review_document,
    write_geopackage,
    write_workbook,
)
from spatialplan.reports.screenings import (
    print_screening,
    print_streamed,
    screening_document,
    streamed_document,
    write_plots,
    write_rows,
    write_screening_geopackage,
    write_screening_workbook,
)

__all__ = [
    "inspection_document",
    "print_draft",
    "print_inspection",
    "print_repairs",
    "print_review",
    "print_screening",
    "print_streamed",
    "repair_document",
    "repair_sheets",
    "review_document",
    "screening_document",
    "streamed_document",
    "write_geopackage",
    "write_inspection_geopackage",
    "write_inspection_workbook",
    "write_json",
    "write_opinions",
    "write_plan",
    "write_plots",
    "write_rows",
    "write_screening_geopackage",
    "write_screening_workbook",
    "write_workbook",
]
