"""What a review stands on: its terms, its layers, their faults, and what was not evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.crs import crs_label
from spatialplan.findings import Finding, Status
from spatialplan.layers import Layer, Source
from spatialplan.messages import Language, phrase
from spatialplan.plan import LayerSpec, RasterSpec
from spatialplan.reports.cells import (
    MOST_ROWS,
    Amount,
    Cell,
    Sheet,
    Verdict,
    headed_columns,
    severity_tone,
    status_tone,
)
from spatialplan.reports.reviews.corridor_wording import basis_line, corridor_word, width_line
from spatialplan.reports.reviews.landcover_wording import cover_word
from spatialplan.reports.reviews.pieces import PlacedPiece
from spatialplan.reports.reviews.slope_wording import method_line, slope_word, steep_line
from spatialplan.reports.reviews.wording import (
    demand_title,
    layer_title,
    share_base_line,
    share_base_lines,
    status_word,
)
from spatialplan.reports.wording import (
    edition_of,
    fault_title,
    plain_text,
    severity_word,
    tolerance_text,
    word,
)
from spatialplan.review import Review

__all__ = ["layer_sheet", "open_sheet", "quality_sheet", "summary_sheet"]

# A cell ends at 32,767 characters; so many ids are as many as anyone reads in one.
MOST_IDS = 400


def summary_sheet(review: Review, pieces: tuple[PlacedPiece, ...], *, language: Language) -> Sheet:
    """Say what was checked, how, on what, and with which result."""
    rows = tuple(_summary_rows(review, pieces, language))
    columns = headed_columns([("item", 16), ("content", 108)], language)
    name = word("sheet_summary", language)
    return Sheet(name, columns, rows, filtered=False)


def quality_sheet(review: Review, *, language: Language) -> Sheet:
    """Return one row a fault."""
    widths = [("layer", 22), ("fault", 20), ("count", 9), ("severity", 9), ("message", 60)]
    rows = tuple(_fault_row(fault, review, language) for fault in review.quality)
    columns = headed_columns([*widths, ("ids", 60)], language)
    return Sheet(word("sheet_quality", language), columns, rows, frozen=2)


def open_sheet(review: Review, *, language: Language) -> Sheet:
    """Return what was not evaluated, and why."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Verdict(demand_title(review, point.rule_id, language), "open"),
            plain_text(point.why.text(language)),
        )
        for point in review.not_evaluated
    )
    if not rows:
        rows = ((Verdict(word("open_none", language), "good"), ""),)
    columns = headed_columns([("what", 36), ("why", 100)], language)
    return Sheet(word("sheet_open", language), columns, rows)


def layer_sheet(review: Review, *, language: Language) -> Sheet:
    """Return every layer of the plan with its file, hash and edition, read or not."""
    widths = [
        *[("layer", 22), ("path", 26), ("table", 13), ("driver", 15), ("encoding", 18)],
        *[("crs", 13), ("features", 10), ("set_aside", 8), ("sha256", 68), ("data_date", 20)],
        *[("approval", 16), ("provider", 20), ("demonstration", 12)],
    ]
    rows = tuple(
        _layer_row(spec, review.layers.get(key), language)
        for key, spec in review.plan.layers.items()
    )
    read = {raster.spec.id: raster.source for raster in review.rasters}
    rows += tuple(
        _source_row(spec, read.get(key), 0, language) for key, spec in review.plan.rasters.items()
    )
    name = word("sheet_layers", language)
    return Sheet(name, headed_columns(widths, language), rows, frozen=1, wide=True)


def _summary_rows(
    review: Review, pieces: tuple[PlacedPiece, ...], language: Language
) -> Iterator[tuple[Cell, ...]]:
    header = review.plan.header
    result = Verdict(status_word(review.status, language), status_tone(review.status))
    yield word("plan_title", language), plain_text(header.title)
    yield word("status", language), result
    yield "", _tallies(review, language)
    yield word("standing", language), plain_text(header.standing)
    yield word("notice", language), plain_text(header.notice)
    if header.demonstration:
        yield (
            word("demonstration", language),
            Verdict(plain_text(header.demonstration_notice), "open"),
        )
    yield word("plan_file", language), f"{plain_text(header.id)}    SHA-256 {review.plan.sha256}"
    yield word("year", language), str(review.year)
    yield word("crs", language), f"{crs_label(review.crs)}    {review.crs.name}"
    yield word("area_title", language), word("area_method", language)
    yield word("bases_title", language), share_base_line(review.share_base, language)
    for line in share_base_lines(review.share_base, language):
        yield "", line
    for title, text in _tolerances(review, language):
        yield title, text
    yield word("classes_title", language), word("classes_text", language)
    yield word("sheet_townships", language), word("closing", language)
    if review.indicators:
        yield cover_word("sheet_indicators", language), cover_word("indicative", language)
        yield "", cover_word("formula", language)
    judged = [corridor for corridor in review.corridors if corridor.why is None]
    for corridor in judged:
        yield corridor_word("sheet", language), width_line(corridor, language)
    if judged:
        yield "", basis_line(judged[0], language)
        yield "", corridor_word("chainage", language)
    if review.slope:
        yield slope_word("sheet", language), steep_line(review.slope, language)
        yield "", method_line(review.slope.raster, language)
        yield "", slope_word("townships_by", language)
    if len(pieces) > MOST_ROWS:
        text = word("too_many_rows", language, count=len(pieces), kept=MOST_ROWS)
        yield word("sheet_conflicts", language), Verdict(text, "open")


def _tallies(review: Review, language: Language) -> str:
    tallies = [
        word("tally", language, **{status.value: statuses.count(status) for status in Status})
        for statuses in (
            [finding.status for finding in review.quotas],
            [result.status for result in review.rules],
        )
    ]
    return word("status_detail", language, quotas=tallies[0], rules=tallies[1])


def _tolerances(review: Review, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the tolerance once where all rules have the same, else rule by rule."""
    texts = {
        result.rule.title: tolerance_text(result.rule.tolerance, language)
        for result in review.rules
    }
    title = word("tolerance_title", language)
    if len(set(texts.values())) <= 1:
        yield from ((title, text) for text in set(texts.values()))
        return
    for number, (rule, text) in enumerate(texts.items()):
        yield "" if number else title, f"{plain_text(rule)}{word('colon', language)}{text}"


def _fault_row(fault: Finding, review: Review, language: Language) -> tuple[Cell, ...]:
    ids = fault.feature_ids
    listed = ", ".join(plain_text(name) for name in ids[:MOST_IDS])
    if len(ids) > MOST_IDS:
        listed += word("ids_cut", language, count=len(ids))
    return (
        layer_title(review, fault.layer),
        fault_title(fault.rule_id, language),
        Amount(len(ids), 0),
        Verdict(severity_word(fault.severity, language), severity_tone(fault.severity)),
        plain_text(fault.message.text(language)),
        listed,
    )


def _layer_row(spec: LayerSpec, layer: Layer | None, language: Language) -> tuple[Cell, ...]:
    if layer is None:
        return _source_row(spec, None, 0, language)
    streamed = layer.passage is not None
    return _source_row(spec, layer.source, layer.set_aside, language, streamed=streamed)


def _source_row(
    spec: LayerSpec | RasterSpec,
    source: Source | None,
    set_aside: int,
    language: Language,
    *,
    streamed: bool = False,
) -> tuple[Cell, ...]:
    edition = edition_of(spec, language)
    shown = word("yes" if spec.demonstration else "no", language)
    title, path = plain_text(spec.title), plain_text(spec.path)
    if source is None:
        unread = Verdict(word("not_read", language), "open")
        dashes = (word("none", language),) * 5
        return title, path, unread, *dashes, word("none", language), *edition, shown
    driver = plain_text(source.driver)
    if streamed:
        driver += word("separator", language) + phrase("batched.read_in_batches", language)
    return (
        title,
        path,
        plain_text(source.table),
        driver,
        plain_text(source.encoding),
        plain_text(source.told_crs(language)),
        Amount(source.features, 0),
        Amount(set_aside, 0),
        source.sha256,
        *edition,
        shown,
    )
