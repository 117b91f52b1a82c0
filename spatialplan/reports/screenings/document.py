"""A screening as a document for other programs: ``screening.json``.

The keys named in the project's contract keep their name and meaning; others stand beside them.
Areas are rounded to 1e-8 ha and 1e-4 m², which is the same. What is not known, or was not looked
at, is null: never 0, and never a number that is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from spatialplan.crs import crs_label
from spatialplan.findings import NOISE_WIDTH_M, GroundStatus, NotEvaluated, Verdict
from spatialplan.layers import Source
from spatialplan.messages import Language
from spatialplan.plan import ScreeningRule
from spatialplan.reports.json_documents import layer_input, placement
from spatialplan.reports.screenings.place_wording import (
    place_reasons,
    place_verdict,
    touched_layers,
)
from spatialplan.reports.screenings.slopes import describe_slope, describe_slope_method
from spatialplan.reports.screenings.wording import (
    Phrases,
    basis_text,
    clear_sentence,
    ground_word,
    item_title,
    judged_as,
    layer_sentence,
    layer_verdict_word,
    need_text,
    place_text,
    screen_word,
    screened_title,
    verdict_text,
    waived_titles,
)
from spatialplan.reports.wording import finite, plain_text, word
from spatialplan.screening import GroundPart, LayerFinding, SiteFinding, ZoneFinding
from spatialplan.sites import Doubt
from spatialplan.siting import Screening
from spatialplan.suggestions import FreePlace, Suggestion
from spatialplan.units import M2_PER_UNIT

__all__ = ["screening_document"]

SCHEMA = 1
HA_DIGITS, M2_DIGITS, METRE_DIGITS, SHARE_DIGITS = 8, 4, 3, 8


def screening_document(
    screening: Screening, *, language: Language | None = None, lazily: bool = False
) -> dict[str, Any]:
    """Return a screening as plain values: the content of ``screening.json``.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites`.
    language
        Of sentences; default: the plan's. Keys and states are the same in every language.
    lazily
        Whether sites are worded one by one as they are asked for: all at once fill the memory.

    Returns
    -------
    document
        Nested dicts, lists, text, finite numbers, booleans and None; sites in the order of their
        file, layers in the plan's.
    """
    spoken = language or screening.plan.header.language
    tolerance, sites = screening.tolerance, _Sites(screening, spoken)
    return {
        "schema": SCHEMA,
        **_plan_entries(screening),
        "date": screening.day.isoformat(),
        "rulebook": screening.rulebook.edition,
        "rulebook_sha256": screening.rulebook.sha256,
        "rulebook_notes": list(screening.rulebook.notes),
        "language": spoken,
        "disclaimer": screen_word("disclaimer", spoken),
        "area_method": word("area_method", spoken),
        "tolerance": {
            "area_m2": tolerance.area_m2,
            "width_m": tolerance.width_m,
            "noise_width_m": NOISE_WIDTH_M,
        },
        "crs": crs_label(screening.crs),
        "kind": screening.kind,
        "verdict": screening.verdict.value,
        "verdicts": _tally(screening.findings),
        **describe_slope_method(screening, spoken),
        "judged_layers": list(screening.judged_layers),
        "inputs": list(_inputs(screening, spoken)),
        "doubts": _doubts((d for d in screening.sites.doubts if d.row < 0), spoken),
        "sites": sites if lazily else list(sites),
        "not_evaluated": _open_points(screening.not_evaluated, screening, spoken),
        "waived": [
            {"item": waived.entry.id, "title": title, "why": plain_text(waived.why)}
            for waived, title in zip(
                screening.rulebook.waived, waived_titles(screening, spoken), strict=True
            )
        ],
    }


def _plan_entries(screening: Screening) -> dict[str, Any]:
    header = screening.plan.header
    shown = header.demonstration or screening.sites.demonstration
    return {
        "plan": header.title,
        "plan_id": header.id,
        "plan_sha256": screening.plan.sha256,
        "standing": header.standing,
        "notice": header.notice,
        "demonstration": shown,
        "demonstration_notice": header.demonstration_notice if shown else "",
    }


def _tally(findings: Sequence[SiteFinding]) -> dict[str, int]:
    counts = Counter(finding.verdict for finding in findings)
    return {verdict.value: counts[verdict] for verdict in Verdict}


def _inputs(screening: Screening, language: Language) -> Iterable[dict[str, Any]]:
    header = screening.plan.header
    yield {
        "path": screening.plan.file_name or header.id,
        "layer": "plan",
        "sha256": screening.plan.sha256,
        "crs": crs_label(screening.crs),
        "features": None,
        "edition": None,
        "title": header.title,
    }
    for source in screening.sites.sources:
        yield _sites_input(source, screening, language)
    for key in screening.plan.layers:
        if key in screening.layers:
            yield layer_input(key, screening.layers[key], language)


def _sites_input(source: Source, screening: Screening, language: Language) -> dict[str, Any]:
    return {
        "path": source.path,
        "layer": "sites",
        "sha256": source.sha256,
        "crs": source.crs,
        "features": source.features,
        "edition": None,
        "title": screen_word("sites", language),
        "table": source.table,
        "driver": source.driver,
        "encoding": source.encoding,
        **placement(source, language),
        "warnings": [str(text) for text in source.warnings],
        "demonstration": screening.sites.demonstration,
    }


class _Sites(Sequence[dict[str, Any]]):
    """The entries of all sites; what many of them share is worded once."""

    def __init__(self, screening: Screening, language: Language) -> None:
        self._screening = screening
        self._language = language
        self._phrases = Phrases(screening, language)
        self._needs: dict[str, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._screening.findings)

    def __getitem__(self, place: int) -> dict[str, Any]:  # type: ignore[override]
        return self._site(self._screening.findings[place])

    def _site(self, finding: SiteFinding) -> dict[str, Any]:
        screening, language, row = self._screening, self._language, finding.row
        sites, suggestion = screening.sites, screening.suggestions.get(row)
        listed_clear = finding.listed_verdict is Verdict.CLEAR
        return {
            "site_id": finding.site_id,
            "name": finding.name,
            "area_ha": _ha(finding.area_m2),
            "verdict": finding.verdict.value,
            "layers": [self._layer(layer) for layer in finding.layers],
            "place": place_text(finding, screening, language),
            "kind": finding.kind,
            "kind_title": judged_as(finding, screening, language),
            "kind_stated": str(sites.kinds[row]),
            "remark": str(sites.remarks[row]),
            "listed_verdict": finding.listed_verdict.value,
            "sentence": verdict_text(finding, screening, language),
            "listed_sentence": clear_sentence(finding, screening, language)
            if listed_clear
            else None,
            "verdict_by_kind": {kind: verdict.value for kind, verdict in finding.by_kind.items()},
            "area_m2": finite(finding.area_m2, M2_DIGITS),
            "planar_ha": _ha(float(sites.planar_m2[row])),
            "stated_area_ha": _ha(float(sites.stated_m2[row])),
            "uncovered_ha": _ha(finding.uncovered_m2),
            "doubts": _doubts(finding.doubts, language),
            "parts": [_part(part) for part in finding.parts],
            "not_evaluated": _open_points(finding.not_evaluated, screening, language),
            "suggestion": self._suggestion(suggestion) if suggestion else None,
            **describe_slope(screening, row),
        }

    def _layer(self, finding: LayerFinding) -> dict[str, Any]:
        spec = self._screening.plan.layers.get(finding.layer)
        return {
            "layer": finding.layer,
            "status": finding.status.value,
            **_layer_figures(finding),
            "verdict": finding.verdict.value,
            "verdict_name": layer_verdict_word(finding, self._language),
            "basis": self._phrases.rules(finding.rules)[2],
            "title": screened_title(self._screening, finding.layer),
            "role": spec.role if spec else None,
            "nearest": finding.nearest or None,
            "zones": [self._zone(zone, finding.layer) for zone in finding.zones],
            "sentence": layer_sentence(finding, self._language),
            "needs": [self._need(rule) for rule in finding.rules],
        }

    def _suggestion(self, suggestion: Suggestion) -> dict[str, Any]:
        free, why, row = suggestion.free, suggestion.why_none, suggestion.row
        return {
            "free_ha": _ha(free.area_m2),
            "free_share": finite(free.share, SHARE_DIGITS),
            "free_part": self._judged(row, 0) if free.area_m2 > 0 else None,
            "places": [
                {**_place(place), **self._judged(row, rank)}
                for rank, place in enumerate(suggestion.places, start=1)
            ],
            "avoided": list(suggestion.avoided),
            "inside": suggestion.inside,
            "clearance_m": finite(suggestion.clearance_m, METRE_DIGITS),
            "radius_m": finite(suggestion.radius_m, METRE_DIGITS),
            "step_m": finite(suggestion.step_m, METRE_DIGITS),
            "why_none": why.text(self._language) if why else None,
        }

    def _judged(self, row: int, rank: int) -> dict[str, Any]:
        """Tell what a place would be judged as, with the layers that this comes from."""
        screening, language = self._screening, self._language
        finding = screening.judged_place(row, rank)
        verdict = place_verdict(finding)
        listed = finding.listed_verdict if finding else verdict
        return {
            "verdict": verdict.value,
            "listed_verdict": listed.value,
            "reasons": place_reasons(finding, screening, language),
            "layers": [self._layer(layer) for layer in touched_layers(finding)] if finding else [],
            "not_evaluated": _open_points(finding.not_evaluated, screening, language)
            if finding
            else [],
        }

    def _zone(self, zone: ZoneFinding, layer: str) -> dict[str, Any]:
        return {
            "zone": zone.zone,
            "title": self._phrases.zone(layer, zone.zone),
            "status": zone.status.value,
            "verdict": zone.verdict.value,
            "verdict_name": ground_word(zone.verdict, self._language),
            "overlap_ha": _ha(zone.overlap_m2),
            "overlap_m2": finite(zone.overlap_m2, M2_DIGITS),
            "mu": _mu(zone.overlap_m2),
            "net_ha": _ha(zone.net_m2),
            "basis": self._phrases.rules(zone.rules)[2],
            "rules": [rule.id for rule in zone.rules],
        }

    def _need(self, rule: ScreeningRule) -> dict[str, Any]:
        if rule.id not in self._needs:
            self._needs[rule.id] = _need(rule, self._language)
        return self._needs[rule.id]


def _layer_figures(finding: LayerFinding) -> dict[str, Any]:
    overlap_m2: float | None = finding.overlap_m2
    figures = {
        "overlap_ha": _ha(overlap_m2),
        "overlap_share": finite(finding.overlap_share, SHARE_DIGITS),
        "distance_m": finite(finding.distance_m, METRE_DIGITS),
        "overlap_m2": finite(overlap_m2, M2_DIGITS),
        "mu": _mu(overlap_m2),
        "overlap_planar_ha": _ha(finding.overlap_planar_m2),
        "net_ha": _ha(finding.net_m2),
        "length_m": finite(finding.length_m, METRE_DIGITS),
        "outside_ha": _ha(finding.outside_m2),
        "sliver_m2": finite(finding.sliver_m2, M2_DIGITS),
        "noise_m2": finite(finding.noise_m2, M2_DIGITS),
        "pieces": len(finding.pieces),
    }
    # Of a layer that nobody could look at nothing is known: null, never 0.
    unseen = finding.status is GroundStatus.NOT_EVALUATED
    return dict.fromkeys(figures) if unseen else figures


def _need(rule: ScreeningRule, language: Language) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "verdict": rule.verdict.value,
        "need": need_text(rule, language),
        "authority": rule.authority,
        "basis": [
            {
                "title": basis.title,
                "number": basis.number,
                "article": basis.article,
                "checked": basis.checked,
                "text": basis_text(basis, language),
            }
            for basis in rule.basis
        ],
        "checked": all(basis.checked for basis in rule.basis),
        "valid_from": _day(rule.valid_from),
        "valid_to": _day(rule.valid_to),
        "jurisdiction": rule.jurisdiction,
        "note": rule.note,
        "activity": rule.activity,
    }


def _doubts(doubts: Iterable[Doubt], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "fault": doubt.fault,
            "severity": doubt.severity.value,
            "message": doubt.message.text(language),
        }
        for doubt in doubts
    ]


def _part(part: GroundPart) -> dict[str, Any]:
    return {
        "township": part.township,
        "village": part.village,
        "owner": part.owner,
        "tenure": part.tenure,
        "land_class": part.land_class,
        "slope": part.slope,
        "area_m2": finite(part.area_m2, M2_DIGITS),
        "ridge_m2": finite(part.ridge_m2, M2_DIGITS),
        "uses": [
            {
                "layer": use.layer,
                "zone": use.zone,
                "area_m2": finite(use.area_m2, M2_DIGITS),
                "net_m2": finite(use.net_m2, M2_DIGITS),
            }
            for use in part.uses
        ],
    }


def _open_points(
    points: Iterable[NotEvaluated], screening: Screening, language: Language
) -> list[dict[str, str]]:
    return [
        {
            "rule": point.rule_id,
            "title": item_title(screening, point.rule_id, language),
            "why": point.why.text(language),
        }
        for point in points
    ]


def _place(place: FreePlace) -> dict[str, Any]:
    return {
        "east_m": finite(place.east_m, METRE_DIGITS),
        "north_m": finite(place.north_m, METRE_DIGITS),
        "distance_m": finite(place.distance_m, METRE_DIGITS),
        "bearing_deg": finite(place.bearing_deg, METRE_DIGITS),
        "rotation_deg": finite(place.rotation_deg, METRE_DIGITS),
        "area_ha": _ha(place.area_m2),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _mu(area_m2: float | None) -> float | None:
    return None if area_m2 is None else finite(area_m2 / M2_PER_UNIT["亩"], HA_DIGITS)


def _ha(area_m2: float | None) -> float | None:
    return None if area_m2 is None else finite(area_m2 / 10_000, HA_DIGITS)
