"""The finished layers as ground on which projects are placed, and what a project touches there.

Ground is named ``layer``, ``layer=zone`` or ``layer:name``: layers by their id in ``plan.toml``;
the zone of land parcels is their class code, of which a beginning is enough (``parcels=0702``).
Rivers are the bands that the plan's pattern gives them. Layers are read by what ``plan.toml`` says
of them and intersected with plain shapely, so that nothing here knows how the toolkit judges.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from wuchang import places
from wuchang.measure import WORKING, reproject, to_equal_area
from wuchang.project_shapes import search_rings
from wuchang.terrain import project

Shapes = NDArray[np.object_]

#: Layers that a project is compared with; parcels and townships say only where it lies.
CONTROL_LAYERS = (
    "red_line",
    "basic_farmland",
    "development_boundary",
    "protected_areas",
    "water_sources",
    "base_urban_land",
    "rivers",
    "barrier",
)
#: Less than this is what two projections make of one border.
NOISE_M2 = 0.01
#: Edges closer than this count as touching when a place is chosen, so that no result hangs on mm.
_MARGIN_M = 2.0
_RINGS, _STEP_M = 160, 30.0


class Near(NamedTuple):
    """A place to look around: ``seat:township``, ``village:township:n`` or ``at:lon:lat``."""

    anchor: str
    east_m: float = 0.0
    north_m: float = 0.0


class Demand(NamedTuple):
    """What ground a shape must lie within, keep clear of, and touch with at least a tenth."""

    within: tuple[str, ...] = ()
    clear_of: tuple[str, ...] = ()
    touching: tuple[str, ...] = ()


ANY_GROUND = Demand()


class Touch(NamedTuple):
    """Ground of one layer and zone that a project covers, official area."""

    layer: str
    zone: str
    area_m2: float


class Table(NamedTuple):
    """A layer: shapes in the working plane and in the plane of judgement, zones and names."""

    shapes: Shapes
    judged: Shapes
    judged_tree: shapely.STRtree
    zones: NDArray[np.object_]
    names: NDArray[np.object_]


class Ground:
    """The layers of a folder that holds ``plan.toml``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        plan = tomllib.loads((folder / "plan.toml").read_text("utf-8"))
        self._specs: dict[str, Any] = plan["layers"]
        self._bands = [e for e in plan["pattern"]["elements"] if "width_m" in e]
        self.table = cache(self._read)
        self.shapes = cache(self._shapes)
        self.union = cache(self._union)
        self._hull = cache(self._filled)

    def _read(self, key: str) -> Table:
        spec = self._specs[key]
        zone = spec["class_field"] if key == "parcels" else spec.get("zone_field")
        fields = [field for field in (zone, spec["name_field"]) if field]
        frame = pyogrio.read_dataframe(
            self._folder / spec["path"], layer=spec.get("table"), columns=fields
        )
        delivered, crs = frame.geometry.to_numpy(), frame.crs.to_epsg()
        names = frame[spec["name_field"]].to_numpy()
        zones = frame[zone].to_numpy() if zone else np.full(len(frame), "", dtype=object)
        if spec.get("geometry") == "line":
            delivered, crs, zones = self._banded(key, names, delivered, crs), WORKING, names
        shapes = reproject(delivered, crs, WORKING, None)
        judged = to_equal_area(delivered, crs)
        return Table(shapes, judged, shapely.STRtree(judged), zones, names)

    def _banded(self, key: str, names: Shapes, lines: Shapes, crs: int) -> Shapes:
        width = {e["feature"]: float(e["width_m"]) for e in self._bands if e["layer"] == key}
        halves = np.array([width[name] / 2 for name in names])
        return np.asarray(shapely.buffer(reproject(lines, crs, WORKING, None), halves))

    def _shapes(self, name: str) -> tuple[Shapes, shapely.STRtree]:
        key, sign, value = name.partition("=") if "=" in name else name.partition(":")
        table = self.table(key)
        found = table.zones if sign == "=" else table.names
        fits = [not sign or str(text).startswith(value) for text in found]
        shapes = table.shapes[np.flatnonzero(fits)]
        return shapes, shapely.STRtree(shapes)

    def _union(self, name: str) -> shapely.Geometry:
        return shapely.union_all(shapely.set_precision(self.shapes(name)[0], 0.001))

    def _filled(self, name: str) -> shapely.Geometry:
        parts = shapely.get_parts(self.union(name))
        return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])

    def around(self, name: str, place: tuple[float, float], reach_m: float) -> shapely.Geometry:
        """Return what lies of some ground within a distance of a place, whole shapes."""
        shapes, tree = self.shapes(name)
        rows = np.sort(tree.query(shapely.Point(place), predicate="dwithin", distance=reach_m))
        return shapely.union_all(shapely.set_precision(shapes[rows], 0.001))

    def share(self, name: str, shape: shapely.Geometry) -> float:
        """Share of a shape that some ground covers, 0 to 1."""
        shapes, tree = self.shapes(name)
        found = shapes[tree.query(shape, predicate="intersects")]
        if not len(found):
            return 0.0
        shared = shapely.intersection(shapely.union_all(found), shape)
        return float(shared.area / shape.area)

    def holds(self, shape: shapely.Geometry, demand: Demand) -> bool:
        """Say whether a shape lies as demanded, with a margin of 2 m."""
        wide = shape.buffer(_MARGIN_M, join_style="mitre")
        return (
            all(not self._meets(name, wide) for name in demand.clear_of)
            and all(self.share(name, wide) > 0.999_999 for name in demand.within)
            and all(self.share(name, shape) > 0.1 for name in demand.touching)
        )

    def _meets(self, name: str, shape: shapely.Geometry) -> bool:
        return len(self.shapes(name)[1].query(shape, predicate="intersects")) > 0

    def anchor(self, near: Near) -> tuple[float, float]:
        """Easting and northing of the place to look around."""
        kind, *words = near.anchor.split(":")
        if kind == "at":
            point = project(((float(words[0]), float(words[1])),))[0]
        else:
            seat = next(s for s in places.SEATS if s.name == words[0])
            point = project(((seat.lon, seat.lat),))[0]
        if kind == "village":
            middle = self.village(near).point_on_surface()
            point = np.array([middle.x, middle.y])
        return float(point[0]) + near.east_m, float(point[1]) + near.north_m

    def village(self, near: Near) -> shapely.Polygon:
        """Built land of the township's n-th village, counted from its seat."""
        _, township, number = near.anchor.split(":")
        seat = shapely.Point(self.anchor(Near(f"seat:{township}")))
        shapes = self.shapes("parcels=0702")[0]
        inner = shapely.point_on_surface(shapes)
        own = shapely.contains(self.union(f"townships:{township}"), inner)
        order = np.argsort(shapely.distance(inner[own], seat), kind="stable")
        return shapely.get_parts(shapes[own][order[int(number)]])[0]

    def candidates(self, near: Near) -> Iterator[tuple[float, float]]:
        """Places about an anchor, nearest first."""
        east, north = self.anchor(near)
        for e, n in search_rings(_STEP_M, _RINGS):
            yield east + e, north + n

    def touches(self, shape: shapely.Geometry) -> list[Touch]:
        """List what a polygon of the working plane covers of every control layer, by zone."""
        judged = to_equal_area(np.array([shape], dtype=object), WORKING)[0]
        return [
            Touch(key, zone, area)
            for key in CONTROL_LAYERS
            for zone, area in _covered(self.table(key), self.table(key).zones, judged)
        ]

    def townships(self, shape: shapely.Geometry) -> list[str]:
        """Names of the townships that a polygon lies in."""
        judged = to_equal_area(np.array([shape], dtype=object), WORKING)[0]
        table = self.table("townships")
        return [name for name, _ in _covered(table, table.names, judged)]

    def windows(self, shape: shapely.Geometry) -> list[str]:
        """Layers in whose holes a polygon lies without touching them."""
        return [
            key
            for key in CONTROL_LAYERS
            if not self._meets(key, shape) and self._hull(key).contains(shape)
        ]


def _covered(table: Table, values: Shapes, judged: shapely.Geometry) -> Iterator[tuple[str, float]]:
    rows = np.sort(table.judged_tree.query(judged, predicate="intersects"))
    texts = [str(value or "") for value in values[rows]]
    for text in sorted(set(texts)):
        members = table.judged[rows[[other == text for other in texts]]]
        area = float(shapely.intersection(shapely.union_all(members), judged).area)
        if area > NOISE_M2:
            yield text, area
