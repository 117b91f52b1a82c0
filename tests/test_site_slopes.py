"""Slope of sites in a screening, and a slope limit for suggested places."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spatialplan.cells import grid_bounds, lay_zones
from spatialplan.errors import SourceError
from spatialplan.files import read_raster, read_windows
from spatialplan.plan import read_plan
from spatialplan.reports import screening_document
from spatialplan.siting import Screening, SearchOptions, screen_sites
from spatialplan.slopes import GroundSlope, measure_slopes

LIMIT = 2.0


def screen(layers_folder: Path, **options: float) -> Screening:
    """Screen the two plots of the example that stand in a boundary-point file."""
    plan = read_plan(layers_folder / "plan.toml")
    plots = layers_folder / "projects" / "plots.txt"
    search = SearchOptions(**options)
    return screen_sites(plots, plan, date="2026-03-15", suggest=True, search=search)


def slopes_of_places(screening: Screening) -> list[GroundSlope]:
    plan = screening.plan
    raster = read_raster(plan.rasters["elevation"], plan)
    places = [p.geometry for s in screening.suggestions.values() for p in s.places]
    shapes = np.array(places, dtype=object)
    zones = lay_zones(shapes, raster.grid, screening.sites.plane)
    bounds = grid_bounds(shapes, raster.grid, screening.sites.plane)
    return list(measure_slopes(read_windows(raster, bounds=bounds, ring=1), zones))


def test_no_place_is_steeper_than_the_limit(layers_folder: Path) -> None:
    free, limited = screen(layers_folder), screen(layers_folder, max_slope=LIMIT)
    steepest = [slope.steepest for slope in slopes_of_places(limited)]
    assert steepest
    assert max(steep for steep in steepest if steep is not None) <= LIMIT
    unlimited = [slope.steepest for slope in slopes_of_places(free)]
    assert max(steep for steep in unlimited if steep is not None) > LIMIT
    (suggestion,) = limited.suggestions.values()
    assert any("2°" in title for title in suggestion.avoided)


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
