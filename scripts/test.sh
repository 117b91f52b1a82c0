#!/usr/bin/env bash
# Sets everything up and runs every check: style, types, the import contract, the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/setup.sh
set_up "[test]"

ruff check .
ruff format --check .
mypy
lint-imports
python -m pytest "$@"
