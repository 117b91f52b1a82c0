"""Boundary-point TXT (勘测定界界址点坐标交换格式), the form in which land projects are submitted.

A header of ``key=value`` lines under ``[属性描述]``, then under ``[地块坐标]`` a line for every
plot, which ends in ``@``, followed by its boundary points: point number, ring number, X, Y. X is
the northing and Y the easting. Files differ in the unit of the area, in whether the closing point
is repeated and counted, in how points are numbered, in whether the easting carries the zone number
and in what ring numbers mean; whatever had to be decided is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.errors import Fault, SourceError
from spatialplan.files.boundary_header import Frame, settle_frame
from spatialplan.files.texts import FileContent, decode_text, is_damaged
from spatialplan.findings import Severity
from spatialplan.layers import Source
from spatialplan.messages import Message, say
from spatialplan.plan import Way
from spatialplan.sites import (
    Attributes,
    BoundaryPoint,
    Doubt,
    Submission,
    build_polygon,
    clean_text,
    parse_area,
    trace_outline,
)
from spatialplan.units import AreaUnit

__all__ = ["read_boundary_points"]

WORDS = ("属性描述", "地块坐标", "坐标系", "@")
PLOTS_SECTION = "地块坐标"
PLOT_MARK = "@"
KINDS = {"面": "polygon", "线": "line", "点": "point", "": "polygon"}
# The standard writes hectares; files in m² or 亩 are found out.
STANDARD_UNIT: AreaUnit = "ha"
DEMONSTRATION_WORD = "演示"
# Bad lines that a message quotes, and how much of each.
MOST_QUOTED = 3
QUOTE_LENGTH = 40


@dataclass(slots=True)
class _Plot:
    """A plot as written: its own line, its points, and the lines that are neither."""

    line: int
    fields: list[str]
    points: list[BoundaryPoint] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def field(self, position: int) -> str:
        """Return a field of the plot's line, blank where the line is shorter."""
        return clean_text(self.fields[position]) if position < len(self.fields) else ""


@dataclass(frozen=True, slots=True)
class _Parsed:
    header: Mapping[str, str]
    plots: tuple[_Plot, ...]
    faults: tuple[Fault, ...]


def read_boundary_points(
    file: FileContent,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    way: Way | None = None,
) -> Submission:
    """Read plots from a boundary-point TXT.

    Parameters
    ----------
    file
        The file in memory.
    crs
        The CRS, for a file whose header does not tell it.
    encoding
        The encoding of the text; default: found out.
    way
        How coordinates come to CGCS2000, for a header that names another datum or a local plane.

    Raises
    ------
    SourceError
        If it is no such file, holds no plot, or its unit or projection is another one.
    CrsError
        If header and coordinates do not tell one CRS with a known way to CGCS2000.
    """
    text, found = decode_text(file, encoding, WORDS)
    parsed = _parse(text, file.path)
    if not parsed.plots:
        raise SourceError([*parsed.faults, Fault(file.path, say("site.no_plots"))])
    eastings = np.array([p.easting for plot in parsed.plots for p in plot.points])
    northings = np.array([p.northing for plot in parsed.plots for p in plot.points])
    frame = settle_frame(parsed.header, eastings, northings, crs, way or Way(), where=file.path)
    drawn = [_draw(plot, row, frame) for row, plot in enumerate(parsed.plots)]
    doubts = [doubt for _, found_doubts in drawn for doubt in found_doubts]
    source = Source(file.path, "boundary-point TXT", "", str(found), file.sha256, len(drawn))
    return Submission(
        attributes=_attributes(parsed),
        shapes=_objects([shape for shape, _ in drawn]),
        places=_objects(
            [say("site.plot", plot=i + 1, line=p.line) for i, p in enumerate(parsed.plots)]
        ),
        crs=frame.crs,
        crs_assumed=frame.crs_assumed,
        source=source,
        doubts=(*frame.doubts, *_file_doubts(parsed), *doubts),
    )


def _parse(text: str, where: str) -> _Parsed:
    header: dict[str, str] = {}
    plots: list[_Plot] = []
    faults: list[Fault] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip(" \t\u3000\ufeff")
        plain = unicodedata.normalize("NFKC", line)
        if not line or re.fullmatch(r"[\[【].*[\]】]", plain):
            continue
        if PLOT_MARK in plain:
            plots.append(_Plot(number, _plot_fields(line)))
        elif "=" in plain and not plots:
            key, _, value = plain.partition("=")
            header.setdefault(clean_text(key), clean_text(value))
        elif (point := _parse_point(plain)) and plots:
            plots[-1].points.append(point)
        elif plots:
            plots[-1].bad.append(say_line(number, line))
        else:
            message = say("site.stray_line", text=clean_text(line)[:QUOTE_LENGTH])
            faults.append(Fault(f"{where}:{number}", message))
    return _Parsed(header, tuple(plots), tuple(faults[:MOST_QUOTED]))


def say_line(number: int, line: str) -> str:
    """Quote a line shortly with its number."""
    return f"{number}: {clean_text(line)[:QUOTE_LENGTH]}"


def _plot_fields(line: str) -> list[str]:
    """Split a plot's line; a comma inside its name shifts nothing, for the kind is known."""
    plain = line.replace("＠", PLOT_MARK).partition(PLOT_MARK)[0]
    if plain.count(",") < 3:
        plain = plain.replace("，", ",")
    fields = [part.strip(" \t\u3000") for part in plain.split(",")]
    kinds = [i for i, part in enumerate(fields) if i > 3 and part in KINDS and part]
    if kinds and kinds[0] > 4:
        fields[3 : kinds[0]] = [",".join(fields[3 : kinds[0]])]
    return fields


def _parse_point(plain: str) -> BoundaryPoint | None:
    """Read ``J1,1,X,Y``, also without a ring number; None for any other line."""
    parts = [part.strip() for part in re.split(r"[,\t;]|\s{2,}", plain)]
    if len(parts) == 3:
        parts = [parts[0], "1", *parts[1:]]
    if len(parts) < 4:
        return None
    try:
        northing, easting = float(parts[2]), float(parts[3])
    except ValueError:
        return None
    return BoundaryPoint(parts[1].lstrip("0") or "1", easting, northing, parts[0])


def _draw(plot: _Plot, row: int, frame: Frame) -> tuple[BaseGeometry | None, list[Doubt]]:
    points = plot.points
    if frame.missing_zone:
        points = [replace(point, easting=frame.lift(point.easting)) for point in points]
    if plot.bad:
        message = say(
            "site.bad_lines", count=len(plot.bad), lines="; ".join(plot.bad[:MOST_QUOTED])
        )
        return None, [Doubt(row, "bad_lines", Severity.ERROR, message)]
    if not points:
        return None, [Doubt(row, "too_few_points", Severity.ERROR, say("site.no_points"))]
    kind = KINDS.get(plot.field(4))
    if kind is None:
        message = say("site.unknown_kind", found=plot.field(4))
        return None, [Doubt(row, "unknown_kind", Severity.ERROR, message)]
    if kind != "polygon":
        shape, doubts = _draw_other(points, kind, row)
        return shape, [*doubts, *_count_doubts(plot, row, {len(points)})]
    outline = trace_outline(points, row)
    whole = sum(len(ring) for ring in outline.rings)
    counts = {whole, whole + len(outline.rings), whole + outline.closings, len(points)}
    shape, doubts = build_polygon(outline, row, is_geographic=frame.is_geographic)
    return shape, [*outline.doubts, *doubts, *_count_doubts(plot, row, counts)]


def _draw_other(
    points: Sequence[BoundaryPoint], kind: str, row: int
) -> tuple[BaseGeometry | None, list[Doubt]]:
    if kind == "point":
        return shapely.MultiPoint([point.place for point in points]), []
    lines = [
        [point.place for point in points if point.ring == number]
        for number in dict.fromkeys(point.ring for point in points)
    ]
    short = [line for line in lines if len(set(line)) < 2]
    if short:
        message = say("site.line_too_short")
        return None, [Doubt(row, "too_few_points", Severity.ERROR, message)]
    return shapely.MultiLineString(lines), []


def _count_doubts(plot: _Plot, row: int, counts: set[int]) -> Iterator[Doubt]:
    """Compare the number of points with what the plot's line announces.

    Fewer than announced means that part of the outline is missing.
    """
    try:
        announced = int(float(plot.field(0)))
    except (ValueError, OverflowError):
        message = say("site.count_unread", found=plot.field(0))
        yield Doubt(row, "count_unread", Severity.WARNING, message)
        return
    if announced in counts:
        return
    found = len(plot.points)
    if announced > max(counts):
        message = say("site.points_missing", announced=announced, found=found)
        yield Doubt(row, "points_missing", Severity.ERROR, message)
    else:
        message = say("site.count_other", announced=announced, found=found)
        yield Doubt(row, "count_other", Severity.WARNING, message)


def _file_doubts(parsed: _Parsed) -> Iterator[Doubt]:
    for row, plot in enumerate(parsed.plots):
        if any(is_damaged(text) for text in plot.fields):
            yield Doubt(row, "undecodable", Severity.WARNING, say("site.undecodable"))


def _attributes(parsed: _Parsed) -> Attributes:
    plots = parsed.plots
    areas = [parse_area(plot.field(1)) for plot in plots]
    project = parsed.header.get("项目名称", "")
    remarks = [_remark(plot) for plot in plots]
    said = [*parsed.header.values(), *(plot.field(3) for plot in plots)]
    return Attributes(
        ids=_objects([plot.field(2) for plot in plots]),
        names=_objects([plot.field(3) or project for plot in plots]),
        kinds=_objects([""] * len(plots)),
        remarks=_objects(remarks),
        stated=np.array([number for number, _ in areas], dtype=np.float64),
        units=_objects([unit or STANDARD_UNIT for _, unit in areas]),
        area_label="地块面积",
        demonstration=any(DEMONSTRATION_WORD in text for text in said),
    )


def _remark(plot: _Plot) -> str:
    """Keep sheet, use and land class; a use is no kind of project, and not looked up as one."""
    labels = ("图幅号", "用途", "地类编码")
    pairs = [(label, plot.field(5 + i)) for i, label in enumerate(labels)]
    more = [clean_text(text) for text in plot.fields[8:] if text]
    return "；".join([*(f"{label}：{text}" for label, text in pairs if text), *more])


def _objects(values: Sequence[str | Message | BaseGeometry | None]) -> NDArray[np.object_]:
    array = np.full(len(values), None, dtype=object)
    array[:] = values
    return array
