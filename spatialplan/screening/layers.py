"""What follows for sites from how they lie to one layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, GroundStatus, NotEvaluated, Verdict
from spatialplan.layers import Source
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec, ScreeningRule, Tolerance
from spatialplan.rulebook import Rulebook
from spatialplan.screening.contacts import Contact, Contacts, Mark, ZoneContact, find_contacts
from spatialplan.screening.distances import sites_at_outlines
from spatialplan.screening.ground import Ground
from spatialplan.screening.results import LayerFinding, ZoneFinding
from spatialplan.screening.sentences import layer_sentence, missing_sentence
from spatialplan.screening.statuses import (
    CLEAR,
    ENCLOSED,
    NOT_EVALUATED,
    SLIVER,
    STATUSES,
    Codes,
)
from spatialplan.screening.verdicts import (
    LEVELS,
    Case,
    CaseBook,
    Levels,
    level_of,
    pick_level,
    pick_levels,
    soften_slivers,
)

__all__ = ["LayerJudgement", "Question", "judge_layer", "leave_open"]

OPEN_LEVEL = level_of(Verdict.NOT_EVALUATED)


@dataclass(frozen=True, slots=True)
class Question:
    """The sites that are asked about, and how they are to be judged.

    Attributes
    ----------
    shapes
        Valid polygons in the plane of judgement, object[n].
    flat
        The same in the working CRS, object[n].
    area_m2
        Their official areas, float64[n].
    kinds
        Number of each site's kind of project in the rulebook, `ALL_KINDS` for all, int64[n].
    error_to
        How far off the sites may be to a layer from a source, metres.
    """

    shapes: NDArray[np.object_]
    flat: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    kinds: NDArray[np.int64]
    book: Rulebook
    tolerance: Tolerance
    error_to: Callable[[Source], float]


@dataclass(frozen=True)
class LayerJudgement:
    """How all sites lie to one layer and what follows, one entry a site; sentences on demand.

    Attributes
    ----------
    status
        One of `STATUSES` by number, int8[n].
    levels
        Level for every kind of project, int8[n, kinds].
    picked
        The level for each site's own kind, or the worst over all, int8[n].
    overlap_m2, share, distance_m
        Ground in common, its share of the site, distance where there is none, float64[n]; NaN
        where nobody could look.
    outside_m2
        Ground of the site outside the layer, float64[n]; NaN where no rule asks for it.
    gaps
        Why nothing better than not evaluated may come out, object[n]; None where nothing keeps it.
    """

    question: Question
    spec: LayerSpec
    status: Codes
    levels: Levels
    picked: NDArray[np.int8]
    overlap_m2: NDArray[np.float64]
    share: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    outside_m2: NDArray[np.float64]
    gaps: NDArray[np.object_]
    make_finding: Callable[[LayerJudgement, int], LayerFinding]
    left_open: NDArray[np.object_]

    def finding(self, row: int) -> LayerFinding:
        """Put what was found about one site into words."""
        return self.make_finding(self, row)

    def findings(self) -> tuple[LayerFinding, ...]:
        """Put everything into words."""
        return tuple(self.finding(row) for row in range(len(self.status)))


def judge_layer(question: Question, ground: Ground) -> LayerJudgement:
    """Judge sites on one layer, in the order of the question's sites."""
    spec, count = ground.layer.spec, len(question.shapes)
    contacts = find_contacts(question.shapes, question.flat, ground, tolerance=question.tolerance)
    cases = CaseBook(question.book, spec)
    error_m = question.error_to(ground.layer.source)
    gaps = _find_gaps(question.shapes, ground)
    if error_m:
        unsure = sites_at_outlines(question.shapes, ground, within_m=error_m)
        why = say("position.within_error", layer=spec.title, error=error_m)
        gaps[[row for row in unsure if gaps[row] is None]] = why
    outside_m2 = np.full(count, np.nan)
    if cases.asks_for_outside and spec.geometry == "polygon":
        outside_m2 = np.maximum(question.area_m2 - contacts.overlap_m2, 0.0)
    open_rows = np.array([gap is not None for gap in gaps], dtype=bool)
    levels = _levels(question, cases, contacts, outside_m2)
    levels[open_rows] = np.maximum(levels[open_rows], np.int8(OPEN_LEVEL))
    status = contacts.status.copy()
    status[open_rows & (status == CLEAR)] = NOT_EVALUATED
    wording = _Wording(ground, cases, contacts, error_m)
    left_open = gaps.copy()
    left_open[open_rows] = [NotEvaluated(spec.id, why) for why in gaps[open_rows]]
    return LayerJudgement(
        question=question,
        spec=spec,
        status=status,
        levels=levels,
        picked=pick_levels(levels, question.kinds),
        overlap_m2=contacts.overlap_m2,
        share=np.minimum(contacts.overlap_m2 / question.area_m2, 1.0),
        distance_m=contacts.distance_m,
        outside_m2=outside_m2,
        gaps=gaps,
        make_finding=wording.finding,
        left_open=left_open,
    )


def leave_open(
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
    unknown = np.full(count, np.nan)
    return LayerJudgement(
        question=question,
        spec=spec,
        status=np.full(count, NOT_EVALUATED, dtype=np.int8),
        levels=np.full((count, len(question.book.kinds)), OPEN_LEVEL, dtype=np.int8),
        picked=np.full(count, OPEN_LEVEL, dtype=np.int8),
        overlap_m2=unknown,
        share=unknown,
        distance_m=unknown,
        outside_m2=unknown,
        gaps=np.full(count, why, dtype=object),
        make_finding=lambda _, row: finding,
        left_open=np.full(count, point, dtype=object),
    )


def _levels(
    question: Question, cases: CaseBook, contacts: Contacts, outside_m2: NDArray[np.float64]
) -> Levels:
    """Find the worst level of all that each site meets, for every kind of project."""
    levels = np.zeros((len(contacts.status), len(question.book.kinds)), dtype=np.int8)
    zones = contacts.zones
    by_zone = _zone_levels(cases, contacts)
    np.maximum.at(levels, zones.site, by_zone)
    for row, marks in contacts.marks.items():
        for mark in marks:
            levels[row] = np.maximum(levels[row], _mark_case(cases, mark).levels)
    # Ground of a hairline all along the site's border is none.
    noise_m2 = shapely.length(question.shapes) * NOISE_WIDTH_M
    beyond = outside_m2 > noise_m2
    if beyond.any():
        levels[beyond] = np.maximum(levels[beyond], cases.look_up("outside").levels)
    enclosed = contacts.status == ENCLOSED
    if enclosed.any():
        levels[enclosed] = np.maximum(levels[enclosed], cases.look_up("enclosed").levels)
    return levels


def _zone_levels(cases: CaseBook, contacts: Contacts) -> Levels:
    """Find the levels of every zone contact; each zone is looked up once."""
    zones, names = contacts.zones, contacts.ground.zone_codes[0]
    if not len(zones.site):
        return np.zeros((0, len(cases.book.kinds)), dtype=np.int8)
    if cases.asks_for_features:
        found = [
            cases.look_up("inside", str(names[code]), contacts.features_of_zone(number)).levels
            for number, code in enumerate(zones.code)
        ]
        levels = np.array(found, dtype=np.int8)
    else:
        met, which = np.unique(zones.code, return_inverse=True)
        known = [cases.look_up("inside", str(names[code])).levels for code in met]
        levels = np.array(known, dtype=np.int8)[which]
    slivers = zones.status == SLIVER
    levels[slivers] = soften_slivers(levels[slivers])
    return levels


def _mark_case(cases: CaseBook, mark: Mark) -> Case:
    return cases.look_up("inside", mark.zone, mark.features if cases.asks_for_features else ())


@dataclass(frozen=True, slots=True)
class _Wording:
    """Puts what was found about single sites into words and rules."""

    ground: Ground
    cases: CaseBook
    contacts: Contacts
    error_m: float

    def finding(self, judgement: LayerJudgement, row: int) -> LayerFinding:
        """Describe one site; most share nothing with most layers."""
        outside = float(judgement.outside_m2[row])
        outside_m2 = None if math.isnan(outside) else outside
        if judgement.status[row] == CLEAR and outside_m2 is None:
            return self._clear_finding(judgement.spec, row)
        question, contact = judgement.question, self.contacts.of_site(row)
        spec, gap, status = judgement.spec, judgement.gaps[row], STATUSES[judgement.status[row]]
        kind = int(question.kinds[row])
        zones = [(zone, self._zone_case(zone)) for zone in contact.zones]
        met = [case for _, case in zones]
        met += self._whole_cases(question, row, contact, outside_m2)
        return LayerFinding(
            layer=spec.id,
            status=status,
            verdict=LEVELS[judgement.picked[row]],
            sentence=layer_sentence(spec, contact, status, outside_m2, gap, error_m=self.error_m),
            overlap_m2=contact.overlap_m2,
            overlap_planar_m2=contact.planar_m2,
            overlap_share=float(judgement.share[row]),
            net_m2=_net_m2(contact, self.ground),
            length_m=contact.length_m,
            outside_m2=outside_m2,
            sliver_m2=float(self.contacts.sliver_m2[row]),
            noise_m2=contact.noise_m2,
            distance_m=contact.distance_m,
            nearest=contact.nearest,
            zones=tuple(_zone_finding(self.cases, zone, case, kind) for zone, case in zones),
            pieces=contact.pieces,
            rules=_rules_of(self.cases, met, kind),
        )

    def _clear_finding(self, spec: LayerSpec, row: int) -> LayerFinding:
        contact = self.contacts.of_clear_site(row)
        error_m = self.error_m
        return LayerFinding(
            layer=spec.id,
            status=GroundStatus.CLEAR,
            verdict=Verdict.CLEAR,
            sentence=layer_sentence(spec, contact, contact.status, None, None, error_m=error_m),
            length_m=contact.length_m,
            noise_m2=contact.noise_m2,
            distance_m=contact.distance_m,
            nearest=contact.nearest,
        )

    def _zone_case(self, zone: ZoneContact) -> Case:
        wanted = self.cases.asks_for_features
        features = self.contacts.features_of_zone(zone.number) if wanted else ()
        return self.cases.look_up("inside", zone.zone, features)

    def _whole_cases(
        self, question: Question, row: int, contact: Contact, outside_m2: float | None
    ) -> list[Case]:
        """Cases that no zone carries: lines and points in the site, ground outside, a window."""
        found = [_mark_case(self.cases, mark) for mark in contact.marks]
        noise_m2 = float(shapely.length(question.shapes[row])) * NOISE_WIDTH_M
        if outside_m2 is not None and outside_m2 > noise_m2:
            found.append(self.cases.look_up("outside"))
        if contact.status is GroundStatus.ENCLOSED:
            found.append(self.cases.look_up("enclosed"))
        return found


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


def _find_gaps(shapes: NDArray[np.object_], ground: Ground) -> NDArray[np.object_]:
    """For every site: why the layer cannot be called clear of it, or None, object[n].

    Features that the gate set aside without a place may lie anywhere, invalid ones somewhere in
    their box.
    """
    title, count = ground.layer.spec.title, len(shapes)
    if ground.unplaced:
        why = say("screening.unplaced_features", layer=title, count=ground.unplaced)
        return np.full(count, why, dtype=object)
    if ground.strays:
        why = say("screening.stray_features", layer=title, count=ground.strays)
        return np.full(count, why, dtype=object)
    gaps = np.full(count, None, dtype=object)
    if not len(ground.suspects):
        return gaps
    boxes = shapely.box(*ground.suspects.T)
    near = shapely.STRtree(boxes).query(shapely.box(*shapely.bounds(shapes).T))
    for row, number in zip(*np.unique(near[0], return_counts=True), strict=True):
        gaps[row] = say("screening.invalid_nearby", layer=title, count=int(number))
    return gaps
