"""What follows for sites from how they lie to one layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import Plane
from spatialplan.findings import NOISE_WIDTH_M, GroundStatus, NotEvaluated, Verdict
from spatialplan.layers import Source
from spatialplan.messages import Message, say
from spatialplan.plan import ScreeningRule, Tolerance
from spatialplan.rulebook import Rulebook
from spatialplan.screening.contacts import Contact, ZoneContact, find_contacts
from spatialplan.screening.distances import sites_at_outlines
from spatialplan.screening.ground import Ground
from spatialplan.screening.results import LayerFinding, ZoneFinding
from spatialplan.screening.sentences import layer_sentence
from spatialplan.screening.verdicts import (
    LEVELS,
    Case,
    CaseBook,
    Levels,
    level_of,
    pick_level,
    soften_slivers,
)

__all__ = ["LayerJudgement", "Question", "judge_layer"]

NOT_EVALUATED = level_of(Verdict.NOT_EVALUATED)


@dataclass(frozen=True, slots=True)
class Question:
    """The sites that are asked about, and how they are to be judged.

    Attributes
    ----------
    shapes
        Valid polygons in the plane of judgement, object[n].
    area_m2
        Their official areas, float64[n].
    kinds
        Number of each site's kind of project in the rulebook, `ALL_KINDS` for all, int64[n].
    error_to
        How far off the sites may be to a layer from a source, metres.
    """

    shapes: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    kinds: NDArray[np.int64]
    book: Rulebook
    tolerance: Tolerance
    plane: Plane
    working_crs: CRS
    error_to: Callable[[Source], float]


@dataclass(frozen=True, slots=True)
class LayerJudgement:
    """One finding a site, the level for every kind of project, and what was left open."""

    findings: tuple[LayerFinding, ...]
    levels: Levels
    left_open: tuple[NotEvaluated | None, ...]


def judge_layer(question: Question, ground: Ground) -> LayerJudgement:
    """Judge sites on one layer, in the order of the question's sites."""
    contacts = find_contacts(
        question.shapes,
        ground,
        tolerance=question.tolerance,
        plane=question.plane,
        working_crs=question.working_crs,
    )
    cases = CaseBook(question.book, ground.layer.spec)
    gaps = _find_gaps(question.shapes, ground)
    error_m = question.error_to(ground.layer.source)
    if error_m:
        unsure = sites_at_outlines(question.shapes, ground, within_m=error_m)
        why = say("position.within_error", layer=ground.layer.spec.title, error=error_m)
        gaps |= {row: gaps[row] or why for row in unsure}
    judged = [
        _judge(question, ground, cases, row, contacts[row], gap, error_m)
        for row, gap in gaps.items()
    ]
    levels = np.array([levels for _, levels in judged], dtype=np.int8)
    return LayerJudgement(
        findings=tuple(finding for finding, _ in judged),
        levels=levels.reshape(len(judged), len(question.book.kinds)),
        left_open=tuple(
            NotEvaluated(ground.layer.spec.id, why) if why is not None else None
            for why in gaps.values()
        ),
    )


def _judge(
    question: Question,
    ground: Ground,
    cases: CaseBook,
    row: int,
    contact: Contact,
    gap: Message | None,
    error_m: float,
) -> tuple[LayerFinding, Levels]:
    """Judge one site; `gap` says why nothing better than not evaluated may come out."""
    outside_m2 = _outside_m2(question, ground, cases, row, contact)
    if contact.status is GroundStatus.CLEAR and outside_m2 is None and gap is None:
        return _clear_finding(ground, contact, error_m), cases.clear
    kind = int(question.kinds[row])
    zones = [(zone, _zone_case(cases, zone)) for zone in contact.zones]
    whole = _whole_cases(question, cases, row, contact, outside_m2)
    levels = cases.clear
    for zone, case in zones:
        sliver = zone.status is GroundStatus.SLIVER
        levels = np.maximum(levels, soften_slivers(case.levels) if sliver else case.levels)
    for case in whole:
        levels = np.maximum(levels, case.levels)
    status = contact.status
    if gap is not None:
        levels = np.maximum(levels, np.int8(NOT_EVALUATED))
        if status is GroundStatus.CLEAR:
            status = GroundStatus.NOT_EVALUATED
    met = [*(case for _, case in zones), *whole]
    finding = LayerFinding(
        layer=ground.layer.spec.id,
        status=status,
        verdict=LEVELS[pick_level(levels, kind)],
        sentence=layer_sentence(
            ground.layer.spec,
            contact,
            status,
            outside_m2,
            gap,
            error_m=error_m,
        ),
        overlap_m2=contact.overlap_m2,
        overlap_planar_m2=contact.planar_m2,
        overlap_share=min(contact.overlap_m2 / float(question.area_m2[row]), 1.0),
        net_m2=_net_m2(contact, ground),
        length_m=contact.length_m,
        outside_m2=outside_m2,
        sliver_m2=sum(p.area_m2 for p in contact.pieces if p.status is GroundStatus.SLIVER),
        noise_m2=contact.noise_m2,
        distance_m=contact.distance_m,
        nearest=contact.nearest,
        zones=tuple(_zone_finding(cases, zone, case, kind) for zone, case in zones),
        pieces=contact.pieces,
        rules=_rules_of(cases, met, kind),
    )
    return finding, levels


def _clear_finding(ground: Ground, contact: Contact, error_m: float) -> LayerFinding:
    """Describe a site that shares nothing with a layer, as most sites do with most layers."""
    spec = ground.layer.spec
    return LayerFinding(
        layer=spec.id,
        status=GroundStatus.CLEAR,
        verdict=Verdict.CLEAR,
        sentence=layer_sentence(spec, contact, GroundStatus.CLEAR, None, None, error_m=error_m),
        length_m=contact.length_m,
        noise_m2=contact.noise_m2,
        distance_m=contact.distance_m,
        nearest=contact.nearest,
    )


def _zone_case(cases: CaseBook, zone: ZoneContact) -> Case:
    return cases.look_up("inside", zone.zone, zone.features if cases.asks_for_features else ())


def _whole_cases(
    question: Question, cases: CaseBook, row: int, contact: Contact, outside_m2: float | None
) -> list[Case]:
    """Cases that no zone carries: lines and points in the site, ground outside, a window."""
    found = []
    found += [
        cases.look_up("inside", mark.zone, mark.features if cases.asks_for_features else ())
        for mark in contact.marks
    ]
    if outside_m2 is not None and outside_m2 > _noise_m2(question, row):
        found.append(cases.look_up("outside"))
    if contact.status is GroundStatus.ENCLOSED:
        found.append(cases.look_up("enclosed"))
    return found


def _outside_m2(
    question: Question, ground: Ground, cases: CaseBook, row: int, contact: Contact
) -> float | None:
    if not cases.asks_for_outside or ground.layer.spec.geometry != "polygon":
        return None
    return max(float(question.area_m2[row]) - contact.overlap_m2, 0.0)


def _noise_m2(question: Question, row: int) -> float:
    """Area of a hairline all along the site's border."""
    return float(shapely.length(question.shapes[row])) * NOISE_WIDTH_M


def _net_m2(contact: Contact, ground: Ground) -> float | None:
    nets = [zone.net_m2 for zone in contact.zones]
    if ground.kept_share is None or not nets or ground.is_parcels:
        return None
    known = [net for net in nets if net is not None]
    return sum(known) if len(known) == len(nets) else None


def _zone_finding(cases: CaseBook, zone: ZoneContact, case: Case, kind: int) -> ZoneFinding:
    levels = soften_slivers(case.levels) if zone.status is GroundStatus.SLIVER else case.levels
    return ZoneFinding(
        zone=zone.zone,
        status=zone.status,
        overlap_m2=zone.overlap_m2,
        net_m2=zone.net_m2,
        verdict=LEVELS[pick_level(levels, kind)],
        rules=cases.rules_for_kind(case, kind),
    )


def _rules_of(cases: CaseBook, met: list[Case], kind: int) -> tuple[ScreeningRule, ...]:
    if len(met) <= 1:
        return cases.rules_for_kind(met[0], kind) if met else ()
    found = {rule.id: rule for case in met for rule in cases.rules_for_kind(case, kind)}
    return tuple(sorted(found.values(), key=lambda rule: -level_of(rule.verdict)))


def _find_gaps(shapes: NDArray[np.object_], ground: Ground) -> dict[int, Message | None]:
    """For every site: why the layer cannot be called clear of it, or None.

    Features that the gate set aside without a place may lie anywhere, invalid ones somewhere in
    their box.
    """
    title = ground.layer.spec.title
    gaps: dict[int, Message | None] = dict.fromkeys(range(len(shapes)))
    if ground.unplaced:
        why = say("screening.unplaced_features", layer=title, count=ground.unplaced)
        return dict.fromkeys(gaps, why)
    if ground.strays:
        why = say("screening.stray_features", layer=title, count=ground.strays)
        return dict.fromkeys(gaps, why)
    if not len(ground.suspects):
        return gaps
    boxes = shapely.box(*ground.suspects.T)
    near = shapely.STRtree(boxes).query(shapely.box(*shapely.bounds(shapes).T))
    for row, count in zip(*np.unique(near[0], return_counts=True), strict=True):
        gaps[int(row)] = say("screening.invalid_nearby", layer=title, count=int(count))
    return gaps
