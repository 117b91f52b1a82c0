"""The questions: who answers each, and how the answers are told apart."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from itertools import pairwise

import geopandas
import numpy as np
import shapely
from pyproj import Geod, Transformer

from benchmarking import ways
from benchmarking.county_files import LINE_NAMES, CountyFiles, CountyLayers
from benchmarking.ground import CRS, Array
from benchmarking.peers import Given, gather_areas, prepare_peers
from benchmarking.rounds import Contender, Timing, take_turns
from spatialplan.area import ellipsoidal_area, outlines_to_plane, to_plane
from spatialplan.files import read_outlines
from spatialplan.overlay import cut_zones, overlap_pieces

# An edge is straight in the plane for us and geodesic for pyproj, which is 1e-7 of a parcel.
GEODESIC_AGREEMENT = 1e-6


def compare_overlap(
    files: CountyFiles, layers: CountyLayers, options: argparse.Namespace
) -> tuple[list[Timing], dict[str, str]]:
    """Ask how much of each parcel each line covers, with everything in memory.

    Returns the timings, and the peers that are missing with the reason.
    """
    cut = {name: cut_zones(layers.lines[name]) for name in LINE_NAMES}
    given = Given(files, layers, cut, options.sample, options.seed)
    peers, missing = prepare_peers(given)
    slow = options.peer_rounds
    contenders = [
        Contender(
            "spatialplan shared_area, assume_valid",
            partial(ways.share_layers, layers, assume_valid=True),
            note="layers that passed the gate; cutting lines included",
        ),
        Contender(
            "the same, lines cut before",
            partial(ways.share_cut, layers.parcels, cut),
            note="what the peers with cut zones do",
        ),
        Contender(
            "the same, parcels as outlines",
            partial(ways.share_outlines, read_outlines(files.parcels), layers),
            note="arrays as they are read, no geometry objects; cutting lines included",
        ),
        Contender(
            "shared_area as it is",
            partial(ways.share_layers, layers),
            note="validity of all layers checked",
        ),
        Contender(
            "overlap_pieces",
            partial(intersect_pieces, layers),
            rounds=slow,
            note="with the geometry of every piece",
        ),
        *(replace(peer, rounds=slow) for peer in peers),
    ]
    expected, sizes = ways.share_cut(layers.parcels, cut), shapely.area(layers.parcels)
    timings = take_turns(
        "both lines, in memory", contenders, options.rounds, expected=expected, sizes=sizes
    )
    return timings, missing


def intersect_pieces(layers: CountyLayers) -> Array:
    """Answer by building every piece of overlap."""
    found = [overlap_pieces(layers.parcels, layers.lines[name]) for name in LINE_NAMES]
    line = np.repeat(np.arange(len(found)), [len(one.area) for one in found])
    row, area = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("a_index", "area")
    )
    return gather_areas(row, line, area, len(layers.parcels))


def compare_whole_way(
    files: CountyFiles, layers: CountyLayers, options: argparse.Namespace
) -> list[Timing]:
    """Ask the same from GeoParquet on disk, and how long reading the parcels alone takes."""
    contenders = [
        Contender(
            "geopandas.read_parquet, parcels alone",
            partial(geopandas.read_parquet, files.parcels),
            reveal=None,
            note="the measure for this question",
        ),
        Contender("from disk, assume_valid", partial(ways.share_files, files)),
        Contender("from disk, validity checked", partial(ways.share_files_checked, files)),
        Contender(
            "after reading, assume_valid", partial(ways.share_layers, layers, assume_valid=True)
        ),
    ]
    expected = ways.share_layers(layers, assume_valid=True)
    return take_turns(
        "both lines, from disk",
        contenders,
        options.rounds,
        expected=expected,
        sizes=shapely.area(layers.parcels),
    )


def compare_official_way(
    files: CountyFiles, layers: CountyLayers, options: argparse.Namespace
) -> list[Timing]:
    """Ask for areas on the ellipsoid from disk, and how long projecting alone takes."""
    project = {"plane": ways.plane_of(files), "split_crs": ways.SURVEY}
    outlines = read_outlines(files.parcels)
    contenders = [
        Contender("from disk, official areas", partial(ways.measure_official, files)),
        Contender(
            "splitting and projecting alone",
            partial(outlines_to_plane, outlines, ways.SURVEY, **project),
            reveal=None,
        ),
    ]
    parcels, *lines = (
        to_plane(shapes, ways.SURVEY, **project)
        for shapes in (layers.parcels, *layers.lines.values())
    )
    expected = ways.share_layers(
        CountyLayers(parcels, dict(zip(layers.lines, lines, strict=True))), assume_valid=True
    )
    return take_turns(
        "both lines, official",
        contenders,
        options.rounds,
        expected=expected,
        sizes=shapely.area(parcels),
    )


def compare_official_area(parcels: Array, options: argparse.Namespace) -> list[Timing]:
    """Ask how large each parcel is on the ellipsoid."""
    expected = ellipsoidal_area(parcels, CRS)
    contenders = [
        Contender("spatialplan ellipsoidal_area", partial(ellipsoidal_area, parcels, CRS)),
        Contender(
            "pyproj.Geod, a loop over parcels",
            partial(loop_geod, parcels),
            rounds=options.peer_rounds,
        ),
        Contender("shapely.area, in the plane", partial(shapely.area, parcels), reveal=None),
    ]
    timings = take_turns(
        "official area",
        contenders,
        options.rounds,
        expected=expected,
        sizes=expected,
        agreement=GEODESIC_AGREEMENT,
    )
    vertices = int(shapely.get_num_coordinates(parcels).sum())
    return [
        replace(one, note=f"{one.median_s / vertices * 1e9:.0f} ns a vertex") for one in timings
    ]


def loop_geod(parcels: Array) -> Array:
    """Measure one parcel after the other, as a script without us would."""
    to_degrees = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    coordinates, row = shapely.get_coordinates(parcels, return_index=True)
    longitude, latitude = to_degrees.transform(*coordinates.T)
    bounds = np.searchsorted(row, np.arange(len(parcels) + 1))
    geod = Geod(a=6378137.0, rf=298.257222101)
    areas = np.empty(len(parcels))
    for place, (start, stop) in enumerate(pairwise(bounds)):
        area, _ = geod.polygon_area_perimeter(longitude[start:stop], latitude[start:stop])
        areas[place] = abs(area)
    return areas
