"""``python -m spatialplan``."""

from spatialplan.cli import run

run()
