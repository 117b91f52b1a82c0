"""Tables with a row for every boundary point.

Rows belong to one site when they agree in every column that tells sites apart (number, project,
name); a blank there, as merged cells leave it, repeats the value above. A site of a single row is a
point when all sites are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.errors import Fault, SourceError
from spatialplan.files.site_files.texts import is_damaged
from spatialplan.findings import Severity
from spatialplan.layers import Source
from spatialplan.messages import say
from spatialplan.sites import (
    WHOLE_FILE,
    BoundaryPoint,
    Doubt,
    FieldChoice,
    Submission,
    build_polygon,
    describe_sites,
    find_columns,
    settle_crs,
    trace_outline,
)

__all__ = ["COORDINATES", "bare_name", "damaged_rows", "has_coordinates", "read_point_rows"]

# Names that say which axis is meant come first; X and Y alone are settled by the values.
COORDINATES: Mapping[str, tuple[str, ...]] = {
    "northing": (
        *("纵坐标", "纵坐标x", "x纵坐标", "北坐标", "北坐标x", "x北坐标", "x坐标北", "x坐标纵"),
        *("x北", "x纵", "北", "northing", "north", "n"),
    ),
    "easting": (
        *("横坐标", "横坐标y", "y横坐标", "东坐标", "东坐标y", "y东坐标", "y坐标东", "y坐标横"),
        *("y东", "y横", "东", "easting", "east", "e"),
    ),
    "latitude": ("纬度", "北纬", "纬度b", "latitude", "lat"),
    "longitude": ("经度", "东经", "经度l", "longitude", "lon", "lng", "long"),
    "x": ("x", "x坐标", "坐标x", "xcoord", "pointx", "x值"),
    "y": ("y", "y坐标", "坐标y", "ycoord", "pointy", "y值"),
}
PAIRS = (("northing", "easting"), ("latitude", "longitude"), ("x", "y"))
LABELS = (
    "点号",
    "界址点号",
    "界址点",
    "拐点号",
    "点名",
    "jzdh",
    "pointno",
    "pointid",
    "point",
    "序号",
)
RINGS = ("圈号", "地块圈号", "环号", "部件号", "qh", "ring", "ringno", "part", "partno")
# In a table of points these number the points and not the sites.
RUNNING_NUMBERS = ("序号", "xh")

# Northings in China, and eastings without and with a zone number, metres; they do not meet.
NORTHINGS_M = (1.0e6, 6.5e6)
EASTINGS_M = ((1.0e4, 1.0e6), (1.3e7, 4.6e7))
LATITUDES, LONGITUDES = (0.0, 60.0), (70.0, 140.0)

# NFKC writes a double prime as two single ones.
DEGREES = re.compile(
    r"[NEne东西南北经纬\s]*(\d+(?:\.\d+)?)\s*[°º度:]\s*(?:(\d+(?:\.\d+)?)\s*['′’‘分:])?"
    r"\s*(?:(\d+(?:\.\d+)?)\s*[\"'′″’”秒]*)?\s*[NEne]?"
)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Which column holds eastings (or longitudes) and which northings; `is_clear` if known."""

    easting: str
    northing: str
    is_clear: bool = True


def bare_name(text: str) -> str:
    """Return a column's name without spaces, case, unit and punctuation."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = re.sub(r"[(\[]\s*(m|米|度|°|deg)\s*[)\]]", "", plain)
    return re.sub(r"[\s_\-()\[\]:.]", "", plain)


def has_coordinates(columns: Sequence[str]) -> bool:
    """Tell whether columns hold both coordinates of a point."""
    return any(all(_column(columns, COORDINATES[role]) for role in pair) for pair in PAIRS)


def read_point_rows(
    frame: pd.DataFrame, source: Source, *, crs: str | None, choice: FieldChoice
) -> Submission:
    """Read sites from rows of boundary points.

    Parameters
    ----------
    frame
        Text, one row a point, its index the row in the file.
    """
    where, columns = source.path, list(frame.columns)
    axes = _settle_axes(frame)
    eastings, northings = (parse_coordinates(frame[c]) for c in (axes.easting, axes.northing))
    labelled = _label_column(columns)
    blank = (frame[axes.easting] == "") & (frame[axes.northing] == "")
    kept = ~(blank & (frame[labelled] == "" if labelled else True))
    frame, eastings, northings = frame[kept], eastings[kept], northings[kept]
    if not len(frame):
        raise SourceError(Fault(where, say("site.none")))
    found, assumed = settle_crs(None, crs, where=where)
    in_degrees = found is not None and found.is_geographic
    sites, filled = _group(frame, choice, where)
    builder = _Builder(frame, eastings, northings, axes, is_geographic=in_degrees)
    is_point = all(len(rows) == 1 for rows in sites)
    drawn = [builder.draw(rows, row, is_point=is_point) for row, rows in enumerate(sites)]
    shapes = np.full(len(sites), None, dtype=object)
    shapes[:] = [shape for shape, _ in drawn]
    doubts = [doubt for _, found_doubts in drawn for doubt in found_doubts]
    table = _first_values(frame, sites).drop(columns=[axes.easting, axes.northing])
    numbers = np.asarray(frame.index)
    return Submission(
        attributes=describe_sites(_without_running_numbers(table), choice, where=where),
        shapes=shapes,
        places=np.array(
            [say("site.rows", first=numbers[rows[0]], last=numbers[rows[-1]]) for rows in sites],
            dtype=object,
        ),
        crs=found,
        crs_assumed=assumed,
        source=replace(source, features=len(sites)),
        doubts=(*_axes_doubt(axes), *filled, *damaged_rows(table), *doubts),
    )


def damaged_rows(table: pd.DataFrame) -> list[Doubt]:
    """Say of which sites text was lost because bytes were not in the encoding."""
    lost = [any(is_damaged(str(text)) for text in row) for row in table.itertuples(index=False)]
    message = say("site.undecodable")
    return [
        Doubt(int(row), "undecodable", Severity.WARNING, message) for row in np.flatnonzero(lost)
    ]


def parse_coordinates(column: pd.Series[str]) -> Numbers:
    """Read numbers, or degrees, minutes and seconds; NaN for what is neither.

    Examples
    --------
    >>> parse_coordinates(pd.Series(["42,600,000.5", "127°15′36″", "x"])).tolist()
    [42600000.5, 127.26, nan]
    """
    numbers = np.array(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    for row in np.flatnonzero(np.isnan(numbers)):
        numbers[row] = _parse_coordinate(str(column.iloc[row]))
    return numbers


def _parse_coordinate(text: str) -> float:
    plain = unicodedata.normalize("NFKC", text).strip()
    match = DEGREES.fullmatch(plain)
    if match:
        degrees, minutes, seconds = (float(part or 0) for part in match.groups())
        return degrees + minutes / 60 + seconds / 3600 if max(minutes, seconds) < 60 else np.nan
    try:
        return float(plain.replace(",", "")) if re.fullmatch(r"[-+\d.,]+", plain) else np.nan
    except ValueError:
        return float("nan")


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    bare = {bare_name(str(name)): str(name) for name in reversed(columns)}
    return next((bare[name] for name in names if name in bare), None)


def _label_column(columns: Sequence[str]) -> str | None:
    return _column(columns, LABELS)


def _settle_axes(frame: pd.DataFrame) -> _Axes:
    columns = list(frame.columns)
    for north, east in PAIRS:
        first, second = (_column(columns, COORDINATES[role]) for role in (north, east))
        if first is None or second is None:
            continue
        if north != "x":
            return _Axes(easting=second, northing=first)
        x, y = parse_coordinates(frame[first]), parse_coordinates(frame[second])
        if _looks_like(northings=x, eastings=y):
            return _Axes(easting=second, northing=first)
        if _looks_like(northings=y, eastings=x):
            return _Axes(easting=first, northing=second)
        return _Axes(easting=second, northing=first, is_clear=False)
    raise ValueError("no coordinates")


def _looks_like(*, northings: Numbers, eastings: Numbers) -> bool:
    """Tell whether most points can be read this way round in China."""
    metres = _within(northings, NORTHINGS_M) & (
        _within(eastings, EASTINGS_M[0]) | _within(eastings, EASTINGS_M[1])
    )
    degrees = _within(northings, LATITUDES) & _within(eastings, LONGITUDES)
    known = ~np.isnan(northings + eastings)
    return bool(known.any() and max(metres[known].mean(), degrees[known].mean()) > 0.5)


def _within(values: Numbers, limits: tuple[float, float]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((values >= limits[0]) & (values < limits[1]))


def _axes_doubt(axes: _Axes) -> list[Doubt]:
    if not axes.is_clear:
        return []
    message = say("site.axes_taken", northing=axes.northing, easting=axes.easting)
    return [Doubt(WHOLE_FILE, "axes_taken", Severity.INFO, message)]


def _group(
    frame: pd.DataFrame, choice: FieldChoice, where: str
) -> tuple[list[NDArray[np.intp]], list[Doubt]]:
    """Return the positions of each site's rows, in the order of the file."""
    usable = _without_running_numbers(frame)
    keys = [choice.id] if choice.id in frame.columns else find_columns(list(usable.columns), "id")
    keys = [key for key in keys if key and (frame[key] != "").any()]
    keys = keys or find_columns(list(frame.columns), "name")[:1]
    if not keys:
        if _label_column(list(frame.columns)) is None and _ring_column(frame) is None:
            raise SourceError(Fault(where, say("site.no_id_column")))
        message = say("site.one_site", count=len(frame))
        return [np.arange(len(frame))], [Doubt(WHOLE_FILE, "one_site", Severity.INFO, message)]
    values = frame[keys].replace("", pd.NA)
    filled = values.ffill().fillna("")
    doubts = []
    gaps = int((values.isna() & (filled != "")).any(axis=1).sum())
    if gaps:
        message = say("site.filled_down", count=gaps, fields=", ".join(keys))
        doubts.append(Doubt(WHOLE_FILE, "filled_down", Severity.INFO, message))
    numbers = filled.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order])) + 1
    return [np.asarray(rows) for rows in np.split(order, starts)], doubts


def _ring_column(frame: pd.DataFrame) -> str | None:
    return _column(list(frame.columns), RINGS)


def _without_running_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in frame.columns if bare_name(name) not in RUNNING_NUMBERS]]


def _first_values(frame: pd.DataFrame, sites: Sequence[NDArray[np.intp]]) -> pd.DataFrame:
    """Return the first value that is not blank, by site and column."""
    owner = np.empty(len(frame), dtype=np.intp)
    for row, rows in enumerate(sites):
        owner[rows] = row
    values = frame.replace("", pd.NA).groupby(owner).first()
    return values.reindex(columns=frame.columns).fillna("").reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds the geometry of one site from its rows."""

    frame: pd.DataFrame
    eastings: Numbers
    northings: Numbers
    axes: _Axes
    is_geographic: bool

    def draw(
        self, rows: NDArray[np.intp], row: int, *, is_point: bool
    ) -> tuple[BaseGeometry | None, list[Doubt]]:
        """Return the site's geometry, and what is unclear about it."""
        if not self.axes.is_clear:
            return None, [self._error(row, "axes_unclear", rows)]
        if np.isnan(self.eastings[rows] + self.northings[rows]).any():
            return None, [self._error(row, "bad_coordinates", rows)]
        if is_point:
            return shapely.Point(self.eastings[rows[0]], self.northings[rows[0]]), []
        outline = trace_outline(self._points(rows), row)
        shape, doubts = build_polygon(outline, row, is_geographic=self.is_geographic)
        return shape, [*outline.doubts, *doubts]

    def _points(self, rows: NDArray[np.intp]) -> list[BoundaryPoint]:
        column = _ring_column(self.frame)
        rings = self.frame[column].to_numpy()[rows] if column else np.full(len(rows), "")
        label = _label_column(list(self.frame.columns))
        labels = self.frame[label].to_numpy()[rows] if label else np.full(len(rows), "")
        # A site whose rows stand apart goes on with a ring of its own.
        runs = np.concatenate([[0], np.cumsum(np.diff(rows) > 1)])
        return [
            BoundaryPoint((ring or "1") + (f"/{run + 1}" if run else ""), easting, northing, label)
            for ring, run, label, easting, northing in zip(
                rings, runs, labels, self.eastings[rows], self.northings[rows], strict=True
            )
        ]

    def _error(self, row: int, fault: str, rows: NDArray[np.intp]) -> Doubt:
        bad = rows[np.isnan(self.eastings[rows] + self.northings[rows])]
        at = int((bad if len(bad) else rows)[0])
        texts = [str(self.frame[c].iloc[at])[:30] for c in (self.axes.northing, self.axes.easting)]
        message = say(
            f"site.{fault}",
            line=self.frame.index[at],
            first=self.axes.northing,
            first_value=texts[0],
            second=self.axes.easting,
            second_value=texts[1],
        )
        return Doubt(row, fault, Severity.ERROR, message)
