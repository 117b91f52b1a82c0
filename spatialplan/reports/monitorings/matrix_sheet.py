"""The change matrices as one table: a block a line, classes before down, classes after across."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.changes import ZoneMatrix
from spatialplan.messages import Language
from spatialplan.monitoring import Monitoring
from spatialplan.plan import LegendClass
from spatialplan.reports.cells import Amount, Cell, Column, Sheet
from spatialplan.reports.closing import close_table
from spatialplan.reports.monitorings.wording import class_title, monitor_word, zone_title

__all__ = ["matrix_sheet"]

# Hectares with four decimals, counted in whole ones of the last.
UNITS_A_HA, DECIMALS = 10_000, 4


def matrix_sheet(monitoring: Monitoring, *, language: Language) -> Sheet:
    """Return the matrices of all lines, zones and the region; printed parts add up.

    Every block ends in a row of sums; ground without a value and beyond the grid stands below.
    """
    after = _classes(monitoring, later=True)
    headings = [
        *[("matrix_zone", 30.0), ("matrix_before", 16.0)],
        *[("", 14.0) for _ in after],
        *[("matrix_sum", 16.0), ("matrix_changed", 16.0), ("matrix_activity", 18.0)],
    ]
    titles = iter([class_title(entry, language) for entry in after])
    columns = tuple(
        Column(monitor_word(f"col_{key}", language) if key else next(titles), width)
        for key, width in headings
    )
    rows: list[tuple[Cell, ...]] = []
    bold: set[int] = set()
    for matrix in monitoring.matrices:
        for is_sum, row in _block(matrix, monitoring, after, language):
            if is_sum:
                bold.add(len(rows))
            rows.append(row)
    name = monitor_word("sheet_matrix", language)
    return Sheet(name, columns, tuple(rows), frozen=2, wide=True, bold_rows=bold)


def _classes(monitoring: Monitoring, *, later: bool) -> list[LegendClass | None]:
    """Return the classes met in one edition, by value; last, if met, what no legend names."""
    cells = [cell for matrix in monitoring.matrices for cell in matrix.cells]
    met = {cell.after if later else cell.before for cell in cells}
    known = sorted((entry for entry in met if entry), key=lambda entry: entry.value)
    return [*known, *([None] if None in met else [])]


def _block(
    matrix: ZoneMatrix,
    monitoring: Monitoring,
    after: list[LegendClass | None],
    language: Language,
) -> Iterator[tuple[bool, tuple[Cell, ...]]]:
    title = zone_title(matrix.zone)
    was = [entry for entry in _classes(monitoring, later=False) if _has(matrix, entry)]
    marks = [str(place) for place in range(len(after))]
    areas = [_row(matrix, entry, after, marks) for entry in was]
    units = close_table(areas, {}) if areas else []
    activity = {(cell.before, cell.after) for cell in matrix.cells if cell.is_new_activity}
    changed = {(cell.before, cell.after) for cell in matrix.cells if cell.is_change}
    totals = dict.fromkeys([*marks, "sum", "changed", "activity"], 0)
    for entry, row in zip(was, units, strict=True):
        pairs = {mark: (entry, new) for mark, new in zip(marks, after, strict=True)}
        told = {mark: row.get(mark, 0) for mark in marks}
        told["sum"] = sum(told.values())
        told["changed"] = sum(row.get(mark, 0) for mark in marks if pairs[mark] in changed)
        told["activity"] = sum(row.get(mark, 0) for mark in marks if pairs[mark] in activity)
        totals = {key: totals[key] + told[key] for key in totals}
        yield False, (title, class_title(entry, language), *_amounts(told))
    yield True, (title, monitor_word("matrix_total", language), *_amounts(totals))
    for key, area in (("nodata", matrix.nodata_m2), ("outside", matrix.outside_m2)):
        if area >= 1:
            blank: tuple[Cell, ...] = ("",) * len(after)
            figure = Amount(area / 10_000, DECIMALS)
            yield False, (title, monitor_word(key, language), *blank, figure, "", "")


def _has(matrix: ZoneMatrix, entry: LegendClass | None) -> bool:
    return any(cell.before == entry for cell in matrix.cells)


def _row(
    matrix: ZoneMatrix,
    entry: LegendClass | None,
    after: list[LegendClass | None],
    marks: list[str],
) -> dict[str, float]:
    found = {cell.after: cell.area_m2 for cell in matrix.cells if cell.before == entry}
    return {
        mark: found[new] / 10_000 * UNITS_A_HA
        for mark, new in zip(marks, after, strict=True)
        if new in found
    }


def _amounts(units: dict[str, int]) -> tuple[Cell, ...]:
    return tuple(Amount(count / UNITS_A_HA, DECIMALS) for count in units.values())
