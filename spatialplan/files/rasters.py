"""Rasters: a gate that says all that is wrong with a file, and windows that are read one by one.

A raster is never read whole. Damage that shows itself only when cells are read is an error, never
a value.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from spatialplan.crs import (
    WGS84_LIMIT_M,
    crs_label,
    datum_title,
    is_wgs84,
    on_known_datum,
    parse_crs,
    require_known_datum,
    require_surveyed,
)
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files.opening.paths import local_address, require_local
from spatialplan.files.sources import hash_files, plain_reason, say_missing
from spatialplan.layers import CellWindow, Grid, Placement, RasterLayer, Source, agree_crs
from spatialplan.messages import Message, say
from spatialplan.plan import LegendClass, Plan, RasterSpec, Way

__all__ = ["WINDOW_CELLS", "read_raster", "read_windows"]

# The driver that may read a format, and what its files begin with.
FORMATS = {".tif": "GTiff", ".tiff": "GTiff", ".img": "HFA"}
BEGINNINGS = {
    "GTiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "HFA": (b"EHFA_HEADER_TAG",),
}

# China at 3 m; a header that claims more is not believed.
MOST_CELLS = 10**13

# Cells of one window: small enough that all that is made of them stays under some 200 MB.
WINDOW_CELLS = 1 << 22
# GDAL keeps blocks that it has read until a file is closed, so it is closed now and then.
BYTES_BEFORE_CLOSING = 1 << 28
# GDAL reads whole blocks; one file in one block would not be read in windows at all.
LARGEST_BLOCK_BYTES = 1 << 28

# The lowest ground in China lies at -154 m, the highest at 8,849 m; beyond these bounds a height
# is a sign for no value that the file does not state (-9999, -32768).
HEIGHTS_M = (-500.0, 9_000.0)
FEET = frozenset({"ft", "foot", "feet", "us survey foot", "us-ft", "ussft"})

PICTURE = {ColorInterp.red, ColorInterp.green, ColorInterp.blue}

Dataset = Any


def read_raster(spec: RasterSpec, plan: Plan) -> RasterLayer:
    """Take a raster of a plan through the gate; its cells stay on disk.

    Parameters
    ----------
    spec
        The raster's entry in the plan.
    plan
        For its folder and its legends.

    Raises
    ------
    SourceError
        If the file is missing, damaged, or of another format; or with every fault of a file that
        opens: CRS, datum, grid, bands, values, legend.
    """
    where, file = f"{spec.path} ({spec.title})", plan.directory / spec.path
    legend = plan.legends.get(spec.legend or "", ())
    try:
        with _opened(file, where, plan.directory, spec.path) as dataset:
            found = list(_faults(dataset, spec, legend))
            crs, placement = _settle_crs(dataset, spec, found, where)
            if found or crs is None:
                raise SourceError(Fault(where, message) for message in found)
            grid = _grid(dataset, crs)
            nodata, driver, notes = dataset.nodata, dataset.driver, tuple(_notes(dataset, spec))
        sha256 = hash_files(file)
    except (RasterioError, OSError) as error:
        raise _damaged(error, file, where) from None
    source = Source(
        path=spec.path,
        driver=driver,
        table=str(spec.band),
        encoding="",
        sha256=sha256,
        features=grid.rows * grid.columns,
        crs=crs_label(crs),
        placement=placement,
    )
    return RasterLayer(spec, grid, source, nodata, legend, file, notes)


def read_windows(
    raster: RasterLayer,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    ring: int = 0,
    most_cells: int = WINDOW_CELLS,
) -> Iterator[CellWindow]:
    """Read a raster in windows that follow its blocks, row by row of windows.

    Parameters
    ----------
    raster
        From `read_raster`.
    bounds
        West, south, east, north in the raster's CRS: only cells that reach into it; default: all.
    ring
        How many cells around each window are read with it, as far as the raster goes; see
        `CellWindow.ring`.
    most_cells
        How many cells a window holds at most, its ring not counted.

    Raises
    ------
    SourceError
        If the file is damaged or no longer there; nothing is made up for cells that cannot be read.
    """
    where = f"{raster.spec.path} ({raster.spec.title})"
    area = _cells_within(raster.grid, bounds)
    if area is None:
        return
    with _opened(raster.file, where) as dataset:
        block = dataset.block_shapes[raster.spec.band - 1]
        size = np.dtype(dataset.dtypes[raster.spec.band - 1]).itemsize
    places = _places(raster.grid, area, block, most_cells)
    batch = max(1, BYTES_BEFORE_CLOSING // (most_cells * size))
    while some := list(islice(places, batch)):
        with _opened(raster.file, where) as dataset:
            for place in some:
                yield _read_window(dataset, raster, place, ring, where)


@contextmanager
def _opened(
    file: Path, where: str, directory: Path | None = None, path: str = ""
) -> Iterator[Dataset]:
    """Open a raster with the driver of its format, and no other."""
    require_local(path, where)
    if not file.is_file():
        missing = say("raster.folder") if file.is_dir() else say_missing(file, directory or file)
        raise SourceError(Fault(where, missing))
    driver = FORMATS.get(file.suffix.lower())
    if driver is None:
        known = ", ".join(sorted(FORMATS))
        raise SourceError(
            Fault(where, say("source.unknown_format", found=file.suffix, known=known))
        )
    address = local_address(file, where)
    try:
        with file.open("rb") as stream:
            beginning = stream.read(16)
        if not beginning.startswith(BEGINNINGS[driver]):
            raise SourceError(Fault(where, say("raster.not_it", suffix=file.suffix)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(address, driver=driver)
    except (RasterioError, OSError) as error:
        raise _damaged(error, file, where) from None
    with dataset:
        yield dataset


def _damaged(error: Exception, file: Path, where: str) -> SourceError:
    text = getattr(error, "strerror", None) or str(error)
    return SourceError(Fault(where, say("raster.damaged", reason=plain_reason(text, file))))


def _faults(
    dataset: Dataset, spec: RasterSpec, legend: tuple[LegendClass, ...]
) -> Iterator[Message]:
    """Say all that is wrong with an open file, its CRS apart."""
    yield from _grid_faults(dataset)
    if dataset.width * dataset.height > MOST_CELLS:
        yield say("raster.too_many_cells", rows=dataset.height, columns=dataset.width)
    if spec.band > dataset.count:
        yield say("raster.no_band", found=spec.band, count=dataset.count)
        return
    if dataset.count > 1 and set(dataset.colorinterp) >= PICTURE:
        yield say("raster.picture", count=dataset.count)
    elif dataset.count > 1 and "band" not in spec.model_fields_set:
        yield say("raster.several_bands", count=dataset.count)
    kind = np.dtype(dataset.dtypes[spec.band - 1])
    height, width = dataset.block_shapes[spec.band - 1]
    if height * width * kind.itemsize > LARGEST_BLOCK_BYTES:
        yield say("raster.large_block", height=height, width=width)
    if kind.kind not in "iuf":
        yield say("raster.other_numbers", found=str(kind))
    if spec.role == "land_cover":
        if kind.kind == "f":
            yield say("raster.float_classes", found=str(kind))
        if not legend:
            yield say("raster.no_legend")
        if dataset.nodata in {entry.value for entry in legend}:
            yield say("raster.nodata_class", found=f"{dataset.nodata:g}")
    scaled = (dataset.scales[spec.band - 1], dataset.offsets[spec.band - 1]) != (1.0, 0.0)
    if scaled:
        yield say("raster.scaled")
    unit = dataset.units[spec.band - 1] or ""
    if spec.role == "elevation" and unit.lower() in FEET:
        yield say("raster.feet", found=unit)


def _grid_faults(dataset: Dataset) -> Iterator[Message]:
    step_east, turn_east, _, turn_south, step_south, _ = tuple(dataset.transform)[:6]
    if dataset.gcps[0]:
        yield say("raster.control_points")
    elif dataset.transform.is_identity or dataset.transform.is_degenerate:
        yield say("raster.no_place")
    elif turn_east or turn_south:
        yield say("raster.turned")
    elif step_south > 0 or step_east < 0:
        yield say("raster.south_up" if step_south > 0 else "raster.mirrored")


def _settle_crs(
    dataset: Dataset, spec: RasterSpec, found: list[Message], where: str
) -> tuple[CRS | None, Placement]:
    """Return the CRS of a raster and how it was found; add what is wrong with it to `found`."""
    try:
        stated = parse_crs(dataset.crs.to_wkt(), where=where) if dataset.crs else None
        outline = np.array([shapely.box(*dataset.bounds)], dtype=object)
        crs = agree_crs(stated, spec.crs, outline, way=Way(), where=where)
        crs = parse_crs(spec.crs, where=where) if crs is None else crs
        flat = require_surveyed(crs, where=where)
        if not on_known_datum(flat):
            found.append(say("raster.no_way", found=crs_label(flat), datum=datum_title(flat)))
            return None, Placement()
        known = require_known_datum(crs, where=where)
    except SpatialplanError as error:
        found += [fault.message for fault in error.faults]
        return None, Placement()
    if known.is_geographic and not _fits_the_globe(dataset.bounds):
        extent = ", ".join(f"{edge:.9g}" for edge in dataset.bounds)
        found.append(say("raster.not_degrees", extent=extent, found=crs_label(known)))
    notes = []
    if stated is None:
        notes.append(say("position.assumed", crs=crs_label(known)))
    if is_wgs84(known):
        notes.append(say("position.wgs84", limit=WGS84_LIMIT_M))
    return known, Placement(assumed=stated is None, notes=tuple(notes))


def _fits_the_globe(bounds: tuple[float, float, float, float]) -> bool:
    """Tell whether bounds may be degrees; longitudes may be counted from 0 to 360."""
    west, south, east, north = bounds
    return -361 < west <= east < 361 and -91 < south <= north < 91


def _grid(dataset: Dataset, crs: CRS) -> Grid:
    transform = dataset.transform
    return Grid(
        crs=crs,
        west=transform.c,
        north=transform.f,
        step_east=transform.a,
        step_south=-transform.e,
        columns=dataset.width,
        rows=dataset.height,
    )


def _notes(dataset: Dataset, spec: RasterSpec) -> Iterator[Message]:
    if dataset.colorinterp[spec.band - 1] == ColorInterp.palette and spec.role == "land_cover":
        yield say("raster.colour_table")
    beside = [Path(name).name for name in dataset.files[1:] if not name.lower().endswith(".ovr")]
    if beside:
        yield say("raster.files_beside", found=", ".join(sorted(beside)))


def _cells_within(
    grid: Grid, bounds: tuple[float, float, float, float] | None
) -> tuple[int, int, int, int] | None:
    """First row and column and last ones plus one of the cells in a box; None if there are none."""
    if bounds is None:
        return 0, 0, grid.rows, grid.columns
    west, south, east, north = bounds
    top, left = (grid.north - north) / grid.step_south, (west - grid.west) / grid.step_east
    bottom, right = (grid.north - south) / grid.step_south, (east - grid.west) / grid.step_east
    edges = np.floor([top, left, -bottom, -right]) * [1, 1, -1, -1]
    last = [grid.rows, grid.columns] * 2
    first_row, first_column, end_row, end_column = (int(e) for e in np.clip(edges, 0, last))
    if first_row >= end_row or first_column >= end_column:
        return None
    return first_row, first_column, end_row, end_column


def _places(
    grid: Grid, area: tuple[int, int, int, int], block: tuple[int, int], most_cells: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield windows as first row and column, last ones plus one; they follow the blocks."""
    height, width = _window_size(grid, block, most_cells)
    top, left, bottom, right = area
    rows = range(top // height * height, bottom, height)
    columns = range(left // width * width, right, width)
    for row, column in product(rows, columns):
        yield (
            max(row, top),
            max(column, left),
            min(row + height, bottom),
            min(column + width, right),
        )


def _window_size(grid: Grid, block: tuple[int, int], most_cells: int) -> tuple[int, int]:
    """Return rows and columns of a window: whole blocks, as square as they allow."""
    side = max(1, int(most_cells**0.5))
    block_height, block_width = min(block[0], grid.rows), min(block[1], grid.columns)
    width = min(grid.columns, max(side // block_width, 1) * block_width, most_cells)
    height = max(1, most_cells // width)
    if height > block_height:
        height -= height % block_height
    return min(height, grid.rows), width


def _read_window(
    dataset: Dataset,
    raster: RasterLayer,
    place: tuple[int, int, int, int],
    ring: int,
    where: str,
) -> CellWindow:
    top, left, bottom, right = place
    row, column = max(top - ring, 0), max(left - ring, 0)
    end_row = min(bottom + ring, raster.grid.rows)
    end_column = min(right + ring, raster.grid.columns)
    window = Window(column, row, end_column - column, end_row - row)
    band = raster.spec.band
    try:
        values = dataset.read(band, window=window)
        valid = _valid(dataset, raster, values, lambda: dataset.read_masks(band, window=window))
    except (RasterioError, OSError, ValueError) as error:
        reason = plain_reason(str(error.__cause__ or error), raster.file)
        cells = {"row": row + 1, "end_row": end_row, "column": column + 1, "end_column": end_column}
        raise SourceError(
            Fault(where, say("raster.damaged_cells", reason=reason, **cells))
        ) from None
    edges = (top - row, left - column, end_row - bottom, end_column - right)
    return CellWindow(row, column, values, valid, edges)


def _valid(
    dataset: Dataset,
    raster: RasterLayer,
    values: NDArray[Any],
    read_mask: Callable[[], NDArray[np.uint8]],
) -> NDArray[np.bool_]:
    """Tell which cells have a value: by nodata, by a mask, by being a number, by being a height."""
    flags: Iterable[MaskFlags] = dataset.mask_flag_enums[raster.spec.band - 1]
    if MaskFlags.all_valid in flags:
        valid = np.ones(values.shape, dtype=np.bool_)
    elif MaskFlags.per_dataset in flags or raster.nodata is None:
        valid = read_mask() != 0
    else:
        valid = values != raster.nodata
    if values.dtype.kind == "f":
        valid &= np.isfinite(values)
    if raster.spec.role == "elevation":
        valid &= (values > HEIGHTS_M[0]) & (values < HEIGHTS_M[1])
    return np.asarray(valid)
