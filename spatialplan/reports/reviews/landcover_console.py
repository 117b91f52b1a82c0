"""Land cover and indicators on a terminal, 80 columns wide."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from spatialplan.landcover import GroundCover, LandCover
from spatialplan.messages import Language
from spatialplan.reports.cells import TONE_COLOURS
from spatialplan.reports.reviews.landcover_wording import (
    INDICATION_TONES,
    cover_title,
    cover_word,
    demand_text,
    ground_title,
    indication_word,
    share_text,
)
from spatialplan.reports.wording import plain_text, word
from spatialplan.review import Review

__all__ = ["fill_cover_table", "fill_indicator_table"]

# Smaller shares are in the workbook.
LEAST_SHARE = 0.0005


def fill_cover_table(table: Table, cover: LandCover, review: Review, language: Language) -> None:
    """Fill a table with the classes of every layer and zone; townships are in the workbook."""
    table.add_column(cover_word("col_ground", language), overflow="fold", ratio=2)
    table.add_column(cover_word("col_area", language), justify="right", no_wrap=True)
    table.add_column(cover_title(cover), overflow="fold", ratio=3)
    for ground in cover.grounds:
        if ground.township is None:
            table.add_row(
                Text(ground_title(ground, review, language)),
                f"{ground.area_m2 / 10_000:,.2f}",
                Text(_classes(cover, ground, language)),
            )


def fill_indicator_table(table: Table, review: Review, language: Language) -> None:
    """Fill a table with the indicators, what is demanded, read and indicated."""
    table.add_column(cover_word("col_indicator", language), overflow="fold", ratio=1)
    table.add_column(cover_word("col_demand", language), justify="right", no_wrap=True)
    table.add_column(cover_word("col_share", language), justify="right", no_wrap=True)
    table.add_column(cover_word("col_indication", language), overflow="fold", min_width=12)
    for finding in review.indicators:
        table.add_row(
            Text(plain_text(finding.title)),
            Text(demand_text(finding, language)),
            Text(share_text(finding, language)),
            Text(
                indication_word(finding, language),
                style=TONE_COLOURS[INDICATION_TONES[finding.indication]],
            ),
        )


def _classes(cover: LandCover, ground: GroundCover, language: Language) -> str:
    """List classes by share, the largest first, and what is not known."""
    titles = [plain_text(entry.title) for entry in cover.legend]
    parts = sorted(zip(ground.class_m2, titles, strict=True), key=lambda part: -part[0])
    parts += [
        (ground.unknown_m2, cover_word("unknown_short", language)),
        (ground.nodata_m2, cover_word("nodata_short", language)),
        (ground.outside_m2, cover_word("outside_short", language)),
    ]
    shown = [
        f"{title} {ground.share(area):.1%}"
        for area, title in parts
        if ground.share(area) >= LEAST_SHARE
    ]
    return word("separator", language).join(shown)
