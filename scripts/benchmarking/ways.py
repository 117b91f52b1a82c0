"""Our ways from parcels and lines to areas, each behind one function that a question times."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely

from benchmarking.county_files import LINE_NAMES, CountyFiles, CountyLayers, read_shapes
from benchmarking.ground import CRS, Array
from spatialplan.area import outlines_to_plane, to_plane
from spatialplan.crs import Plane, parse_crs, to_degrees
from spatialplan.files import iterate_outlines
from spatialplan.outlines import Outlines
from spatialplan.overlay import CutZones, Lattice, prepare_zones, shared_areas
from spatialplan.runs import run_here

# Small batches let reading and judging overlap from early on.
BATCH = 25_000

SURVEY = parse_crs(CRS, where="benchmark")

# Each returns the area that a line covers of each parcel, shape (lines, parcels).


def share_layers(layers: CountyLayers, *, assume_valid: bool = False) -> Array:
    """Answer from layers in memory."""
    lines = list(layers.lines.values())
    return shared_areas(layers.parcels, lines, assume_valid=assume_valid).T


def share_cut(parcels: Array, cut_lines: dict[str, CutZones]) -> Array:
    """Answer from valid layers in memory whose lines were cut before."""
    return shared_areas(parcels, list(cut_lines.values()), assume_valid=True).T


def share_outlines(parcels: Outlines, layers: CountyLayers) -> Array:
    """Answer from outlines of the parcels and valid lines in memory."""
    return shared_areas(parcels, list(layers.lines.values()), assume_valid=True).T


def share_files(files: CountyFiles) -> Array:
    """Answer from files whose shapes are known to be valid: the whole way."""
    return np.concatenate(list(stream_files(files)), axis=1)


def share_files_checked(files: CountyFiles) -> Array:
    """Answer from files, all shapes in memory and checked."""
    parcels = geopandas.read_parquet(files.parcels).geometry.to_numpy()
    return share_layers(CountyLayers(parcels, read_lines(files)))


def stream_files(files: CountyFiles) -> Iterator[Array]:
    """Answer from files, batch after batch; lines are made ready while the first is being read."""
    with ThreadPoolExecutor(1) as pool:
        lines = pool.submit(prepare_lines, files)

        def share(batch: tuple[Outlines, Any]) -> Array:
            return shared_areas(batch[0], lines.result()).T

        yield from run_here(iterate_outlines(files.parcels, batch=BATCH), share)


def measure_official(files: CountyFiles) -> Array:
    """Answer from files on the ellipsoid: the whole way, in the plane of judgement."""
    lines, plane = read_lines(files), plane_of(files)
    laid = [
        prepare_zones(to_plane(line, SURVEY, plane=plane, split_crs=SURVEY), assume_valid=True)
        for line in lines.values()
    ]

    def share(batch: tuple[Outlines, Any]) -> Array:
        parcels = outlines_to_plane(batch[0], SURVEY, plane=plane, split_crs=SURVEY)
        return shared_areas(parcels, laid).T

    batches = iterate_outlines(files.parcels, batch=BATCH)
    return np.concatenate(list(run_here(batches, share)), axis=1)


def plane_of(files: CountyFiles) -> Plane:
    """Return the plane of judgement around the lines."""
    west, south, east, north = np.transpose(
        [shapely.total_bounds(line) for line in read_lines(files).values()]
    )
    corners = np.array([[west.min(), south.min()], [east.max(), north.max()]])
    return Plane.around(to_degrees(corners, SURVEY).ravel())


def prepare_lines(files: CountyFiles) -> list[CutZones | Lattice]:
    """Read the lines and make them ready to be asked, each in a thread of its own."""
    with ThreadPoolExecutor() as pool:
        return list(
            pool.map(
                lambda file: prepare_zones(read_shapes(file), assume_valid=True),
                files.lines.values(),
            )
        )


def read_lines(files: CountyFiles) -> dict[str, Array]:
    """Read the lines."""
    return {name: read_shapes(file) for name, file in files.lines.items()}


def main() -> None:
    """Answer the whole way for the county in a folder, at once or streamed; print the sums."""
    way, folder = sys.argv[1:]
    files = CountyFiles(Path(folder))
    answers = stream_files(files) if way == "stream" else [share_files(files)]
    count, hectares = 0, np.zeros(len(LINE_NAMES))
    for areas in answers:
        count += areas.shape[1]
        hectares += areas.sum(axis=1) / 1e4
    print(json.dumps({"parcels": count, "hectares": hectares.tolist()}))


if __name__ == "__main__":
    main()
