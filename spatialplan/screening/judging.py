"""Sites judged on all layers of a plan, and the verdict that comes of it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.errors import ConservationError
from spatialplan.findings import GroundStatus, NotEvaluated, Severity, Verdict, worst_verdict
from spatialplan.layers import PLACE_MARGIN, Layer
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec, Plan, Tolerance
from spatialplan.rulebook import Rulebook
from spatialplan.screening.ground import (
    Ground,
    called,
    first_with_role,
    judged_layers,
    prepare_ground,
    surround_by_role,
)
from spatialplan.screening.layers import LayerJudgement, Question, judge_layer
from spatialplan.screening.parts import SiteParts, list_parts
from spatialplan.screening.results import LayerFinding, SiteFinding
from spatialplan.screening.sentences import missing_sentence
from spatialplan.screening.verdicts import ALL_KINDS, LEVELS, CaseBook, Levels, level_of
from spatialplan.sites import Doubt, Sites

__all__ = ["Inquiry", "avoided_ground", "judge_sites"]

# Below this, parts that add up to more than their site do so by rounding.
SAME_GROUND_M2 = 0.01

# Room, metres, that places leave to lines and points without a width.
MARK_ROOM_M = 0.5

# Closed zones or features of a layer that its title names.
MOST_NAMED = 5

# Doubts that are no error, and yet leave open whether the site is clear.
OPENING_DOUBTS = frozenset({"outside_region"})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked of every site.

    Attributes
    ----------
    kind
        Kind of project for all sites; None: what each site's file says, else all kinds.
    problems
        Why layers of the plan could not be used, by name; they are among `common`.
    common
        What keeps every site from being clear, whatever it touches.
    """

    plan: Plan
    layers: Mapping[str, Layer]
    book: Rulebook
    tolerance: Tolerance
    kind: str | None = None
    problems: Mapping[str, Message] | None = None
    common: tuple[NotEvaluated, ...] = ()


def judge_sites(
    sites: Sites, inquiry: Inquiry, *, progress: Callable[[str], None] | None = None
) -> tuple[SiteFinding, ...]:
    """Judge every site, in the order of the sites; one without geometry is not evaluated.

    Sites do not know of each other: judging some of them gives the same findings.
    """
    kinds, doubts = _kinds_and_doubts(sites, inquiry)
    rows = sites.judged
    judged: dict[int, SiteFinding] = {}
    if len(rows):
        judged = _judge_rows(sites, rows, kinds, doubts, inquiry, progress or (lambda _: None))
    return tuple(
        judged[row] if row in judged else _unjudged(sites, row, kinds[row], doubts[row], inquiry)
        for row in range(len(sites))
    )


def avoided_ground(
    inquiry: Inquiry, working_crs: CRS, *, kind: str | None, keys: Sequence[str] = ()
) -> list[tuple[str, NDArray[np.object_]]]:
    """Title and shapes of the ground that a project of a kind had better keep off.

    By default that is whatever the rulebook prohibits or leaves to an authority; with `keys`, the
    whole of those layers. Lines and points without a width are avoided by `MARK_ROOM_M`, features
    that the gate set aside as invalid by their boxes, and around a layer whose place is not sure
    its error. Land parcels cover everything and are never among it.
    """
    found = []
    for key, ground in _grounds(inquiry, working_crs).items():
        if ground.is_parcels or (keys and key not in keys):
            continue
        zones, mark_zones = (
            (ground.zones, ground.ids, ground.names),
            (
                ground.mark_zones,
                ground.mark_ids,
                ground.mark_names,
            ),
        )
        closed = np.ones(len(ground.shapes), dtype=bool)
        closed_marks = np.ones(len(ground.marks), dtype=bool)
        if not keys:
            closed = _closed(ground, zones, inquiry, kind)
            closed_marks = _closed(ground, mark_zones, inquiry, kind)
        marks = shapely.buffer(ground.marks[closed_marks], MARK_ROOM_M)
        shapes = np.concatenate([ground.shapes[closed], marks, shapely.box(*ground.suspects.T)])
        error_m = ground.layer.source.placement.error_m
        if len(shapes):
            wide = shapely.buffer(shapes, PLACE_MARGIN * error_m) if error_m else shapes
            found.append((_closed_title(ground, closed, closed_marks), wide))
    return found


def _closed_title(
    ground: Ground, closed: NDArray[np.bool_], closed_marks: NDArray[np.bool_]
) -> str:
    """Name what of a layer is closed: by zone, else by feature, where it is not all of it."""
    title = ground.layer.spec.title
    chosen = np.concatenate([closed, closed_marks])
    if chosen.all() or not chosen.any():
        return title
    texts = np.concatenate([ground.zones, ground.mark_zones])
    if "" in texts[chosen] or {*texts[chosen]} & {*texts[~chosen]}:
        ids = np.concatenate([ground.ids, ground.mark_ids])
        texts = called(np.concatenate([ground.names, ground.mark_names]), ids)
    named = list(dict.fromkeys(texts[chosen].tolist()))
    more = "…" if len(named) > MOST_NAMED else ""
    return f"{title}（{'、'.join(named[:MOST_NAMED])}{more}）"


def _closed(
    ground: Ground,
    texts: tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]],
    inquiry: Inquiry,
    kind: str | None,
) -> NDArray[np.bool_]:
    """Tell which features of a layer, by zone, id and name, are closed to a kind of project."""
    cases = CaseBook(inquiry.book, ground.layer.spec)
    number = list(inquiry.book.kinds).index(kind) if kind else ALL_KINDS
    closed = level_of(Verdict.NEEDS_DETERMINATION)
    found = []
    for zone, *names in zip(*texts, strict=True):
        features = tuple(names) if cases.asks_for_features else ()
        found.append(cases.look_up("inside", str(zone), features).level(number) >= closed)
    return np.array(found, dtype=bool)


def _judge_rows(
    sites: Sites,
    rows: NDArray[np.intp],
    kinds: Sequence[str | None],
    doubts: Sequence[tuple[Doubt, ...]],
    inquiry: Inquiry,
    tell: Callable[[str], None],
) -> dict[int, SiteFinding]:
    names = list(inquiry.book.kinds)
    question = Question(
        shapes=sites.geometry[rows],
        area_m2=sites.area_m2[rows],
        kinds=np.array([names.index(k) if (k := kinds[row]) else ALL_KINDS for row in rows]),
        book=inquiry.book,
        tolerance=inquiry.tolerance,
        plane=sites.plane,
        working_crs=sites.crs,
        error_to=sites.error_to,
    )
    grounds = _grounds(inquiry, sites.crs)

    def judge(key: str) -> LayerJudgement:
        judgement = _judge_or_leave_open(question, grounds.get(key), inquiry, key)
        tell(inquiry.plan.layers[key].title)
        return judgement

    # Layers do not know of each other; while one computes, another is put into words.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        cutting = pool.submit(_parts, question, grounds, inquiry)
        judgements = list(pool.map(judge, judged_layers(inquiry.plan)))
        parts, problem = cutting.result()
    found = {}
    for number, row in enumerate(rows.tolist()):
        answers = [_Answer.of(judgement, number) for judgement in judgements]
        found[row] = _finding(
            sites, row, kinds[row], answers, parts[number], problem, doubts[row], inquiry
        )
    return found


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one layer's judgement says of one site."""

    finding: LayerFinding
    levels: Levels
    left_open: NotEvaluated | None

    @classmethod
    def of(cls, judgement: LayerJudgement, number: int) -> _Answer:
        return cls(
            judgement.findings[number], judgement.levels[number], judgement.left_open[number]
        )


def _grounds(inquiry: Inquiry, working_crs: CRS) -> dict[str, Ground]:
    problems = inquiry.problems or {}
    region = first_with_role(inquiry.layers, "region")
    return surround_by_role(
        {
            key: prepare_ground(inquiry.layers[key], inquiry.plan, working_crs, region=region)
            for key in judged_layers(inquiry.plan)
            if key in inquiry.layers and key not in problems
        }
    )


def _judge_or_leave_open(
    question: Question, ground: Ground | None, inquiry: Inquiry, key: str
) -> LayerJudgement:
    """Judge a layer; where that fails, it alone is left open, for every site."""
    spec = inquiry.plan.layers[key]
    if ground is None:
        missing = say("screening.layer_missing", layer=spec.title)
        why = (inquiry.problems or {}).get(key, missing)
        return _leave_open(question, spec, why, point=None)
    try:
        return judge_layer(question, ground)
    except ConservationError as error:
        why = say("screening.areas_lost", reason=error.faults[0].message)
        return _leave_open(question, spec, why, point=NotEvaluated(spec.id, why))


def _leave_open(
    question: Question, spec: LayerSpec, why: Message, *, point: NotEvaluated | None
) -> LayerJudgement:
    """Leave a layer open for every site; `point` is None where that is already said for all."""
    count = len(question.shapes)
    finding = LayerFinding(
        layer=spec.id,
        status=GroundStatus.NOT_EVALUATED,
        verdict=Verdict.NOT_EVALUATED,
        sentence=missing_sentence(spec, why),
    )
    levels = np.full((count, len(question.book.kinds)), level_of(Verdict.NOT_EVALUATED), np.int8)
    return LayerJudgement((finding,) * count, levels, (point,) * count)


def _parts(
    question: Question, grounds: Mapping[str, Ground], inquiry: Inquiry
) -> tuple[list[SiteParts], NotEvaluated | None]:
    parcels = [ground.layer for ground in grounds.values() if ground.is_parcels]
    lines = {key: ground for key, ground in grounds.items() if not ground.is_parcels}
    try:
        found = list_parts(
            question.shapes,
            townships=first_with_role(inquiry.layers, "administrative_area"),
            parcels=parcels[0] if parcels else None,
            grounds=lines,
        )
    except ConservationError as error:
        why = say("screening.areas_lost", reason=error.faults[0].message)
        empty = SiteParts(parts=(), uncovered_m2=None, doubled_m2=0.0)
        return [empty] * len(question.shapes), NotEvaluated("parts", why)
    return found, None


def _finding(
    sites: Sites,
    row: int,
    kind: str | None,
    answers: Sequence[_Answer],
    parts: SiteParts,
    problem: NotEvaluated | None,
    doubts: tuple[Doubt, ...],
    inquiry: Inquiry,
) -> SiteFinding:
    open_points = [answer.left_open for answer in answers] + [problem]
    gaps = [point for point in open_points if point is not None]
    gaps += _part_problems(parts)
    gaps += [NotEvaluated(doubt.fault, doubt.message) for doubt in doubts if _opens(doubt)]
    listed = worst_verdict(answer.finding.verdict for answer in answers)
    incomplete = [Verdict.NOT_EVALUATED] if gaps or inquiry.common or not answers else []
    levels = [answer.levels for answer in answers]
    return SiteFinding(
        row=row,
        site_id=str(sites.ids[row]),
        name=str(sites.names[row]),
        kind=kind,
        area_m2=float(sites.area_m2[row]),
        verdict=worst_verdict([listed, *incomplete]),
        listed_verdict=listed,
        by_kind=_by_kind(levels, inquiry.book),
        layers=tuple(answer.finding for answer in answers),
        parts=parts.parts,
        uncovered_m2=parts.uncovered_m2,
        doubts=doubts,
        not_evaluated=tuple(gaps),
    )


def _by_kind(levels: Sequence[Levels], book: Rulebook) -> dict[str, Verdict]:
    count = len(book.kinds)
    worst = np.max(np.array(levels, dtype=np.int8).reshape(-1, count), axis=0, initial=0)
    return {kind: LEVELS[level] for kind, level in zip(book.kinds, worst, strict=True)}


def _unjudged(
    sites: Sites, row: int, kind: str | None, doubts: tuple[Doubt, ...], inquiry: Inquiry
) -> SiteFinding:
    errors = [doubt for doubt in doubts if doubt.severity is Severity.ERROR]
    return SiteFinding(
        row=row,
        site_id=str(sites.ids[row]),
        name=str(sites.names[row]),
        kind=kind,
        area_m2=float(sites.area_m2[row]),
        verdict=Verdict.NOT_EVALUATED,
        listed_verdict=Verdict.NOT_EVALUATED,
        by_kind=dict.fromkeys(inquiry.book.kinds, Verdict.NOT_EVALUATED),
        doubts=doubts,
        not_evaluated=tuple(NotEvaluated(doubt.fault, doubt.message) for doubt in errors),
    )


def _kinds_and_doubts(
    sites: Sites, inquiry: Inquiry
) -> tuple[list[str | None], list[tuple[Doubt, ...]]]:
    """Return the kind that each site is judged as, and everything unclear about it."""
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in sites.doubts:
        doubts[doubt.row].append(doubt)
    kinds = []
    for row in range(len(sites)):
        kind, unclear = _kind_of(row, str(sites.kinds[row]), inquiry)
        kinds.append(kind)
        doubts[row] += [unclear] if unclear else []
    return kinds, [tuple(doubts[row]) for row in range(len(sites))]


def _kind_of(row: int, said: str, inquiry: Inquiry) -> tuple[str | None, Doubt | None]:
    found = inquiry.book.find_kind(said)
    if inquiry.kind is not None:
        if not said or found == inquiry.kind:
            return inquiry.kind, None
        title = inquiry.book.kinds[inquiry.kind].title
        message = say("screening.kind_overruled", found=said, kind=title)
        return inquiry.kind, Doubt(row, "kind_overruled", Severity.INFO, message)
    if found is None and said:
        known = "、".join(kind.title for kind in inquiry.book.kinds.values())
        message = say("screening.unknown_kind", found=said, known=known)
        return None, Doubt(row, "unknown_kind", Severity.WARNING, message)
    return found, None


def _opens(doubt: Doubt) -> bool:
    return doubt.severity is Severity.ERROR or doubt.fault in OPENING_DOUBTS


def _part_problems(parts: SiteParts) -> list[NotEvaluated]:
    found = []
    if parts.uncovered_m2 is not None and parts.uncovered_m2 > SAME_GROUND_M2:
        why = say("screening.uncovered", area_m2=parts.uncovered_m2)
        found.append(NotEvaluated("land_parcel", why))
    if parts.doubled_m2 > SAME_GROUND_M2:
        why = say("screening.parcels_overlap", area_m2=parts.doubled_m2)
        found.append(NotEvaluated("land_parcel", why))
    return found
