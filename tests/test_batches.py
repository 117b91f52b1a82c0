"""One judgement: sites in a batch as sites put into words, near a box as in the whole county."""

from __future__ import annotations

import math
import pickle
import threading
import time
from collections import deque
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import ZONE_42, square
from small_screenings import DAY, make_ground, make_plan, make_sites

from spatialplan.findings import GroundStatus, Severity, Verdict
from spatialplan.messages import say
from spatialplan.plan import Tolerance
from spatialplan.rulebook import read_rulebook
from spatialplan.runs import run_here
from spatialplan.screening import (
    LEVELS,
    STATUSES,
    DoubtTotal,
    GroundTotal,
    Inquiry,
    Partial,
    Tally,
    UnreadSites,
    judge_batch,
    judge_sites,
    merge_tallies,
    prepare_grounds,
)
from spatialplan.sites import Numbering, number_sites
from spatialplan.sites.assembly import unique_ids

corner = st.integers(0, 12)
block = st.tuples(corner, corner, st.integers(1, 6), st.integers(1, 6))


def blocks(corners: list[tuple[int, int, int, int]]) -> list[Any]:
    return [square(10 * x, 10 * y, 10 * w, height_m=10 * h) for x, y, w, h in corners]


def inquire(
    lines: list[Any],
    parcels: list[Any],
    kind: str | None,
    classes: tuple[str, ...] = ("0103", "1006", "0301"),
) -> Inquiry:
    """A red line with a window, a line to cross, parcels; nothing is missing from the plan."""
    window = square(300, 0, 60) - square(310, 10, 30)
    layers = {
        **make_ground("red_line", [*lines, window], "ecological_red_line"),
        **make_ground(
            "road",
            [shapely.LineString([(42_600_000, 4_970_055), (42_600_200, 4_970_055)])],
            "other",
            geometry="line",
        ),
        **make_ground(
            "parcels",
            parcels,
            "land_parcel",
            class_field="DLBM",
            columns={"DLBM": list(islice(cycle(classes), len(parcels)))},
        ),
    }
    plan = make_plan(layers)
    return Inquiry(plan, layers, read_rulebook(plan, day=DAY), Tolerance(), kind)


def told(partial: Partial, row: int) -> dict[str, Any]:
    """What a row says of a site."""
    rows = partial.rows
    return {
        "verdict": LEVELS[rows.verdict[row]],
        **{
            key: (
                STATUSES[layer.status[row]],
                LEVELS[layer.verdict[row]],
                round(float(layer.overlap_m2[row]), 4),
                round(float(np.nan_to_num(layer.distance_m[row], nan=-1.0)), 3),
            )
            for key, layer in rows.layers.items()
        },
    }


@settings(max_examples=12, deadline=None)
@given(
    places=st.lists(block, min_size=1, max_size=5),
    lines=st.lists(block, min_size=1, max_size=3),
    parcels=st.lists(block, min_size=1, max_size=4),
    covered=st.booleans(),
    kind=st.sampled_from([None, "industry", "linear"]),
)
def test_a_batch_says_what_the_words_say(
    places: Any, lines: Any, parcels: Any, covered: bool, kind: str | None
) -> None:
    ground = [square(-500, -500, 2000)] if covered else blocks(parcels)
    inquiry = inquire(blocks(lines), ground, kind)
    sites = make_sites([*blocks(places), square(315, 15, 10), None])
    grounds = prepare_grounds(inquiry, ZONE_42, lasting=True)
    partial = judge_batch(sites, inquiry, grounds)
    for row, finding in enumerate(judge_sites(sites, inquiry)):
        wanted: dict[str, Any] = {"verdict": finding.verdict}
        for layer in finding.layers:
            distance = -1.0 if layer.distance_m is None else round(layer.distance_m, 3)
            overlap = round(layer.overlap_m2, 4)
            wanted[layer.layer] = (layer.status, layer.verdict, overlap, distance)
        if finding.layers:
            assert told(partial, row) == wanted
    assert LEVELS[partial.rows.verdict[-1]] is Verdict.NOT_EVALUATED


def test_a_site_is_clear_in_a_batch_unless_parcels_leave_ground_of_it_bare() -> None:
    sites = make_sites([square(700, 700, 50)])
    verdicts = []
    for parcels in ([square(600, 600, 300)], [square(600, 600, 120)]):
        inquiry = inquire(blocks([(0, 0, 1, 1)]), parcels, None, classes=("0601",))
        grounds = prepare_grounds(inquiry, ZONE_42, lasting=True)
        verdicts.append(LEVELS[judge_batch(sites, inquiry, grounds).rows.verdict[0]])
        assert judge_sites(sites, inquiry)[0].verdict is verdicts[-1]
    assert verdicts == [Verdict.CLEAR, Verdict.NOT_EVALUATED]


@settings(max_examples=12, deadline=None)
@given(
    places=st.lists(block, min_size=1, max_size=4),
    lines=st.lists(block, min_size=1, max_size=4),
    far=st.lists(st.tuples(st.integers(20, 900), st.integers(-900, 900)), max_size=6),
)
def test_ground_near_a_box_answers_as_the_whole_and_travels(
    places: Any, lines: Any, far: Any
) -> None:
    away = [square(10 * x, 10 * y, 40) for x, y in far]
    inquiry = inquire([*blocks(lines), *away], [square(-500, -500, 2000)], None)
    sites = make_sites([*blocks(places), square(315, 15, 10)])
    grounds = prepare_grounds(inquiry, ZONE_42, lasting=True)
    box = shapely.total_bounds(sites.geometry)
    near = {key: pickle.loads(pickle.dumps(ground.near(box))) for key, ground in grounds.items()}
    whole, part = judge_batch(sites, inquiry, grounds), judge_batch(sites, inquiry, near)
    for row in range(len(sites)):
        assert told(part, row) == told(whole, row)
    assert len(near["red_line"].shapes) <= len(grounds["red_line"].shapes)


def test_far_ground_does_not_travel() -> None:
    inquiry = inquire(blocks([(0, 0, 5, 5), (900, 900, 5, 5)]), [square(0, 0, 90)], None)
    (ground,) = [
        ground
        for key, ground in prepare_grounds(inquiry, ZONE_42, lasting=True).items()
        if key == "red_line"
    ]
    box = shapely.total_bounds(make_sites([square(10, 10, 10)]).geometry)
    assert [str(text) for text in ground.near(box).ids] == [str(ground.ids[0])]


# ── tallies ──

areas = st.floats(0, 1e9)
tallies = st.builds(
    Tally,
    sites=st.integers(0, 5),
    area_m2=areas,
    verdicts=st.dictionaries(st.sampled_from(list(Verdict)), st.integers(1, 9)),
    ground=st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from(list(GroundStatus))),
        st.builds(GroundTotal, st.integers(1, 9), areas),
    ),
)


@given(st.lists(tallies, max_size=6), st.randoms())
def test_tallies_add_up_in_any_order(found: list[Tally], order: Any) -> None:
    mixed = found.copy()
    order.shuffle(mixed)
    one, other = merge_tallies(found), merge_tallies(mixed)
    assert (one.sites, one.area_m2, one.verdicts, one.ground) == (
        *(other.sites, other.area_m2, other.verdicts, other.ground),
    )
    assert one.area_m2 == math.fsum(tally.area_m2 for tally in found)


def test_doubts_and_what_was_not_read_are_kept_by_the_merge() -> None:
    def half(first_row: int, *ids: str) -> Tally:
        doubt = DoubtTotal(Severity.WARNING, len(ids), say("site.no_geometry"), ids)
        unread = UnreadSites(first_row, 2, say("site.none"))
        return Tally(2, 0.0, doubts={"tiny": doubt}, unread=(unread,))

    merged = merge_tallies([half(9, "C"), half(3, "A", "B")])
    assert merged.doubts["tiny"].sites == 3
    assert [one.first_row for one in merged.unread] == [3, 9]


# ── drivers ──


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_batches_are_held_than_workers_and_one(workers: int) -> None:
    held, most, lock = deque[int](), [0], threading.Lock()

    def read() -> Iterator[int]:
        for number in range(40):
            with lock:
                held.append(number)
                most[0] = max(most[0], len(held))
            yield number

    def judge(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number

    found = []
    for number in run_here(read(), judge, workers=workers):
        with lock:
            held.remove(number)
        found.append(number)
    assert found == list(range(40))
    assert most[0] <= workers + 2  # the one handed out counts until it is taken here


def test_an_error_in_a_batch_ends_the_run_and_reads_no_further() -> None:
    read = []

    def batches() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    with pytest.raises(ZeroDivisionError):
        list(run_here(batches(), lambda number: 1 // (5 - number), workers=2))
    assert len(read) < 20


# ── ids of a whole file ──


@given(
    st.lists(st.sampled_from(["A", "B", "A (2)", "#2", "", "C", "#1"]), max_size=9),
    st.integers(1, 4),
)
def test_ids_are_those_of_a_file_held_as_a_whole(texts: list[str], size: int) -> None:
    raw = np.array(texts, dtype=object)
    starts = range(0, len(raw), size)
    numbering: Numbering = number_sites(lambda: (raw[i : i + size] for i in starts))
    wanted, doubts = unique_ids(raw)
    found, said = [], []
    for start in starts:
        ids, some = numbering.settle(raw[start : start + size], start)
        found += ids.tolist()
        said += [(doubt.row + start, doubt.fault, doubt.message) for doubt in some]
    assert found == wanted.tolist()
    assert said == [(one.row, one.fault, one.message) for one in doubts if one.row >= 0]
