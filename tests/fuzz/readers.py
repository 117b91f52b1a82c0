"""How a mutated file is read, and what must work on whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from spatialplan.crs import Plane, parse_crs
from spatialplan.files import read_delivery, read_layer, read_sites, salvage_table
from spatialplan.plan import LayerSpec, read_plan

__all__ = ["READERS"]

PLANE = Plane.around(np.array([126.5, 44.0, 128.3, 45.5]))
WORKING = parse_crs("EPSG:4530", where="")
NEAR = np.array([127.26, 44.85, 127.27, 44.86])


def _read_layer(path: Path, options: Mapping[str, str]) -> int:
    """Read a layer whole and near a place; whatever the second way finds the first knows."""
    layer = read_layer(path, **options)
    for fault in layer.faults:
        str(fault.message), fault.message.text("zh")
    spec = LayerSpec(title="t", role="other", path=path.name)
    read_delivery(spec, directory=path.parent, near=NEAR)
    return -1 if layer.faults or layer.source.warnings else len(layer.frame)


def _salvage(path: Path, options: Mapping[str, str]) -> int:
    spec = LayerSpec(title="t", role="other", path=path.name, **options)
    salvaged = salvage_table(spec, directory=path.parent)
    for lost in salvaged.lost:
        str(lost.reason), lost.reason.text("zh")
    assert len(salvaged.numbers) == len(salvaged.delivery.frame)
    return -1 if salvaged.lost else len(salvaged.delivery.frame)


def _read_sites(path: Path, options: Mapping[str, str]) -> int:
    sites = read_sites(path, plane=PLANE, working_crs=WORKING, **options)
    for doubt in sites.doubts:
        str(doubt.message), doubt.message.text("zh")
    return -1 if sites.doubts else len(sites)


def _read_plan(path: Path, options: Mapping[str, str]) -> int:
    return len(read_plan(path).layers)


READERS: Mapping[str, Callable[[Path, Mapping[str, str]], int]] = {
    "layer": _read_layer,
    "salvage": _salvage,
    "sites": _read_sites,
    "plan": _read_plan,
}
