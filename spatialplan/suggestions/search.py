"""The nearest places where a footprint is free.

The search goes outwards in discs, the inner ones on a finer grid. In each, all shifts of the
footprint are judged at once by counting the forbidden cells under it; the nearest free ones are
verified and shortened on vectors. A new place must differ from the nearer ones by more than a
nudge: by twice the side of a square of the same area, and by half of its own shift.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.area import unproject
from spatialplan.messages import Message, say
from spatialplan.suggestions.footprint import Shift, take_footprint
from spatialplan.suggestions.free_part import find_free_part
from spatialplan.suggestions.freedom import stands_free
from spatialplan.suggestions.ground import SearchGround
from spatialplan.suggestions.judging import judge_shifts
from spatialplan.suggestions.places import as_shift, free_where_it_stands, take_place
from spatialplan.suggestions.results import FreePlace, Suggestion
from spatialplan.suggestions.task import APART_SHIFTS, TURN_DEG, Disc, Task, list_turns

__all__ = ["suggest_places"]

# Grid candidates looked at on vectors before a disc is given up.
MOST_CANDIDATES = 60
# A wider site is not moved: a road of 20 km is rerouted, not shifted.
WIDEST_M = 10_000.0
# Room, in steps of the grid, that a place must leave all round to be found for certain.
ROOM_STEPS = 2.2


def suggest_places(
    row: int,
    site: BaseGeometry,
    ground: SearchGround,
    *,
    clearance_m: float = 0.0,
    radius_m: float = 5_000.0,
    rotate: bool = False,
    most: int = 5,
) -> Suggestion:
    """Find what of a site is free, and the nearest places where its footprint would be.

    Parameters
    ----------
    row
        Row of the site, handed through.
    site
        Valid polygon or multipolygon in the plane of judgement; parts keep their arrangement.
    ground
        From `prepare_search`.
    clearance_m
        Distance to keep from the avoided ground, in the working CRS.
    radius_m
        Farthest shift of the centroid.
    rotate
        Try turns of 15 degrees too.
    most
        Number of places wanted.

    Returns
    -------
    suggestion
        Without places it says why.

    Raises
    ------
    ValueError
        If the site is empty or none of those that the ground was prepared for, the radius not
        positive, or the clearance negative.
    """
    if site.is_empty or not 0.0 < radius_m < math.inf or not 0.0 <= clearance_m < math.inf:
        raise ValueError("a site with ground, a radius above 0 and a clearance from 0 are needed")
    if ground.window is not None and not ground.window.covers(site):
        raise ValueError("the search was prepared for other sites; name this one in `near`")
    in_crs = unproject(np.array([site], dtype=object), ground.plane, ground.crs)[0]
    if measure_extent(in_crs) > WIDEST_M:
        return leave_standing(row, site, in_crs, ground, clearance_m, radius_m)
    places: list[FreePlace] = []
    if stands_free(site, in_crs, ground, clearance_m):
        places.append(free_where_it_stands(site))
    straight, *turned = list_turns(take_footprint(in_crs), ground, clearance_m, rotate=rotate)
    task = Task((straight,), ground, clearance_m, radius_m, most)
    places, step_m = search_discs(task, places)
    if turned:
        others, turned_step_m = search_discs(replace(task, turns=tuple(turned)), places[:0])
        places, step_m = merge_places(task, places + others), max(step_m, turned_step_m)
    return Suggestion(
        row=row,
        free=find_free_part(site, in_crs, ground, clearance_m=clearance_m),
        places=tuple(places),
        avoided=ground.titles,
        inside=ground.inside_title,
        clearance_m=clearance_m,
        radius_m=radius_m,
        step_m=step_m,
        why_none=None if places else explain_none(task, step_m, rotate=rotate),
    )


def measure_extent(shape: BaseGeometry) -> float:
    """Diagonal of a shape's box, in the unit of its coordinates."""
    west, south, east, north = shape.bounds
    return math.hypot(east - west, north - south)


def leave_standing(
    row: int,
    site: BaseGeometry,
    in_crs: BaseGeometry,
    ground: SearchGround,
    clearance_m: float,
    radius_m: float,
) -> Suggestion:
    """Find the free part only: so wide a site is rerouted or redrawn, not moved."""
    return Suggestion(
        row=row,
        free=find_free_part(site, in_crs, ground, clearance_m=clearance_m),
        places=(),
        avoided=ground.titles,
        inside=ground.inside_title,
        clearance_m=clearance_m,
        radius_m=radius_m,
        step_m=0.0,
        why_none=say("suggestion.too_wide", extent_m=measure_extent(in_crs), limit_m=WIDEST_M),
    )


def explain_none(task: Task, step_m: float, *, rotate: bool) -> Message:
    """Say that no place was found, how far and how finely was searched."""
    way = say("suggestion.turned", degrees=TURN_DEG) if rotate else say("suggestion.shifted")
    within = say("suggestion.in_region" if task.ground.in_region else "suggestion.anywhere")
    if task.ground.inside_title:
        within = say("suggestion.within", inside=task.ground.inside_title)
    return say(
        "suggestion.none",
        radius_m=task.radius_m,
        clearance_m=task.clearance_m,
        way=way,
        within=within,
        step_m=step_m,
        room_m=ROOM_STEPS * step_m,
    )


def search_discs(task: Task, first: list[FreePlace]) -> tuple[list[FreePlace], float]:
    """Search outwards until there are places enough; return them and the coarsest step used."""
    places, step_m = first[: task.most], task.discs[-1].step_m
    for disc in task.discs:
        if len(places) >= task.most:
            break
        step_m = disc.step_m
        known = [as_shift(place) for place in places]
        places += islice(search_disc(task, disc, known), task.most - len(places))
    return sorted(places, key=attrgetter("distance_m")), step_m


def merge_places(task: Task, places: list[FreePlace]) -> list[FreePlace]:
    """Keep the nearest of places that are not apart; of two at one distance the earlier."""
    kept: list[FreePlace] = []
    for place in sorted(places, key=attrgetter("distance_m")):
        if task.is_apart(as_shift(place), [as_shift(other) for other in kept]):
            kept.append(place)
    return kept[: task.most]


def search_disc(task: Task, disc: Disc, known: list[Shift]) -> Iterator[FreePlace]:
    """Find places up to a radius, nearest on the grid first, apart from those known."""
    free = judge_shifts(task, disc)
    offsets = (np.arange(free.shape[1]) - free.shape[1] // 2) * disc.step_m
    lengths = np.hypot(offsets, offsets[:, None])
    lengths[(lengths > disc.radius_m) | ~free.any(axis=0)] = np.inf
    for shift in known:
        leave_out(lengths, offsets, task, shift)
    for _ in range(MOST_CANDIDATES):
        row, column = divmod(int(np.argmin(lengths)), len(offsets))
        if lengths[row, column] == np.inf:
            return
        candidate = Shift(float(offsets[column]), float(offsets[row]))
        turns = [task.turns[turn] for turn in np.flatnonzero(free[:, row, column])]
        found = (take_place(task, turn, candidate, known, disc.step_m) for turn in turns)
        place = next((place for place in found if place is not None), None)
        lengths[row, column] = np.inf
        if place is not None:
            known.append(as_shift(place))
            leave_out(lengths, offsets, task, known[-1])
            yield place


def leave_out(
    lengths: NDArray[np.float64], offsets: NDArray[np.float64], task: Task, shift: Shift
) -> None:
    """Strike out shifts that are not apart from one already taken."""
    between = np.hypot(offsets - shift.east_m, offsets[:, None] - shift.north_m)
    lengths[between < np.maximum(task.apart_m, APART_SHIFTS * lengths)] = np.inf
