"""Rows of the tables of ``screening.gpkg``: what was found, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from spatialplan.findings import GroundStatus, NotEvaluated, Severity, Verdict
from spatialplan.messages import Language
from spatialplan.reports.screenings.place_wording import (
    place_reasons,
    place_verdict,
    verdict_reasons,
)
from spatialplan.reports.screenings.wording import (
    Phrases,
    ground_word,
    item_title,
    judged_as,
    layer_sentence,
    layer_verdict_word,
    place_text,
    screen_word,
    screened_title,
    verdict_word,
)
from spatialplan.screening import LayerFinding, SiteFinding, SitePiece
from spatialplan.siting import Screening
from spatialplan.suggestions import Suggestion

__all__ = ["Recorder", "listed_pieces"]

Record = dict[str, Any]

# Of a site without a free part there is nothing to judge.
NOT_JUDGED: Record = {"verdict": None, "verdict_name": None, "reasons": None}


def listed_pieces(
    screening: Screening,
) -> Iterator[tuple[SiteFinding, LayerFinding, SitePiece]]:
    """Yield every piece with its site and layer, in the order of sites, layers and weight."""
    for finding in screening.findings:
        for layer in finding.layers:
            for piece in layer.pieces:
                yield finding, layer, piece


class Recorder:
    """Words the findings of one screening; what sites share is worded once."""

    def __init__(self, screening: Screening, language: Language) -> None:
        self.screening, self.language = screening, language
        self._separator = screen_word("separator", language)
        self._phrases = Phrases(screening, language)
        self._duties: dict[tuple[str, ...], str] = {}
        keys = {layer.layer for finding in screening.findings for layer in finding.layers}
        self._titles = {key: screened_title(screening, key) for key in keys}
        self._verdicts = {verdict: verdict_word(verdict, language) for verdict in Verdict}
        self._statuses = {
            status: screen_word(f"status_{status.value}", language) for status in GroundStatus
        }

    @property
    def suggestions(self) -> list[tuple[SiteFinding, Suggestion]]:
        """Every suggestion with its site, in the order of the sites."""
        found = self.screening.suggestions
        return [(one, found[one.row]) for one in self.screening.findings if one.row in found]

    def site(self, finding: SiteFinding) -> Record:
        """Tell what was found about a site as a whole."""
        return {
            **_name(finding),
            "kind": judged_as(finding, self.screening, self.language),
            "area_ha": finding.area_m2 / 10_000,
            "stated_ha": self._stated_ha(finding),
            "verdict": finding.verdict.value,
            "verdict_name": self._verdicts[finding.verdict],
            "listed_verdict": finding.listed_verdict.value,
            "listed_name": self._verdicts[finding.listed_verdict],
            "reasons": self._join(verdict_reasons(finding, self.screening, self.language)),
            "needs": self._needs(finding),
            "not_evaluated": self._join(
                gap.why.text(self.language) for gap in finding.not_evaluated
            ),
            "doubts": self._join(doubt.message.text(self.language) for doubt in finding.doubts),
            "remark": self.screening.sites.remarks[finding.row],
        }

    def unplaced(self, finding: SiteFinding) -> Record:
        """Tell why a site could not be drawn, and where it stands in its file."""
        errors = [doubt for doubt in finding.doubts if doubt.severity is Severity.ERROR]
        whys = [doubt.message for doubt in errors] or [gap.why for gap in finding.not_evaluated]
        return {
            **_name(finding),
            "kind": judged_as(finding, self.screening, self.language),
            "stated_ha": self._stated_ha(finding),
            "place": place_text(finding, self.screening, self.language),
            "why": self._join(why.text(self.language) for why in whys),
            "remark": self.screening.sites.remarks[finding.row],
        }

    def piece(
        self, number: int, finding: SiteFinding, layer: LayerFinding, piece: SitePiece
    ) -> Record:
        """Tell a piece of ground; its verdict is that of its zone."""
        verdicts = {zone.zone: zone.verdict for zone in layer.zones}
        verdict = verdicts.get(piece.zone, layer.verdict)
        return {
            "number": number,
            "site_id": finding.site_id,
            "name": finding.name,
            "layer": piece.layer,
            "layer_title": self._titles[layer.layer],
            "feature_id": piece.feature_id,
            "feature_name": piece.feature_name,
            "zone": self._phrases.zone(piece.layer, piece.zone),
            "status": piece.status.value,
            "status_name": self._statuses[piece.status],
            "verdict": verdict.value,
            "verdict_name": ground_word(verdict, self.language),
            "area_m2": piece.area_m2,
            "area_ha": piece.area_m2 / 10_000,
            "width_m": piece.width_m,
        }

    def layers(self) -> Iterator[Record]:
        """Yield a record a site and layer, in the order of the sites."""
        for finding in self.screening.findings:
            name = _name(finding)
            for layer in finding.layers:
                yield {**name, **self._layer(layer)}

    def open_points(self) -> Iterator[Record]:
        """Yield what was not evaluated: for every site first, then site by site."""
        whole = screen_word("all_sites", self.language)
        for point in self.screening.not_evaluated:
            yield {"site_id": None, "name": whole, **self._open_point(point)}
        for finding in self.screening.findings:
            for point in finding.not_evaluated:
                named = {"site_id": finding.site_id, "name": finding.name}
                yield {**named, **self._open_point(point)}

    def free_part(self, finding: SiteFinding, suggestion: Suggestion) -> Record:
        """Tell how much of a site is free, and how places were looked for."""
        free, why = suggestion.free, suggestion.why_none
        return {
            **_name(finding),
            "area_m2": free.area_m2,
            "area_ha": free.area_m2 / 10_000,
            "share": free.share,
            **(self._judged(finding, 0) if free.area_m2 > 0 else NOT_JUDGED),
            **self._limits(suggestion),
            "places": len(suggestion.places),
            "radius_m": suggestion.radius_m,
            "step_m": suggestion.step_m,
            "why_none": why.text(self.language) if why else None,
        }

    def places(self, finding: SiteFinding, suggestion: Suggestion) -> Iterator[Record]:
        """Yield a record a place, the nearest first."""
        for rank, place in enumerate(suggestion.places, start=1):
            yield {
                **_name(finding),
                "rank": rank,
                "distance_m": place.distance_m,
                "bearing_deg": place.bearing_deg,
                "rotation_deg": place.rotation_deg,
                "east_m": place.east_m,
                "north_m": place.north_m,
                "area_m2": place.area_m2,
                "area_ha": place.area_m2 / 10_000,
                **self._judged(finding, rank),
                **self._limits(suggestion),
            }

    def _layer(self, layer: LayerFinding) -> Record:
        seen = layer.status is not GroundStatus.NOT_EVALUATED
        return {
            "layer": layer.layer,
            "layer_title": self._titles[layer.layer],
            "status": layer.status.value,
            "status_name": self._statuses[layer.status],
            "verdict": layer.verdict.value,
            "verdict_name": layer_verdict_word(layer, self.language),
            # Of a layer that nobody could look at nothing is known: NULL, never 0.
            "overlap_m2": layer.overlap_m2 if seen else None,
            "overlap_ha": layer.overlap_m2 / 10_000 if seen else None,
            "share": layer.overlap_share if seen else None,
            "net_m2": layer.net_m2,
            "outside_m2": layer.outside_m2,
            "sliver_m2": layer.sliver_m2 if seen else None,
            "length_m": layer.length_m,
            "distance_m": layer.distance_m,
            "nearest": layer.nearest,
            "sentence": layer_sentence(layer, self.language),
            "basis": self._phrases.rules(layer.rules)[2],
        }

    def _judged(self, finding: SiteFinding, rank: int) -> Record:
        """Tell what a suggested place would be judged as, 0 being the free part."""
        found = self.screening.judged_place(finding.row, rank)
        verdict = place_verdict(found)
        return {
            "verdict": verdict.value,
            "verdict_name": self._verdicts[verdict],
            "reasons": self._join(place_reasons(found, self.screening, self.language)),
        }

    def _needs(self, finding: SiteFinding) -> str:
        rules = {rule.id: rule for layer in finding.layers for rule in layer.rules}
        key = tuple(rules)
        if key not in self._duties:
            self._duties[key] = self._phrases.duties(list(rules.values()))[0]
        return self._duties[key]

    def _open_point(self, point: NotEvaluated) -> Record:
        return {
            "item": point.rule_id,
            "title": item_title(self.screening, point.rule_id, self.language),
            "why": point.why.text(self.language),
        }

    def _limits(self, suggestion: Suggestion) -> Record:
        return {
            "avoided": self._join(suggestion.avoided),
            "inside": suggestion.inside,
            "clearance_m": suggestion.clearance_m,
        }

    def _stated_ha(self, finding: SiteFinding) -> float | None:
        stated_m2 = float(self.screening.sites.stated_m2[finding.row])
        return stated_m2 / 10_000 if math.isfinite(stated_m2) else None

    def _join(self, texts: Iterable[str]) -> str:
        return self._separator.join(dict.fromkeys(texts))


def _name(finding: SiteFinding) -> Record:
    return {"number": finding.row + 1, "site_id": finding.site_id, "name": finding.name}
