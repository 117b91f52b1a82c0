"""What a screening stands on, as sheets: rules, doubts, gaps, suggestions and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spatialplan.findings import NotEvaluated
from spatialplan.layers import Source
from spatialplan.messages import Language
from spatialplan.plan import ScreeningRule
from spatialplan.reports import cells
from spatialplan.reports.cells import Amount, Cell, Column, Sheet, severity_tone
from spatialplan.reports.screenings.place_wording import place_reasons, place_verdict
from spatialplan.reports.screenings.result_sheets import screen_columns
from spatialplan.reports.screenings.wording import (
    basis_text,
    item_title,
    kind_title,
    need_text,
    period_text,
    place_text,
    rule_verdict_word,
    screen_word,
    screened_title,
    site_heading,
    verdict_tone,
    verdict_word,
)
from spatialplan.reports.wording import edition_of, plain_text, severity_word, word
from spatialplan.screening import SiteFinding
from spatialplan.sites import Doubt
from spatialplan.siting import Screening
from spatialplan.suggestions import Suggestion

__all__ = ["doubt_sheet", "gap_sheet", "input_sheet", "rule_sheet", "suggestion_sheet"]


def rule_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return the rules that were applied to any site, with basis, dates and jurisdiction."""
    applied = {
        rule.id: rule
        for finding in screening.findings
        for layer in finding.layers
        for rule in layer.rules
    }
    columns = [
        *[("rule", 22), ("ground", 30), ("kinds", 24), ("verdict", 14), ("needs", 40)],
        *[("authority", 24), ("basis", 50), ("checked", 12), ("period", 24)],
        *[("jurisdiction", 12), ("activity", 10), ("note", 40)],
    ]
    order = {rule.id: place for place, rule in enumerate(screening.rulebook.rules)}
    rules = sorted(applied.values(), key=lambda rule: order.get(rule.id, len(order)))
    rows = tuple(_rule_row(rule, screening, language) for rule in rules)
    return _sheet("rules", columns, rows, language, frozen=1, wide=True)


def doubt_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return what is unclear about the sites and their file."""
    whole = screen_word("whole_file", language)
    general = (doubt for doubt in screening.sites.doubts if doubt.row < 0)
    rows = [_doubt_row(whole, "", doubt, screening, language) for doubt in general]
    for one in screening.findings:
        site, place = site_heading(one), place_text(one, screening, language)
        rows += [_doubt_row(site, place, doubt, screening, language) for doubt in one.doubts]
    if not rows:
        rows = [(screen_word("no_doubts", language), *[""] * 4)]
    columns = [("site", 30), ("place", 14), ("fault", 20), ("severity", 10), ("message", 90)]
    return _sheet("doubts", columns, rows, language, frozen=1)


def gap_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return what was not evaluated: for every site first, then site by site."""
    everywhere = screen_word("all_sites", language)
    rows = list(_gap_rows(everywhere, screening.not_evaluated, screening, language))
    for finding in screening.findings:
        rows += _gap_rows(site_heading(finding), finding.not_evaluated, screening, language)
    return _sheet("gaps", [("site", 30), ("what", 34), ("why", 90)], rows, language, frozen=1)


def suggestion_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return the free part of sites and the places nearby where they would be free."""
    columns = [
        *[("site", 30), ("free_ha", 12), ("free_share", 12)],
        *[("free_verdict", 14), ("free_reasons", 50)],
        *[("rank", 7), ("move_m", 12), ("bearing", 10)],
        *[("east_m", 12), ("north_m", 12), ("rotation", 10)],
        *[("place_verdict", 14), ("place_reasons", 60)],
        *[("avoided", 40), ("inside", 20), ("clearance_m", 10), ("radius_m", 10)],
        *[("step_m", 9), ("why_none", 50)],
    ]
    names = {finding.row: site_heading(finding) for finding in screening.findings}
    rows = [
        row
        for place, suggestion in sorted(screening.suggestions.items())
        for row in _suggestion_rows(names.get(place, ""), suggestion, screening, language)
    ]
    return _sheet("suggestions", columns, rows, language, frozen=1, wide=True)


def input_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return every file that was read, or should have been, with hash and edition."""
    columns = [
        *[("layer", 22), ("path", 26), ("table", 13), ("driver", 15), ("encoding", 18)],
        *[("crs", 13), ("features", 10), ("sha256", 68), ("data_date", 20), ("approval", 16)],
        ("provider", 20),
    ]
    rows = tuple(_input_rows(screening, language))
    headings = tuple(Column(word(f"col_{key}", language), width) for key, width in columns)
    return Sheet(screen_word("sheet_inputs", language), headings, rows, frozen=1, wide=True)


def _sheet(
    name: str,
    widths: Iterable[tuple[str, float]],
    rows: Iterable[tuple[Cell, ...]],
    language: Language,
    *,
    frozen: int = 0,
    wide: bool = False,
) -> Sheet:
    title = screen_word(f"sheet_{name}", language)
    return Sheet(title, screen_columns(widths, language), rows, frozen=frozen, wide=wide)


def _rule_row(rule: ScreeningRule, screening: Screening, language: Language) -> tuple[Cell, ...]:
    kinds = (kind_title(screening, kind, language) for kind in rule.kinds)
    excepted = (kind_title(screening, kind, language) for kind in rule.except_kinds)
    comma, separator = screen_word("comma", language), screen_word("separator", language)
    meant = comma.join(kinds) or screen_word("any_kind", language)
    without = comma.join(excepted)
    checked = all(basis.checked for basis in rule.basis)
    return (
        plain_text(rule.id),
        _ground(rule, screening, language),
        meant + (screen_word("except", language, what=without) if without else ""),
        cells.Verdict(rule_verdict_word(rule, language), verdict_tone(rule.verdict)),
        need_text(rule, language),
        plain_text(rule.authority),
        separator.join(basis_text(basis, language) for basis in rule.basis),
        screen_word("is_checked" if checked else "not_checked", language),
        period_text(rule, language),
        plain_text(rule.jurisdiction),
        "" if rule.activity is None else float(rule.activity),
        plain_text(rule.note),
    )


def _ground(rule: ScreeningRule, screening: Screening, language: Language) -> str:
    """Say which ground a rule is about."""
    if rule.layer is not None:
        titles = [screened_title(screening, rule.layer)]
    else:
        titles = [plain_text(spec.title) for spec in screening.plan.layers_with_role(rule.role)]  # type: ignore[arg-type]
    comma = screen_word("comma", language)
    text = comma.join(titles) + screen_word(f"where_{rule.where}", language)
    narrowed = comma.join((*rule.zones, *rule.classes, *rule.features))
    text += screen_word("in_brackets", language, text=plain_text(narrowed)) if narrowed else ""
    without = comma.join(rule.except_zones)
    return text + (screen_word("except", language, what=plain_text(without)) if without else "")


def _doubt_row(
    site: str, place: str, doubt: Doubt, screening: Screening, language: Language
) -> tuple[Cell, ...]:
    severity = cells.Verdict(severity_word(doubt.severity, language), severity_tone(doubt.severity))
    return (
        site,
        place,
        item_title(screening, doubt.fault, language),
        severity,
        plain_text(doubt.message.text(language)),
    )


def _gap_rows(
    site: str, points: Iterable[NotEvaluated], screening: Screening, language: Language
) -> Iterator[tuple[Cell, ...]]:
    for point in points:
        title = item_title(screening, point.rule_id, language)
        yield site, cells.Verdict(title, "muted"), plain_text(point.why.text(language))


def _suggestion_rows(
    site: str, suggestion: Suggestion, screening: Screening, language: Language
) -> Iterator[tuple[Cell, ...]]:
    def judged(rank: int) -> tuple[Cell, Cell]:
        return _judged_cells(screening.judged_place(suggestion.row, rank), screening, language)

    has_free = suggestion.free.area_m2 > 0
    free: tuple[Cell, ...] = (suggestion.free.area_m2 / 10_000, suggestion.free.share)
    free += judged(0) if has_free else ("", "")
    avoided = screen_word("comma", language).join(plain_text(x) for x in suggestion.avoided)
    search = (suggestion.clearance_m, suggestion.radius_m, suggestion.step_m)
    terms: tuple[Cell, ...] = (avoided, plain_text(suggestion.inside), *search)
    why = suggestion.why_none
    if not suggestion.places:
        text = plain_text(why.text(language)) if why else ""
        yield site, *free, *([""] * 8), *terms, text
    for rank, place in enumerate(suggestion.places, start=1):
        moved = (place.distance_m, place.bearing_deg, place.east_m, place.north_m)
        turned = place.rotation_deg
        yield site, *free, float(rank), *moved, turned, *judged(rank), *terms, ""


def _judged_cells(
    finding: SiteFinding | None, screening: Screening, language: Language
) -> tuple[Cell, Cell]:
    verdict = place_verdict(finding)
    reasons = place_reasons(finding, screening, language)
    text = screen_word("separator", language).join(reasons)
    return cells.Verdict(verdict_word(verdict, language), verdict_tone(verdict)), text


def _input_rows(screening: Screening, language: Language) -> Iterator[tuple[Cell, ...]]:
    header, missing = screening.plan.header, word("not_provided", language)
    dash = word("none", language)
    plan = screen_word("plan_file", language)
    blanks: tuple[Cell, ...] = (dash,) * 5
    yield (
        plan,
        plain_text(screening.plan.file_name or header.id),
        *blanks,
        screening.plan.sha256,
        dash,
        dash,
        dash,
    )
    book = screening.rulebook
    title, edition = screen_word("item_rulebook", language), plain_text(book.edition)
    yield title, edition, *blanks, book.sha256, dash, dash, dash
    for source in screening.sites.sources:
        unknown = (missing, missing, missing)
        yield screen_word("sites", language), *_source_cells(source, language), *unknown
    for key, spec in screening.plan.layers.items():
        edition_cells, layer = edition_of(spec, language), screening.layers.get(key)
        title = plain_text(spec.title)
        if layer is None:
            unread = cells.Verdict(word("not_read", language), "open")
            yield title, plain_text(spec.path), unread, *([dash] * 5), *edition_cells
        else:
            yield title, *_source_cells(layer.source, language), *edition_cells


def _source_cells(source: Source, language: Language) -> tuple[Cell, ...]:
    texts = (source.path, source.table, source.driver, source.encoding, source.told_crs(language))
    return (
        *(plain_text(text) for text in texts),
        Amount(source.features, 0),
        source.sha256,
    )
