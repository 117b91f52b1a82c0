"""Features that are delivered twice: same place, same attributes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatialplan.repair.attributes import is_rounded

__all__ = ["Duplicate", "find_duplicates"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row whose geometry an earlier row has too, and the fields in which the two differ."""

    row: int
    first: int
    differing: tuple[str, ...]


def find_duplicates(frame: gpd.GeoDataFrame) -> list[Duplicate]:
    """Find features with the geometry of an earlier one, however their rings are turned or begin.

    Parameters
    ----------
    frame
        Its rows are counted from 0.
    """
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    drawn = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    keys = pd.Series(shapely.to_wkb(shapely.normalize(shapes[drawn])))
    fields = frame.drop(columns=frame.geometry.name)
    found = []
    for rows in keys.groupby(keys, sort=False).indices.values():
        if len(rows) > 1:
            found += _compare(fields, np.sort(drawn[rows]))
    return sorted(found, key=lambda duplicate: duplicate.row)


def _compare(fields: pd.DataFrame, rows: NDArray[np.intp]) -> list[Duplicate]:
    """Set each row beside the first with the same attributes, else beside the first of all."""
    first_with: dict[tuple[str, ...], int] = {}
    found = []
    for row in rows.tolist():
        values = _values(fields, row)
        first = first_with.setdefault(values, row)
        if first != row:
            found.append(Duplicate(row, first, ()))
        elif row != rows[0]:
            leader = _values(fields, int(rows[0]))
            differing = [
                str(name)
                for name, one, other in zip(fields.columns, values, leader, strict=True)
                if one != other
            ]
            found.append(Duplicate(row, int(rows[0]), tuple(differing)))
    return found


def _values(fields: pd.DataFrame, row: int) -> tuple[str, ...]:
    """Return a row's values as texts; numbers that reading rounded are nobody else's."""
    return tuple(
        f"row {row}"
        if is_rounded(fields[name].iloc[row : row + 1])
        else _text(fields[name].iloc[row])
        for name in fields.columns
    )


def _text(value: object) -> str:
    """Return a value so that equal ones, and missing ones, are equal texts."""
    if value is None or value is pd.NA or value != value:
        return ""
    return f"{type(value).__name__} {value!r}"
