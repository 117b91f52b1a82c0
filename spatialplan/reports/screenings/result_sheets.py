"""What a screening found, as sheets: the sites, each layer's result, and the pieces of ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import unproject
from spatialplan.crs import crs_label
from spatialplan.findings import NOISE_WIDTH_M, GroundStatus, Verdict
from spatialplan.messages import Language
from spatialplan.reports import cells
from spatialplan.reports.cells import HECTARES, MOST_ROWS, Amount, Cell, Column, Sheet
from spatialplan.reports.screenings.slopes import slope_cells, slope_columns
from spatialplan.reports.screenings.wording import (
    Phrases,
    asked_kind,
    item_title,
    judged_as,
    layer_sentence,
    layer_verdict_word,
    screen_word,
    screened_title,
    status_text,
    verdict_text,
    verdict_tone,
    verdict_word,
    waived_lines,
)
from spatialplan.reports.wording import plain_text, tolerance_text, word
from spatialplan.screening import LayerFinding, SiteFinding, SitePiece
from spatialplan.siting import Screening
from spatialplan.units import M2_PER_UNIT

__all__ = ["layer_result_sheet", "piece_sheet", "screen_columns", "site_sheet", "summary_sheet"]

MU = M2_PER_UNIT["亩"]

# Above so many rows, layers that a site is clear of are not listed once more.
MANY_RESULTS = 20_000

# Above so many rows, blank cells of a sheet are left out.
MANY_ROWS = 1_000

M2, METRES, COUNT = Amount(None, 2), Amount(None, 1), Amount(None, 0)

# How the numbers of a column are printed; hectares where it is not named.
AMOUNTS = {
    **dict.fromkeys(("no", "pieces", "rank", "activity"), COUNT),
    **dict.fromkeys(("m2", "mu", "sliver_m2", "northing", "easting"), M2),
    **dict.fromkeys(("length_m", "distance_m", "move_m", "bearing", "rotation"), METRES),
    **dict.fromkeys(("east_m", "north_m"), M2),
    **dict.fromkeys(("clearance_m", "radius_m", "step_m"), METRES),
    **dict.fromkeys(("share", "free_share"), Amount(None, 2, percent=True)),
    "width_m": Amount(None, 3),
}


def screen_columns(widths: Iterable[tuple[str, float]], language: Language) -> tuple[Column, ...]:
    """Return columns by the names of their headings in the catalogue, and their widths."""
    return tuple(
        Column(screen_word(f"col_{key}", language), width, AMOUNTS.get(key, HECTARES))
        for key, width in widths
    )


def summary_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Say what was screened, by which rules, with which result, and what nobody looked at."""
    rows = tuple(_summary_rows(screening, language))
    columns = screen_columns([("item", 16), ("content", 108)], language)
    return Sheet(screen_word("sheet_summary", language), columns, rows, filtered=False)


def site_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return one row a site: its verdict, and how it lies to every judged layer."""
    columns = [
        *screen_columns(
            [
                *[("no", 6), ("site_id", 14), ("name", 20), ("kind", 14)],
                *[("area_ha", 12), ("mu", 12), ("stated_ha", 12), ("verdict", 28)],
            ],
            language,
        )
    ]
    for key in screening.judged_layers:
        title = screened_title(screening, key)
        columns.append(Column(screen_word("layer_ha", language, layer=title), 13))
        columns.append(Column(screen_word("layer_status", language, layer=title), 14))
    columns += slope_columns(screening, language)
    columns += screen_columns([("doubts", 40), ("note", 40)], language)
    rows = islice(_site_rows(screening, language), MOST_ROWS)
    return Sheet(
        screen_word("sheet_sites", language),
        tuple(columns),
        rows,
        frozen=3,
        wide=True,
        sparse=len(screening.findings) > MANY_ROWS,
    )


def layer_result_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return one row a site and layer: figures, verdict, what to obtain from whom, basis."""
    columns = [
        *[("site_id", 14), ("name", 18), ("layer", 18), ("status", 18), ("verdict", 16)],
        *[("ha", 12), ("m2", 14), ("mu", 12), ("share", 10), ("net_ha", 12)],
        *[("outside_ha", 12), ("length_m", 11), ("sliver_m2", 11)],
        *[("distance_m", 12), ("nearest", 18), ("zones", 30), ("pieces", 8)],
        *[("sentence", 46), ("needs", 40), ("authority", 24), ("basis", 46)],
    ]
    rows = list(islice(_result_rows(screening, language), MOST_ROWS))
    sheet = screen_word("sheet_results", language)
    return Sheet(
        sheet,
        screen_columns(columns, language),
        rows,
        frozen=3,
        wide=True,
        sparse=len(rows) > MANY_ROWS,
    )


def piece_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return one row a piece of ground that a site shares with a feature of a layer."""
    columns = [
        *[("no", 8), ("site_id", 14), ("name", 18), ("layer", 18), ("feature_id", 22)],
        *[("feature_name", 20), ("zone", 16), ("status", 12), ("m2", 14), ("ha", 12)],
        *[("width_m", 12), ("township", 12), ("northing", 15)],
        ("easting", 16),
    ]
    rows = list(_piece_rows(screening, language))
    return Sheet(
        screen_word("sheet_pieces", language),
        screen_columns(columns, language),
        rows,
        frozen=3,
        wide=True,
        sparse=len(rows) > MANY_ROWS,
    )


def _summary_rows(screening: Screening, language: Language) -> Iterator[tuple[Cell, ...]]:
    header, sites = screening.plan.header, screening.sites
    yield screen_word("item_plan", language), plain_text(header.title)
    yield screen_word("item_result", language), _verdict(screening.verdict, language)
    for verdict, count in _counts(screening):
        yield (
            "",
            screen_word("count_line", language, word=verdict_word(verdict, language), count=count),
        )
    yield (
        screen_word("item_use", language),
        cells.Verdict(screen_word("disclaimer", language), "open"),
    )
    yield screen_word("item_notice", language), plain_text(header.notice)
    yield screen_word("item_standing", language), plain_text(header.standing)
    if header.demonstration or sites.demonstration:
        notice = plain_text(header.demonstration_notice) or screen_word("demonstration", language)
        yield screen_word("item_demonstration", language), cells.Verdict(notice, "open")
    for title, text in _terms(screening, language):
        yield title, text
    for number, point in enumerate(screening.not_evaluated):
        title = screen_word("item_open", language) if not number else ""
        yield title, cells.Verdict(item_title(screening, point.rule_id, language), "muted")
    for line in waived_lines(screening, language):
        yield screen_word("item_waived", language), line
    yield screen_word("sheet_occupation", language), screen_word("closing", language)
    if sum(len(finding.layers) for finding in screening.findings) > MANY_RESULTS:
        yield screen_word("sheet_results", language), screen_word("clear_left_out", language)
    pieces, complete = _listed_pieces(screening)
    if not complete:
        yield screen_word("sheet_pieces", language), screen_word("parcels_left_out", language)
    if max(len(pieces), len(screening.findings)) >= MOST_ROWS:
        yield screen_word("item_rows", language), screen_word("rows_cut", language, kept=MOST_ROWS)


def _terms(screening: Screening, language: Language) -> Iterator[tuple[str, str]]:
    rulebook, count = screening.rulebook, len(screening.findings)
    files = "; ".join(plain_text(source.path) for source in screening.sites.sources)
    yield (
        screen_word("item_sites", language),
        screen_word("sites_line", language, count=count, files=files),
    )
    yield screen_word("item_kind", language), asked_kind(screening, language)
    yield screen_word("item_date", language), screening.day.isoformat()
    yield screen_word("item_rulebook", language), plain_text(rulebook.edition)
    for note in rulebook.notes:
        yield "", plain_text(note)
    unused = {point.rule_id for point in screening.not_evaluated}
    yield (
        screen_word("item_layers", language),
        screen_word("comma", language).join(
            screened_title(screening, key) for key in screening.judged_layers if key not in unused
        ),
    )
    yield word("crs", language), f"{crs_label(screening.crs)}    {screening.crs.name}"
    yield word("area_title", language), word("area_method", language)
    yield word("tolerance_title", language), tolerance_text(screening.tolerance, language)
    noise = screen_word("noise_line", language, width_mm=NOISE_WIDTH_M * 1000)
    yield "", noise


def _counts(screening: Screening) -> list[tuple[Verdict, int]]:
    counts = Counter(finding.verdict for finding in screening.findings)
    return [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]


def _verdict(verdict: Verdict, language: Language) -> cells.Verdict:
    return cells.Verdict(verdict_word(verdict, language), verdict_tone(verdict))


def _site_rows(screening: Screening, language: Language) -> Iterator[tuple[Cell, ...]]:
    sites = screening.sites
    dash: Cell = word("none", language)
    separator = screen_word("separator", language)
    for number, finding in enumerate(screening.findings, start=1):
        stated = float(sites.stated_m2[finding.row]) / 10_000
        area = finding.area_m2
        words = verdict_text(finding, screening, language)
        doubts = separator.join(plain_text(d.message.text(language)) for d in finding.doubts)
        yield (
            float(number),
            plain_text(finding.site_id),
            plain_text(finding.name),
            judged_as(finding, screening, language),
            area / 10_000 if area == area else dash,
            area / MU if area == area else dash,
            stated if stated == stated else "",
            cells.Verdict(words, verdict_tone(finding.verdict)),
            *_layer_cells(finding, screening, language),
            *slope_cells(screening, finding.row),
            doubts,
            plain_text(sites.remarks[finding.row]),
        )


def _layer_cells(finding: SiteFinding, screening: Screening, language: Language) -> Iterator[Cell]:
    found = {layer.layer: layer for layer in finding.layers}
    for key in screening.judged_layers:
        layer = found.get(key)
        if layer is None or layer.status is GroundStatus.NOT_EVALUATED:
            yield ""
            yield screen_word("status_not_evaluated", language)
        else:
            shared = layer.status in (GroundStatus.OVERLAP, GroundStatus.SLIVER)
            yield layer.overlap_m2 / 10_000 if shared else ""
            yield status_text(layer, language)


def _result_rows(screening: Screening, language: Language) -> Iterator[tuple[Cell, ...]]:
    everything = sum(len(finding.layers) for finding in screening.findings) <= MANY_RESULTS
    phrases = Phrases(screening, language)
    for finding in screening.findings:
        site = (plain_text(finding.site_id), plain_text(finding.name))
        for layer in finding.layers:
            quiet = layer.status in (GroundStatus.CLEAR, GroundStatus.NOT_EVALUATED)
            if everything or not quiet or layer.rules:
                yield (*site, *_result_row(layer, screening, phrases, language))


def _result_row(
    layer: LayerFinding,
    screening: Screening,
    phrases: Phrases,
    language: Language,
) -> tuple[Cell, ...]:
    seen = layer.status is not GroundStatus.NOT_EVALUATED
    area = layer.overlap_m2
    figures: tuple[Cell, ...] = ("",) * 4
    if seen:
        figures = (area / 10_000, area, area / MU, layer.overlap_share)
    zones = (
        screen_word(
            "zone_line",
            language,
            zone=phrases.zone(layer.layer, zone.zone),
            area_ha=zone.overlap_m2 / 10_000,
        )
        for zone in layer.zones
        if zone.zone
    )
    return (
        screened_title(screening, layer.layer),
        screen_word(f"status_{layer.status.value}", language),
        cells.Verdict(layer_verdict_word(layer, language), verdict_tone(layer.verdict)),
        *figures,
        *(_number(layer.net_m2, 10_000), _number(layer.outside_m2, 10_000)),
        *(_number(layer.length_m), layer.sliver_m2 or "", _number(layer.distance_m)),
        plain_text(layer.nearest),
        screen_word("separator", language).join(zones),
        float(len(layer.pieces)) if seen else "",
        layer_sentence(layer, language),
        *phrases.rules(layer.rules),
    )


def _number(value: float | None, divisor: float = 1.0) -> Cell:
    return "" if value is None or value != value else value / divisor


def _listed_pieces(screening: Screening) -> tuple[list[tuple[SiteFinding, SitePiece]], bool]:
    """Return the pieces that are listed, and whether all are: parcels only while there are few."""
    pieces = [
        (finding, piece)
        for finding in screening.findings
        for layer in finding.layers
        for piece in layer.pieces
    ]
    if len(pieces) <= MANY_RESULTS:
        return pieces, True
    parcels = {spec.id for spec in screening.plan.layers_with_role("land_parcel")}
    kept = [(finding, piece) for finding, piece in pieces if piece.layer not in parcels]
    return kept[:MOST_ROWS], False


def _piece_rows(screening: Screening, language: Language) -> Iterator[tuple[Cell, ...]]:
    listed, _ = _listed_pieces(screening)
    if not listed:
        return
    phrases = Phrases(screening, language)
    shapes = np.array([piece.geometry for _, piece in listed], dtype=object)
    centres = shapely.point_on_surface(shapes)
    placed = unproject(centres, screening.sites.plane, screening.crs)
    eastings, northings = shapely.get_x(placed).tolist(), shapely.get_y(placed).tolist()
    places = zip(listed, _townships(centres, screening), northings, eastings, strict=True)
    for number, ((finding, piece), *place) in enumerate(places, start=1):
        words = _piece_words(finding, piece, screening, phrases, language)
        yield float(number), *words, *_piece_figures(piece), *place


def _piece_words(
    finding: SiteFinding,
    piece: SitePiece,
    screening: Screening,
    phrases: Phrases,
    language: Language,
) -> tuple[str, ...]:
    return (
        plain_text(finding.site_id),
        plain_text(finding.name),
        screened_title(screening, piece.layer),
        plain_text(piece.feature_id),
        plain_text(piece.feature_name),
        phrases.zone(piece.layer, piece.zone),
        screen_word(f"status_{piece.status.value}", language),
    )


def _piece_figures(piece: SitePiece) -> tuple[float, float, float]:
    return piece.area_m2, piece.area_m2 / 10_000, piece.width_m


def _townships(points: NDArray[np.object_], screening: Screening) -> list[str]:
    """Name the township that each point lies in; blank outside all of them."""
    units = (x for x in screening.layers.values() if x.spec.role == "administrative_area")
    layer = next((unit for unit in units if len(unit.frame)), None)
    names = np.full(len(points), "", dtype=object)
    if layer is not None:
        tree = shapely.STRtree(layer.geometry)
        found, units_hit = tree.query(points, predicate="within")
        names[found] = layer.text(layer.spec.name_field)[units_hit]
    return [plain_text(name) for name in names]
