"""The review as a workbook: ``review.xlsx``."""

from __future__ import annotations

from pathlib import Path

from spatialplan.messages import Language
from spatialplan.reports.reviews.conflict_sheets import conflict_sheet, rule_sheet
from spatialplan.reports.reviews.pieces import place_pieces
from spatialplan.reports.reviews.quota_sheets import quota_sheet, township_sheet
from spatialplan.reports.reviews.source_sheets import (
    layer_sheet,
    open_sheet,
    quality_sheet,
    summary_sheet,
)
from spatialplan.reports.sheet_writing import write_sheets
from spatialplan.review import Review

__all__ = ["write_workbook"]


def write_workbook(review: Review, path: Path, *, language: Language) -> None:
    """Write a review as a workbook for reading, signing and printing.

    Parameters
    ----------
    review
        From `spatialplan.check_plan`.
    path
        Where ``review.xlsx`` is to stand; an earlier one stays until the new one is whole.
    language
        Of headings and sentences; titles and names stay as in the plan and the layers.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    pieces = place_pieces(review)
    sheets = [
        summary_sheet(review, pieces, language=language),
        quota_sheet(review, language=language),
        township_sheet(review, language=language),
        rule_sheet(review, language=language),
        conflict_sheet(review, pieces, language=language),
        quality_sheet(review, language=language),
        open_sheet(review, language=language),
        layer_sheet(review, language=language),
    ]
    write_sheets(sheets, path, header=review.plan.header, language=language)
