"""The invented county on disk, as GeoParquet, made once and kept in the temporary folder."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from pyarrow import parquet

from benchmarking import ground
from benchmarking.ground import CRS, LINES, Array, County

DEFAULT_CACHE = Path(tempfile.gettempdir()) / "spatialplan-benchmark"
LINE_NAMES = tuple(shape.name for shape in LINES)


@dataclass(frozen=True)
class CountyFiles:
    """Where the layers of a county lie."""

    folder: Path

    @property
    def parcels(self) -> Path:
        """Parcels: number (BSM), land class (DLBM), outline; a strip of ground a row group."""
        return self.folder / "parcels.parquet"

    @property
    def lines(self) -> dict[str, Path]:
        """The file of each line by its name."""
        return {name: self.folder / f"{name}.parquet" for name in LINE_NAMES}


def keep_county(parcels: int, seed: int, cache: Path) -> CountyFiles:
    """Return the files of a county of about so many parcels, which are made if need be."""
    county = ground.plan_county(parcels, seed)
    drawing = hashlib.sha256(Path(ground.__file__).read_bytes()).hexdigest()[:8]
    folder = cache / f"county-{county.columns}x{county.rows}-{seed}-{drawing}"
    if not folder.exists():
        started = time.perf_counter()
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=cache))
        write_county(county, CountyFiles(unfinished))
        shutil.move(unfinished, folder)
        made_s = time.perf_counter() - started
        print(f"county made in {made_s:.1f} s, kept in {folder}", file=sys.stderr)
    return CountyFiles(folder)


def write_county(county: County, files: CountyFiles) -> None:
    """Make all layers of a county, one after the other."""
    write_parcels(ground.make_parcels(county), files.parcels, county.seed)
    for shape in LINES:
        line = geopandas.GeoDataFrame(geometry=ground.make_line(county, shape), crs=CRS)
        line.to_parquet(files.lines[shape.name])


def write_parcels(strips: Iterator[Array], file: Path, seed: int) -> None:
    """Write strips of parcels as they come: the file that geopandas writes, in row groups."""
    rng = np.random.default_rng([seed, 3])
    first, bounds = 0, []
    head = next(strips)
    schema = encode_parcels(head[:1], 0, rng).schema
    description = json.loads(schema.metadata[b"geo"])
    with parquet.ParquetWriter(file, schema.remove_metadata()) as writer:
        for shapes in chain([head], strips):
            table = encode_parcels(shapes, first, rng)
            writer.write_table(table.replace_schema_metadata(), row_group_size=len(table))
            bounds.append(shapely.total_bounds(shapes))
            first += len(shapes)
        west, south = np.min(bounds, axis=0)[:2]
        east, north = np.max(bounds, axis=0)[2:]
        description["columns"]["geometry"]["bbox"] = [west, south, east, north]
        writer.add_key_value_metadata({"geo": json.dumps(description)})


def encode_parcels(shapes: Array, first: int, rng: np.random.Generator) -> Any:
    """Encode parcels numbered on from `first` as geopandas does."""
    frame = geopandas.GeoDataFrame(
        {
            "BSM": [f"{row:018d}" for row in range(first, first + len(shapes))],
            "DLBM": rng.choice(["0101", "0103", "0301", "0702", "1006", "1101"], len(shapes)),
        },
        geometry=shapes,
        crs=CRS,
    )
    encoded = io.BytesIO()
    frame.to_parquet(encoded, index=False, compression=None)
    table: pa.Table = parquet.read_table(encoded)
    return table


@dataclass(frozen=True)
class CountyLayers:
    """Parcels and lines in memory, as arrays of polygons."""

    parcels: Array
    lines: dict[str, Array]


def read_county(files: CountyFiles) -> CountyLayers:
    """Read all layers."""
    lines = {name: read_shapes(file) for name, file in files.lines.items()}
    return CountyLayers(read_shapes(files.parcels), lines)


def read_shapes(file: Path) -> Array:
    """Read the shapes of a layer."""
    shapes: Array = geopandas.read_parquet(file, columns=["geometry"]).geometry.to_numpy()
    return shapes


def describe_layers(layers: CountyLayers) -> dict[str, dict[str, float]]:
    """Count polygons, holes and vertices, and add up hectares, layer by layer."""
    return {
        name: {
            "polygons": len(shapes),
            "holes": int(shapely.get_num_interior_rings(shapes).sum()),
            "vertices": int(shapely.get_num_coordinates(shapes).sum()),
            "hectares": round(float(shapely.area(shapes).sum()) / 1e4, 2),
        }
        for name, shapes in {"parcels": layers.parcels, **layers.lines}.items()
    }
