"""Our ways from parcels and lines to areas, each behind one function that a question times."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import shapely
from pyarrow import parquet

from benchmarking.county_files import LINE_NAMES, CountyFiles, CountyLayers, read_shapes
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


def stream_files(files: CountyFiles) -> Iterator[Array]:
    """Answer from files, one row group of parcels after the other; lines are cut once."""
    cut_lines = {
        name: cut_zones(read_shapes(file), assume_valid=True) for name, file in files.lines.items()
    }
    with parquet.ParquetFile(files.parcels) as source:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group, columns=["geometry"])
            yield share_cut(shapely.from_wkb(table.column("geometry").to_numpy()), cut_lines)


def main() -> None:
    """Answer the whole way for the county in a folder, at once or streamed; print the sums."""
    way, folder = sys.argv[1:]
    files = CountyFiles(Path(folder))
    answers = stream_files(files) if way == "stream" else [share_files(files, assume_valid=True)]
    count, hectares = 0, np.zeros(len(LINE_NAMES))
    for areas in answers:
        count += areas.shape[1]
        hectares += areas.sum(axis=1) / 1e4
    print(json.dumps({"parcels": count, "hectares": hectares.tolist()}))


if __name__ == "__main__":
    main()
