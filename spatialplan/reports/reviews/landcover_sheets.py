"""The sheets 土地覆盖 and 指示性指标."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.landcover import GroundCover, IndicatorFinding, LandCover
from spatialplan.messages import Language
from spatialplan.reports.cells import Amount, Cell, Column, Sheet, Verdict
from spatialplan.reports.reviews.landcover_wording import (
    INDICATION_TONES,
    cover_columns,
    cover_title,
    cover_word,
    demand_text,
    indication_word,
    printed_parts,
)
from spatialplan.reports.reviews.wording import layer_title
from spatialplan.reports.wording import plain_text, word
from spatialplan.review import Review

__all__ = ["cover_sheet", "indicator_sheet"]

# Beside the classes of the legend: values it does not list, no value, beyond the raster.
REST = ("unknown", "nodata", "outside")


def cover_sheet(review: Review, *, language: Language) -> Sheet:
    """Return hectares and shares of every class by layer, zone and township."""
    titles = _class_titles(review)
    fixed = [("raster", 20.0), ("layer", 24.0), ("zone", 16.0), ("township", 18.0), ("area", 14.0)]
    columns = cover_columns(fixed, language)
    columns += [Column(word("in_ha", language, title=title), 13) for title in titles]
    columns += cover_columns([(key, 13.0) for key in REST], language)
    columns += [Column(cover_word("in_share", language, title=title), 11) for title in titles]
    rows = tuple(_cover_rows(review, titles, language))
    name = cover_word("sheet_cover", language)
    return Sheet(name, tuple(columns), rows, frozen=4, wide=True)


def indicator_sheet(review: Review, *, language: Language) -> Sheet:
    """Return one row an indicator: what land cover indicates, and why it decides nothing."""
    widths = [
        *[("no", 6.0), ("indicator", 24.0), ("nature", 9.0), ("demand", 12.0), ("year", 8.0)],
        *[("raster", 20.0), ("layer", 22.0), ("counted", 22.0), ("counted_ha", 14.0)],
        *[("ground_ha", 14.0), ("unobserved_ha", 12.0), ("border_ha", 14.0), ("share", 10.0)],
        *[("low", 10.0), ("high", 10.0), ("indication", 16.0), ("status", 12.0)],
        *[("message", 56.0), ("clause", 34.0)],
    ]
    rows = tuple(
        _indicator_row(number, finding, review, language)
        for number, finding in enumerate(review.indicators, start=1)
    )
    name = cover_word("sheet_indicators", language)
    return Sheet(name, tuple(cover_columns(widths, language)), rows, frozen=2, wide=True)


def _class_titles(review: Review) -> list[str]:
    """Return the titles of classes, those of all legends together."""
    return list(
        dict.fromkeys(
            plain_text(entry.title) for cover in review.landcover for entry in cover.legend
        )
    )


def _cover_rows(
    review: Review, titles: list[str], language: Language
) -> Iterator[tuple[Cell, ...]]:
    for cover in review.landcover:
        for ground in cover.grounds:
            yield _cover_row(cover, ground, review, titles, language)


def _cover_row(
    cover: LandCover, ground: GroundCover, review: Review, titles: list[str], language: Language
) -> tuple[Cell, ...]:
    hectares: dict[str, float] = {}
    shares: dict[str, float] = {}
    printed = printed_parts(ground)
    for entry, area_m2, area_ha in zip(cover.legend, ground.class_m2, printed, strict=False):
        title = plain_text(entry.title)
        hectares[title] = hectares.get(title, 0.0) + area_ha
        shares[title] = shares.get(title, 0.0) + ground.share(area_m2)
    return (
        cover_title(cover),
        layer_title(review, ground.layer),
        plain_text(ground.zone) or cover_word("whole", language),
        _township(ground, language),
        Amount(ground.area_m2 / 10_000),
        *(Amount(hectares.get(title)) for title in titles),
        *(Amount(area) for area in printed[len(cover.legend) :]),
        *(Amount(shares.get(title), 2, percent=True) for title in titles),
    )


def _township(ground: GroundCover, language: Language) -> str:
    if ground.township is None:
        return cover_word("all", language)
    return plain_text(ground.township) or word("no_township", language)


def _indicator_row(
    number: int, finding: IndicatorFinding, review: Review, language: Language
) -> tuple[Cell, ...]:
    raster = review.plan.rasters.get(finding.raster)
    kinds = [cover_word(f"kind_{kind}", language) for kind in finding.counted]
    return (
        Amount(number, 0),
        plain_text(finding.title),
        word(finding.nature, language),
        demand_text(finding, language),
        str(finding.year),
        plain_text(raster.title) if raster else word("none", language),
        layer_title(review, finding.layer) if finding.layer else word("none", language),
        word("separator", language).join(kinds) or word("none", language),
        _hectares(finding.counted_m2),
        _hectares(finding.ground_m2),
        _hectares(finding.unobserved_m2),
        _hectares(finding.border_m2),
        *(Amount(share, 2, percent=True) for share in (finding.share, finding.low, finding.high)),
        Verdict(indication_word(finding, language), INDICATION_TONES[finding.indication]),
        Verdict(word(finding.status.value, language), "open"),
        plain_text(finding.message.text(language)),
        plain_text(finding.clause),
    )


def _hectares(area_m2: float | None) -> Amount:
    return Amount(None if area_m2 is None else area_m2 / 10_000)
