"""The words that every report of a screening shares: verdicts, titles, and what they rest on.

No verdict is a permission. *Clear* is worded as what was found, never as an approval, and has a
tone of its own that is neither green nor coloured; what was *not evaluated* never reads like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spatialplan.findings import GroundStatus, NotEvaluated, Verdict
from spatialplan.layers import Source
from spatialplan.messages import Language, Message, phrase
from spatialplan.plan import Basis, ScreeningRule
from spatialplan.reports.cells import Tone
from spatialplan.reports.wording import fault_title, plain_text
from spatialplan.screening import LayerFinding, SiteFinding
from spatialplan.siting import Screening

__all__ = [
    "Phrases",
    "asked_kind",
    "basis_text",
    "basis_texts",
    "clear_sentence",
    "ground_word",
    "is_placed",
    "item_title",
    "judged_as",
    "kind_title",
    "layer_sentence",
    "layer_verdict_word",
    "named_sources",
    "need_text",
    "open_points",
    "period_text",
    "place_text",
    "remark_note",
    "rule_verdict_word",
    "rules_basis",
    "rules_needs",
    "screen_word",
    "screened_title",
    "site_heading",
    "status_text",
    "verdict_text",
    "verdict_tone",
    "verdict_word",
    "waived_lines",
    "waived_titles",
    "zone_title",
]

VERDICT_TONES: dict[Verdict, Tone] = {
    Verdict.PROHIBITED: "bad",
    Verdict.NEEDS_DETERMINATION: "caution",
    Verdict.RESTRICTED: "open",
    Verdict.NOT_EVALUATED: "muted",
    Verdict.CLEAR: "plain",
}


def screen_word(key: str, language: Language, **values: object) -> str:
    """Return a wording of the section ``[screen_report]`` with its placeholders filled."""
    text = phrase(f"screen_report.{key}", language)
    return text.format(**values) if values else text


def verdict_word(verdict: Verdict, language: Language) -> str:
    """Return the word for a verdict."""
    return screen_word(verdict.value, language)


def layer_verdict_word(finding: LayerFinding, language: Language) -> str:
    """Return the word for one layer's verdict.

    Ground in common under rules that ask for nothing is no "no overlap found".
    """
    apart = finding.status in (GroundStatus.CLEAR, GroundStatus.NOT_EVALUATED)
    return (verdict_word if apart else ground_word)(finding.verdict, language)


def ground_word(verdict: Verdict, language: Language) -> str:
    """Return the word for what follows for ground in common: where nothing, no "no overlap"."""
    if verdict is Verdict.CLEAR:
        return screen_word("clear_ground", language)
    return verdict_word(verdict, language)


def verdict_tone(verdict: Verdict) -> Tone:
    """Return the tone of a verdict; nothing is good."""
    return VERDICT_TONES[verdict]


def verdict_text(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Return a site's verdict in words.

    A site that is clear of the listed layers, but not of what was not provided, says both.
    """
    if finding.verdict is not Verdict.NOT_EVALUATED or finding.listed_verdict is not Verdict.CLEAR:
        return verdict_word(finding.verdict, language)
    return clear_sentence(finding, screening, language)


def clear_sentence(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Say that a site shares no ground with the listed layers, and how much nobody looked at."""
    points = open_points(finding, screening)
    known = {entry.id for entry in screening.rulebook.standing_list} | set(screening.plan.layers)
    unseen = sum(point.rule_id in known for point in points)
    text = screen_word("clear_but" if unseen else "clear", language, count=unseen)
    doubts = len(points) - unseen
    return text + (screen_word("clear_doubts", language, count=doubts) if doubts else "")


def open_points(finding: SiteFinding, screening: Screening) -> tuple[NotEvaluated, ...]:
    """Return all that was not evaluated for a site, each point once, common ones first."""
    seen: dict[str, NotEvaluated] = {}
    for point in (*screening.not_evaluated, *finding.not_evaluated):
        seen.setdefault(point.rule_id, point)
    return tuple(seen.values())


def status_text(finding: LayerFinding, language: Language) -> str:
    """Say how a site lies to a layer, with the distance where they have nothing in common."""
    word = screen_word(f"status_{finding.status.value}", language)
    if finding.status is GroundStatus.CLEAR and finding.distance_m is not None:
        return screen_word("status_apart", language, status=word, metres=finding.distance_m)
    return word


def layer_sentence(finding: LayerFinding, language: Language) -> str:
    """Return the layer's result in one sentence, free of what could steer a page or a terminal."""
    return plain_text(finding.sentence.text(language))


def screened_title(screening: Screening, key: str) -> str:
    """Return a layer's title, or its name where the plan has no such layer."""
    spec = screening.plan.layers.get(key)
    return plain_text(spec.title if spec else key)


def item_title(screening: Screening, key: str, language: Language) -> str:
    """Return the title of what was not evaluated: a layer, a standing entry, a fault."""
    for entry in screening.rulebook.standing_list:
        if entry.id == key:
            return plain_text((entry.title_en if language == "en" else "") or entry.title)
    if key in screening.plan.layers:
        return screened_title(screening, key)
    return plain_text(_fault_title(key, language))


def waived_titles(screening: Screening, language: Language) -> list[str]:
    """Return the titles of what the office answers for itself."""
    entries = [waived.entry for waived in screening.rulebook.waived]
    return [plain_text((language == "en" and one.title_en) or one.title) for one in entries]


def waived_lines(screening: Screening, language: Language) -> list[str]:
    """Say of each thing not provided that the office answers for it, and why."""
    titles = waived_titles(screening, language)
    return [
        screen_word("waived_line", language, title=title, why=plain_text(waived.why))
        for title, waived in zip(titles, screening.rulebook.waived, strict=True)
    ]


def _fault_title(key: str, language: Language) -> str:
    try:
        return screen_word(f"fault_{key}", language)
    except KeyError:
        return fault_title(key, language)


def zone_title(screening: Screening, layer: str, zone: str) -> str:
    """Return a zone's name; a land class code comes with its title (``0103 旱地``)."""
    spec = screening.plan.layers.get(layer)
    entry = screening.rulebook.land_class(zone) if spec and spec.role == "land_parcel" else None
    return plain_text(f"{zone} {entry.title}" if entry else zone)


def kind_title(screening: Screening, kind: str | None, language: Language) -> str:
    """Return the title of a kind of project; the worst over all kinds where none is said."""
    if kind is None:
        return screen_word("all_kinds", language)
    entry = screening.rulebook.kinds.get(kind)
    if entry is None:
        return plain_text(kind)
    return plain_text((entry.title_en if language == "en" else "") or entry.title)


def asked_kind(screening: Screening, language: Language) -> str:
    """Say for which kind of project was screened; unless asked for one, for each site's own."""
    if screening.kind is None:
        return screen_word("each_kind", language)
    return kind_title(screening, screening.kind, language)


def judged_as(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Say as which kind of project a site was judged."""
    return kind_title(screening, finding.kind, language)


def site_heading(finding: SiteFinding) -> str:
    """Return a site's id and name, on one line."""
    return plain_text(f"{finding.site_id} {finding.name}".strip())


def is_placed(finding: SiteFinding, screening: Screening) -> bool:
    """Say whether a site has geometry; one without was not judged at all."""
    return screening.sites.geometry[finding.row] is not None


def remark_note(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Return the remark of a site without geometry, in brackets: it often says why."""
    remark = plain_text(screening.sites.remarks[finding.row])
    if is_placed(finding, screening) or not remark:
        return ""
    return screen_word("remark_note", language, remark=remark)


def place_text(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Say where in its file a site stands."""
    place = screening.sites.places[finding.row]
    return plain_text(place.text(language) if isinstance(place, Message) else place)


def basis_text(basis: Basis, language: Language) -> str:
    """Return a law with its number and article, saying so where its text was not compared."""
    text = _quoted(basis.title, language)
    text += screen_word("law_number", language, number=basis.number) if basis.number else ""
    text += basis.article
    return plain_text(text + ("" if basis.checked else screen_word("unchecked", language)))


def _quoted(title: str, language: Language) -> str:
    """Put a title in its marks, unless it has them; marks within marks are the single ones."""
    opening, closing = screen_word("law_opening", language), screen_word("law_closing", language)
    if not opening or (title.startswith(opening) and title.endswith(closing)):
        return title
    return opening + title.replace("《", "〈").replace("》", "〉") + closing


def basis_texts(rules: Iterable[ScreeningRule], language: Language) -> list[str]:
    """Return what rules rest on, each law once."""
    texts = (basis_text(basis, language) for rule in rules for basis in rule.basis)
    return list(dict.fromkeys(texts))


def rules_basis(rules: Iterable[ScreeningRule], language: Language) -> str:
    """Return what rules rest on in one text."""
    return screen_word("separator", language).join(basis_texts(rules, language))


def need_text(rule: ScreeningRule, language: Language) -> str:
    """Return what a rule asks for."""
    return plain_text((rule.need_en if language == "en" else "") or rule.need)


def rules_needs(rules: Iterable[ScreeningRule], language: Language) -> list[tuple[str, str]]:
    """Return what must be obtained and from whom, each pair once, in the rules' order."""
    pairs = ((need_text(rule, language), plain_text(rule.authority)) for rule in rules)
    return list(dict.fromkeys(pairs))


class Phrases:
    """What sets of rules and zones are called, worded once: thousands of sites share a handful."""

    def __init__(self, screening: Screening, language: Language) -> None:
        self._screening = screening
        self._language = language
        self._rules: dict[tuple[str, ...], tuple[str, str, str]] = {}
        self._zones: dict[tuple[str, str], str] = {}

    def rules(self, rules: Sequence[ScreeningRule]) -> tuple[str, str, str]:
        """Return needs, authorities and basis of rules, each in one text."""
        if not rules:
            return "", "", ""
        key = tuple(rule.id for rule in rules)
        if key not in self._rules:
            self._rules[key] = self._word(rules)
        return self._rules[key]

    def zone(self, layer: str, zone: str) -> str:
        """Return the title of a zone or land class."""
        key = (layer, zone)
        if key not in self._zones:
            self._zones[key] = zone_title(self._screening, layer, zone)
        return self._zones[key]

    def duties(self, rules: Sequence[ScreeningRule]) -> tuple[str, str]:
        """Return needs, each with its authority, and basis."""
        pairs = rules_needs(rules, self._language)
        bracket = phrase("screen_report.in_brackets", self._language)
        texts = (need + (bracket.format(text=who) if who else "") for need, who in pairs)
        return screen_word("separator", self._language).join(texts), self.rules(rules)[2]

    def _word(self, rules: Sequence[ScreeningRule]) -> tuple[str, str, str]:
        separator = screen_word("separator", self._language)
        pairs = rules_needs(rules, self._language)
        needs = separator.join(dict.fromkeys(need for need, _ in pairs))
        authorities = separator.join(dict.fromkeys(who for _, who in pairs if who))
        return needs, authorities, rules_basis(rules, self._language)


def rule_verdict_word(rule: ScreeningRule, language: Language) -> str:
    """Return the word for what a rule leads to."""
    return ground_word(rule.verdict, language)


def period_text(rule: ScreeningRule, language: Language) -> str:
    """Say from when to when a rule holds, blank where neither is known."""
    begin, end = rule.valid_from, rule.valid_to
    if begin is None and end is None:
        return ""
    key = "period" if begin and end else "period_from" if begin else "period_to"
    return screen_word(key, language, begin=begin or "", end=end or "")


def named_sources(screening: Screening, language: Language) -> list[tuple[str, Source]]:
    """Return the files of sites and the layers that were used, with what people call them."""
    sites = [(screen_word("sites", language), source) for source in screening.sites.sources]
    return [*sites, *((one.spec.title, one.source) for one in screening.layers.values())]
