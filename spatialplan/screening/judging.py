"""Sites judged on all layers of a plan, and the verdict that comes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.errors import ConservationError
from spatialplan.findings import NotEvaluated, Severity, Verdict, worst_verdict
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.plan import Plan, Tolerance
from spatialplan.rulebook import Rulebook
from spatialplan.screening.ground import Ground
from spatialplan.screening.layers import LayerJudgement, Question, judge_layer, leave_open
from spatialplan.screening.parts import SiteParts, list_parts
from spatialplan.screening.preparing import (
    first_with_role,
    judged_layers,
    prepare_ground,
    surround_by_role,
)
from spatialplan.screening.results import LayerFinding, SiteFinding
from spatialplan.screening.verdicts import ALL_KINDS, LEVELS, Levels
from spatialplan.sites import Doubt, Sites
from spatialplan.threads import thread_count

__all__ = ["Inquiry", "judge_sites", "prepare_grounds"]

Answer = TypeVar("Answer")

# Below this, parts that add up to more than their site do so by rounding.
SAME_GROUND_M2 = 0.01

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


def prepare_grounds(
    inquiry: Inquiry, working_crs: CRS, *, lasting: bool = False
) -> dict[str, Ground]:
    """Make every layer ready that can be judged on, by its name in the plan.

    Parameters
    ----------
    working_crs
        The projected CRS in which bands are drawn and distances looked for.
    lasting
        Whether batch after batch of sites will ask: then each layer is cut and indexed as a whole,
        once.
    """
    problems = inquiry.problems or {}
    region = first_with_role(inquiry.layers, "region")
    return surround_by_role(
        {
            key: prepare_ground(
                inquiry.layers[key],
                inquiry.plan,
                working_crs,
                region=region,
                lasting=lasting,
            )
            for key in judged_layers(inquiry.plan)
            if key in inquiry.layers and key not in problems
        }
    )


def judge_sites(
    sites: Sites,
    inquiry: Inquiry,
    *,
    grounds: Mapping[str, Ground] | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[SiteFinding, ...]:
    """Judge every site, in the order of the sites; one without geometry is not evaluated.

    Sites do not know of each other: judging some of them gives the same findings.

    Parameters
    ----------
    grounds
        From `prepare_grounds`; default: made for this call.
    progress
        Called with the title of each layer that is done.
    """
    kinds, doubts = kinds_and_doubts(sites, inquiry)
    rows = sites.judged
    judged: dict[int, SiteFinding] = {}
    if len(rows):
        ready = prepare_grounds(inquiry, sites.crs) if grounds is None else grounds
        judged = _judge_rows(sites, kinds, doubts, inquiry, ready, progress or (lambda _: None))
    return tuple(
        judged[row] if row in judged else _unjudged(sites, row, kinds[row], doubts[row], inquiry)
        for row in range(len(sites))
    )


def _judge_rows(
    sites: Sites,
    kinds: Sequence[str | None],
    doubts: Sequence[tuple[Doubt, ...]],
    inquiry: Inquiry,
    grounds: Mapping[str, Ground],
    tell: Callable[[str], None],
) -> dict[int, SiteFinding]:
    question = ask(sites, kinds, inquiry)

    def word(judgement: LayerJudgement) -> tuple[LayerJudgement, tuple[LayerFinding, ...]]:
        return judgement, judgement.findings()

    # Layers do not know of each other; while one computes, another is put into words.
    with ThreadPoolExecutor(thread_count()) as pool:
        cutting = pool.submit(find_parts, question, grounds, inquiry)
        judged = judge_layers(question, grounds, inquiry, word, tell=tell, pool=pool)
        parts, problem = cutting.result()
    found = {}
    for number, row in enumerate(sites.judged.tolist()):
        answers = [
            _Answer(findings[number], judgement.levels[number], judgement.left_open[number])
            for judgement, findings in judged
        ]
        found[row] = _finding(
            sites, row, kinds[row], answers, parts[number], problem, doubts[row], inquiry
        )
    return found


def ask(sites: Sites, kinds: Sequence[str | None], inquiry: Inquiry) -> Question:
    """Ask about the sites that can be judged; `kinds` has one entry for every site."""
    rows, names = sites.judged, list(inquiry.book.kinds)
    return Question(
        shapes=sites.geometry[rows],
        flat=unproject(sites.geometry[rows], sites.plane, sites.crs),
        area_m2=sites.area_m2[rows],
        kinds=np.array(
            [names.index(k) if (k := kinds[row]) else ALL_KINDS for row in rows], dtype=np.int64
        ),
        book=inquiry.book,
        tolerance=inquiry.tolerance,
        error_to=sites.error_to,
    )


def judge_layers(
    question: Question,
    grounds: Mapping[str, Ground],
    inquiry: Inquiry,
    then: Callable[[LayerJudgement], Answer],
    *,
    tell: Callable[[str], None] = lambda _: None,
    pool: ThreadPoolExecutor | None = None,
) -> list[Answer]:
    """Judge on every layer, in the plan's order; `then` is what is wanted of each judgement."""

    def judge(key: str) -> Answer:
        answer = then(_judge_or_leave_open(question, grounds.get(key), inquiry, key))
        tell(inquiry.plan.layers[key].title)
        return answer

    keys = judged_layers(inquiry.plan)
    return list(pool.map(judge, keys) if pool else map(judge, keys))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one layer's judgement says of one site."""

    finding: LayerFinding
    levels: Levels
    left_open: NotEvaluated | None


def _judge_or_leave_open(
    question: Question, ground: Ground | None, inquiry: Inquiry, key: str
) -> LayerJudgement:
    """Judge a layer; where that fails, it alone is left open, for every site."""
    spec = inquiry.plan.layers[key]
    if ground is None:
        missing = say("screening.layer_missing", layer=spec.title)
        why = (inquiry.problems or {}).get(key, missing)
        return leave_open(question, spec, why, point=None)
    try:
        return judge_layer(question, ground)
    except ConservationError as error:
        why = say("screening.areas_lost", reason=error.faults[0].message)
        return leave_open(question, spec, why, point=NotEvaluated(spec.id, why))


def find_parts(
    question: Question, grounds: Mapping[str, Ground], inquiry: Inquiry
) -> tuple[list[SiteParts], NotEvaluated | None]:
    """List the parts of every site with what of the grounds lies on them, or say why not."""
    parcels = [ground for ground in grounds.values() if ground.is_parcels]
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
    gaps += part_problems(parts)
    gaps += [NotEvaluated(doubt.fault, doubt.message) for doubt in doubts if opens(doubt)]
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


def kinds_and_doubts(
    sites: Sites, inquiry: Inquiry
) -> tuple[list[str | None], list[tuple[Doubt, ...]]]:
    """Return the kind that each site is judged as, and everything unclear about it."""
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in sites.doubts:
        doubts[doubt.row].append(doubt)
    found_by_text = {text: inquiry.book.find_kind(text) for text in set(map(str, sites.kinds))}
    kinds = []
    for row, text in enumerate(map(str, sites.kinds)):
        kind, unclear = _kind_of(row, text, found_by_text[text], inquiry)
        kinds.append(kind)
        doubts[row] += [unclear] if unclear else []
    return kinds, [tuple(doubts[row]) for row in range(len(sites))]


def _kind_of(
    row: int, said: str, found: str | None, inquiry: Inquiry
) -> tuple[str | None, Doubt | None]:
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


def opens(doubt: Doubt) -> bool:
    """Tell whether a doubt leaves open whether its site is clear."""
    return doubt.severity is Severity.ERROR or doubt.fault in OPENING_DOUBTS


def part_problems(parts: SiteParts) -> list[NotEvaluated]:
    """Say what of a site no parcel covers, or several do."""
    found = []
    if parts.uncovered_m2 is not None and parts.uncovered_m2 > SAME_GROUND_M2:
        why = say("screening.uncovered", area_m2=parts.uncovered_m2)
        found.append(NotEvaluated("land_parcel", why))
    if parts.doubled_m2 > SAME_GROUND_M2:
        why = say("screening.parcels_overlap", area_m2=parts.doubled_m2)
        found.append(NotEvaluated("land_parcel", why))
    return found
