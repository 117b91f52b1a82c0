"""The review as a document for other programs: ``review.json``.

The keys named in the project's contract keep their name and meaning; others stand beside them.
Areas are rounded to 1e-6 ha and 1e-4 m², far below what a survey can tell, so that the last bits of
floating-point numbers do not make two equal reviews differ. What is not known is null.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from spatialplan.conflicts import RuleResult
from spatialplan.crs import crs_label
from spatialplan.findings import Finding, PieceClass
from spatialplan.layers import Layer
from spatialplan.messages import Language
from spatialplan.plan import AreaQuota, ShareBase
from spatialplan.quotas import QuotaFinding
from spatialplan.reports.json_documents import layer_input, raster_input
from spatialplan.reports.reviews.corridor_document import describe_corridors
from spatialplan.reports.reviews.landcover_document import describe_cover, describe_indicator
from spatialplan.reports.reviews.pieces import PlacedPiece, place_pieces
from spatialplan.reports.reviews.slope_document import describe_cropland_slope
from spatialplan.reports.wording import finite, word
from spatialplan.review import Review
from spatialplan.units import M2_PER_UNIT, close_parts, to_m2

__all__ = ["review_document"]

SCHEMA = 1
HA_DIGITS, M2_DIGITS, DEGREE_DIGITS, METRE_DIGITS = 6, 4, 7, 3


def review_document(review: Review, *, language: Language | None = None) -> dict[str, Any]:
    """Return a review as plain values: the content of ``review.json``.

    Parameters
    ----------
    review
        From `spatialplan.check_plan`.
    language
        Of sentences; default: the plan's. Keys and states are the same in every language.

    Returns
    -------
    document
        Nested dicts, lists, text, finite numbers, booleans and None, in the plan's order.
    """
    header = review.plan.header
    spoken = language or header.language
    base = review.share_base
    return {
        "schema": SCHEMA,
        "plan": header.title,
        "plan_id": header.id,
        "plan_sha256": review.plan.sha256,
        "standing": header.standing,
        "notice": header.notice,
        "demonstration": header.demonstration,
        "demonstration_notice": header.demonstration_notice if header.demonstration else "",
        "language": spoken,
        "year": review.year,
        "status": review.status.value,
        "area_method": word("area_method", spoken),
        "share_base_ha": finite(base.used_ha, HA_DIGITS) if base else None,
        "share_bases": _share_bases(base),
        "crs": crs_label(review.crs),
        "inputs": [
            *(layer_input(key, layer, spoken) for key, layer in _read_layers(review)),
            *(raster_input(raster, spoken) for raster in review.rasters),
        ],
        "quotas": [_quota(finding, review, spoken) for finding in review.quotas],
        "conflicts": [_conflict(result, review, spoken) for result in review.rules],
        "quality": _quality(review, spoken),
        "not_evaluated": [
            {"rule": point.rule_id, "why": point.why.text(spoken)} for point in review.not_evaluated
        ],
        "pieces": [_piece(placed) for placed in place_pieces(review)],
        "landcover": [describe_cover(cover, spoken) for cover in review.landcover],
        "indicators": [describe_indicator(finding, spoken) for finding in review.indicators],
        "corridors": describe_corridors(review, spoken),
        "slope": describe_cropland_slope(review.slope, spoken),
    }


def _read_layers(review: Review) -> list[tuple[str, Layer]]:
    return [(key, review.layers[key]) for key in review.plan.layers if key in review.layers]


def _share_bases(base: ShareBase | None) -> dict[str, Any] | None:
    if base is None:
        return None
    interval = base.derived_ha
    return {
        "use": base.use,
        "why": base.why,
        "stated_ha": finite(base.stated_ha, HA_DIGITS),
        "derived_ha": [finite(edge, HA_DIGITS) for edge in interval] if interval else None,
        "measured_ha": finite(base.measured_ha, HA_DIGITS),
    }


def _quota(finding: QuotaFinding, review: Review, language: Language) -> dict[str, Any]:
    figures = finding.figures
    has_area = finding.unit in M2_PER_UNIT and finding.printed is not None
    required_m2 = to_m2(finding.printed, finding.unit) if has_area else None  # type: ignore[arg-type]
    return {
        "id": finding.rule_id,
        "layer": finding.layer,
        "year": finding.year,
        "measured_ha": _ha(figures.measured_m2 if figures else None),
        "attribute_ha": _ha(figures.attribute_m2 if figures else None),
        "planar_ha": _ha(figures.planar_m2 if figures else None),
        "share": finite(finding.share, 8),
        "required": None if finding.printed is None else float(finding.printed),
        "margin_ha": finite(finding.margin_ha, HA_DIGITS),
        "status": finding.status.value,
        "within_print_precision": finding.within_print_precision,
        "clause": finding.clause,
        "title": finding.title,
        "nature": finding.nature,
        "assigned_by": finding.assigned_by,
        "direction": finding.direction,
        "unit": finding.unit,
        "required_printed": "" if finding.printed is None else str(finding.printed),
        "required_ha": _ha(required_m2),
        "measured": finite(finding.measured, 8),
        "margin": finite(finding.margin, 8),
        "base_ha": _ha(finding.base_m2),
        "overlap_ha": _ha(figures.overlap_m2 if figures else None),
        "net": _is_net(review, finding.rule_id),
        "printed_share_percent": finite(finding.printed_share, 8),
        "message": finding.message.text(language),
        "note": finding.note,
        "townships": _townships(finding),
    }


def _is_net(review: Review, key: str) -> bool:
    quotas = [quota for quota in review.plan.quotas if quota.id == key]
    return any(isinstance(quota, AreaQuota) and quota.measure == "net" for quota in quotas)


def _townships(finding: QuotaFinding) -> list[dict[str, Any]]:
    """Return the parts in ha, closing to the total in hectares with two decimals."""
    figures = finding.figures
    if figures is None or not figures.townships:
        return []
    parts = [area_m2 / 10_000 for _, area_m2 in figures.townships]
    printed = close_parts(parts, figures.measured_m2 / 10_000, 2)
    return [
        {"name": name, "area_ha": _ha(area_m2), "printed_ha": str(text)}
        for (name, area_m2), text in zip(figures.townships, printed, strict=True)
    ]


def _conflict(result: RuleResult, review: Review, language: Language) -> dict[str, Any]:
    rule = result.rule
    judged = result.looked and rule.a in review.layers and rule.b in review.layers
    figures = {
        "pieces": result.count(PieceClass.CONFLICT),
        "area_ha": _ha(result.ground_m2),
        "pairs_area_ha": _ha(result.area_m2(PieceClass.CONFLICT)),
        "sliver_pieces": result.count(PieceClass.SLIVER),
        "sliver_area_ha": _ha(result.area_m2(PieceClass.SLIVER)),
        "noise_pieces": result.noise_pieces,
        "enclosed_pieces": len(result.enclosed) if result.windows_known else None,
        "needs_person_pieces": result.count(PieceClass.NEEDS_PERSON),
        "needs_person_area_ha": _ha(result.area_m2(PieceClass.NEEDS_PERSON)),
        "noise_area_m2": finite(result.noise_area_m2, M2_DIGITS),
    }
    # A rule whose layers cannot be judged found nothing because nobody looked: null, never 0.
    return {
        "rule": rule.id,
        "a": rule.a,
        "b": rule.b,
        **(figures if judged else dict.fromkeys(figures)),
        "tolerance": {"area_m2": rule.tolerance.area_m2, "width_m": rule.tolerance.width_m},
        "status": result.status.value,
        "clause": rule.clause,
        "title": rule.title,
        "kind": rule.kind,
        "severity": result.severity.value,
        "advice": rule.advice,
        "message": result.message.text(language),
    }


def _quality(review: Review, language: Language) -> list[dict[str, Any]]:
    """Gather the faults by layer, kind and severity; `count` is of features, each counted once."""
    gathered: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for fault in review.quality:
        gathered[fault.layer, fault.rule_id, fault.severity.value].append(fault)
    found = []
    for (layer, rule_id, severity), faults in gathered.items():
        ids = list(dict.fromkeys(name for fault in faults for name in fault.feature_ids))
        texts = [fault.message.text(language) for fault in faults]
        found.append(
            {
                "layer": layer,
                "fault": rule_id,
                "count": len(ids),
                "ids": ids,
                "severity": severity,
                "messages": list(dict.fromkeys(texts)),
            }
        )
    return found


def _piece(placed: PlacedPiece) -> dict[str, Any]:
    piece = placed.piece
    return {
        "number": placed.number,
        "rule": piece.rule_id,
        "class": piece.piece_class.value,
        "area_m2": finite(piece.area_m2, M2_DIGITS),
        "width_m": finite(piece.width_m, M2_DIGITS),
        "thinness": finite(placed.thinness, 6),
        "a": placed.a_layer,
        "a_id": piece.a_id,
        "a_name": piece.a_name,
        "b": placed.b_layer,
        "b_id": piece.b_id,
        "b_name": piece.b_name,
        "zone": piece.zone,
        "township": piece.township,
        "longitude": finite(placed.longitude, DEGREE_DIGITS),
        "latitude": finite(placed.latitude, DEGREE_DIGITS),
        "easting": finite(placed.easting, METRE_DIGITS),
        "northing": finite(placed.northing, METRE_DIGITS),
    }


def _ha(area_m2: float | None) -> float | None:
    return None if area_m2 is None else finite(area_m2 / 10_000, HA_DIGITS)
