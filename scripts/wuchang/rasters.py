"""`layers/rasters/`: two editions of land cover, elevation, and the list of planted changes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely

from wuchang import places
from wuchang.calibration import Mask
from wuchang.control_lines import HA
from wuchang.cover_changes import (
    EARLIER_FOREST_SHARE,
    Planted,
    after,
    before,
    plant_changes,
    restore_forest,
)
from wuchang.elevation import write_elevation
from wuchang.land_cover import (
    COLOURS,
    FOREST,
    FOREST_SHARE,
    NODATA,
    Cells,
    Parcels,
    close_shrub,
    first_cover,
    lay_parcels,
)
from wuchang.project_ground import Ground
from wuchang.raster_grid import CellGrid, Picture, grid_around, write_raster

FOLDER = "rasters"
CELL_M = 30.0
#: One more cell than the margin, so that no cell of it is cut off.
_REACH_M = 330.0
_CLASS_NAMES = ("", "耕地", "林地", "灌木地", "草地", "湿地", "水体", "建设用地", "裸地")


def write_rasters(folder: Path) -> None:
    """Build the rasters on the finished layers of a folder."""
    ground, room = Ground(folder), folder / FOLDER
    county = ground.union("county")
    grid = grid_around(county, size_m=CELL_M, margin_m=_REACH_M)
    parcels = lay_parcels(ground, grid)
    cover = first_cover(parcels)
    planted = plant_changes(cover, parcels, ground, grid)
    now = close_shrub(after(cover, planted), parcels, ground, grid, _planted_in(planted, parcels))
    planted += restore_forest(now, planted, parcels, grid, ground)
    earlier = before(now, planted)
    verify_forest(now, earlier, parcels, grid)
    _write_cover(room / "land_cover_2025.tif", now, grid, 2025)
    _write_cover(room / "land_cover_2020.tif", earlier, grid, 2020)
    _write_planted(room / "planted.toml", planted, ground, grid)
    write_elevation(room / "elevation.tif", county)


def _planted_in(planted: list[Planted], parcels: Parcels) -> Mask:
    """Parcels in which a planted change lies."""
    mask = np.zeros(len(parcels.code), dtype=bool)
    for change in planted:
        mask[parcels.number[change.rows, change.columns]] = True
    return mask


def verify_forest(now: Cells, earlier: Cells, parcels: Parcels, grid: CellGrid) -> None:
    """Refuse rasters whose forest misses a printed share by more than two cells.

    Raises
    ------
    RuntimeError
        Naming found and printed share.
    """
    weight = parcels.inside * grid.areas
    total = float(weight.sum())
    for cover, printed in ((now, FOREST_SHARE), (earlier, EARLIER_FOREST_SHARE)):
        share = float(weight[cover == FOREST].sum()) / total
        if abs(share - printed) * total > 2 * CELL_M**2:
            raise RuntimeError(f"forest {share:.6%}, printed {printed:.2%}")


def _write_cover(path: Path, cover: Cells, grid: CellGrid, year: int) -> None:
    tags = {
        "DATA_YEAR": str(year),
        "LEGEND": "; ".join(f"{n} {name}" for n, name in enumerate(_CLASS_NAMES) if name),
        "LICENCE": "MIT",
        "NOTICE": places.DEMONSTRATION,
    }
    picture = Picture(f"land cover {year}, demonstration", tags)
    write_raster(path, cover, grid, picture, nodata=NODATA, colours=COLOURS)


_HEAD = """\
# All that differs between land_cover_2020.tif and land_cover_2025.tif. 两期地表覆盖的全部差异。
# kind: human = new human activity inside a watched line; too_small = the same under the smallest
# patch; elsewhere = human, outside the lines watched by default; natural = no human activity;
# restored = cropland given back. from, to: cell values. row, column: first row and column of the
# patch, counted from 0; cells are square, 30 m. official_ha: on the ellipsoid. touches: official
# area of the layers of plan.toml under the patch, by plain shapely intersection.

"""


def _write_planted(path: Path, planted: list[Planted], ground: Ground, grid: CellGrid) -> None:
    entries = [_entry(change, ground, grid) for change in planted]
    path.write_text(_HEAD + "\n".join(entries), encoding="utf-8")


def _entry(change: Planted, ground: Ground, grid: CellGrid) -> str:
    shape = shapely.union_all(grid.squares(change.rows, change.columns))
    middle = shape.point_on_surface()
    official = float(grid.areas[change.rows, change.columns].sum())
    lines = [
        "[[planted]]",
        f'id = "{change.identity}"',
        f'kind = "{change.kind}"',
        f"from = {change.classes[0]}",
        f"to = {change.classes[1]}",
        f"cells = {len(change.rows)}",
        f"row = {int(change.rows.min())}",
        f"column = {int(change.columns.min())}",
        f"east = {middle.x:.1f}",
        f"north = {middle.y:.1f}",
        f"planar_ha = {len(change.rows) * CELL_M**2 / HA:.4f}",
        f"official_ha = {official / HA:.6f}",
        f"townships = {json.dumps(ground.townships(shape), ensure_ascii=False)}",
        "touches = [",
        *(
            f'  {{ layer = "{layer}", zone = "{zone}", area_m2 = {area:.2f} }},'
            for layer, zone, area in ground.touches(shape)
        ),
        "]",
        f'note = "{change.note}"',
        "",
    ]
    return "\n".join(lines)
