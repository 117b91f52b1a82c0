#!/usr/bin/env python3
"""Time ``spatialplan inspect`` as a process on parcels made here, with faults planted among them.

The parcels are those of benchmark.py, with fields of 地类图斑. Some are moved over neighbours,
some taken out, some get a code that is none; the counts are printed beside the times.

    python scripts/benchmark_inspection.py                  # 250,000 parcels, 12 million vertices
    python scripts/benchmark_inspection.py --parcels 5000   # a quick look
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas
import numpy as np
import shapely

from benchmarking.county_files import DEFAULT_CACHE, keep_county, read_shapes
from benchmarking.ground import CRS

CODES = ("0101", "0103", "0301", "0702", "1006", "1101")
# Of so many parcels one is moved, taken out, or given a wrong code.
ONE_IN = 500
MOVED_M = np.array([3.0, 2.0])


def main() -> int:
    """Make the layer, inspect it, print what was found and how long it took."""
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "DLTB.gpkg"
        make_layer(options.parcels, options.seed, options.cache).to_file(file, engine="pyogrio")
        command = ["inspect", str(file), "--out", folder, "--lang", "en"]
        started = time.perf_counter()
        outcome = subprocess.run([sys.executable, "-m", "spatialplan", *command], check=False)
        elapsed_s = time.perf_counter() - started
        document = json.loads((Path(folder) / "inspection.json").read_text("utf-8"))
        page_mb = (Path(folder) / "inspection.html").stat().st_size / 1e6
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, memory_gb = used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6
    (layer,) = document["layers"]
    print(f"{layer['features']:,} parcels, {layer['vertices']:,} vertices")
    print(", ".join(f"{fault['class']} {fault['count']:,}" for fault in layer["faults"]))
    print(
        f"{elapsed_s:.1f} s, of processors {cpu_s:.1f} s; {memory_gb:.1f} GB; page {page_mb:.1f} MB"
    )
    return 0 if outcome.returncode == 1 else 1


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--parcels", type=int, default=250_000, help="about how many (250000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the parcels and the faults")
    parser.add_argument(
        "--cache", type=Path, default=DEFAULT_CACHE, help=f"parcels are kept in {DEFAULT_CACHE}"
    )
    return parser.parse_args()


def make_layer(count: int, seed: int, cache: Path) -> geopandas.GeoDataFrame:
    """Make parcels with fields, and plant faults in three of every five hundred."""
    shapes = read_shapes(keep_county(count, seed, cache).parcels)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(shapes))
    moved, gone, wrong = np.split(rows[: 3 * (len(rows) // ONE_IN)], 3)
    area = np.round(shapely.area(shapes), 2)
    shapes[moved] = shapely.transform(shapes[moved], lambda points: points + MOVED_M)
    codes = np.array(CODES)[rng.integers(0, len(CODES), len(shapes))]
    codes[wrong] = "9999"
    frame = geopandas.GeoDataFrame(
        {
            "BSM": [f"{row:018d}" for row in range(len(shapes))],
            "TBBH": [str(row) for row in range(len(shapes))],
            "DLBM": codes,
            "ZLDWMC": "东村",
            "TBMJ": area,
        },
        geometry=shapes,
        crs=CRS,
    )
    return frame.drop(index=gone)


if __name__ == "__main__":
    sys.exit(main())
