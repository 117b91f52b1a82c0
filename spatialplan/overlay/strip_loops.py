"""The loops behind strip sums; see `spatialplan.overlay.strips` for the idea.

Eastings and northings are seen from the lattice's corner, or from the corner of a cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled
from spatialplan.overlay.lattice_loops import (
    FULL,
    Floats,
    Frame,
    Integers,
    States,
    column_of,
    row_of,
    turn_of,
)

__all__ = ["INSIDE", "NEAR", "OUTSIDE", "find_doubled", "place_boxes", "sum_strips"]

# Where a feature's box lies to the zones.
OUTSIDE, INSIDE, NEAR = 0, 1, 2

# More of a box's width than rounding.
SOME = 1e-9

# So many slices are made room for without being counted, 160 KB, which a processor keeps near.
ROOMY = 4_096

# Keeps 0 / 0 from coming up between tops that are one line.
TINY = 1e-300


@compiled
def place_boxes(
    boxes: Floats, states: States, starts: Integers, parts: Floats, frame: Frame
) -> NDArray[np.int8]:
    """Tell of each box whether it lies outside all zones, inside, or near a border.

    Parameters
    ----------
    boxes
        West, south, east, north in the plane, float64[n, 4]; NaN for nothing.
    states, starts, parts, frame
        The lattice.
    """
    places = np.empty(len(boxes), np.int8)
    for i in range(len(boxes)):
        west, south = boxes[i, 0] - frame.west, boxes[i, 1] - frame.south
        east, north = boxes[i, 2] - frame.west, boxes[i, 3] - frame.south
        places[i] = OUTSIDE
        if not (west <= east and south <= north):
            continue
        low_column, high_column = column_of(west, frame), column_of(east, frame)
        low_row, high_row = row_of(south, frame), row_of(north, frame)
        whole = low_column >= 0 and low_row >= 0
        whole = whole and high_column < frame.columns and high_row < frame.rows
        within, apart = False, not whole
        for row in range(max(low_row, 0), min(high_row, frame.rows - 1) + 1):
            for column in range(max(low_column, 0), min(high_column, frame.columns - 1) + 1):
                cell = row * frame.columns + column
                place = states[cell]
                if starts[cell] < starts[cell + 1]:
                    place = place_in_cell(
                        west - column * frame.size,
                        south - row * frame.size,
                        east - column * frame.size,
                        north - row * frame.size,
                        frame.size,
                        parts,
                        starts[cell],
                        starts[cell + 1],
                    )
                within = within or place != OUTSIDE
                apart = apart or place != INSIDE
            if within and apart:
                break
        if within:
            places[i] = NEAR if apart else INSIDE
    return places


@compiled
def place_in_cell(
    west: float,
    south: float,
    east: float,
    north: float,
    size: float,
    parts: Floats,
    first: int,
    last: int,
) -> int:
    """Tell where the part of a box that lies in a cell lies to the zones.

    Where no edge comes near, zone lies above all of its width, or above none. An upright side of a
    zone is no edge in a cell; there zone lies above some of the width.
    """
    west, east, covered = max(west, 0.0), min(east, size), 0.0
    for i in range(first, last):
        start, end = parts[i, 0], parts[i, 2]
        if end < west or start > east:
            continue
        height = parts[i, 1]
        end_height = height + (end - start) * parts[i, 3]
        if max(height, end_height) < south:
            continue
        if min(height, end_height) <= north:
            return NEAR
        covered += parts[i, 4] * (min(end, east) - max(start, west))
    if covered <= SOME * (east - west):
        return OUTSIDE
    return INSIDE if covered >= (1 - SOME) * (east - west) else NEAR


@compiled
def sum_strips(
    points: Floats,
    ring_starts: Integers,
    outer: NDArray[np.bool_],
    starts: Integers,
    features: Integers,
    boxes: Floats,
    states: States,
    cell_starts: Integers,
    parts: Floats,
    frame: Frame,
) -> Floats:
    """Area that features share with the zones.

    Parameters
    ----------
    points, ring_starts, outer, starts
        The features, see `spatialplan.outlines.Outlines`.
    features
        Which of them are asked about, int64[n].
    boxes
        Their boxes in the plane, float64[n, 4].
    states, cell_starts, parts, frame
        The lattice that the zones lie on.

    Returns
    -------
    areas
        Float64[n]; off by rounding, so that it may be a little below zero.
    """
    areas = np.zeros(len(features))
    slices = np.empty((ROOMY, 5))
    begins, ends = np.empty(64, np.int64), np.empty(64, np.int64)
    for i in range(len(features)):
        low_column = max(column_of(boxes[i, 0] - frame.west, frame), 0)
        high_column = min(column_of(boxes[i, 2] - frame.west, frame), frame.columns - 1)
        low_row = max(row_of(boxes[i, 1] - frame.south, frame), 0)
        high_row = min(row_of(boxes[i, 3] - frame.south, frame), frame.rows - 1)
        if low_column > high_column or low_row > high_row:
            continue
        span = high_column - low_column + 1
        if span > len(begins):
            begins, ends = np.empty(2 * span, np.int64), np.empty(2 * span, np.int64)
        first, last = starts[features[i]], starts[features[i] + 1]
        count = make_room(points, ring_starts, first, last, low_column, frame, begins[:span])
        if count > len(slices):
            slices = np.empty((2 * count, 5))
        ends[:span] = begins[:span]
        for ring in range(first, last):
            slice_ring(points, ring_starts, outer, ring, low_column, frame, ends[:span], slices)
        for place in range(span):
            areas[i] += sum_column(
                slices[begins[place] : ends[place]],
                low_column + place,
                low_row,
                high_row,
                states,
                cell_starts,
                parts,
                frame,
            )
    return areas


@compiled
def make_room(
    points: Floats,
    ring_starts: Integers,
    first: int,
    last: int,
    low_column: int,
    frame: Frame,
    begins: Integers,
) -> int:
    """Tell how many slices of a feature there may be; leave in `begins` where each column's start.

    An edge has one slice in a column. Where there is room for all edges in every column, as for a
    field, slices need not be counted.
    """
    edges: int = ring_starts[last] - ring_starts[first]
    if edges * len(begins) > ROOMY:
        count: int = count_slices(points, ring_starts, first, last, low_column, frame, begins)
        return count
    for place in range(len(begins)):
        begins[place] = place * edges
    return edges * len(begins)


@compiled
def count_slices(
    points: Floats,
    ring_starts: Integers,
    first: int,
    last: int,
    low_column: int,
    frame: Frame,
    begins: Integers,
) -> int:
    """Count the slices of a feature by column; leave in `begins` where each column's start."""
    begins[:] = 0
    beyond = len(begins) - 1
    for ring in range(first, last):
        here = column_of(points[ring_starts[ring], 0] - frame.west, frame) - low_column
        for i in range(ring_starts[ring] + 1, ring_starts[ring + 1]):
            there = column_of(points[i, 0] - frame.west, frame) - low_column
            for place in range(max(min(here, there), 0), min(max(here, there), beyond) + 1):
                begins[place] += 1
            here = there
    total = 0
    for place in range(len(begins)):
        total += begins[place]
        begins[place] = total - begins[place]
    return total


@compiled
def slice_ring(
    points: Floats,
    ring_starts: Integers,
    outer: NDArray[np.bool_],
    ring: int,
    low_column: int,
    frame: Frame,
    cursors: Integers,
    slices: Floats,
) -> None:
    """Cut a ring's edges where they cross from column to column; some slices may be of no width.

    Parameters
    ----------
    cursors
        Where the next slice of each column goes, int64[columns]; edges in other columns are left
        out.
    slices
        Easting of the western end, seen from the column; northing, seen from the lattice; easting
        of the eastern end; slope; sign. Float64[m, 5].
    """
    beyond = len(cursors) - 1
    first, last = ring_starts[ring], ring_starts[ring + 1] - 1
    turn = turn_of(points, first, last, outer[ring])
    for i in range(first, last):
        west, north = points[i, 0] - frame.west, points[i, 1] - frame.south
        east, end_north = points[i + 1, 0] - frame.west, points[i + 1, 1] - frame.south
        sign = turn
        if west > east:
            west, north, east, end_north, sign = east, end_north, west, north, -turn
        slope = (end_north - north) / (east - west) if west < east else 0.0
        low = max(column_of(west, frame) - low_column, 0)
        high = min(column_of(east, frame) - low_column, beyond)
        for place in range(low, high + 1):
            corner = (low_column + place) * frame.size
            left, right = max(west, corner), min(east, corner + frame.size)
            cut = slices[cursors[place]]
            cut[0], cut[1], cut[2] = left - corner, north + (left - west) * slope, right - corner
            cut[3], cut[4] = slope, sign
            cursors[place] += 1


@compiled
def sum_column(
    slices: Floats,
    column: int,
    low_row: int,
    high_row: int,
    states: States,
    cell_starts: Integers,
    parts: Floats,
    frame: Frame,
) -> float:
    """Sum up what slices of a feature share with the cells of one column; full ones in one go."""
    total, row = 0.0, low_row
    while row <= high_row:
        cell, top = row * frame.columns + column, row
        if states[cell] == FULL:
            while top < high_row and states[(top + 1) * frame.columns + column] == FULL:
                top += 1
            total += sum_full(slices, row * frame.size, (top + 1 - row) * frame.size)
        elif cell_starts[cell] < cell_starts[cell + 1]:
            total += sum_cell(
                slices, row * frame.size, parts, cell_starts[cell], cell_starts[cell + 1]
            )
        row = top + 1
    return total


@compiled
def sum_full(slices: Floats, south: float, height: float) -> float:
    """Area of slices between two northings."""
    total = 0.0
    for i in range(len(slices)):
        width, top = slices[i, 2] - slices[i, 0], slices[i, 1] - south
        end_top = top + width * slices[i, 3]
        below = lower_height(0.0, 0.0, top, end_top)
        total += slices[i, 4] * width * (lower_height(height, height, top, end_top) - below)
    return total


@compiled
def sum_cell(slices: Floats, south: float, parts: Floats, first: int, last: int) -> float:
    """Sum up the strips that slices of a feature have in common with the edges in one cell."""
    total = 0.0
    for i in range(len(slices)):
        start, end, slope = slices[i, 0], slices[i, 2], slices[i, 3]
        top = slices[i, 1] - south
        end_top = top + (end - start) * slope
        if top <= 0.0 and end_top <= 0.0:
            continue
        # What lies below the cell is left out.
        if top < 0.0:
            start, top = start - top / slope, 0.0
        elif end_top < 0.0:
            end = start - top / slope
        shared = 0.0
        for j in range(first, last):
            if parts[j, 2] <= start:
                continue
            if parts[j, 0] >= end:
                break
            west, east = max(start, parts[j, 0]), min(end, parts[j, 2])
            one_west = parts[j, 1] + (west - parts[j, 0]) * parts[j, 3]
            one_east = parts[j, 1] + (east - parts[j, 0]) * parts[j, 3]
            two_west, two_east = top + (west - start) * slope, top + (east - start) * slope
            low = lower_height(one_west, one_east, two_west, two_east)
            shared += parts[j, 4] * (east - west) * low
        total += slices[i, 4] * shared
    return total


@compiled
def lower_height(one_west: float, one_east: float, two_west: float, two_east: float) -> float:
    """Mean height of the lower of two straight tops.

    That is the mean of the first less the triangle, or trapezium, by which the second runs below
    it: of depth `below` on the share `below / apart` of the way, or along all of it.
    """
    west, east = two_west - one_west, two_east - one_east
    below, apart = min(west, 0.0) + min(east, 0.0), abs(west) + abs(east)
    return (one_west + one_east - below * below / max(apart, TINY)) / 2


@compiled
def find_doubled(starts: Integers, parts: Floats, tolerance: float) -> bool:
    """Tell whether ground in a cell lies under two zones.

    The number of zones above a place, squared, sums up to more than the number itself exactly
    where it is anything but 0 or 1; the square is a double sum over the edges.
    """
    for cell in range(len(starts) - 1):
        single, squared = 0.0, 0.0
        for i in range(starts[cell], starts[cell + 1]):
            one = parts[i]
            width = one[2] - one[0]
            mean = one[1] + width * one[3] / 2
            single += one[4] * width * mean
            squared += width * mean
            for j in range(i + 1, starts[cell + 1]):
                two = parts[j]
                if two[0] >= one[2]:
                    break
                west, east = two[0], min(one[2], two[2])
                low = lower_height(
                    max(one[1] + (west - one[0]) * one[3], 0.0),
                    max(one[1] + (east - one[0]) * one[3], 0.0),
                    two[1],
                    two[1] + (east - west) * two[3],
                )
                squared += 2 * one[4] * two[4] * (east - west) * low
        if abs(squared - single) > tolerance:
            return True
    return False
