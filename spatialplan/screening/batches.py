"""Sites judged as a batch: rows of figures and their totals, without a word.

It is the judgement of `judge_sites`; only what is put into words there stays a number here. Parts
of a site by land parcel are looked for only where they can change its verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import Severity, Verdict
from spatialplan.messages import Message
from spatialplan.screening.ground import Ground
from spatialplan.screening.judging import (
    Inquiry,
    ask,
    find_parts,
    judge_layers,
    kinds_and_doubts,
    opens,
    part_problems,
)
from spatialplan.screening.layers import LayerJudgement, Question
from spatialplan.screening.preparing import judged_layers
from spatialplan.screening.statuses import NOT_EVALUATED, STATUSES, Codes
from spatialplan.screening.tally import MOST_NAMED, DoubtTotal, GroundTotal, Tally, UnreadSites
from spatialplan.screening.verdicts import LEVELS, level_of
from spatialplan.sites import Doubt, Sites

__all__ = ["LayerRows", "Partial", "SiteRows", "judge_batch", "leave_batch_open"]

OPEN_LEVEL = np.int8(level_of(Verdict.NOT_EVALUATED))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerRows:
    """How the sites of a batch lie to one layer, one entry a site.

    Attributes
    ----------
    status
        One of `STATUSES` by number, int8[n].
    verdict
        For each site's kind of project, one of `LEVELS` by number, int8[n].
    overlap_m2, share, distance_m
        Float64[n]; NaN where it is not known, or where there is no distance.
    """

    status: Codes
    verdict: NDArray[np.int8]
    overlap_m2: Floats
    share: Floats
    distance_m: Floats


@dataclass(frozen=True, slots=True)
class SiteRows:
    """The sites of a batch in the order of their file, one entry a site; picklable.

    Attributes
    ----------
    ids, names
        Text, object[n].
    area_m2
        Official area, float64[n]; NaN without geometry.
    verdict
        One of `LEVELS` by number, int8[n].
    doubts
        Names of the doubts that keep a site from being clear, with commas between them, object[n].
    layers
        By layer, in the plan's order.
    wkb
        Geometry in the working CRS as WKB, object[n]; None without geometry.
    boxes
        West, south, east, north of it, float64[n, 4]; NaN without geometry.
    """

    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    area_m2: Floats
    verdict: NDArray[np.int8]
    doubts: NDArray[np.object_]
    layers: Mapping[str, LayerRows]
    wkb: NDArray[np.object_]
    boxes: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Partial:
    """What was found about one batch: its rows, and what they add up to."""

    number: int
    rows: SiteRows
    tally: Tally


def judge_batch(
    sites: Sites, inquiry: Inquiry, grounds: Mapping[str, Ground], *, number: int = 0
) -> Partial:
    """Judge the sites of a batch, in their order.

    Parameters
    ----------
    grounds
        From `prepare_grounds`, or cut down to where the sites are by `Ground.near`; the land
        parcels' one holds those near the sites.
    number
        Of the batch.
    """
    kinds, doubts = kinds_and_doubts(sites, inquiry)
    count, rows = len(sites), sites.judged
    verdict = np.full(count, OPEN_LEVEL, dtype=np.int8)
    flat = np.full(count, None, dtype=object)
    layers = dict.fromkeys(judged_layers(inquiry.plan), _open_rows(count))
    if len(rows):
        question = ask(sites, kinds, inquiry)
        flat[rows] = question.flat
        judged = judge_layers(question, grounds, inquiry, lambda judgement: judgement)
        verdict[rows] = _verdicts(question, judged, grounds, inquiry, [doubts[row] for row in rows])
        layers = {
            key: _layer_rows(judgement, rows, count)
            for key, judgement in zip(layers, judged, strict=True)
        }
    site_rows = SiteRows(
        ids=sites.ids,
        names=sites.names,
        area_m2=sites.area_m2,
        verdict=verdict,
        doubts=np.array([",".join(_opening(found)) for found in doubts], dtype=object),
        layers=layers,
        wkb=shapely.to_wkb(flat),
        boxes=shapely.bounds(flat),
    )
    every = [doubt for found in doubts for doubt in found]
    every += [doubt for doubt in sites.doubts if doubt.row < 0]
    return Partial(number, site_rows, _tally(site_rows, every))


def leave_batch_open(
    first_row: int,
    count: int,
    why: Message,
    inquiry: Inquiry,
    *,
    number: int = 0,
    ids: NDArray[np.object_] | None = None,
) -> Partial:
    """Leave a batch that could not be read or judged not evaluated, with the reason."""
    if ids is None:
        ids = np.array([f"#{first_row + row + 1}" for row in range(count)], dtype=object)
    rows = SiteRows(
        ids=ids,
        names=np.full(count, "", dtype=object),
        area_m2=np.full(count, np.nan),
        verdict=np.full(count, OPEN_LEVEL, dtype=np.int8),
        doubts=np.full(count, "batch_unread", dtype=object),
        layers=dict.fromkeys(judged_layers(inquiry.plan), _open_rows(count)),
        wkb=np.full(count, None, dtype=object),
        boxes=np.full((count, 4), np.nan),
    )
    unread = (UnreadSites(first_row, count, why),)
    return Partial(number, rows, replace(_tally(rows, []), unread=unread))


def _open_rows(count: int) -> LayerRows:
    unknown = np.full(count, np.nan)
    return LayerRows(
        status=np.full(count, NOT_EVALUATED, dtype=np.int8),
        verdict=np.full(count, OPEN_LEVEL, dtype=np.int8),
        overlap_m2=unknown,
        share=unknown,
        distance_m=unknown,
    )


def _verdicts(
    question: Question,
    judged: Sequence[LayerJudgement],
    grounds: Mapping[str, Ground],
    inquiry: Inquiry,
    doubts: Sequence[tuple[Doubt, ...]],
) -> NDArray[np.int8]:
    """Find the worst of all layers for each site, and what is left open about it."""
    count = len(question.shapes)
    worst = np.zeros(count, dtype=np.int8)
    is_open = np.array([any(map(opens, found)) for found in doubts], dtype=bool)
    for judgement in judged:
        worst = np.maximum(worst, judgement.picked)
        is_open |= np.array([point is not None for point in judgement.left_open], dtype=bool)
    if inquiry.common or not judged:
        is_open[:] = True
    maybe = np.flatnonzero((worst == 0) & ~is_open)
    if len(maybe):
        is_open[maybe] = _have_part_problems(question, maybe, grounds, inquiry)
    return np.where(is_open, np.maximum(worst, OPEN_LEVEL), worst).astype(np.int8)


def _have_part_problems(
    question: Question, rows: NDArray[np.intp], grounds: Mapping[str, Ground], inquiry: Inquiry
) -> NDArray[np.bool_]:
    """Tell which sites parcels cover not wholly, or more than once."""
    some = replace(question, shapes=question.shapes[rows])
    parcels = {key: ground for key, ground in grounds.items() if ground.is_parcels}
    parts, problem = find_parts(some, parcels, inquiry)
    return np.array([bool(problem) or bool(part_problems(one)) for one in parts], dtype=bool)


def _layer_rows(judgement: LayerJudgement, rows: NDArray[np.intp], count: int) -> LayerRows:
    """Return a judgement's figures for all sites; those without geometry are not evaluated.

    Of a layer that nobody could look at nothing is known.
    """
    unseen = judgement.status == NOT_EVALUATED
    every = _open_rows(count)
    every.status[rows], every.verdict[rows] = judgement.status, judgement.picked
    figures = []
    for values in (judgement.overlap_m2, judgement.share, judgement.distance_m):
        column = np.full(count, np.nan)
        column[rows] = np.where(unseen, np.nan, values)
        figures.append(column)
    return LayerRows(every.status, every.verdict, *figures)


def _opening(doubts: Sequence[Doubt]) -> list[str]:
    return sorted({doubt.fault for doubt in doubts if opens(doubt)})


def _tally(rows: SiteRows, doubts: Sequence[Doubt]) -> Tally:
    verdicts = {LEVELS[level]: count for level, count in Counter(rows.verdict.tolist()).items()}
    ground = {}
    for key, layer in rows.layers.items():
        for code in np.unique(layer.status):
            chosen = layer.status == code
            total = math.fsum(np.nan_to_num(layer.overlap_m2[chosen]))
            ground[key, STATUSES[code]] = GroundTotal(int(chosen.sum()), total)
    return Tally(
        sites=len(rows),
        area_m2=math.fsum(np.nan_to_num(rows.area_m2)),
        verdicts=verdicts,
        ground=ground,
        doubts=_count_doubts(rows, doubts),
    )


def _count_doubts(rows: SiteRows, doubts: Sequence[Doubt]) -> dict[str, DoubtTotal]:
    counts = Counter(doubt.fault for doubt in doubts)
    found: dict[str, tuple[Severity, Message, list[str]]] = {}
    for doubt in doubts:
        entry = found.setdefault(doubt.fault, (doubt.severity, doubt.message, []))
        if doubt.row >= 0 and len(entry[2]) < MOST_NAMED:
            entry[2].append(str(rows.ids[doubt.row]))
    return {
        fault: DoubtTotal(severity, counts[fault], message, tuple(ids))
        for fault, (severity, message, ids) in found.items()
    }
