#!/usr/bin/env python3
"""Measure screening: the whole command, and judging against what a script with geopandas would do.

Sites of 0.5 to 4 ha are scattered over the county from a fixed seed. First the command is run as a
user runs it, for one site and for all, start of Python and results included. Then ours reads and
judges every layer and zone, with pieces, distances, townships and land classes; the other
intersects sites with the layers already read and sums areas up, which is less. Areas are compared
before times are.

    python scripts/benchmark_screening.py                # 10,000 sites
    python scripts/benchmark_screening.py --sites 500    # a quick look
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

import spatialplan
from spatialplan.files import read_layers
from spatialplan.siting import Screening, screen_sites

LAYERS = Path(__file__).parent.parent / "layers"
DAY = "2026-11-23"
COMPARED = ("red_line", "basic_farmland", "development_boundary", "protected_areas", "parcels")


def main() -> int:
    """Make the sites, ask both, compare the areas, print the times."""
    options = parse_options()
    plan = spatialplan.read_plan(LAYERS / "plan.toml")
    table = scatter_sites(plan, options.sites, options.seed)
    time_commands(table)
    ours_s, screening = measure(lambda: screen_sites(table, plan, date=DAY))
    layers = {key: read_layers(plan, keys=[key, "county"]).layers[key] for key in COMPARED}
    sites = geopandas.GeoDataFrame(
        {"row": np.arange(len(table))}, geometry=screening.sites.geometry, crs=None
    )
    peer_s, areas = measure(lambda: {key: intersect(sites, layers[key]) for key in COMPARED})
    worst = max(disagreement(screening, key, areas[key]) for key in COMPARED)
    if worst > 1e-9:
        sys.exit(f"areas disagree by {worst:.1e} of a site")
    print(f"{len(table):,} sites; areas agree to {worst:.0e} of a site")
    print(f"{'screen_sites, layers read and all judged':<52}{ours_s:8.2f} s   1.00")
    title = f"geopandas.overlay of {len(COMPARED)} layers, areas only"
    print(f"{title:<52}{peer_s:8.2f} s   {peer_s / ours_s:.2f}")
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--sites", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of their places")
    return parser.parse_args()


def time_commands(table: geopandas.GeoDataFrame) -> None:
    """Run the command cold for one site and for all; print the median of three runs, or one."""
    with tempfile.TemporaryDirectory() as folder:
        for sites, formats, runs in (
            (table[:1], "json,xlsx", 3),
            (table[:1], "json,xlsx,docx,gpkg,html", 3),
            (table, "json,xlsx,gpkg,html", 1),
        ):
            file = Path(folder, "sites.gpkg")
            sites.to_file(file)
            command = [sys.executable, "-m", "spatialplan", "screen", str(LAYERS / "plan.toml")]
            command += [str(file), "--date", DAY, "--formats", formats, "--out", folder]
            seconds = statistics.median(measure(partial(run, command))[0] for _ in range(runs))
            title = f"command, {len(sites):,} site{'s' * (len(sites) > 1)}: {formats}"
            print(f"{title:<52}{seconds:8.2f} s")


def run(command: list[str]) -> None:
    """Run a command that ends with the code of a screening, found clear or not."""
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode not in (0, 1, 3):
        sys.exit(outcome.stderr)


def scatter_sites(plan: spatialplan.plan.Plan, count: int, seed: int) -> geopandas.GeoDataFrame:
    """Return turned squares inside the county, in the working CRS."""
    rng = np.random.default_rng(seed)
    county = geopandas.read_file(LAYERS / "basis.gpkg", layer="XJXZQ").to_crs(plan.header.crs)
    ground = county.geometry.iloc[0]
    shapely.prepare(ground)
    west, south, east, north = ground.bounds
    found: list[Any] = []
    while len(found) < count:
        places = rng.uniform([west, south], [east, north], (count, 2))
        found += list(places[shapely.contains_xy(ground, places)])
    half = np.sqrt(rng.uniform(5_000, 40_000, count)) / 2
    squares = [
        shapely.affinity.rotate(shapely.box(x - a, y - a, x + a, y + a), turn)
        for (x, y), a, turn in zip(found[:count], half, rng.uniform(0, 90, count), strict=True)
    ]
    ids = [f"S{number:05}" for number in range(count)]
    return geopandas.GeoDataFrame({"id": ids}, geometry=squares, crs=plan.header.crs)


def intersect(sites: geopandas.GeoDataFrame, layer: Any) -> NDArray[np.float64]:
    """Area that each site shares with a layer, by geopandas."""
    features = geopandas.GeoDataFrame(geometry=layer.geometry, crs=None)
    common = geopandas.overlay(sites, features, how="intersection", keep_geom_type=True)
    return np.bincount(common["row"], common.area, len(sites))


def disagreement(screening: Screening, key: str, peer: NDArray[np.float64]) -> float:
    """Greatest difference between the two answers, as a share of the site."""
    place = screening.judged_layers.index(key)
    layers = [finding.layers[place] for finding in screening.findings]
    ours = np.array([layer.overlap_m2 or layer.noise_m2 for layer in layers])
    return float(np.max(np.abs(ours - peer) / screening.sites.area_m2))


def measure(compute: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that one run took, and its answer."""
    started = time.perf_counter()
    answer = compute()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    sys.exit(main())
