#!/usr/bin/env bash
# Sets everything up and does the main job: checks the Wuchang plan and its draft, inspects the
# draft's files, screens the projects of the plan's table 2, draws the map.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/setup.sh
set_up ""

spatialplan check layers/plan.toml --out maps/wuchang
spatialplan map layers/plan.toml --out maps/wuchang/map.html

echo
echo "An earlier draft with planted faults (exit code 1 is expected):"
code=0
spatialplan check layers/plan-draft.toml --out maps/wuchang-draft || code=$?
[ "$code" -eq 1 ] || { echo "the draft should be found broken, got exit code $code" >&2; exit 1; }

echo
echo "The draft's files as a delivery: what they are, and what is wrong (exit code 1 is expected):"
code=0
spatialplan inspect layers/draft --out maps/wuchang-draft || code=$?
[ "$code" -eq 1 ] || { echo "the draft's files should have faults, got exit code $code" >&2; exit 1; }

echo
echo "The plan's own projects at demonstration places (exit code 1 is expected):"
code=0
spatialplan screen layers/plan.toml layers/projects/projects.gpkg --suggest \
    --out maps/wuchang-projects || code=$?
[ "$code" -eq 1 ] || { echo "some projects should not be clear, got exit code $code" >&2; exit 1; }

echo
echo "Open maps/wuchang/map.html, maps/wuchang/review.html and maps/wuchang-projects/screening.html"
echo "in a browser, and maps/wuchang-projects/screening.docx in a word processor."
