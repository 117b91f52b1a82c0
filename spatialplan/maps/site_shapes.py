"""Sites, their pieces and suggestions as the page draws them: every vertex kept, to the millimetre.

Only a screening beyond `VERTEX_LIMIT` has its outlines thinned, and its page says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import Verdict
from spatialplan.maps.contents import EXACT_DECIMALS, in_degrees
from spatialplan.screening import LayerFinding, SiteFinding, SitePiece
from spatialplan.siting import Screening

__all__ = ["SiteShapes", "all_shapes", "draw_shapes", "ranked_findings", "shown_pieces"]

# About 28 bytes of text each: 4 MB of a page of 8.
VERTEX_LIMIT = 150_000
TOLERANCES_M = (0.0, 0.2, 1.0, 3.0, 10.0, 30.0)

# Of one site; a road through a county meets thousands of parcels.
PIECE_LIMIT = 200

DOT_DECIMALS = 6

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class SiteShapes:
    """GeoJSON geometry by row of the site, and what was left out or thinned.

    Attributes
    ----------
    outlines, pieces, free, places
        By row; rows without any are missing.
    points
        Latitude and longitude of a point inside each site that has geometry.
    tolerance_m
        By which outlines were thinned; 0 where every vertex was kept.
    """

    outlines: dict[int, Any]
    pieces: dict[int, list[Any]]
    free: dict[int, Any]
    places: dict[int, list[Any]]
    points: dict[int, list[float]]
    tolerance_m: float


def ranked_findings(screening: Screening) -> list[SiteFinding]:
    """Return all findings, the worst verdict first, in the order of the file within one."""
    weight = list(Verdict)
    return sorted(
        screening.findings, key=lambda finding: (weight.index(finding.verdict), finding.row)
    )


def all_shapes(screening: Screening) -> Geometries:
    """Return every geometry that a page shows of sites and suggestions, in the plane."""
    shapes = [shape for shape in screening.sites.geometry if shape is not None]
    for suggestion in screening.suggestions.values():
        shapes += [place.geometry for place in suggestion.places]
    return np.array(shapes, dtype=object)


def shown_pieces(
    screening: Screening, finding: SiteFinding
) -> Iterator[tuple[LayerFinding, SitePiece, Verdict]]:
    """Yield the pieces of a site that count against it, with their verdict, at most `PIECE_LIMIT`.

    Land parcels cover every site whole, so their pieces are left to the table of land uses.
    """
    count = 0
    for layer in finding.layers:
        spec = screening.plan.layers.get(layer.layer)
        verdicts = {zone.zone: zone.verdict for zone in layer.zones}
        if spec is None or spec.role == "land_parcel":
            continue
        for piece in layer.pieces:
            verdict = verdicts.get(piece.zone, layer.verdict)
            if verdict is not Verdict.CLEAR and count < PIECE_LIMIT:
                count += 1
                yield layer, piece, verdict


def draw_shapes(screening: Screening, listed: list[SiteFinding]) -> SiteShapes:
    """Take sites to longitude and latitude; only those listed have outlines and pieces.

    Parameters
    ----------
    listed
        The sites that the page tells in full.
    """
    geometry = screening.sites.geometry
    wanted = {finding.row for finding in listed}
    suggestions = [found for row, found in sorted(screening.suggestions.items()) if row in wanted]
    outlines = [(row, geometry[row]) for row in wanted if geometry[row] is not None]
    pieces = [
        (finding.row, piece.geometry)
        for finding in listed
        for _, piece, _ in shown_pieces(screening, finding)
    ]
    free = [(s.row, s.free.geometry) for s in suggestions if s.free and s.free.area_m2 > 0]
    places = [(s.row, place.geometry) for s in suggestions for place in s.places]
    tolerance_m = _fitting_tolerance([*outlines, *pieces, *free, *places])
    return SiteShapes(
        outlines={row: found[0] for row, found in _write(outlines, screening, tolerance_m).items()},
        pieces=_write(pieces, screening, tolerance_m),
        free={row: found[0] for row, found in _write(free, screening, tolerance_m).items()},
        places=_write(places, screening, tolerance_m),
        points=_points(screening),
        tolerance_m=tolerance_m,
    )


def _fitting_tolerance(shapes: list[tuple[int, Any]]) -> float:
    """Return the smallest tolerance at which all shapes together stay below the limit."""
    exact = np.array([shape for _, shape in shapes], dtype=object)
    for tolerance in TOLERANCES_M:
        thin = shapely.simplify(exact, tolerance) if tolerance else exact
        if int(shapely.get_num_coordinates(thin).sum()) <= VERTEX_LIMIT:
            break
    return tolerance


def _write(
    shapes: list[tuple[int, Any]], screening: Screening, tolerance_m: float
) -> dict[int, list[Any]]:
    """Write shapes as GeoJSON, gathered by row."""
    found: dict[int, list[Any]] = {}
    if not shapes:
        return found
    geometry = np.array([shape for _, shape in shapes], dtype=object)
    if tolerance_m:
        geometry = np.asarray(shapely.simplify(geometry, tolerance_m), dtype=object)
    degrees = in_degrees(geometry, screening.sites.plane, decimals=EXACT_DECIMALS)
    for (row, _), text in zip(shapes, shapely.to_geojson(degrees), strict=True):
        found.setdefault(row, []).append(json.loads(text))
    return found


def _points(screening: Screening) -> dict[int, list[float]]:
    sites = screening.sites
    rows = sites.judged
    if not len(rows):
        return {}
    inner = shapely.point_on_surface(sites.geometry[rows])
    degrees = in_degrees(inner, sites.plane, decimals=DOT_DECIMALS)
    places = zip(rows.tolist(), shapely.get_y(degrees), shapely.get_x(degrees), strict=True)
    return {row: [float(lat), float(lon)] for row, lat, lon in places}
