"""Read mutated copies of sound files, many more than the tests do, and tell what became of them.

python scripts/fuzz.py --mutations 20000 --series 7
python scripts/fuzz.py --series 7 --only 1234      # one again, with its traceback
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fuzz.farm import lay_out, run_farm
from fuzz.readers import READERS
from fuzz.seeds import make_seeds


def main() -> int:
    """Run the farm and print its tally; 1 if anything crashed, hung or let an exception out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--series", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, help="read one mutation in this process")
    parser.add_argument("--keep", type=Path, help="with --only: the folder to leave its files in")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        seeds = make_seeds(folder / "seeds")
        if asked.only is not None:
            seed = seeds[asked.only % len(seeds)]
            place = asked.keep or folder / "one"
            path = lay_out(seed, place, series=asked.series, number=asked.only)
            print(seed.name, path)
            print(READERS[seed.reader](path, seed.options))
            return 0
        started = time.monotonic()
        numbers = range(asked.first, asked.first + asked.mutations)
        tally = run_farm(
            seeds, folder / "work", numbers=numbers, series=asked.series, workers=asked.workers
        )
    print(f"{time.monotonic() - started:.0f} s", dict(tally.counts))
    for outcome in (*tally.bad, *tally.silent):
        print(outcome.index, outcome.seed, outcome.kind, outcome.detail)
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
