"""What the panel says of land cover: indicators that are only indicated, classes of every layer."""

from __future__ import annotations

from dataclasses import dataclass

from spatialplan.landcover import GroundCover, IndicatorFinding, LandCover
from spatialplan.maps.wording import Wording
from spatialplan.review import Review

__all__ = ["CoverCard", "IndicatorCard", "make_cover_cards", "make_indicator_cards"]


@dataclass(frozen=True, slots=True)
class IndicatorCard:
    """An indicator; `status` is a class of the style sheet, never that of a pass."""

    title: str
    status: str
    indicates: str
    measured: str
    demand: str
    message: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CoverCard:
    """The classes of a layer or zone; `rows` are titles and areas with shares, largest first."""

    title: str
    raster: str
    area: str
    rows: tuple[tuple[str, str], ...]


def make_indicator_cards(review: Review, wording: Wording) -> tuple[IndicatorCard, ...]:
    """Word the indicators of a review."""
    return tuple(_indicator_card(finding, wording) for finding in review.indicators)


def make_cover_cards(review: Review, wording: Wording) -> tuple[CoverCard, ...]:
    """Word the cover of whole layers and zones; townships are in the workbook."""
    return tuple(
        _cover_card(cover, ground, review, wording)
        for cover in review.landcover
        for ground in cover.grounds
        if ground.township is None
    )


def _indicator_card(finding: IndicatorFinding, wording: Wording) -> IndicatorCard:
    sign = "≥" if finding.direction == "at_least" else "≤"
    demand = wording("open_demand") if finding.printed is None else f"{sign} {finding.printed} %"
    status = "warned" if finding.indication == "not_met" else finding.status.value
    return IndicatorCard(
        title=finding.title,
        status=status,
        indicates=wording.cover(f"indicates_{finding.indication or 'nothing'}"),
        measured="" if finding.share is None else wording.per_cent(finding.share),
        demand=demand,
        message=finding.message.text(wording.language),
        rows=tuple(_indicator_rows(finding, wording)),
    )


def _indicator_rows(finding: IndicatorFinding, wording: Wording) -> list[tuple[str, str]]:
    rows = []
    if finding.low is not None and finding.high is not None:
        rows.append((wording.cover("col_low"), wording.per_cent(finding.low)))
        rows.append((wording.cover("col_high"), wording.per_cent(finding.high)))
    areas = {
        "fact_counted": finding.counted_m2,
        "fact_ground": finding.ground_m2,
        "fact_unobserved": finding.unobserved_m2,
        "fact_border": finding.border_m2,
    }
    rows += [
        (wording.cover(key), wording.hectares(area))
        for key, area in areas.items()
        if area is not None
    ]
    if finding.note:
        rows.append((wording("note"), finding.note))
    return [*rows, (wording("clause"), finding.clause)]


def _cover_card(
    cover: LandCover, ground: GroundCover, review: Review, wording: Wording
) -> CoverCard:
    title = review.plan.layers[ground.layer].title
    if ground.zone:
        title = wording.cover("zone_of", layer=title, zone=ground.zone)
    classes = [
        (area_m2, entry.title)
        for area_m2, entry in zip(ground.class_m2, cover.legend, strict=True)
        if area_m2 > 0
    ]
    rest = [
        (ground.unknown_m2, wording.cover("unknown_short")),
        (ground.nodata_m2, wording.cover("nodata_short")),
        (ground.outside_m2, wording.cover("outside_short")),
    ]
    parts = [*sorted(classes, reverse=True), *(part for part in rest if part[0] > 0)]
    return CoverCard(
        title=title,
        raster=cover.raster.spec.title,
        area=wording.hectares(ground.area_m2),
        rows=tuple(
            (name, f"{wording.hectares(area)} · {wording.per_cent(ground.share(area))}")
            for area, name in parts
        ),
    )
