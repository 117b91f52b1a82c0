"""The screening as a workbook: ``screening.xlsx``."""

from __future__ import annotations

from pathlib import Path

from spatialplan.messages import Language
from spatialplan.reports.screenings.basis_sheets import (
    doubt_sheet,
    gap_sheet,
    input_sheet,
    rule_sheet,
    suggestion_sheet,
)
from spatialplan.reports.screenings.occupation_sheet import occupation_sheet
from spatialplan.reports.screenings.result_sheets import (
    layer_result_sheet,
    piece_sheet,
    site_sheet,
    summary_sheet,
)
from spatialplan.reports.sheet_writing import write_sheets
from spatialplan.siting import Screening

__all__ = ["write_screening_workbook"]


def write_screening_workbook(screening: Screening, path: Path, *, language: Language) -> None:
    """Write a screening as a workbook: sites, layer by layer, land taken, and what it rests on.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites`.
    path
        Where ``screening.xlsx`` is to stand; an earlier one stays until the new one is whole.
    language
        Of headings and sentences; titles and names stay as in the plan and the files.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    sheets = [
        summary_sheet(screening, language=language),
        site_sheet(screening, language=language),
        layer_result_sheet(screening, language=language),
        occupation_sheet(screening, language=language),
        piece_sheet(screening, language=language),
        rule_sheet(screening, language=language),
        doubt_sheet(screening, language=language),
        gap_sheet(screening, language=language),
    ]
    if screening.suggestions:
        sheets.append(suggestion_sheet(screening, language=language))
    sheets.append(input_sheet(screening, language=language))
    write_sheets(sheets, path, header=screening.plan.header, language=language)
