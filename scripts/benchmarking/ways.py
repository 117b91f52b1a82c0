"""Our ways from parcels and lines to areas, each behind one function that a question times."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import geopandas
import numpy as np
import shapely
from pyarrow import parquet

from benchmarking.county_files import CountyFiles, CountyLayers, read_shapes
from benchmarking.ground import Array
from spatialplan.overlay import CutZones, cut_zones, shared_area

# Each returns the area that a line covers of each parcel, shape (lines, parcels).


def share_layers(layers: CountyLayers, *, assume_valid: bool = False) -> Array:
    """Answer from layers in memory."""
    return np.stack(
        [
            shared_area(layers.parcels, line, assume_valid=assume_valid)
            for line in layers.lines.values()
        ]
    )


def share_cut(parcels: Array, cut_lines: dict[str, CutZones]) -> Array:
    """Answer from valid layers in memory whose lines were cut before."""
    return np.stack([shared_area(parcels, line, assume_valid=True) for line in cut_lines.values()])


def share_files(files: CountyFiles, *, assume_valid: bool = False) -> Array:
    """Answer from files: the whole way, all parcels in memory."""
    parcels = geopandas.read_parquet(files.parcels).geometry.to_numpy()
    lines = {name: read_shapes(file) for name, file in files.lines.items()}
    return share_layers(CountyLayers(parcels, lines), assume_valid=assume_valid)


def stream_files(files: CountyFiles) -> tuple[int, Array]:
    """Answer from files, a row group of parcels in memory at a time; lines are cut once.

    Returns how many parcels there were, and the sum for each line.
    """
    cut_lines = {
        name: cut_zones(read_shapes(file), assume_valid=True) for name, file in files.lines.items()
    }
    count, sums = 0, np.zeros(len(cut_lines))
    with parquet.ParquetFile(files.parcels) as source:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group, columns=["geometry"])
            parcels = shapely.from_wkb(table.column("geometry").to_numpy())
            sums += share_cut(parcels, cut_lines).sum(axis=1)
            count += len(parcels)
    return count, sums


def main() -> None:
    """Stream the county in a folder, and print how long it took."""
    started = time.perf_counter()
    count, sums = stream_files(CountyFiles(Path(sys.argv[1])))
    elapsed_s = time.perf_counter() - started
    print(json.dumps({"parcels": count, "hectares": (sums / 1e4).tolist(), "seconds": elapsed_s}))


if __name__ == "__main__":
    main()
