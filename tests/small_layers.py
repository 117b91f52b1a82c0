"""Small layers whose answers can be drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import shapely
from pyproj import CRS

from spatialplan.crs import Plane
from spatialplan.layers import Delivery, Layer, Source, admit
from spatialplan.plan import LayerSpec

ZONE_42 = CRS.from_epsg(4530)
PLANE = Plane(44.88, 127.26)
# A corner of the plain near Wuchang, easting with zone number and northing.
EAST, NORTH = 42_600_000.0, 4_970_000.0


def square(east_m: float, north_m: float, size_m: float, *, height_m: float | None = None) -> Any:
    """A square or rectangle, metres from the corner of the plain."""
    east, north = EAST + east_m, NORTH + north_m
    return shapely.box(east, north, east + size_m, north + (height_m or size_m))


def make_delivery(
    shapes: Sequence[Any], *, crs: Any = ZONE_42, columns: dict[str, Any] | None = None, **spec: Any
) -> Delivery:
    """A table as if read from a file; `spec` completes the layer's entry in the plan."""
    fields = {"id": "layer", "title": "layer", "role": "other", "path": "layer.shp", **spec}
    frame = gpd.GeoDataFrame(columns or {}, geometry=list(shapes), crs=crs)
    source = Source(fields["path"], "test", "layer", "UTF-8 (format)", "0" * 64, len(frame))
    return Delivery(LayerSpec(**fields), frame, source)


def make_layer(shapes: Sequence[Any], **options: Any) -> Layer:
    """A layer that passed the gate."""
    return admit(make_delivery(shapes, **options), plane=PLANE, working_crs=ZONE_42)
