"""Prepared grounds in a folder, of which a worker reads only what lies near its parcels.

What a ground knows of the layer as a whole is worked out once, before it is stored: windows (天窗)
lie between the features of all layers of a role, features that lie over one another may be far
apart in the table. They are stored beside the features. What is then read for a box is what
`Ground.near` would have cut out of the whole, to the last bit and in the same order, and so gives
the same findings:

- features and windows that sites in the box can meet have boxes that meet it;
- the nearest feature is no further than the way to the nearest vertex and across the box, stretched
  as `within_reach` does. How far the nearest vertex is, is found by reading a wider and wider box,
  until one lies within what has been read, or all has been read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.files.zone_store import read_zones_near, write_zones
from spatialplan.layers import Layer
from spatialplan.overlay import box_gaps, index_pieces
from spatialplan.screening import Ground
from spatialplan.screening.ground import Surroundings
from spatialplan.screening.outlines import STRETCH, Box

__all__ = ["GroundStore", "bare_layer", "write_grounds"]

# How much wider than across a box it is looked around first, metres: wide enough that most boxes in
# a county find something at once, not so wide that much is read in vain.
FIRST_LOOK_M = 1_000.0

# Grounds of up to so many vertices are held whole, some hundred megabytes when they are ready. The
# lines of a county of 250,000 parcels have 700,000.
HELD_VERTICES = 2_000_000
EVERYWHERE = np.array([-np.inf, -np.inf, np.inf, np.inf])

TEXTS = ("ids", "names", "zones")

# Fields of land parcels are stored under their own names behind this, fields of figures as figures.
FIELD = "field "
NUMBER_FIELDS = ("deduction_field",)


@dataclass(frozen=True, slots=True)
class StoredGround:
    """A ground without its features, the number that their files bear, and how many they are."""

    bare: Ground
    number: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class GroundStore:
    """Where grounds are stored; small enough to be sent to every worker.

    Grounds of a county are held by a worker as a whole, cut and indexed once. A line of a county is
    few huge polygons: to read and cut what lies near each of 20 batches of 10,000 parcels takes
    53 s of processor time, 29 s where they are held.

    Attributes
    ----------
    folder
        On a disk that every worker sees under this path.
    grounds
        By the layer's name in the plan.
    held
        Whether a worker holds them as a whole.
    """

    folder: str
    grounds: Mapping[str, StoredGround]
    held: bool = False

    @cached_property
    def whole(self) -> dict[str, Ground]:
        """All grounds, ready to be asked batch after batch."""
        return {
            key: _fill(
                stored.bare,
                self._read_part(stored, "shapes", EVERYWHERE),
                self._read_part(stored, "marks", EVERYWHERE),
                self._read_part(stored, "windows", EVERYWHERE).geometry.to_numpy(),
            ).make_ready()
            for key, stored in self.grounds.items()
        }

    def near(self, box: Box) -> dict[str, Ground]:
        """Read of every ground what sites in a box (west, south, east, north) can need."""
        if self.held:
            return self.whole
        return {key: self._read(stored, box) for key, stored in self.grounds.items()}

    def _read(self, stored: StoredGround, box: Box) -> Ground:
        across = float(np.hypot(box[2] - box[0], box[3] - box[1]))
        look = STRETCH * (across + FIRST_LOOK_M)
        while True:
            around = _grow(box, look)
            shapes = self._read_part(stored, "shapes", around)
            marks = self._read_part(stored, "marks", around)
            every = np.concatenate([shapes.geometry.to_numpy(), marks.geometry.to_numpy()])
            if len(every) == stored.counts["shapes"] + stored.counts["marks"]:
                break
            reach = STRETCH * (_gap_to_vertex(every, box) + across)
            if reach <= look:
                break
            look = reach if np.isfinite(reach) else 2 * look
        windows = self._read_part(stored, "windows", box)
        return _fill(stored.bare, shapes, marks, windows.geometry.to_numpy()).near(box)

    def _read_part(self, stored: StoredGround, part: str, box: Box) -> gpd.GeoDataFrame:
        """Read features of a part that are near a box; most grounds have no marks or windows."""
        if part != "shapes" and not stored.counts[part]:
            return gpd.GeoDataFrame({name: [] for name in TEXTS}, geometry=[])
        return read_zones_near(_file(Path(self.folder), stored.number, part), box)


def write_grounds(grounds: Mapping[str, Ground], folder: Path) -> GroundStore:
    """Write prepared grounds into a folder, each file whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    found = {}
    for number, (key, ground) in enumerate(grounds.items()):
        tables = _tables_of(ground)
        for part, table in tables.items():
            write_zones(table, _file(folder, number, part))
        counts = {part: len(table) for part, table in tables.items()}
        found[key] = StoredGround(_empty(ground), number, counts)
    vertices = sum(
        int(shapely.get_num_coordinates(shapes).sum())
        for ground in grounds.values()
        for shapes in (ground.shapes, ground.marks)
    )
    return GroundStore(str(folder), found, held=vertices <= HELD_VERTICES)


def _tables_of(ground: Ground) -> dict[str, gpd.GeoDataFrame]:
    """Return all that a ground knows of its features."""
    rows = np.arange(len(ground.shapes))
    shapes = {name: getattr(ground, name) for name in TEXTS}
    shapes["doubled"] = np.isin(rows, ground.doubled(rows))
    if ground.kept_share is not None:
        shapes["kept_share"] = ground.kept_share
    marks = {name: getattr(ground, f"mark_{name}") for name in TEXTS}
    plane = ground.layer.plane.crs
    return {
        "shapes": gpd.GeoDataFrame(
            {**shapes, **_parcel_columns(ground)}, geometry=ground.shapes, crs=plane
        ),
        "marks": gpd.GeoDataFrame(marks, geometry=ground.marks, crs=plane),
        "windows": gpd.GeoDataFrame(geometry=ground.around.windows.parts, crs=plane),
    }


def _parcel_columns(ground: Ground) -> dict[str, NDArray[Any]]:
    """Return the fields of land parcels, which parts of sites are told apart by."""
    if not ground.is_parcels:
        return {}
    layer, spec = ground.layer, ground.layer.spec
    names = {key: getattr(spec, key) for key in type(spec).model_fields if key.endswith("_field")}
    found: dict[str, NDArray[Any]] = {
        FIELD + name: layer.text(name)
        for key, name in names.items()
        if name and key not in NUMBER_FIELDS
    }
    for key in NUMBER_FIELDS:
        values = layer.numbers(names[key])
        if values is not None:
            found[FIELD + names[key]] = values
    return found


def _with_parcels(bare: Ground, shapes: gpd.GeoDataFrame) -> Layer:
    """Return the layer of a ground; of land parcels with those that were read."""
    if not bare.is_parcels:
        return bare.layer
    fields = [name for name in shapes.columns if name.startswith(FIELD)]
    named = shapes[[*fields, shapes.geometry.name]].reset_index(drop=True)
    return replace(bare.layer, frame=named.rename(columns=lambda name: name.removeprefix(FIELD)))


def _fill(
    bare: Ground, shapes: gpd.GeoDataFrame, marks: gpd.GeoDataFrame, windows: NDArray[np.object_]
) -> Ground:
    """Give a ground the features that were read."""
    texts = {name: shapes[name].to_numpy(dtype=object) for name in TEXTS}
    texts |= {f"mark_{name}": marks[name].to_numpy(dtype=object) for name in TEXTS}
    kept = None if bare.kept_share is None else shapes["kept_share"].to_numpy(dtype=np.float64)
    return replace(
        bare,
        layer=_with_parcels(bare, shapes),
        shapes=shapes.geometry.to_numpy(dtype=object),
        marks=marks.geometry.to_numpy(dtype=object),
        kept_share=kept,
        around=Surroundings(bare.around.shapes, index_pieces(windows)),
        **texts,
    ).knowing_doubled(shapes["doubled"].to_numpy(dtype=bool))


def _grow(box: Box, by: float) -> Box:
    """Return a box grown on all sides."""
    return np.asarray(box + by * np.array([-1.0, -1.0, 1.0, 1.0]))


def _gap_to_vertex(shapes: NDArray[np.object_], box: Box) -> float:
    """Distance of the nearest vertex to a box, infinite where there is none."""
    vertices = shapely.get_coordinates(shapes)
    if not len(vertices):
        return np.inf
    return float(box_gaps(np.column_stack([vertices, vertices]), box).min())


def _file(folder: Path, number: int, part: str) -> Path:
    return folder / f"{number:03}-{part}.parquet"


def _empty(ground: Ground) -> Ground:
    """Return a ground without features."""
    none = np.zeros(0, dtype=object)
    names = ("shapes", "marks", *TEXTS, *(f"mark_{name}" for name in TEXTS))
    blank: dict[str, Any] = dict.fromkeys(names, none)
    kept = None if ground.kept_share is None else np.zeros(0)
    around = Surroundings(none)
    return replace(ground, layer=bare_layer(ground.layer), kept_share=kept, around=around, **blank)


def bare_layer(layer: Layer) -> Layer:
    """Return a layer without features; where it came from and what it is are kept."""
    frame, none = layer.frame.iloc[:0], np.zeros(0)
    return replace(
        layer, frame=frame, ids=none.astype(object), area_m2=none, planar_m2=none, faults=()
    )
