"""The review as a workbook: ``review.xlsx``."""

from __future__ import annotations

from pathlib import Path

from spatialplan.messages import Language
from spatialplan.reports.cells import Sheet
from spatialplan.reports.reviews.conflict_sheets import conflict_sheet, rule_sheet
from spatialplan.reports.reviews.corridor_sheets import corridor_sheet, section_sheet
from spatialplan.reports.reviews.landcover_sheets import cover_sheet, indicator_sheet
from spatialplan.reports.reviews.pieces import place_pieces
from spatialplan.reports.reviews.quota_sheets import quota_sheet, township_sheet
from spatialplan.reports.reviews.slope_sheets import slope_class_sheet, slope_sheet
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
        *_cover_sheets(review, language),
        open_sheet(review, language=language),
        layer_sheet(review, language=language),
    ]
    write_sheets(sheets, path, header=review.plan.header, language=language)


def _cover_sheets(review: Review, language: Language) -> list[Sheet]:
    """Return the sheets that only a plan with rasters or indicators has."""
    sheets = []
    if review.landcover:
        sheets.append(cover_sheet(review, language=language))
    if review.indicators:
        sheets.append(indicator_sheet(review, language=language))
    if review.corridors:
        sheets += [corridor_sheet(review, language=language)]
        sheets += [section_sheet(review, language=language)]
    if review.slope:
        sheets += [slope_sheet(review.slope, language=language)]
        sheets += [slope_class_sheet(review.slope, language=language)]
    return sheets
