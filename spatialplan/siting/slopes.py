"""Slope of sites, and ground that is too steep for other places; both from the plan's elevation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import EDGE_LIMIT_M
from spatialplan.cells import from_cells, grid_bounds, lay_zones
from spatialplan.crs import Plane
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files import read_raster, read_windows
from spatialplan.layers import Grid, RasterLayer
from spatialplan.messages import Message, say
from spatialplan.plan import Plan
from spatialplan.sites import Sites
from spatialplan.slopes import GroundSlope, find_steep_ground, measure_slopes

__all__ = ["SiteSlopes", "measure_site_slopes", "require_elevation", "steep_ground"]

Geometries = NDArray[np.object_]

# More than the plane of judgement stretches lengths anywhere in a county, and room for rounding.
STRETCH, ROOM_M = 1.1, 1_000.0


@dataclass(frozen=True, slots=True)
class SiteSlopes:
    """Slope of every site that could be judged, by its row; none of them with the reason `why`."""

    by_row: Mapping[int, GroundSlope] = field(default_factory=dict)
    raster: RasterLayer | None = None
    why: Message | None = None


def measure_site_slopes(sites: Sites, plan: Plan) -> SiteSlopes | None:
    """Measure the slope of sites; None where the plan has no elevation raster."""
    specs = plan.rasters_with_role("elevation")
    if not specs:
        return None
    try:
        raster = read_raster(specs[0], plan)
        rows = sites.judged
        if not len(rows):
            return SiteSlopes(raster=raster)
        shapes = sites.geometry[rows]
        zones = lay_zones(shapes, raster.grid, sites.plane)
        bounds = grid_bounds(shapes, raster.grid, sites.plane)
        found = measure_slopes(read_windows(raster, bounds=bounds, ring=1), zones)
    except SpatialplanError as error:
        return SiteSlopes(why=error.faults[0].message)
    return SiteSlopes(dict(zip(rows.tolist(), found, strict=True)), raster)


def require_elevation(max_slope: float | None, plan: Plan) -> None:
    """Refuse a slope limit that is none, or that no elevation raster stands behind."""
    if max_slope is None:
        return
    faults = []
    if not 0 < max_slope < 90:
        faults.append(Fault("--max-slope", say("slopes.bad_limit", found=f"{max_slope:g}")))
    if not plan.rasters_with_role("elevation"):
        faults.append(Fault("--max-slope", say("slopes.no_elevation")))
    if faults:
        raise SourceError(faults)


def steep_ground(
    shapes: Geometries, plan: Plan, plane: Plane, *, limit: float, reach_m: float
) -> Geometries:
    """Return ground within reach of sites that is steeper than a limit, or of unknown slope.

    Parameters
    ----------
    shapes
        The sites, in the plane of judgement.
    limit
        Degrees.
    reach_m
        How far places are looked for.

    Raises
    ------
    SourceError
        If the elevation raster cannot be used: nothing is suggested without what was asked for.
    """
    raster = read_raster(plan.rasters_with_role("elevation")[0], plan)
    west, south, east, north = shapely.bounds(shapes).T
    turn_m = float(np.max(np.hypot(east - west, north - south)))
    window = shapely.box(*shapely.total_bounds(shapes))
    window = window.buffer(STRETCH * (reach_m + turn_m) + ROOM_M).envelope
    read = partial(read_windows, raster, ring=1)
    bounds = grid_bounds(np.array([window], dtype=object), raster.grid, plane)
    steep = find_steep_ground(read(bounds=bounds), raster.grid, plane, limit=limit)
    beyond = shapely.difference(window, _outline(raster.grid, plane))
    return np.concatenate([steep, shapely.get_parts(np.array([beyond], dtype=object))])


def _outline(grid: Grid, plane: Plane) -> shapely.Geometry:
    """Return the ground of a raster, in the plane."""
    longest = max(grid.step_east, grid.step_south)
    step = EDGE_LIMIT_M / (longest * 111_700.0 if grid.crs.is_geographic else longest)
    box = shapely.segmentize(shapely.box(0, -grid.rows, grid.columns, 0), step)
    return shapely.transform(box, lambda cells: from_cells(cells * [1.0, -1.0], grid, plane))
