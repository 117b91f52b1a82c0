"""What the page says about one site, as plain values that its script lays out.

The script writes every text as text, never as markup. Areas are those of the judgement. A rule is
told once for the whole page; sites point at it by number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spatialplan.findings import GroundStatus, NotEvaluated, Severity, Verdict
from spatialplan.maps.wording import NOTHING, Wording
from spatialplan.messages import Message
from spatialplan.plan import Basis, ScreeningRule
from spatialplan.screening import (
    LayerFinding,
    SiteFinding,
    SitePiece,
    ZoneFinding,
    printed_zones,
)
from spatialplan.sites import WHOLE_FILE
from spatialplan.siting import Screening
from spatialplan.suggestions import FreePlace, Suggestion
from spatialplan.units import round_printed

__all__ = ["SiteTeller", "kind_title", "tell_gap"]

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SiteTeller:
    """Words the findings of one screening, and gathers the rules that they name."""

    screening: Screening
    wording: Wording
    _rules: dict[str, tuple[int, Facts]] = field(default_factory=dict)

    @property
    def rules(self) -> list[Facts]:
        """Every rule told so far, in the order of the numbers that point at them."""
        return [facts for _, facts in self._rules.values()]

    def brief(self, finding: SiteFinding) -> Facts:
        """Tell what stands in the list: number, name, id, area, verdict."""
        area_ha = finding.area_m2 / 10_000
        known = math.isfinite(area_ha)
        return {
            "no": finding.row + 1,
            "id": finding.site_id,
            "name": finding.name or finding.site_id,
            "ha": f"{round_printed(area_ha, 4):,}" if known else NOTHING,
            "verdict": finding.verdict.value,
        }

    def details(self, finding: SiteFinding) -> Facts:
        """Tell everything that was found about a site; what is empty is left out."""
        met = [layer for layer in finding.layers if not _is_plainly_clear(layer)]
        suggestion = self.screening.suggestions.get(finding.row)
        told = {
            "facts": self._facts(finding),
            "listed": finding.listed_verdict.value,
            "unplaced": self._unplaced(finding),
            "doubts": list(self._doubts(finding)),
            "layers": [self._layer(layer) for layer in met],
            "clear": [self._clear(layer) for layer in finding.layers if layer not in met],
            "gaps": [tell_gap(self.screening, gap, self.wording) for gap in finding.not_evaluated],
            "suggestion": self._suggestion(suggestion) if suggestion else None,
        }
        return {key: value for key, value in told.items() if value}

    def piece(self, layer: LayerFinding, piece: SitePiece) -> list[str]:
        """Tell a piece of overlap: its layer, then its feature, zone and area."""
        name = piece.feature_name or piece.feature_id
        parts = [name, piece.zone, self.wording.site_area(piece.area_m2)]
        return [self._title(layer.layer), " · ".join(part for part in parts if part)]

    def _facts(self, finding: SiteFinding) -> list[list[str]]:
        sites, row, say = self.screening.sites, finding.row, self.wording.screen
        stated_m2 = float(sites.stated_m2[row])
        rows = [
            ("site_id", finding.site_id),
            ("kind", kind_title(self.screening, finding.kind, self.wording)),
            ("kind_stated", str(sites.kinds[row])),
            ("area_measured", self.wording.site_area(finding.area_m2)),
            ("area_planar", self.wording.site_area(float(sites.planar_m2[row]))),
            ("area_stated", self.wording.site_area(stated_m2)),
            ("place_in_file", _word(sites.places[row], self.wording)),
            ("remark", str(sites.remarks[row])),
        ]
        if finding.uncovered_m2:
            rows.append(("uncovered", self.wording.site_area(finding.uncovered_m2)))
        return [[say(key), text] for key, text in rows if text not in ("", NOTHING)]

    def _unplaced(self, finding: SiteFinding) -> str:
        if self.screening.sites.geometry[finding.row] is not None:
            return ""
        errors = [doubt for doubt in finding.doubts if doubt.severity is Severity.ERROR]
        reasons = [doubt.message.text(self.wording.language) for doubt in errors]
        return self.wording.screen("unplaced", why=self.wording("list_comma").join(reasons))

    def _doubts(self, finding: SiteFinding) -> Iterator[list[str]]:
        for doubt in finding.doubts:
            if doubt.row != WHOLE_FILE:
                yield [doubt.severity.value, doubt.message.text(self.wording.language)]

    def _title(self, key: str) -> str:
        spec = self.screening.plan.layers.get(key)
        return spec.title if spec else key

    def _clear(self, layer: LayerFinding) -> list[str]:
        near = ""
        if layer.distance_m is not None:
            near = self.wording.screen("distance", distance=self.wording.distance(layer.distance_m))
        return [self._title(layer.layer), near, layer.nearest if near else ""]

    def _layer(self, layer: LayerFinding) -> Facts:
        told = {
            "title": self._title(layer.layer),
            "status": layer.status.value,
            "verdict": layer.verdict.value,
            "text": layer.sentence.text(self.wording.language),
            "figures": list(self._figures(layer)),
            "zones": [self._zone(layer, zone) for zone in layer.zones if zone.zone],
            "pieces": len(layer.pieces),
            "rules": [self._number(rule) for rule in layer.rules],
        }
        return {key: value for key, value in told.items() if value}

    def _figures(self, layer: LayerFinding) -> Iterator[list[str]]:
        wording = self.wording
        if layer.overlap_m2:
            share = wording.per_cent(layer.overlap_share)
            yield [
                wording.screen("overlap"),
                wording.screen("with_share", area=wording.site_area(layer.overlap_m2), share=share),
            ]
        if layer.net_m2 is not None and layer.overlap_m2:
            yield [wording.screen("net"), wording.site_area(layer.net_m2)]
        if layer.outside_m2:
            yield [wording.screen("outside"), wording.site_area(layer.outside_m2)]
        if layer.length_m:
            yield [wording.screen("length"), wording.distance(layer.length_m)]
        if layer.sliver_m2:
            yield [wording.screen("sliver"), wording.site_area(layer.sliver_m2)]
        if layer.distance_m:
            yield [wording.screen("nearest"), wording.distance(layer.distance_m)]

    def _zone(self, layer: LayerFinding, zone: ZoneFinding) -> list[str]:
        title = self._zone_title(layer.layer, zone.zone)
        return [title, zone.verdict.value, self._zone_area(zone)]

    def _zone_title(self, key: str, zone: str) -> str:
        spec = self.screening.plan.layers.get(key)
        is_parcels = spec is not None and spec.role == "land_parcel"
        entry = self.screening.rulebook.land_class(zone) if is_parcels else None
        return f"{zone} {entry.title}" if entry else zone

    def _zone_area(self, zone: ZoneFinding) -> str:
        area = self.wording.site_area(zone.overlap_m2)
        if zone.status is GroundStatus.SLIVER:
            return self.wording.screen("only_sliver", area=area)
        return area

    def _number(self, rule: ScreeningRule) -> int:
        """Return the number of a rule among `rules`, telling it first where it is new."""
        if rule.id not in self._rules:
            self._rules[rule.id] = (len(self._rules), self._rule(rule))
        return self._rules[rule.id][0]

    def _rule(self, rule: ScreeningRule) -> Facts:
        english = self.wording.language == "en"
        told = {
            "verdict": rule.verdict.value,
            "need": rule.need_en if english and rule.need_en else rule.need,
            "authority": rule.authority,
            "basis": [[_cite(basis), int(basis.checked)] for basis in rule.basis],
            "activity": self._activity(rule.activity),
            "where": rule.jurisdiction,
            "note": rule.note,
        }
        return {key: value for key, value in told.items() if value}

    def _activity(self, number: int | None) -> str:
        if number is None:
            return ""
        english = self.wording.language == "en"
        titles = {
            entry.number: entry.title_en if english and entry.title_en else entry.title
            for entry in self.screening.rulebook.activities
        }
        return self.wording.screen("activity", number=number, title=titles.get(number, ""))

    def _suggestion(self, suggestion: Suggestion) -> Facts:
        wording, free = self.wording, suggestion.free
        told: Facts = {
            "searched": self._searched(suggestion),
            "limits": self._limits(),
            "places": [
                [*self._place(place), *self._judged(suggestion.row, rank)]
                for rank, place in enumerate(suggestion.places, start=1)
            ],
        }
        if free is not None and free.area_m2 > 0:
            share = wording.per_cent(free.share)
            area = wording.site_area(free.area_m2)
            told["free"] = wording.screen("with_share", area=area, share=share)
            told["free_judged"] = self._judged(suggestion.row, 0)
        elif free is not None:
            told["no_free"] = wording.screen("no_free_part")
        if suggestion.why_none is not None:
            told["why_none"] = suggestion.why_none.text(wording.language)
        return told

    def _place(self, place: FreePlace) -> list[str]:
        """Tell the move, the area, and the distance; blank for a place that is not moved."""
        wording, distance, move = self.wording, "", self.wording.screen("stay")
        if place.distance_m:
            distance = wording.distance(place.distance_m)
            move = wording.screen(
                "move",
                distance=distance,
                bearing=wording.screen(f"compass_{round(place.bearing_deg / 45) % 8}"),
                degrees=f"{round_printed(place.bearing_deg, 0)}",
            )
        if place.rotation_deg:
            move += wording.screen("turn", degrees=f"{place.rotation_deg:g}")
        return [move, wording.site_area(place.area_m2), distance]

    def _judged(self, row: int, rank: int) -> tuple[str, list[str]]:
        """Tell what a place would be judged as, and what that comes from."""
        found = self.screening.judged_place(row, rank)
        if found is None:
            return Verdict.NOT_EVALUATED.value, [self.wording.screen("place_unjudged")]
        unused = {point.rule_id for point in self.screening.not_evaluated}
        layers = [one for one in found.layers if _decides(one) and one.layer not in unused]
        told = [self._place_sentence(layer) for layer in layers]
        if found.listed_verdict is Verdict.CLEAR:
            told.insert(0, self.wording.screen("nothing_touched"))
        said = {layer.layer for layer in layers}
        gaps = [gap for gap in found.not_evaluated if gap.rule_id not in said]
        told += [gap.why.text(self.wording.language) for gap in gaps]
        return found.verdict.value, list(dict.fromkeys(told))

    def _limits(self) -> list[str]:
        """Say what neither the search nor the verdict on any place took into account."""
        keys = {point.rule_id: None for point in self.screening.not_evaluated}
        unused = [key for key in keys if key in self.screening.judged_layers]
        told = [self.wording.screen("place_layer_unused", layer=self._title(key)) for key in unused]
        left = len(keys) - len(unused)
        return told + ([self.wording.screen("place_not_provided", count=left)] if left else [])

    def _place_sentence(self, layer: LayerFinding) -> str:
        say, text = self.wording.screen, layer.sentence.text(self.wording.language)
        named = [
            say("zone_line", zone=self._zone_title(layer.layer, zone), area_ha=area_ha)
            for zone, area_ha in printed_zones(layer)
        ]
        return text + (say("colon") + say("comma").join(named) if named else "")

    def _searched(self, suggestion: Suggestion) -> str:
        """Say how places were searched for; blank where the site is too wide to be moved."""
        if not suggestion.step_m:
            return ""
        wording = self.wording
        text = wording.screen(
            "searched",
            avoided=wording.screen("comma").join(suggestion.avoided) or NOTHING,
            clearance=f"{suggestion.clearance_m:,g}",
            radius=f"{suggestion.radius_m:,g}",
            step=f"{suggestion.step_m:,.1f}",
        )
        if suggestion.inside:
            text += wording.screen("searched_inside", inside=suggestion.inside)
        return text


def tell_gap(screening: Screening, gap: NotEvaluated, wording: Wording) -> tuple[str, str]:
    """Name what was not evaluated, a layer or an entry of the standing list, and say why.

    What is neither, a fault of a site for instance, has no name here: the reason says it all.
    """
    title, why = _gap_title(screening, gap.rule_id, wording), gap.why.text(wording.language)
    for colon in ("：", ": "):
        why = why.removeprefix(f"{title}{colon}")
    return title, why


def _gap_title(screening: Screening, rule_id: str, wording: Wording) -> str:
    spec = screening.plan.layers.get(rule_id)
    if spec is not None:
        return spec.title
    for entry in screening.rulebook.standing_list:
        if entry.id == rule_id:
            return entry.title_en if wording.language == "en" and entry.title_en else entry.title
    return ""


def kind_title(screening: Screening, kind: str | None, wording: Wording) -> str:
    """Name a kind of project; None is the worst over all kinds."""
    if kind is None:
        return wording.screen("all_kinds")
    known: Mapping[str, Any] = screening.rulebook.kinds
    if kind not in known:
        return kind
    entry = known[kind]
    return str(entry.title_en if wording.language == "en" and entry.title_en else entry.title)


def _word(text: object, wording: Wording) -> str:
    return text.text(wording.language) if isinstance(text, Message) else str(text)


def _is_plainly_clear(layer: LayerFinding) -> bool:
    return layer.status is GroundStatus.CLEAR and layer.verdict is Verdict.CLEAR


def _decides(layer: LayerFinding) -> bool:
    return layer.verdict is not Verdict.CLEAR or layer.status is GroundStatus.ENCLOSED


def _cite(basis: Basis) -> str:
    number = f"（{basis.number}）" if basis.number else ""
    title = basis.title if basis.title.startswith("《") else f"《{basis.title}》"
    return f"{title}{number}{basis.article}"
