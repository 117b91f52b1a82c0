#!/usr/bin/env bash
# Sets everything up and does the main job: checks the Wuchang plan and its draft, inspects the
# draft's files, screens the projects of the plan's table 2, compares two editions of land cover,
# draws the map.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/setup.sh
set_up ""

# Runs a command that is meant to end with the exit code given.
expect() {
    local wanted="$1" code=0
    shift
    "$@" || code=$?
    if [ "$code" -ne "$wanted" ]; then
        echo "exit code $code where $wanted was expected: $*" >&2
        exit 1
    fi
}

echo "The plan: everything holds, its indicators can only be indicated (exit code 3 is expected):"
expect 3 spatialplan check layers/plan.toml --out maps/wuchang
spatialplan map layers/plan.toml --out maps/wuchang/map.html

echo
echo "An earlier draft with planted faults (exit code 1 is expected):"
expect 1 spatialplan check layers/plan-draft.toml --out maps/wuchang-draft

echo
echo "The draft's files as a delivery: what they are, and what is wrong (exit code 1 is expected):"
expect 1 spatialplan inspect layers/draft --out maps/wuchang-draft

echo
echo "The plan's own projects at demonstration places (exit code 1 is expected):"
expect 1 spatialplan screen layers/plan.toml layers/projects/projects.gpkg --suggest \
    --out maps/wuchang-projects

echo
echo "New human activity between two editions of land cover (exit code 1 is expected):"
expect 1 spatialplan monitor layers/plan.toml layers/rasters/land_cover_2020.tif \
    layers/rasters/land_cover_2025.tif --ledger maps/wuchang-monitoring/ledger.gpkg \
    --out maps/wuchang-monitoring

echo
echo "Open maps/wuchang/map.html, maps/wuchang/review.html, maps/wuchang-projects/screening.html and"
echo "maps/wuchang-monitoring/monitoring.html in a browser, and maps/wuchang-projects/screening.docx"
echo "in a word processor."
