"""What becomes of a table in its repaired copy, and whether that is what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.errors import Fault, OutputError
from spatialplan.files.sources import Place
from spatialplan.messages import say

__all__ = ["TableCopy", "require_rows", "require_same_shapes"]

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class TableCopy:
    """A delivered table, and what is different in its copy.

    Attributes
    ----------
    shapes
        Geometry of every delivered row, repaired where it was, None where there is none.
    changed
        Which of them are not as delivered, shape (n,).
    kept
        Rows that the copy holds, in order.
    edits
        New values by row and field.
    new_fields
        Text fields that the copy has beyond the delivered ones: values by row.
    crs, crs_is_new
        The CRS; whether the delivered file states another one, or none.
    text_codec
        The encoding that text is asked to be in; None leaves it as found.
    stated_encoding
        What the user said the delivered text is in.
    salvaged
        The attributes that could be read of a damaged source, edits in them; None for a sound one.
    """

    place: Place
    shapes: Geometries
    changed: NDArray[np.bool_]
    kept: NDArray[np.intp]
    edits: Mapping[tuple[int, str], str] = field(default_factory=dict)
    new_fields: Mapping[str, dict[int, str]] = field(default_factory=dict)
    crs: CRS | None = None
    crs_is_new: bool = False
    text_codec: str | None = None
    stated_encoding: str | None = None
    salvaged: pd.DataFrame | None = None

    def values_by_field(self) -> dict[str, dict[int, str]]:
        """Return the edits, field by field."""
        found: dict[str, dict[int, str]] = {}
        for (row, name), text in self.edits.items():
            found.setdefault(name, {})[row] = text
        return found


def require_rows(copy: TableCopy, found: int) -> None:
    """Compare how many records a source holds with how many were repaired.

    Raises
    ------
    OutputError
        If they differ, as after reading around damaged records.
    """
    if found != len(copy.shapes):
        message = say("repaired.rows_differ", found=found, expected=len(copy.shapes))
        raise OutputError(Fault(copy.place.path, message))


def require_same_shapes(copy: TableCopy, found: Geometries, *, tolerance: float) -> None:
    """Compare what a copy holds with what was to be written.

    A polygon and a multipolygon of one part are the same, and rings may begin and run otherwise:
    formats differ in that.

    Raises
    ------
    OutputError
        If features are missing or differ.
    """
    wanted = copy.shapes[copy.kept]
    if len(found) != len(wanted):
        message = say("repaired.rows_differ", found=len(found), expected=len(wanted))
        raise OutputError(Fault(copy.place.path, message))
    blank = [shapely.is_missing(these) | shapely.is_empty(these) for these in (wanted, found)]
    drawn = ~(blank[0] & blank[1])
    same = ~drawn
    same[drawn] = shapely.equals_exact(
        _comparable(wanted[drawn]), _comparable(found[drawn]), tolerance
    )
    if not same.all():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(~same)[:8])
        message = say("repaired.shapes_differ", count=int((~same).sum()), rows=rows)
        raise OutputError(Fault(copy.place.path, message))


def _comparable(shapes: Geometries) -> Geometries:
    """Return shapes of several parts in normal order, closed the same way."""
    result = shapely.normalize(shapes)
    for single, build in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
        rows = np.flatnonzero(shapely.get_type_id(result) == single)
        if len(rows):
            result[rows] = build(result[rows], indices=np.arange(len(rows)))
    return np.asarray(result, dtype=object)
