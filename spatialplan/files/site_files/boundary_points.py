"""Boundary-point TXT (勘测定界界址点坐标交换格式), the form in which land projects are submitted.

A header of ``key=value`` lines under ``[属性描述]``, then under ``[地块坐标]`` a line for every
plot, which ends in ``@``, followed by its boundary points: point number, ring number, X, Y. X is
the northing and Y the easting. Files differ in the unit of the area, in whether the closing point
is repeated and counted, in how points are numbered, in whether the easting carries the zone number
and in what ring numbers mean; whatever had to be decided is said. A file may hold several headers,
which must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import crs_label
from spatialplan.errors import CrsError, Fault, SourceError
from spatialplan.files.site_files.boundary_agreement import require_agreement
from spatialplan.files.site_files.boundary_blocks import (
    KINDS,
    MOST_QUOTED,
    Block,
    PlotLines,
    take_apart_text,
)
from spatialplan.files.site_files.boundary_header import Frame, settle_frame
from spatialplan.files.site_files.texts import FileContent, decode_text, is_damaged
from spatialplan.findings import Severity
from spatialplan.layers import Source
from spatialplan.messages import Message, say
from spatialplan.plan import Way
from spatialplan.sites import (
    WHOLE_FILE,
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
# The standard writes hectares; files in m² or 亩 are found out.
STANDARD_UNIT: AreaUnit = "ha"
DEMONSTRATION_WORD = "演示"


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
        If header and coordinates do not tell one CRS with a known way to CGCS2000, or several
        headers disagree.
    """
    text, found = decode_text(file, encoding, WORDS)
    taken = take_apart_text(text, file.path)
    blocks = taken.blocks
    plots = [(plot, block) for block in blocks for plot in block.plots]
    if not plots:
        raise SourceError([*taken.faults, Fault(file.path, say("site.no_plots"))])
    require_agreement(blocks, where=file.path)
    frames = _settle_frames(
        [block for block in blocks if block.plots], crs, way or Way(), file.path
    )
    lifting = next((frame for frame in frames if frame.missing_zone), frames[0])
    drawn = [_draw(plot, row, lifting) for row, (plot, _) in enumerate(plots)]
    source = Source(file.path, "boundary-point TXT", "", str(found), file.sha256, len(drawn))
    return Submission(
        attributes=_attributes(plots, blocks),
        shapes=_objects([shape for shape, _ in drawn]),
        places=_objects(
            [say("site.plot", plot=i + 1, line=plot.line) for i, (plot, _) in enumerate(plots)]
        ),
        crs=lifting.crs,
        crs_assumed=any(frame.crs_assumed for frame in frames),
        source=source,
        doubts=(
            *{doubt.fault: doubt for frame in frames for doubt in frame.doubts}.values(),
            *_header_doubts(blocks, frames),
            *_text_doubts([plot for plot, _ in plots]),
            *(doubt for _, doubts in drawn for doubt in doubts),
        ),
    )


def _settle_frames(blocks: Sequence[Block], crs: str | None, way: Way, path: str) -> list[Frame]:
    """Settle the CRS under every header by its own coordinates; they must be one."""
    frames, faults = list[Frame](), list[Fault]()
    for block in blocks:
        points = [point for plot in block.plots for point in plot.points]
        eastings = np.array([point.easting for point in points])
        northings = np.array([point.northing for point in points])
        where = path if len(blocks) == 1 else f"{path}:{block.line}"
        try:
            frames.append(settle_frame(block.header, eastings, northings, crs, way, where=where))
        except CrsError as error:
            faults += error.faults
    if faults:
        raise CrsError(faults)
    labels = [crs_label(frame.crs) if frame.crs else "-" for frame in frames]
    faults = [
        Fault(
            f"{path}:{block.line}",
            say("site.frames_differ", found=label, first=labels[0], line=blocks[0].line),
        )
        for block, label in zip(blocks, labels, strict=True)
        if label != labels[0]
    ]
    if faults:
        raise CrsError(faults)
    return frames


def _header_doubts(blocks: Sequence[Block], frames: Sequence[Frame]) -> Iterator[Doubt]:
    """Say what was made of several headers, and of eastings without the zone number."""
    if len(blocks) > 1:
        lines = ", ".join(str(block.line) for block in blocks)
        message = say("site.headers_several", count=len(blocks), lines=lines)
        yield Doubt(WHOLE_FILE, "headers_several", Severity.INFO, message)
    for block in blocks:
        if not block.plots:
            message = say("site.header_without_plots", line=block.line)
            yield Doubt(WHOLE_FILE, "header_without_plots", Severity.WARNING, message)
    lifted = sum(frame.lifted for frame in frames)
    if lifted:
        zone = next(frame.missing_zone for frame in frames if frame.missing_zone)
        message = say("site.zone_added", zone=zone, count=lifted)
        yield Doubt(WHOLE_FILE, "zone_added", Severity.INFO, message)


def _draw(plot: PlotLines, row: int, frame: Frame) -> tuple[BaseGeometry | None, list[Doubt]]:
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


def _count_doubts(plot: PlotLines, row: int, counts: set[int]) -> Iterator[Doubt]:
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


def _text_doubts(plots: Sequence[PlotLines]) -> Iterator[Doubt]:
    for row, plot in enumerate(plots):
        if any(is_damaged(text) for text in plot.fields):
            yield Doubt(row, "undecodable", Severity.WARNING, say("site.undecodable"))


def _attributes(plots: Sequence[tuple[PlotLines, Block]], blocks: Sequence[Block]) -> Attributes:
    areas = [parse_area(plot.field(1)) for plot, _ in plots]
    said = [each.value for block in blocks for each in block.statements]
    said += [plot.field(3) for plot, _ in plots]
    return Attributes(
        ids=_objects([plot.field(2) for plot, _ in plots]),
        names=_objects(
            [plot.field(3) or block.header.get("项目名称", "") for plot, block in plots]
        ),
        kinds=_objects([""] * len(plots)),
        remarks=_objects([_remark(plot) for plot, _ in plots]),
        stated=np.array([number for number, _ in areas], dtype=np.float64),
        units=_objects([unit or STANDARD_UNIT for _, unit in areas]),
        area_label="地块面积",
        demonstration=any(DEMONSTRATION_WORD in text for text in said),
    )


def _remark(plot: PlotLines) -> str:
    """Keep sheet, use and land class; a use is no kind of project, and not looked up as one."""
    labels = ("图幅号", "用途", "地类编码")
    pairs = [(label, plot.field(5 + i)) for i, label in enumerate(labels)]
    more = [clean_text(text) for text in plot.fields[8:] if text]
    return "；".join([*(f"{label}：{text}" for label, text in pairs if text), *more])


def _objects(values: Sequence[str | Message | BaseGeometry | None]) -> NDArray[np.object_]:
    array = np.full(len(values), None, dtype=object)
    array[:] = values
    return array
