"""Sites and layers read for screening; of the many land parcels only those near the sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from spatialplan.files import Reading, read_layers, read_layers_near, read_sites
from spatialplan.messages import say
from spatialplan.plan import Plan, Way
from spatialplan.sites import Sites

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["SiteOptions", "degree_bounds", "read_all", "read_near_places"]

Progress = Callable[[str], None]

# Parcels are read only around the sites; a step for rounding in their file's projection.
NEAR_DEGREES = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What a file of sites leaves unsaid.

    Attributes
    ----------
    crs
        The CRS, only for a file that states none.
    transformation, accept_error_m
        How coordinates on another datum come to CGCS2000: by a transformation of the plan, by its
        name, or taken as they are with this error in metres.
    table, encoding
        Which table, and the encoding of its text.
    width_m, radius_m
        Total width of line sites, radius of point sites, where the file gives none.
    id_field, name_field, kind_field, area_field
        Fields, where their names are not the usual ones.
    """

    crs: str | None = None
    transformation: str | None = None
    accept_error_m: float | None = None
    table: str | None = None
    encoding: str | None = None
    width_m: float | None = None
    radius_m: float | None = None
    id_field: str | None = None
    name_field: str | None = None
    kind_field: str | None = None
    area_field: str | None = None


def read_all(
    sites: str | Path | gpd.GeoDataFrame | Sites, plan: Plan, options: SiteOptions, tell: Progress
) -> tuple[Sites, Reading]:
    """Read the layers and the sites; of the many land parcels only those near the sites."""
    parcels = {spec.id for spec in plan.layers_with_role("land_parcel")}
    others = [key for key in plan.layers if key not in parcels]
    reading = read_layers(plan, keys=others or None, progress=tell)
    way = plan.find_way(options.transformation, options.accept_error_m)
    found = sites if isinstance(sites, Sites) else _read_sites(sites, reading, options, way)
    tell(say("screening.sites_read").text(plan.header.language))
    if others and parcels:
        reading = read_layers_near(plan, reading, degree_bounds(found), keys=parcels, progress=tell)
    return found, reading


def read_near_places(placed: Sites, sites: Sites, plan: Plan, reading: Reading) -> Reading:
    """Read the land parcels near suggested places, where those near the sites do not reach them."""
    parcels = {spec.id for spec in plan.layers_with_role("land_parcel")}
    others = {key: layer for key, layer in reading.layers.items() if key not in parcels}
    bounds, known = degree_bounds(placed), degree_bounds(sites)
    reached = (known[:2] <= bounds[:2]).all() and (bounds[2:] <= known[2:]).all()
    if reached or not len(placed.judged) or not parcels or not others:
        return reading
    problems = tuple(point for point in reading.problems if point.rule_id not in parcels)
    rest = replace(reading, layers=others, problems=problems)
    return read_layers_near(plan, rest, bounds, keys=parcels)


def _read_sites(
    source: str | Path | gpd.GeoDataFrame, reading: Reading, options: SiteOptions, way: Way
) -> Sites:
    regions = [layer for layer in reading.layers.values() if layer.spec.role == "region"]
    return read_sites(
        source,
        plane=next(iter(reading.layers.values())).plane,
        working_crs=reading.crs,
        region=next((layer for layer in regions if len(layer.frame)), None),
        crs=options.crs,
        way=way,
        table=options.table,
        encoding=options.encoding,
        width_m=options.width_m,
        radius_m=options.radius_m,
        id_field=options.id_field,
        name_field=options.name_field,
        kind_field=options.kind_field,
        area_field=options.area_field,
    )


def degree_bounds(sites: Sites) -> np.ndarray:
    """Bounds of the sites in degrees, a little wider; of the plane's origin if there are none."""
    shapes = sites.geometry[sites.judged]
    if not len(shapes):
        place = [sites.plane.longitude, sites.plane.latitude]
        return np.array(place + place)
    west, south, east, north = shapely.total_bounds(shapes)
    corners = np.array([[west, south], [east, north]])
    low, high = sites.plane.unproject(corners)
    return np.concatenate([low - NEAR_DEGREES, high + NEAR_DEGREES])
