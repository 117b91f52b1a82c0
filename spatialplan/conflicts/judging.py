"""Conflicts (冲突) between the control lines.

The counted thing is a *piece*: one connected polygon of ground that a feature of layer a and a
feature of layer b share, or on which a feature of a lies outside layer b. Where two layers in
different projections share a border, projection alone leaves thousands of hairlines, so hairlines
are trimmed off and every piece is classed by its area A and its mean width 2A/P (P: perimeter,
holes included):

- *noise*: under 1 mm wide. Counted and summed, no finding.
- *sliver* (微小图斑): at or under the rule's tolerance in area or in width. Its own class. A plot
  more than twice that wide, at the end of such a strip, is set apart from it first.
- *needs a person* (待核): in a zone, or of an edition, that the rule leaves to a person.
- *conflict* (冲突): everything else.

A feature that lies in a hole of the other line (开天窗) is *enclosed* and no conflict: a hole is
cut precisely so that both may be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.conflicts.results import RulePartial, RuleResult
from spatialplan.conflicts.sides import Side, compare_sides, find_enclosed, take_side
from spatialplan.findings import Piece, PieceClass, Severity, Status
from spatialplan.layers import PLACE_MARGIN, Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces, union_area
from spatialplan.pieces import classify_pieces, settle_pieces
from spatialplan.plan import DisjointRule, WithinRule

__all__ = ["judge_rule", "judge_rule_batch", "merge_rule"]


def judge_rule(
    rule: DisjointRule | WithinRule, a: Layer, b: Layer, *, townships: Layer | None = None
) -> RuleResult:
    """Judge one rule between two layers.

    Parameters
    ----------
    rule
        Disjoint or within; its zones, if any, narrow the layers.
    a, b
        The layers that the rule names, in one plane.
    townships
        Units to say where each piece lies.
    """
    sides = take_side(a, rule.zones_a), take_side(b, rule.zones_b)
    return merge_rule(rule, [judge_rule_batch(rule, *sides, townships=townships)], a, b)


def judge_rule_batch(
    rule: DisjointRule | WithinRule,
    left: Side,
    right: Side,
    *,
    townships: Layer | None = None,
    batch: Literal["a", "b"] | None = None,
) -> RulePartial:
    """Judge one rule between a batch of one layer and the whole of the other.

    Parameters
    ----------
    rule
        Disjoint; or within, where only a may come in batches: what lies outside a batch of b may
        lie inside the next.
    left, right
        The features of a and b that take part (`take_side`); of the one held whole cut once
        (`prepare_side`).
    townships
        Units to say where each piece lies.
    batch
        Which side comes in batches; None where both are whole.
    """
    untrimmed = compare_sides(rule, left, right)
    raw = settle_pieces(untrimmed, rule.tolerance)
    error_m = left.layer.source.placement.error_to(right.layer.source.placement)
    classes = classify_pieces(raw.geometry, rule.tolerance)
    noise = classes == PieceClass.NOISE
    rows = np.flatnonzero(~noise)
    rows = rows[np.argsort(-raw.area[rows], kind="stable")]
    places = _township_names(raw.geometry[rows], townships)
    pieces = tuple(
        _piece(rule, raw, row, (left, right), classes[row], place, error_m)
        for row, place in zip(rows.tolist(), places, strict=True)
    )
    return RulePartial(
        pieces=pieces,
        enclosed=(
            _enclosed(rule, left, right, townships) if batch != "b" else (),
            _enclosed(rule, right, left, townships) if batch != "a" else (),
        ),
        noise_pieces=int(noise.sum()),
        noise_area_m2=math.fsum(untrimmed.area) - math.fsum(raw.area[~noise]),
        zones_a=_all_zones(left.layer),
        zones_b=_all_zones(right.layer),
        unsure=_unsure_rows(rule, left, right, error_m),
    )


def merge_rule(
    rule: DisjointRule | WithinRule, partials: Sequence[RulePartial], a: Layer, b: Layer
) -> RuleResult:
    """Put together what all batches left of a rule.

    Parameters
    ----------
    rule
        The rule.
    partials
        One or more, in the batches' order.
    a, b
        The layers, whole or as their batches left them (`spatialplan.layers.merge_batches`).
    """
    error_m = a.source.placement.error_to(b.source.placement)
    unsure = _unsure_place(partials, error_m)
    pieces = [piece for partial in partials for piece in partial.pieces]
    result = _conclude(
        rule,
        pieces=tuple(sorted(pieces, key=lambda piece: -piece.area_m2)),
        obstacle=_obstacle(rule, partials, a, b) or unsure,
        enclosed=tuple(
            piece for side in (0, 1) for partial in partials for piece in partial.enclosed[side]
        ),
        noise_pieces=sum(partial.noise_pieces for partial in partials),
        noise_area_m2=math.fsum(partial.noise_area_m2 for partial in partials),
    )
    if isinstance(rule, DisjointRule) and (a.passage or b.passage):
        result = replace(result, windows_known=False)
    if not error_m or result.message is unsure:
        return result
    message = say("position.with_error", sentence=result.message, error=error_m)
    return replace(result, message=message)


def _piece(
    rule: DisjointRule | WithinRule,
    raw: OverlapPieces,
    row: int,
    sides: tuple[Side, Side],
    by_size: str,
    township: str,
    error_m: float,
) -> Piece:
    left, right = sides
    i, j = int(raw.a_index[row]), int(raw.b_index[row])
    shared = j >= 0
    zone = str(right.zones[j]) if shared and right.zones[j] else str(left.zones[i])
    kind = PieceClass(by_size)
    if kind is PieceClass.CONFLICT:
        kind = _weigh(rule, left.layer, str(right.zones[j]) if shared else "")
    # A piece wider than twice the error holds a circle of that radius: no shift can undo it.
    if kind is PieceClass.CONFLICT and raw.mean_width[row] <= 2 * error_m * PLACE_MARGIN:
        kind = PieceClass.NEEDS_PERSON
    message = say(f"piece.{kind.value}", advice=rule.advice)
    if error_m:
        message = say("position.with_error", sentence=message, error=error_m)
    a_id, b_id = str(left.ids[i]), str(right.ids[j]) if shared else ""
    return Piece(
        rule_id=rule.id,
        layer=left.layer.spec.id,
        status=Status.NOT_MET if kind is PieceClass.CONFLICT else Status.NOT_EVALUATED,
        severity=Severity.ERROR if kind is PieceClass.CONFLICT else Severity.WARNING,
        message=message,
        feature_ids=(a_id, b_id) if shared else (a_id,),
        measured=float(raw.area[row]),
        limit=rule.tolerance.area_m2,
        unit="m2",
        clause=rule.clause,
        geometry=raw.geometry[row],
        piece_class=kind,
        area_m2=float(raw.area[row]),
        width_m=float(raw.mean_width[row]),
        a_id=a_id,
        b_id=b_id,
        a_name=str(left.names[i]),
        b_name=str(right.names[j]) if shared else "",
        zone=zone,
        township=township,
    )


def _weigh(rule: DisjointRule | WithinRule, a: Layer, b_zone: str) -> PieceClass:
    """Say whether a piece above the tolerance is a conflict or a person's to judge."""
    if isinstance(rule, DisjointRule):
        return PieceClass.NEEDS_PERSON if b_zone in rule.person_zones_b else PieceClass.CONFLICT
    if rule.outside == "by_edition":
        integrated = a.spec.edition.integration == "after"
        return PieceClass.CONFLICT if integrated else PieceClass.NEEDS_PERSON
    return PieceClass.CONFLICT if rule.outside == "conflict" else PieceClass.NEEDS_PERSON


def _enclosed(
    rule: DisjointRule | WithinRule, inner: Side, outer: Side, townships: Layer | None
) -> tuple[Piece, ...]:
    if isinstance(rule, WithinRule):
        return ()
    rows = find_enclosed(inner, outer)
    places = _township_names(inner.shapes[rows], townships)
    return tuple(
        _enclosed_piece(rule, inner, outer, row, place)
        for row, place in zip(rows.tolist(), places, strict=True)
    )


def _enclosed_piece(
    rule: DisjointRule | WithinRule, inner: Side, outer: Side, row: int, township: str
) -> Piece:
    shape = inner.shapes[row]
    area = float(shapely.area(shape))
    return Piece(
        rule_id=rule.id,
        layer=inner.layer.spec.id,
        status=Status.MET,
        severity=Severity.INFO,
        message=say("piece.enclosed", outer=outer.layer.spec.title),
        feature_ids=(str(inner.ids[row]),),
        measured=area,
        unit="m2",
        clause=rule.clause,
        geometry=shape,
        piece_class=PieceClass.ENCLOSED,
        area_m2=area,
        width_m=float(2 * area / shapely.length(shape)),
        a_id=str(inner.ids[row]),
        a_name=str(inner.names[row]),
        zone=str(inner.zones[row]),
        township=township,
    )


def _township_names(shapes: NDArray[np.object_], townships: Layer | None) -> list[str]:
    """Name the unit that holds each shape's inner point; blank where none does."""
    names = [""] * len(shapes)
    if townships is None or not len(shapes):
        return names
    units = townships.text(townships.spec.name_field)
    tree = shapely.STRtree(townships.geometry)
    rows, unit_rows = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    for row, unit in zip(rows.tolist(), unit_rows.tolist(), strict=True):
        names[row] = names[row] or str(units[unit])
    return names


def _all_zones(layer: Layer) -> frozenset[str]:
    return frozenset(str(zone) for zone in layer.text(layer.spec.zone_field))


def _obstacle(
    rule: DisjointRule | WithinRule, partials: Sequence[RulePartial], a: Layer, b: Layer
) -> Message | None:
    """Say why no pass may be given: features not judged, or zones that the layer does not name."""
    gaps = (*a.gaps, *b.gaps)
    if gaps:
        return gaps[0]
    set_aside = a.set_aside + b.set_aside
    if set_aside:
        return say("rule.set_aside", count=set_aside)
    zones_a = frozenset[str]().union(*(partial.zones_a for partial in partials))
    zones_b = frozenset[str]().union(*(partial.zones_b for partial in partials))
    for layer, zones, wanted in ((a, zones_a, rule.zones_a), (b, zones_b, rule.zones_b)):
        if wanted and (not set(wanted) <= zones or "" in zones):
            return say(
                "rule.zones_unknown",
                layer=layer.spec.title,
                wanted=", ".join(wanted),
                found=", ".join(sorted(zone or "\N{EM DASH}" for zone in zones)[:8]),
            )
    return None


def _unsure_rows(
    rule: DisjointRule | WithinRule, left: Side, right: Side, error_m: float
) -> frozenset[int]:
    """Return the features of a that lie so near to b that their error decides."""
    if not error_m or not len(right.shapes):
        return frozenset()
    lines = right.shapes
    if isinstance(rule, WithinRule):
        lines = shapely.get_parts(shapely.boundary(shapely.union_all(right.shapes)))
    reach = error_m * PLACE_MARGIN
    near = shapely.STRtree(lines).query(left.shapes, predicate="dwithin", distance=reach)
    return frozenset(left.rows[np.unique(near[0])].tolist())


def _unsure_place(partials: Sequence[RulePartial], error_m: float) -> Message | None:
    """Say so where the layers lie so near to each other that their error decides."""
    count = len(frozenset[int]().union(*(partial.unsure for partial in partials)))
    return say("position.rule_within_error", count=count, error=error_m) if count else None


def _conclude(
    rule: DisjointRule | WithinRule,
    *,
    pieces: tuple[Piece, ...],
    obstacle: Message | None,
    enclosed: tuple[Piece, ...],
    noise_pieces: int,
    noise_area_m2: float,
) -> RuleResult:
    conflicts = [p.geometry for p in pieces if p.piece_class is PieceClass.CONFLICT]
    persons = sum(p.piece_class is PieceClass.NEEDS_PERSON for p in pieces)
    warns_only = isinstance(rule, WithinRule) and rule.outside == "warning"
    ground = union_area(np.array(conflicts, dtype=object)) if conflicts else 0.0
    status, severity, message = Status.MET, Severity.INFO, say("rule.clear")
    if conflicts:
        status, severity = Status.NOT_MET, Severity.ERROR
        message = say("rule.conflicts", count=len(conflicts), area_ha=ground / 10_000)
    elif obstacle:
        status, severity, message = Status.NOT_EVALUATED, Severity.WARNING, obstacle
    elif persons and warns_only:
        severity, message = Severity.WARNING, say("rule.warned", count=persons)
    elif persons:
        status, severity = Status.NOT_EVALUATED, Severity.WARNING
        message = say("rule.needs_person", count=persons)
    return RuleResult(
        rule,
        status,
        severity,
        message,
        pieces=pieces,
        enclosed=enclosed,
        noise_pieces=noise_pieces,
        noise_area_m2=noise_area_m2,
        ground_m2=ground,
    )
