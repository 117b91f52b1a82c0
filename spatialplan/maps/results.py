"""Pieces and faults of a review as the page draws them: every vertex kept, to the millimetre."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from spatialplan.crs import Plane
from spatialplan.findings import Finding, Piece, PieceClass
from spatialplan.maps.contents import EXACT_DECIMALS, PageLayer, features_of
from spatialplan.maps.styles import PIECE_LOOKS
from spatialplan.maps.wording import Wording
from spatialplan.review import Review

__all__ = [
    "PIECE_LIMIT",
    "fault_key",
    "is_placed",
    "piece_key",
    "result_layers",
    "shown_pieces",
]

# Beyond this a list is no list any more; the table that comes with the review has them all.
PIECE_LIMIT = 300

# Ground in a hole of the other line is no conflict: whole parcels, drawn like other parcels.
ENCLOSED_TOLERANCE_M = 15.0
ENCLOSED_LIMIT = 2_000

CLASSES = (
    PieceClass.ENCLOSED,
    PieceClass.SLIVER,
    PieceClass.NEEDS_PERSON,
    PieceClass.CONFLICT,
)


def result_layers(review: Review, wording: Wording) -> Iterator[PageLayer]:
    """One layer a class of piece that was found, then the places of faults."""
    plane = next(iter(review.layers.values())).plane
    for kind in CLASSES:
        found = _of_class(review, kind)
        shapes = [piece.geometry for _, piece in found]
        facts = (_piece_facts(key, piece, wording) for key, piece in found)
        if kind is PieceClass.ENCLOSED:
            outlines = shapely.simplify(np.array(shapes, dtype=object), ENCLOSED_TOLERANCE_M)
            features = features_of(outlines, facts, plane=plane)
        else:
            features = features_of(shapes, facts, plane=plane, decimals=EXACT_DECIMALS)
        if features:
            title = wording(f"class_{kind.value}")
            yield PageLayer(kind.value, title, PIECE_LOOKS[kind.value], features, "piece")
    faults = _fault_features(review, plane, wording)
    if faults:
        yield PageLayer("fault", wording("faults"), PIECE_LOOKS["fault"], faults, "piece")


def _fault_features(review: Review, plane: Plane, wording: Wording) -> tuple[Any, ...]:
    placed = {row: fault for row, fault in enumerate(review.quality) if is_placed(fault)}
    facts = (
        {
            "key": fault_key(row),
            "name": fault.message.text(wording.language),
            "note": ", ".join(fault.feature_ids[:5]),
        }
        for row, fault in placed.items()
    )
    shapes = np.array([fault.geometry for fault in placed.values()], dtype=object)
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    shapes[mixed] = shapely.envelope(shapes[mixed])
    return features_of(shapes, facts, plane=plane, decimals=EXACT_DECIMALS)


def shown_pieces(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the heaviest pieces of a rule, conflicts first, at most `PIECE_LIMIT`."""
    weight = list(PieceClass)
    ranked = sorted(pieces, key=lambda p: (-weight.index(p.piece_class), -p.area_m2))
    return tuple(ranked[:PIECE_LIMIT])


def piece_key(rule_id: str, row: int) -> str:
    """Name the piece at a place of its rule's list, for the list and the map alike."""
    return f"{rule_id}/{row}"


def fault_key(row: int) -> str:
    """Name the fault at a place of the review's list."""
    return f"fault-{row}"


def is_placed(fault: Finding) -> bool:
    """Say whether a fault has a place that can be shown."""
    return fault.geometry is not None and not fault.geometry.is_empty


def _of_class(review: Review, kind: PieceClass) -> list[tuple[str, Piece]]:
    if kind is PieceClass.ENCLOSED:
        enclosed = [("", piece) for rule in review.rules for piece in rule.enclosed]
        return enclosed[:ENCLOSED_LIMIT]
    return [
        (piece_key(result.rule.id, row), piece)
        for result in review.rules
        for row, piece in enumerate(shown_pieces(result.pieces))
        if piece.piece_class is kind
    ]


def _piece_facts(key: str, piece: Piece, wording: Wording) -> dict[str, str]:
    names = " / ".join(name for name in (_side(piece, "a"), _side(piece, "b")) if name)
    width = wording("mean_width", width=f"{piece.width_m:,.2f}")
    return {
        "key": key,
        "name": names,
        "zone": " ".join(text for text in (piece.township, piece.zone) if text),
        "area": f"{wording.hectares(piece.area_m2)} · {width}",
        "note": piece.message.text(wording.language),
    }


def _side(piece: Piece, side: str) -> str:
    name, feature_id = getattr(piece, f"{side}_name"), getattr(piece, f"{side}_id")
    return f"{name} ({feature_id})" if name and name != feature_id else feature_id
