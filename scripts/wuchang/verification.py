"""The written files read back and measured: a build that misses a printed figure fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import shapely

from wuchang import places
from wuchang.control_lines import HA
from wuchang.measure import official_area, to_equal_area
from wuchang.tables import Frame

#: Allowed distance from each printed figure, m².
_TOLERANCE_M2 = 20.0


def verify_calibration(folder: Path) -> None:
    """Compare the areas of the written layers with the plan's figures.

    Raises
    ------
    RuntimeError
        Naming every figure that is off by more than 20 m², found against printed.
    """
    parcels = _read(folder / "parcels.gdb.zip", "DLTB")
    cropland = parcels[parcels["DLBM"].isin(["0101", "0102", "0103"])]
    basic = _read(folder / "parcels.gdb.zip", "YJJBNTTB")
    found = {
        "red line": (_union(folder / "STBHHX" / "STBHHX.shp"), places.RED_LINE_HA),
        "protected areas": (_union(folder / "ZRBHD" / "ZRBHD.shp"), places.PROTECTED_HA),
        "boundary": (_union(folder / "CZKFBJ" / "CZKFBJ.shp"), places.BOUNDARY_HA),
        "cropland": (_net(cropland), places.CROPLAND_HA),
        "basic farmland": (_net(basic), places.BASIC_FARMLAND_HA),
    }
    off = [
        f"{name}: {area / HA:.4f} ha, printed {printed:.4f} ha"
        for name, (area, printed) in found.items()
        if abs(area - printed * HA) > _TOLERANCE_M2
    ]
    if off:
        raise RuntimeError("; ".join(off))


def _read(path: Path, table: str | None = None) -> Frame:
    return pyogrio.read_dataframe(path, layer=table)


def _union(path: Path) -> float:
    """Official area of a layer's union, m²."""
    table = _read(path)
    flat = to_equal_area(table.geometry.to_numpy(), table.crs.to_epsg())
    return float(shapely.union_all(flat).area)


def _net(table: Frame) -> float:
    """Official area less field ridges, m²."""
    share = table["KCXS"].to_numpy(dtype=float)
    return float(np.sum(official_area(table.geometry.to_numpy()) * (1 - share)))
