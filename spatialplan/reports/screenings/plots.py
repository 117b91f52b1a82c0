"""Suggestions as boundary-point TXT, the form in which land projects are submitted.

One file a shape: ``001-free.txt`` holds the part of the first site that is free, and
``001-place1.txt`` the nearest place where its footprint is free. The number is that of the site in
its file; nothing that a file says becomes part of a name. Points that only the measuring of area
put into straight edges are left out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import zone_crs
from spatialplan.errors import Fault, OutputError
from spatialplan.files import write_boundary_points
from spatialplan.messages import Language, phrase, say
from spatialplan.reports.geopackage_tables import place_shapes
from spatialplan.reports.wording import plain_text
from spatialplan.screening import SiteFinding
from spatialplan.sites import Plot, round_outline
from spatialplan.siting import Screening
from spatialplan.suggestions import FreePlace

__all__ = ["write_plots"]

# Coordinates are written to the millimetre, as surveys state them.
DECIMALS = 3

# A point so near to the straight line between its neighbours bends nothing at that precision.
STRAIGHT_M = 0.0002

# So that files stand in the order of their sites; longer numbers are written in full.
NUMBER_DIGITS = 3
OWN_NAME = re.compile(r"\d{3,}-(free|place\d+)\.txt")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A shape in the plane of judgement on its way to a file."""

    stem: str
    site_id: str
    name: str
    shape: BaseGeometry


def write_plots(
    screening: Screening, folder: Path, *, language: Language | None = None
) -> tuple[Path, ...]:
    """Write the free part and the free places of every suggestion, a file each.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites` with ``suggest=True``.
    folder
        Where the files are to stand; it is made when there is something to write. Files of an
        earlier run are replaced, those that no longer apply taken away.
    language
        Of the plots' names; default: the plan's.

    Returns
    -------
    paths
        What was written, in the order of the sites; empty without suggestions.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    spoken = language or screening.plan.header.language
    crs = _survey_crs(screening)
    drafts = list(_drafts(screening, spoken))
    shapes = _straighten([draft.shape for draft in drafts], screening, crs)
    paths = []
    for draft, shape in zip(drafts, shapes, strict=True):
        if not round_outline(shape, DECIMALS).is_empty:
            path = folder / f"{draft.stem}.txt"
            plot = Plot(id=f"{draft.site_id}-{draft.stem}", name=draft.name, shape=shape)
            write_boundary_points([plot], path, crs=crs, decimals=DECIMALS, day=screening.day)
            paths.append(path)
    _remove_earlier(folder, {path.name for path in paths})
    return tuple(paths)


def _remove_earlier(folder: Path, kept: set[str]) -> None:
    """Remove what an earlier run wrote and this one did not: it would pass for a suggestion."""
    for path in folder.glob("*.txt"):
        if OWN_NAME.fullmatch(path.name) and path.name not in kept:
            try:
                path.unlink()
            except OSError as error:
                reason = error.strerror or str(error)
                raise OutputError(Fault(path.name, say("output.failed", reason=reason))) from None


def _survey_crs(screening: Screening) -> CRS:
    """Return the CGCS2000 3-degree zone, zone number before the easting, of the working CRS.

    Where that is no such zone, the zone in which the region's centre lies.
    """
    operation = screening.crs.coordinate_operation
    parameters = operation.params if operation else []
    meridians = [p.value for p in parameters if p.name == "Longitude of natural origin"]
    return zone_crs(float(meridians[0]) if meridians else screening.sites.plane.longitude)


def _drafts(screening: Screening, language: Language) -> Iterator[_Draft]:
    for finding in screening.findings:
        suggestion = screening.suggestions.get(finding.row)
        if suggestion is None:
            continue
        number = f"{finding.row + 1:0{NUMBER_DIGITS}}"
        name, site_id = _name(finding, screening, language), plain_text(finding.site_id)
        if not suggestion.free.geometry.is_empty:
            text = phrase("screen_gpkg.plot_free", language).format(name=name)
            yield _Draft(f"{number}-free", site_id, text, suggestion.free.geometry)
        for rank, place in enumerate(suggestion.places, start=1):
            text = _place_name(name, rank, place, language)
            yield _Draft(f"{number}-place{rank}", site_id, text, place.geometry)


def _name(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Return a site's name; one that is made up says so, as does one judged on made-up lines."""
    name = plain_text(finding.name) or plain_text(finding.site_id)
    if screening.plan.header.demonstration or screening.sites.demonstration:
        return phrase("screen_gpkg.plot_demonstration", language).format(name=name)
    return name


def _place_name(name: str, rank: int, place: FreePlace, language: Language) -> str:
    wording = phrase("screen_gpkg.plot_place", language)
    return wording.format(name=name, rank=rank, metres=place.distance_m)


def _straighten(shapes: list[BaseGeometry], screening: Screening, crs: CRS) -> NDArray[np.object_]:
    placed = place_shapes(shapes, screening.sites.plane, crs)
    straight: NDArray[np.object_] = shapely.simplify(placed, STRAIGHT_M)
    return straight
