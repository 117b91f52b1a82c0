#!/usr/bin/env python3
"""Measure overlay and area against the libraries planners use, on data made here.

250,000 parcels that share their borders, and a red line of 150,000 vertices that does not follow
them, are made from a fixed seed. Ours and the others answer the same question in the same run,
one after the other; answers are compared before times are.

    python scripts/benchmark.py                  # the full county, some minutes
    python scripts/benchmark.py --parcels 5000   # a quick look
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from spatialplan.area import ellipsoidal_area
from spatialplan.overlay import cut_zones, overlap_pieces, shared_area, strips

Array = NDArray[Any]

CRS = "EPSG:4530"
ORIGIN = np.array([42_500_000.0, 4_900_000.0])
PARCEL_SIZE_M = 173.0
ZONE_SIZE_M = 165.0
PARCEL_EDGE_VERTICES = 12
ZONE_EDGE_VERTICES = 8

# Red line's share of ground, and farms and villages cut out of it.
FIELD_LEVEL = 0.35
HOLE_SHARE = 0.05

# geopandas.overlay is measured on a sample and scaled up: the whole takes a quarter of an hour.
SAMPLE = 10_000

PEERS_NOT_RUN = ("duckdb", "sedonadb")


@dataclass(frozen=True)
class Timing:
    """One contender's answer to one question.

    `ratio` is how many times the time of ours, `ratio_vouched` of ours with `assume_valid`.
    """

    question: str
    contender: str
    runs_s: tuple[float, ...]
    note: str = ""
    scale: float = 1.0
    ratio: float = 1.0
    ratio_vouched: float | None = None

    @property
    def median_s(self) -> float:
        """Median of the runs, scaled up from a sample to the whole."""
        return statistics.median(self.runs_s) * self.scale


def main() -> int:
    """Make the data, ask everyone, print and write the table."""
    options = parse_options()
    parcels, red_line = load_scene(options.parcels, options.seed, options.cache)
    describe(parcels, red_line)
    timings = compare_overlay(parcels, red_line, options) + compare_area(parcels, options)
    print_table(timings)
    for name in PEERS_NOT_RUN:
        print(f"{name}: {tell_why_not_run(name)}")
    if options.json:
        write_json(options.json, timings, parcels, red_line)
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--parcels", type=int, default=250_000, help="about how many (250000)")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="parcels for geopandas (10000)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of ours; the median counts")
    parser.add_argument("--peer-repeats", type=int, default=3, help="runs of the others (3)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the scene")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    cache = Path(tempfile.gettempdir()) / "spatialplan-benchmark"
    parser.add_argument("--cache", type=Path, default=cache, help=f"scenes are kept in {cache}")
    return parser.parse_args()


# ── The scene ───────────────────────────────────────────────────────────────


def load_scene(count: int, seed: int, cache: Path) -> tuple[Array, Array]:
    """Return parcels and the parts of the red line, made once and kept."""
    file = cache / f"scene-{count}-{seed}.npz"
    if not file.exists():
        started = time.perf_counter()
        cache.mkdir(parents=True, exist_ok=True)
        rings, red_line = make_scene(count, seed)
        np.savez(file, rings=rings, red_line=np.frombuffer(shapely.to_wkb(red_line), np.uint8))
        print(f"scene made in {time.perf_counter() - started:.1f} s, kept in {file}")
    with np.load(file) as kept:
        parcels = shapely.polygons(kept["rings"])
        red_line = shapely.from_wkb(kept["red_line"].tobytes())
    return parcels, shapely.get_parts(red_line)


def make_scene(count: int, seed: int) -> tuple[Array, shapely.Geometry]:
    """Make the parcels' rings, shape (n, vertices, 2), and the red line."""
    side = max(2, round(count**0.5))
    rings = make_mosaic(side, PARCEL_SIZE_M, PARCEL_EDGE_VERTICES, seed)
    extent = side * PARCEL_SIZE_M
    cells = make_mosaic(round(extent / ZONE_SIZE_M), ZONE_SIZE_M, ZONE_EDGE_VERTICES, seed + 1)
    rng = np.random.default_rng(seed + 2)
    field = wave(cells[:, 0], rng, count=14, length=min(extent, 60_000.0))
    chosen = (field > FIELD_LEVEL) & (rng.random(len(cells)) > HOLE_SHARE)
    return rings, shapely.coverage_union_all(shapely.polygons(cells[chosen]))


def make_mosaic(side: int, size: float, edge_vertices: int, seed: int) -> Array:
    """Make side × side cells with ragged, bent borders that neighbours share exactly.

    Returns their closed rings, shape (side², 4 · edge_vertices + 1, 2).
    """
    rng = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij")
    nodes = np.stack([column, row], axis=-1) + rng.uniform(-0.22, 0.22, (side + 1, side + 1, 2))
    nodes *= size
    east = ragged_edges(nodes[:-1], nodes[1:], edge_vertices, rng)
    north = ragged_edges(nodes[:, :-1], nodes[:, 1:], edge_vertices, rng)
    west, south = reverse_edges(east, nodes[1:]), reverse_edges(north, nodes[:, 1:])
    sides = [east[:, :-1], north[1:], west[:, 1:], south[:-1]]
    rings = np.concatenate(sides, axis=2).reshape(side * side, 4 * edge_vertices, 2)
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    bend = np.random.default_rng(0)
    shifts = [400.0 * wave(rings, bend, count=6, length=86_000.0) for _ in range(2)]
    return rings + np.stack(shifts, axis=-1) + ORIGIN


def ragged_edges(start: Array, end: Array, vertices: int, rng: np.random.Generator) -> Array:
    """Set vertices beside the straight lines from start to end; the end itself is left out."""
    along = np.arange(vertices) / vertices
    taper = np.sin(np.pi * along)
    step = (end - start)[..., None, :]
    straight = start[..., None, :] + step * along[:, None]
    across = np.stack([-step[..., 1], step[..., 0]], axis=-1)
    jitter = rng.uniform(-0.03, 0.03, straight.shape[:-1])
    bulge = rng.uniform(-0.08, 0.08, straight.shape[:-2])[..., None]
    return straight + across * ((jitter + bulge) * taper)[..., None]


def reverse_edges(edges: Array, ends: Array) -> Array:
    """Walk edges the other way: from the end, the start left out."""
    return np.concatenate([ends[..., None, :], edges[..., :0:-1, :]], axis=-2)


def wave(places: Array, rng: np.random.Generator, *, count: int, length: float) -> Array:
    """Sum up smooth waves at random; the same place always has the same value."""
    directions = rng.normal(size=(count, 2)) * 12.0 / length
    phases = rng.uniform(0.0, 2 * np.pi, count)
    values = np.zeros(places.shape[:-1])
    for direction, phase in zip(directions, phases, strict=True):
        values += np.sin(places @ direction + phase)
    return values / count**0.5


def describe(parcels: Array, red_line: Array) -> None:
    """Print what is overlaid."""
    for name, shapes in (("parcels", parcels), ("red line", red_line)):
        vertices = shapely.get_num_coordinates(shapes).sum()
        hectares = shapely.area(shapes).sum() / 1e4
        print(f"{name}: {len(shapes):,} polygons, {vertices:,} vertices, {hectares:,.2f} ha")


# ── The questions ───────────────────────────────────────────────────────────


def compare_overlay(parcels: Array, red_line: Array, options: argparse.Namespace) -> list[Timing]:
    """Ask how much of each parcel the red line covers."""
    ours, areas = time_ours(parcels, red_line, options)
    found_s, pieces = measure(lambda: overlap_pieces(parcels, red_line), options.peer_repeats)
    require_agreement(areas, np.bincount(pieces.a_index, pieces.area, len(parcels)), parcels)
    with_geometry = Timing("overlay", "spatialplan overlap_pieces", found_s, "with geometry")
    rows = np.random.default_rng(options.seed).permutation(len(parcels))[: options.sample]
    sample = geopandas.GeoDataFrame({"row": rows}, geometry=parcels[rows], crs=CRS)
    zones = geopandas.GeoDataFrame(geometry=red_line, crs=CRS)
    sample_s, found = measure(
        lambda: geopandas.overlay(sample, zones, how="intersection"), options.peer_repeats
    )
    require_agreement(areas, np.bincount(found["row"], found.area, len(parcels)), parcels, rows)
    scale = len(parcels) / len(rows)
    note = f"{statistics.median(sample_s):.2f} s for {len(rows):,} parcels, × {scale:g}"
    peer = Timing("overlay", "geopandas.overlay", sample_s, note, scale)
    return add_ratios([*ours, with_geometry, peer], vouched=ours[1])


def time_ours(
    parcels: Array, red_line: Array, options: argparse.Namespace
) -> tuple[list[Timing], Array]:
    """Time `shared_area` as it is, vouched for, and vouched for without strip sums."""
    (first_s,), areas = measure(lambda: shared_area(parcels, red_line), 1)
    pairs = len(shapely.STRtree(cut_zones(red_line).pieces).query(parcels)[0])
    way = "strip sums" if strips.strips_pay(pairs) else "by intersection"
    plain_s, _ = measure(lambda: shared_area(parcels, red_line), options.repeats)
    vouched = partial(shared_area, parcels, red_line, assume_valid=True)
    vouched_s, _ = measure(vouched, options.repeats)
    name = "spatialplan shared_area"
    timings = [
        Timing("overlay", name, plain_s, f"{way}; very first call {first_s:.2f} s"),
        Timing("overlay", f"{name}, assume_valid", vouched_s, way),
    ]
    if way == "strip sums":
        with patch.object(strips, "MANY_PAIRS", sys.maxsize):
            seconds, plain = measure(vouched, options.repeats)
        require_agreement(areas, plain, parcels)
        timings.append(Timing("overlay", f"{name}, assume_valid", seconds, "by intersection"))
    return timings, areas


def compare_area(parcels: Array, options: argparse.Namespace) -> list[Timing]:
    """Ask how large each parcel is on the ellipsoid."""
    question = "ellipsoidal area"
    ours, areas = measure(lambda: ellipsoidal_area(parcels, CRS), options.repeats)
    geod_s, peer = measure(lambda: loop_geod(parcels), options.peer_repeats)
    worst = float(np.max(np.abs(areas - peer) / peer))
    # Geodesic and straight edges part by 1e-7 of a parcel; agreement closer than that is chance.
    if worst > 1e-6:
        sys.exit(f"areas disagree with pyproj.Geod by {worst:.1e} of a parcel")
    note = f"all {len(parcels):,}; largest difference {worst:.1e}"
    return add_ratios(
        [
            Timing(question, "spatialplan ellipsoidal_area", ours),
            Timing(question, "pyproj.Geod loop", geod_s, note),
        ]
    )


def add_ratios(timings: list[Timing], *, vouched: Timing | None = None) -> list[Timing]:
    """Say how many times the first contender's time each one takes, and the vouched one's."""
    return [
        replace(
            timing,
            ratio=timing.median_s / timings[0].median_s,
            ratio_vouched=timing.median_s / vouched.median_s if vouched else None,
        )
        for timing in timings
    ]


def tell_why_not_run(name: str) -> str:
    """Say what is missing for a peer to take part."""
    if importlib.util.find_spec(name) is None:
        return "not installed"
    if name == "duckdb":
        duckdb = importlib.import_module(name)
        try:
            duckdb.connect().execute("LOAD spatial")
        except duckdb.Error:
            return "installed, its spatial extension is not"
    return "installed, not measured here"


def loop_geod(parcels: Array) -> Array:
    """Measure one parcel after the other, as a script without us would."""
    to_degrees = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    coordinates, row = shapely.get_coordinates(parcels, return_index=True)
    longitude, latitude = to_degrees.transform(*coordinates.T)
    bounds = np.searchsorted(row, np.arange(len(parcels) + 1))
    geod = Geod(a=6378137.0, rf=298.257222101)
    areas = np.empty(len(parcels))
    for place, (start, stop) in enumerate(pairwise(bounds)):
        area, _ = geod.polygon_area_perimeter(longitude[start:stop], latitude[start:stop])
        areas[place] = abs(area)
    return areas


def measure(compute: Callable[[], Any], repeats: int) -> tuple[tuple[float, ...], Any]:
    """Return the time of every run in seconds, and the last answer."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        answer = compute()
        seconds.append(time.perf_counter() - started)
    return tuple(seconds), answer


def require_agreement(
    ours: Array, peer: Array, parcels: Array, rows: Array | slice = slice(None)
) -> None:
    """Stop unless every parcel's area agrees to 1e-9 of the parcel."""
    difference = np.abs(ours - peer)[rows] / shapely.area(parcels[rows])
    if difference.max() > 1e-9:
        sys.exit(f"answers disagree by {difference.max():.1e} of a parcel")


# ── The table ───────────────────────────────────────────────────────────────


def print_table(timings: list[Timing]) -> None:
    """Print medians and how many times ours they are."""
    heading = f"{'median s':>10}{'runs':>5}{'÷ ours':>9}{'÷ vouched':>10}"
    print(f"\n{'question':<18}{'contender':<40}{heading}  note")
    for timing in timings:
        vouched = "" if timing.ratio_vouched is None else f"{timing.ratio_vouched:.2f}"
        print(
            f"{timing.question:<18}{timing.contender:<40}{timing.median_s:>10.3f}"
            f"{len(timing.runs_s):>5}{timing.ratio:>9.2f}{vouched:>10}  {timing.note}"
        )
    print("ours: the first row of a question; vouched: with assume_valid, validity not checked")


def write_json(file: Path, timings: list[Timing], parcels: Array, red_line: Array) -> None:
    """Write the figures and what they were measured on."""
    report = {
        "parcels": len(parcels),
        "parcel_vertices": int(shapely.get_num_coordinates(parcels).sum()),
        "red_line_parts": len(red_line),
        "red_line_vertices": int(shapely.get_num_coordinates(red_line).sum()),
        "workers": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("geopandas", "numpy", "pyproj", "shapely")},
        "numba": version("numba") if importlib.util.find_spec("numba") else None,
        "geos": shapely.geos_version_string,
        "timings": [asdict(timing) | {"median_s": timing.median_s} for timing in timings],
    }
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
