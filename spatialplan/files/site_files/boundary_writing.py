"""Plots written as boundary-point TXT (勘测定界界址点坐标交换格式)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS

from spatialplan.area import ellipsoidal_area
from spatialplan.crs import crs_label, parse_crs
from spatialplan.errors import CrsError, Fault, OutputError
from spatialplan.files.writing import replace_atomically
from spatialplan.messages import say
from spatialplan.sites import Plot, clean_text, number_points, round_outline
from spatialplan.units import round_printed

__all__ = ["write_boundary_points"]

# EPSG codes of the CGCS2000 zones by width: first code, first zone, how many.
ZONES = {
    (4513, 25, 21): 3,  # with the zone number before the easting
    (4534, 25, 21): 3,  # without it
    (4491, 13, 11): 6,
    (4502, 13, 11): 6,
}
COORDINATE_DECIMALS = 3
AREA_DECIMALS = 4


def write_boundary_points(
    plots: Sequence[Plot],
    path: Path,
    *,
    crs: Any,
    decimals: int = COORDINATE_DECIMALS,
    producer: str = "",
    day: date | None = None,
    encoding: str = "gb18030",
) -> None:
    """Write plots as boundary-point TXT.

    Parameters
    ----------
    plots
        Polygons or multipolygons in `crs`; every ring gets a number of its own, outer rings and
        holes alike, as they are told apart by where they lie.
    path
        The file; it appears whole or not at all.
    crs
        A CGCS2000 3- or 6-degree zone, with or without the zone number before the easting.
    decimals
        Decimals of coordinates, metres.
    producer, day
        数据产生单位 and 数据产生日期; blank by default, so that equal plots give equal files.
    encoding
        GB18030 by default, which other programs for this format expect.

    Raises
    ------
    CrsError
        If `crs` is no such zone.
    OutputError
        If a plot has no area at this precision, or the file cannot be written.
    """
    zone_crs = parse_crs(crs, where="crs")
    width, zone = _zone(zone_crs)
    header = [
        "[属性描述]",
        "格式版本号=1.01版本",
        f"数据产生单位={clean_text(producer)}",
        f"数据产生日期={day.isoformat() if day else ''}",
        "坐标系=2000国家大地坐标系",
        f"几度分带={width}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        f"精度={10.0**-decimals:.{decimals}f}",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    lines = [line for plot in plots for line in _plot_lines(plot, zone_crs, decimals, path)]
    text = "".join(f"{line}\r\n" for line in [*header, *lines])
    with replace_atomically(path) as temporary:
        temporary.write_bytes(text.encode(encoding, "replace"))


def _zone(crs: CRS) -> tuple[int, int]:
    """Return the width in degrees and the number of a CGCS2000 zone."""
    code = crs.to_epsg(min_confidence=20) or 0
    for (first, number, count), width in ZONES.items():
        if first <= code < first + count:
            return width, number + code - first
    raise CrsError(Fault("crs", say("site.no_zone", found=crs_label(crs))))


def _plot_lines(plot: Plot, crs: CRS, decimals: int, path: Path) -> Iterator[str]:
    shape = round_outline(plot.shape, decimals)
    if shape.is_empty:
        raise OutputError(Fault(f"{path.name} ({plot.id})", say("site.no_area_left")))
    points = number_points(shape)
    area_m2 = ellipsoidal_area(np.array([shape], dtype=object), crs)[0]
    fields = [
        str(len(points)),
        str(round_printed(area_m2 / 10_000, AREA_DECIMALS)),
        *(_field(text) for text in (plot.id, plot.name)),
        "面",
        *(_field(text) for text in (plot.sheet, plot.use, plot.land_class)),
        "@",
    ]
    yield ",".join(fields)
    for point in points:
        place = f"{point.northing:.{decimals}f},{point.easting:.{decimals}f}"
        yield f"{point.label},{point.ring},{place}"


def _field(text: str) -> str:
    """Keep a text from being taken for two fields or for the end of its line."""
    return clean_text(text).replace(",", "，").replace("@", "(at)").replace("＠", "(at)")
