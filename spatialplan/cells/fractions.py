"""Which part of every cell a polygon covers, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource
from exactextract.writer import Writer
from numpy.typing import NDArray

from spatialplan.cells.zones import Division, LaidZones, divide

__all__ = ["CoverFractions", "KnownCovers", "cover_fractions", "cover_parts"]

# Parts of cells that are kept for a further raster, 32 bytes each: a county has some millions.
MOST_KEPT = 8_000_000

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CoverFractions:
    """Parts of cells that shapes cover, in the shapes' order, then row by row.

    Attributes
    ----------
    shape
        Position of the shape, int64[n].
    row, column
        The cell in its grid, int64[n].
    fraction
        Part of the cell's area that the shape covers, over 0 to 1, float64[n].
    """

    shape: Integers
    row: Integers
    column: Integers
    fraction: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.shape)


def cover_fractions(
    zones: LaidZones, *, row: int, column: int, height: int, width: int
) -> CoverFractions:
    """Return which part of every cell of a rectangle the shapes of zones cover.

    Parameters
    ----------
    zones
        From `spatialplan.cells.lay_zones`.
    row, column, height, width
        The rectangle in the zones' grid. One row of the answer is needed for every shape and cell:
        for large zones take `sum_classes`.
    """
    division = divide(zones, row=row, column=column, height=height, width=width)
    parts = cover_parts(division.border, row=row, column=column, height=height, width=width)
    rows, columns, shape = [parts.row], [parts.column], [division.border_shape[parts.shape]]
    for (top, left, bottom, right), owner in zip(
        division.inside, division.inside_shape, strict=True
    ):
        cell_row, cell_column = np.mgrid[top:bottom, left:right]
        rows.append(cell_row.ravel())
        columns.append(cell_column.ravel())
        shape.append(np.full(cell_row.size, owner))
    fraction = np.concatenate([parts.fraction, np.ones(sum(map(len, rows[1:])))])
    found = CoverFractions(
        np.concatenate(shape), np.concatenate(rows), np.concatenate(columns), fraction
    )
    order = np.lexsort((found.column, found.row, found.shape))
    return CoverFractions(
        found.shape[order], found.row[order], found.column[order], found.fraction[order]
    )


def cover_parts(
    shapes: Geometries, *, row: int, column: int, height: int, width: int
) -> CoverFractions:
    """Compute the parts of the cells of a rectangle under shapes laid on its grid."""
    blank = np.zeros((height, width), dtype=np.uint8)
    cells = NumPyRasterSource(blank, column, -(row + height), column + width, -row)
    collected = _Collector()
    if len(shapes):
        exact_extract(cells, _Shapes(shapes), ["cell_id", "coverage"], output=collected)
    owner = np.repeat(np.arange(len(shapes)), collected.counts)
    cell = np.concatenate([np.empty(0, dtype=np.int64), *collected.cells])
    fraction = np.concatenate([np.empty(0), *collected.fractions])
    return CoverFractions(owner, row + cell // width, column + cell % width, fraction)


class KnownCovers:
    """How windows lie to zones, kept for a further raster on the same grid.

    Parts of `most_kept` cells are kept, the rest is computed again.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self.most_kept = most_kept
        self._found: dict[tuple[int, ...], tuple[Division, CoverFractions]] = {}
        self._kept = 0

    def find(
        self, zones: LaidZones, *, row: int, column: int, height: int, width: int
    ) -> tuple[Division, CoverFractions]:
        """Return how a rectangle of cells is divided, and the parts of cells on borders."""
        place = (row, column, height, width)
        if place in self._found:
            return self._found[place]
        division = divide(zones, row=row, column=column, height=height, width=width)
        parts = cover_parts(division.border, row=row, column=column, height=height, width=width)
        if self._kept + len(parts.fraction) <= self.most_kept:
            self._kept += len(parts.fraction)
            self._found[place] = division, parts
        return division, parts


class _Shape(Feature):  # type: ignore[misc]
    """A shape on its way in, and what was found on its way out."""

    def __init__(self, outline: bytes = b"") -> None:
        super().__init__()
        self.outline = outline
        self.found: dict[str, NDArray[Any]] = {}

    def geometry(self) -> bytes:
        return self.outline

    def set_geometry(self, outline: bytes) -> None:
        """Let go of it: what was found needs no outline."""

    def set_geometry_format(self) -> str:
        return "wkb"

    def set(self, name: str, value: NDArray[Any]) -> None:
        self.found[name] = value

    def get(self, name: str) -> NDArray[Any]:
        return self.found[name]

    def fields(self) -> list[str]:
        return list(self.found)


class _Shapes(FeatureSource):  # type: ignore[misc]
    def __init__(self, shapes: Geometries) -> None:
        super().__init__()
        self.outlines = shapely.to_wkb(shapes)

    def count(self) -> int:
        return len(self.outlines)

    def __iter__(self) -> Iterator[_Shape]:
        return (_Shape(outline) for outline in self.outlines)

    def srs_wkt(self) -> None:
        return None


class _Collector(Writer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []
        self.cells: list[Integers] = []
        self.fractions: list[NDArray[np.float64]] = []

    def write(self, feature: Feature) -> None:
        shape = _Shape()
        feature.copy_to(shape)
        cells, fractions = shape.found["cell_id"], shape.found["coverage"]
        covered = fractions > 0
        self.counts.append(int(covered.sum()))
        self.cells.append(cells[covered])
        self.fractions.append(fractions[covered])

    def features(self) -> None:
        """Return nothing; what was found is in the lists."""
