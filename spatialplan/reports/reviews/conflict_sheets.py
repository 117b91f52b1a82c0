"""The 冲突表, piece by piece, and what was counted under each rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from spatialplan.conflicts import RuleResult
from spatialplan.findings import PieceClass
from spatialplan.messages import Language
from spatialplan.reports.cells import (
    MOST_ROWS,
    Amount,
    Cell,
    Sheet,
    Verdict,
    class_tone,
    headed_columns,
    status_tone,
)
from spatialplan.reports.reviews.pieces import PlacedPiece
from spatialplan.reports.reviews.wording import (
    layer_title,
    rule_remarks,
    rule_verdict,
)
from spatialplan.reports.wording import (
    plain_text,
    word,
)
from spatialplan.review import Review

__all__ = ["conflict_sheet", "rule_sheet"]


def conflict_sheet(review: Review, pieces: tuple[PlacedPiece, ...], *, language: Language) -> Sheet:
    """Return the 冲突表; the last two columns are for a person to fill in."""
    widths = [
        *[("piece", 7), ("rule", 22), ("a", 13), ("a_id", 22), ("a_name", 13), ("b", 13)],
        *[("b_id", 22), ("b_name", 13), ("zone", 11), ("township", 12), ("village", 9)],
        *[("area_m2", 13), ("area_ha", 10), ("thinness", 10), ("width", 10), ("class", 9)],
        *[("northing", 15), ("easting", 16), ("basis", 30), ("advice", 24)],
        *[("checked_by", 9), ("check_result", 12)],
    ]
    rows = (_piece_row(placed, review, language) for placed in islice(pieces, MOST_ROWS))
    name = word("sheet_conflicts", language)
    return Sheet(name, headed_columns(widths, language), rows, frozen=2, wide=True)


def rule_sheet(review: Review, *, language: Language) -> Sheet:
    """Return one row a line rule: its status, and what was counted under it."""
    widths = [
        *[("rule", 32), ("a", 16), ("b", 16), ("status", 15), ("message", 32)],
        *[("conflict_pieces", 11), ("conflict_ha", 12), ("person_pieces", 11), ("person_ha", 12)],
        *[("sliver_pieces", 11), ("sliver_m2", 12), ("enclosed_pieces", 11)],
        *[("noise_pieces", 11), ("noise_m2", 11), ("tolerance_m2", 9), ("tolerance_m", 9)],
        ("clause", 40),
    ]
    rows = tuple(_rule_rows(review, language))
    name = word("sheet_rules", language)
    return Sheet(name, headed_columns(widths, language), rows, frozen=1, wide=True)


def _piece_row(placed: PlacedPiece, review: Review, language: Language) -> tuple[Cell, ...]:
    piece, rule = placed.piece, placed.result.rule
    kind = piece.piece_class
    enclosed = kind is PieceClass.ENCLOSED
    return (
        Amount(placed.number, 0),
        plain_text(rule.title),
        layer_title(review, placed.a_layer),
        plain_text(piece.a_id),
        plain_text(piece.a_name),
        layer_title(review, placed.b_layer),
        plain_text(piece.b_id),
        plain_text(piece.b_name),
        plain_text(piece.zone),
        plain_text(piece.township),
        word("not_provided", language),
        Amount(piece.area_m2),
        Amount(piece.area_m2 / 10_000, 4),
        Amount(placed.thinness, 4),
        Amount(piece.width_m, 3),
        Verdict(word(kind.value, language), class_tone(kind)),
        Amount(placed.northing),
        Amount(placed.easting),
        plain_text(piece.clause),
        plain_text(piece.message.text(language) if enclosed else rule.advice),
        "",
        "",
    )


def _rule_rows(review: Review, language: Language) -> Iterator[tuple[Cell, ...]]:
    for result in review.rules:
        rule = result.rule
        judged = result.looked and rule.a in review.layers and rule.b in review.layers
        figures = (
            Amount(result.count(PieceClass.CONFLICT), 0),
            Amount(result.ground_m2 / 10_000, 4),
            Amount(result.count(PieceClass.NEEDS_PERSON), 0),
            Amount(result.area_m2(PieceClass.NEEDS_PERSON) / 10_000, 4),
            Amount(result.count(PieceClass.SLIVER), 0),
            Amount(result.area_m2(PieceClass.SLIVER)),
            Amount(len(result.enclosed) if result.windows_known else None, 0),
            Amount(result.noise_pieces, 0),
            Amount(result.noise_area_m2, 4),
        )
        yield (
            plain_text(rule.title),
            layer_title(review, rule.a),
            layer_title(review, rule.b),
            Verdict(rule_verdict(result, language), status_tone(result.status)),
            _rule_message(result, language),
            *(figures if judged else (Amount(None),) * len(figures)),
            Amount(rule.tolerance.area_m2),
            Amount(rule.tolerance.width_m),
            plain_text(rule.clause),
        )


def _rule_message(result: RuleResult, language: Language) -> str:
    message = plain_text(result.message.text(language))
    remarks = [text for text in rule_remarks(result, language) if text != message]
    return word("separator", language).join([message, *remarks])
