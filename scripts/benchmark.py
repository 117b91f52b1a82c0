#!/usr/bin/env python3
"""Measure ours and the peers on the same questions, in one run, on a county made here.

About 250,000 parcels with 12 million vertices that share their borders, and two lines that do not
follow them, a red line of 297,000 vertices and farmland of 397,000, are made from a fixed seed and
kept as GeoParquet. Ours and each peer answer in turn, round after round; answers are compared
before times are.

    python scripts/benchmark.py                  # the full county, a quarter of an hour
    python scripts/benchmark.py --quick          # a small one, some seconds
    python scripts/benchmark.py --scaling 3 10   # also 3 and 10 times the extent, streamed

Peers come with the extra "bench". PostGIS takes part when SPATIALPLAN_BENCH_POSTGIS names a server,
as "postgresql://user@127.0.0.1:5432/database", with the extension postgis in that database; any
private server will do. Tables are made in a schema of their own, spatialplan_bench, and dropped.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from benchmarking import processes, questions, report
from benchmarking.county_files import DEFAULT_CACHE, describe_layers, keep_county, read_county
from benchmarking.rounds import DisagreementError

QUICK = {"parcels": 2_500, "sample": 200, "rounds": 1, "peer_rounds": 1}


def main() -> int:
    """Make the county, ask everyone, print and write the table."""
    options = parse_options()
    run = report.describe_run()
    files = keep_county(options.parcels, options.seed, options.cache)
    layers = read_county(files)
    described = describe_layers(layers)
    report.print_head(run, described)
    report.print_columns()
    timings, missing = questions.compare_overlap(files, layers, options)
    report.print_rows(timings)
    for ask in (
        partial(questions.compare_whole_way, files, layers),
        partial(questions.compare_official_way, files, layers),
        partial(questions.compare_official_area, layers.parcels),
        processes.compare_processes,
        processes.time_commands,
    ):
        answered = ask(options)
        report.print_rows(answered)
        timings += answered
    report.print_legend(missing)
    if options.json:
        report.write_json(options.json, run, described, timings, missing)
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--parcels", type=int, default=250_000, help="about how many (250000)")
    parser.add_argument("--sample", type=int, default=10_000, help="for geopandas.overlay (10000)")
    parser.add_argument("--rounds", type=int, default=7, help="in which ours take part (7)")
    parser.add_argument("--peer-rounds", type=int, default=3, help="in which slow ones do (3)")
    parser.add_argument("--seed", type=int, default=1, help="of the county and the sample (1)")
    parser.add_argument("--quick", action="store_true", help="a small county, one round, no maps")
    parser.add_argument(
        "--scaling",
        type=int,
        nargs="+",
        default=[],
        metavar="TIMES",
        help="stream larger counties as well, of so many times the extent",
    )
    parser.add_argument("--json", type=Path, help="write everything here as well")
    parser.add_argument(
        "--cache", type=Path, default=DEFAULT_CACHE, help=f"counties are kept in {DEFAULT_CACHE}"
    )
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(**QUICK)
        options = parser.parse_args()
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DisagreementError as error:
        sys.exit(f"Answers differ, so that times mean nothing: {error}")
