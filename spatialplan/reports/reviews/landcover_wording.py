"""The words that every report of land cover shares."""

from __future__ import annotations

from collections.abc import Mapping

from spatialplan.landcover import GroundCover, Indication, IndicatorFinding, LandCover
from spatialplan.messages import Language, phrase
from spatialplan.reports.cells import Column, Tone
from spatialplan.reports.wording import plain_text
from spatialplan.review import Review
from spatialplan.units import close_parts

__all__ = [
    "INDICATION_TONES",
    "cover_columns",
    "cover_title",
    "cover_word",
    "demand_text",
    "ground_title",
    "indication_word",
    "printed_parts",
    "share_text",
]

# Nothing that land cover indicates is green: it proves nothing.
INDICATION_TONES: Mapping[Indication | None, Tone] = {
    "met": "muted",
    "not_met": "caution",
    "within_uncertainty": "open",
    None: "open",
}
SIGNS = {"at_least": "≥", "at_most": "≤"}


def cover_word(key: str, language: Language, **values: object) -> str:
    """Return a wording of the section ``[landcover]`` with its placeholders filled."""
    text = phrase(f"landcover.{key}", language)
    return text.format(**values) if values else text


def cover_columns(widths: list[tuple[str, float]], language: Language) -> list[Column]:
    """Return columns by the names of their headings in the section, and their widths."""
    return [Column(cover_word(f"col_{key}", language), width) for key, width in widths]


def ground_title(ground: GroundCover, review: Review, language: Language) -> str:
    """Name a ground by its layer and zone."""
    title = plain_text(review.plan.layers[ground.layer].title)
    if not ground.zone:
        return title
    return cover_word("zone_of", language, layer=title, zone=plain_text(ground.zone))


def indication_word(finding: IndicatorFinding, language: Language) -> str:
    """Return what land cover indicates of a demand, in a word or two."""
    return cover_word(f"indicates_{finding.indication or 'nothing'}", language)


def demand_text(finding: IndicatorFinding, language: Language) -> str:
    """Return a demand as printed, with its sign."""
    if finding.printed is None:
        return phrase("report.open_demand", language)
    return f"{SIGNS[finding.direction]} {finding.printed} %"


def share_text(finding: IndicatorFinding, language: Language) -> str:
    """Return a share and its bounds."""
    if finding.share is None or finding.low is None or finding.high is None:
        return phrase("report.none", language)
    return f"{finding.share:.2%} ({finding.low:.2%} – {finding.high:.2%})"


def printed_parts(ground: GroundCover) -> list[float]:
    """Return classes, unknown, no value and outside in ha; printed, they add up to the ground."""
    parts = [*ground.class_m2, ground.unknown_m2, ground.nodata_m2, ground.outside_m2]
    hectares = [part / 10_000 for part in parts]
    return [float(part) for part in close_parts(hectares, ground.area_m2 / 10_000, 2)]


def cover_title(cover: LandCover) -> str:
    """Return the title of a raster."""
    return plain_text(cover.raster.spec.title)
