"""Slope of sites in a screening, and a slope limit for suggested places."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spatialplan.cells import cell_areas, cover_fractions, grid_bounds, lay_zones
from spatialplan.errors import SourceError
from spatialplan.files import read_layer, read_raster, read_windows
from spatialplan.plan import Plan, read_plan
from spatialplan.reports.screenings import screening_document
from spatialplan.siting import Screening, SearchOptions, screen_sites
from spatialplan.slopes import slope_window
from spatialplan.suggestions import Suggestion

# Degrees, and how far to look: the plot lies in a valley.
LIMIT, RADIUS_M = 0.5, 12_000.0


def screen(layers_folder: Path, **options: float) -> Screening:
    """Screen the two plots of the example that stand in a boundary-point file."""
    plan = read_plan(layers_folder / "plan.toml")
    plots = layers_folder / "projects" / "plots.txt"
    search = SearchOptions(**options)
    return screen_sites(plots, plan, date="2026-03-15", suggest=True, search=search)


def steep_m2(suggestion: Suggestion, plan: Plan) -> float:
    """Ground of suggested places that is steeper than the limit, cell by cell."""
    raster = read_raster(plan.rasters["elevation"], plan)
    shapes = np.array([place.geometry for place in suggestion.places], dtype=object)
    plane = read_layer(plan.directory / "basis.gpkg", role="region", table="XJXZQ").plane
    zones = lay_zones(shapes, raster.grid, plane)
    steep = 0.0
    for window in read_windows(raster, bounds=grid_bounds(shapes, raster.grid, plane), ring=1):
        slopes = slope_window(window, raster.grid)
        height, width = slopes.values.shape
        place = {"row": slopes.row, "column": slopes.column, "height": height, "width": width}
        parts = cover_fractions(zones, **place)
        degrees = slopes.values[parts.row - slopes.row, parts.column - slopes.column]
        cells = cell_areas(raster.grid, plane, **place)
        areas = cells[parts.row - slopes.row, parts.column - slopes.column] * parts.fraction
        steep += float(areas[degrees > LIMIT].sum())
    return steep


def test_places_keep_off_ground_that_is_steeper_than_the_limit(layers_folder: Path) -> None:
    (free,) = screen(layers_folder, radius_m=RADIUS_M).suggestions.values()
    (limited,) = screen(layers_folder, radius_m=RADIUS_M, max_slope=LIMIT).suggestions.values()
    plan = read_plan(layers_folder / "plan.toml")
    assert steep_m2(free, plan) > 1_000
    assert limited.places
    # Cells are cut out of a curved grid: along their edges a hair may lie in the next one.
    assert steep_m2(limited, plan) < 0.5
    assert any("0.5°" in title for title in limited.avoided)


def test_every_site_tells_its_slope(layers_folder: Path) -> None:
    screening = screen(layers_folder)
    document = screening_document(screening)
    assert "Horn" in document["slope_method"]
    for site in document["sites"]:
        slope = site["slope"]
        assert 0 <= slope["mean_degrees"] <= slope["steepest_degrees"] < 90
        assert slope["over_25_ha"] <= slope["over_15_ha"] <= site["area_ha"]
        assert slope["unknown_ha"] == pytest.approx(0.0, abs=1e-4)


def test_without_elevation_nothing_is_said_of_slopes(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan-draft.toml")
    plots = layers_folder / "projects" / "plots.txt"
    screening = screen_sites(plots, plan, date="2026-03-15")
    document = screening_document(screening)
    assert "slope_method" not in document
    assert not any("slope" in site for site in document["sites"])
    with pytest.raises(SourceError, match="no elevation raster"):
        screen_sites(plots, plan, suggest=True, search=SearchOptions(max_slope=10.0))


def test_a_slope_limit_that_is_none_is_refused(layers_folder: Path, tmp_path: Path) -> None:
    arguments = ["screen", layers_folder / "plan.toml", layers_folder / "projects" / "plots.txt"]
    options = ["--suggest", "--max-slope", "95", "--lang", "en", "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "spatialplan", *map(str, [*arguments, *options])]
    outcome = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert outcome.returncode == 2
    assert "the slope limit is 95" in outcome.stdout + outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "out").exists()
