"""The sheets 耕地坡度 (by township) and 坡度级对照 (stated beside measured)."""

from __future__ import annotations

from collections.abc import Sequence

from spatialplan.messages import Language
from spatialplan.reports.cells import Amount, Cell, Column, Sheet
from spatialplan.reports.reviews.slope_wording import (
    OVER_15,
    class_titles,
    slope_word,
)
from spatialplan.reports.wording import plain_text, word
from spatialplan.slopes import CroplandSlope
from spatialplan.units import close_parts

__all__ = ["slope_class_sheet", "slope_sheet"]


def slope_sheet(found: CroplandSlope, *, language: Language) -> Sheet:
    """Return cropland by slope class and township; printed parts add up to the printed totals."""
    columns = (
        Column(slope_word("col_township", language), 24),
        Column(slope_word("col_cropland", language), 16),
        *(
            Column(slope_word("col_class_ha", language, title=title), 14)
            for title in class_titles(language)
        ),
        Column(slope_word("col_unknown", language), 14),
        Column(slope_word("col_over_15", language), 14),
    )
    classes = [[*unit.class_m2, unit.unknown_m2] for unit in found.townships]
    closed = [_closed(list(column)) for column in zip(*classes, strict=True)]
    names = [plain_text(unit.township) or word("no_township", language) for unit in found.townships]
    rows = [
        _row(name, list(parts))
        for name, parts in zip(names, zip(*closed, strict=True), strict=True)
    ]
    rows.append(_row(word("total", language), [sum(column) for column in closed]))
    name = slope_word("sheet", language)
    return Sheet(name, columns, tuple(rows), frozen=1, bold_last=True, filtered=False, wide=True)


def slope_class_sheet(found: CroplandSlope, *, language: Language) -> Sheet:
    """Return cropland by the class that parcels state and the class measured."""
    titles = class_titles(language)
    columns = (
        Column(slope_word("col_stated_class", language), 20),
        *(
            Column(slope_word("col_class_ha", language, title=title), 14)
            for title in (*titles, slope_word("class_unknown", language))
        ),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (title, *(Amount(area / 10_000) for area in areas))
        for title, areas in zip(
            (*titles, slope_word("class_none", language)), found.table_m2, strict=True
        )
    )
    name = slope_word("table_sheet", language)
    return Sheet(name, columns, rows, frozen=1, filtered=False)


def _closed(areas_m2: Sequence[float]) -> list[float]:
    """Hectares with two decimals that add up to their rounded total."""
    hectares = [area / 10_000 for area in areas_m2]
    return [float(text) for text in close_parts(hectares, sum(hectares), 2)]


def _row(name: str, hectares: Sequence[float]) -> tuple[Cell, ...]:
    return (
        name,
        Amount(sum(hectares)),
        *(Amount(area) for area in hectares),
        Amount(sum(hectares[place] for place in OVER_15)),
    )
