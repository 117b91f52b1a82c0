"""The 项目占用地类及控制线情况表 as a sheet: a row a place, a subtotal a site, a total.

Every printed figure is a sum of printed figures, across and down. Columns that cannot be computed
say so; they are never 0.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from spatialplan.messages import Language
from spatialplan.reports.cells import Cell, Column, Sheet
from spatialplan.reports.screenings.occupation_table import (
    Ledger,
    Place,
    SiteOccupation,
    Units,
    steepest,
)
from spatialplan.reports.screenings.wording import Phrases, screen_word
from spatialplan.reports.wording import plain_text
from spatialplan.screening import SiteFinding
from spatialplan.siting import Screening

__all__ = ["occupation_sheet"]

UNITS_A_HA = 10_000

# From the best known; see `SiteOccupation`.
STATES = ("judged", "not_provided", "not_evaluated")

# Above so many sites, cells that are 0 are left blank and a site with one place has one row.
MANY_SITES = 1_000

# Columns in the order of the form, by the table and column that they are counted in.
PLACE_COLUMNS = ("project", "plot", "township", "village", "owner", "tenure")
LAND_COLUMNS = (
    *(("land", column) for column in ("total", "agricultural", "cropland", "paddy", "irrigated")),
    *(("land", column) for column in ("dry", "garden", "forest", "grassland", "other", "ridge")),
    *(("land", column) for column in ("construction", "unused", "unknown", "uncovered")),
)
LINE_COLUMNS = (
    *(("farmland", "total"), ("farmland", "net"), ("black", "total")),
    *(("none", "grade"), ("land", "steep"), ("red", "total"), ("red", "core")),
    *(("protected", "total"), ("protected", "zones"), ("water", "total"), ("water", "zones")),
    *(("town", "inside"), ("town", "concentrated"), ("town", "flexible"), ("town", "special")),
    *(("town", "unzoned"), ("town", "outside")),
)
COLUMNS = LAND_COLUMNS + LINE_COLUMNS
PLACES = {key: place for place, key in enumerate(COLUMNS)}
WIDTHS = {"zones": 22, "project": 18, "plot": 12, "owner": 18, "needs": 46, "basis": 46}


def occupation_sheet(screening: Screening, *, language: Language) -> Sheet:
    """Return the table of land classes and control lines of all sites."""
    table = _Table(screening, language)
    rows = list(table.rows())
    return Sheet(
        screen_word("sheet_occupation", language),
        tuple(table.columns()),
        rows,
        frozen=2,
        wide=True,
        bold_rows=frozenset(table.strong),
        sparse=table.sparse,
    )


class _Table:
    """The rows of the table, and which of them are sums."""

    def __init__(self, screening: Screening, language: Language) -> None:
        self._screening = screening
        self._language = language
        self.sparse = len(screening.findings) > MANY_SITES
        self.strong: list[int] = []
        self._ledger = Ledger(screening)
        self._missing = screen_word("not_provided", language)
        unseen = screen_word("not_evaluated_short", language)
        self._absent = {"not_provided": self._missing, "not_evaluated": unseen}
        self._texts = Phrases(screening, language)
        self._worded: dict[tuple[str, ...], tuple[str, str]] = {}
        self._missing_fields = self._fields_missing()

    def columns(self) -> Iterator[Column]:
        for key in PLACE_COLUMNS:
            yield Column(screen_word(f"occ_{key}", self._language), WIDTHS.get(key, 10))
        for table, column in COLUMNS:
            heading = screen_word(f"occ_{table}_{column}", self._language)
            yield Column(heading, WIDTHS.get(column, 12))
        for key in ("needs", "basis"):
            yield Column(screen_word(f"occ_{key}", self._language), WIDTHS[key])

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        total: dict[tuple[str, str], int] = defaultdict(int)
        states: dict[str, str] = {}
        number = 0
        for finding in self._screening.findings:
            for row, strong in self._site_rows(finding, total, states):
                if strong:
                    self.strong.append(number)
                number += 1
                yield row
        self.strong.append(number)
        sums = {key: total[key] for key in COLUMNS}
        yield self._row((screen_word("total", self._language), *[""] * 5), sums, states, {}, "", "")

    def _site_rows(
        self, finding: SiteFinding, total: dict[tuple[str, str], int], states: dict[str, str]
    ) -> Iterator[tuple[tuple[Cell, ...], bool]]:
        site = (plain_text(finding.name), plain_text(finding.site_id))
        if not math.isfinite(finding.area_m2):
            unjudged = screen_word("not_evaluated", self._language)
            yield (*site, unjudged, *[""] * (len(COLUMNS) + 5)), False
            return
        found = self._ledger.occupy(finding)
        for table, state in found.states.items():
            # A total without some of the sites would look like all of them.
            states[table] = max(states.get(table, state), state, key=STATES.index)
        needs, basis = self._duties(finding)
        single = self.sparse and len(found.places) == 1
        for number, place in enumerate(found.places):
            cells = _cells(found, number)
            words = self._place_words(place, found)
            zones = {table: found.zones[table][number] for table in found.zones}
            duties = (needs, basis) if single else ("", "")
            yield self._row((*site, *words), cells, found.states, zones, *duties, finding), False
            for key in COLUMNS:
                total[key] += cells.get(key, 0)
        if not single:
            yield self._subtotal(finding, site, found, needs, basis), True

    def _subtotal(
        self,
        finding: SiteFinding,
        site: tuple[str, str],
        found: SiteOccupation,
        needs: str,
        basis: str,
    ) -> tuple[Cell, ...]:
        cells: dict[tuple[str, str], int] = defaultdict(int)
        for number in range(len(found.places)):
            for key, units in _cells(found, number).items():
                cells[key] += units
        zones = {
            table: tuple(dict.fromkeys(zone for place in places for zone in place))
            for table, places in found.zones.items()
        }
        words = (*site, screen_word("subtotal", self._language), "", "", "")
        return self._row(words, cells, found.states, zones, needs, basis, finding)

    def _row(
        self,
        words: tuple[str, ...],
        cells: Mapping[tuple[str, str], int],
        states: Mapping[str, str],
        zones: Mapping[str, Sequence[str]],
        needs: str,
        basis: str,
        finding: SiteFinding | None = None,
    ) -> tuple[Cell, ...]:
        row: list[Cell] = [""] * len(COLUMNS)
        if self.sparse and finding:
            for key, units in cells.items():
                if units and key in PLACES and self._state(key, states) == "judged":
                    row[PLACES[key]] = units / UNITS_A_HA
        else:
            for place, key in enumerate(COLUMNS):
                state = self._state(key, states)
                shown = cells.get(key, 0) / UNITS_A_HA if state == "judged" else None
                row[place] = self._absent[state] if shown is None else shown
        for table in ("protected", "water"):
            names = self._zone_names(table, zones.get(table, ()), finding)
            row[PLACES[table, "zones"]] = names
        return (*words, *row, needs, basis)

    def _state(self, key: tuple[str, str], states: Mapping[str, str]) -> str:
        """Say whether a column could be computed."""
        if key == ("land", "total"):
            return "judged"
        if key in self._missing_fields:
            return "not_provided"
        table = "net" if key == ("farmland", "net") else key[0]
        return states.get(table, "not_provided")

    def _zone_names(self, table: str, zones: Sequence[str], finding: SiteFinding | None) -> str:
        """Name the zones met, and for protected areas also the areas."""
        if finding is None or not zones:
            return ""
        layers = self._ledger.layers[table]
        shown = []
        for zone in zones:
            named = dict.fromkeys(
                plain_text(piece.feature_name)
                for layer in finding.layers
                if layer.layer in layers
                for piece in layer.pieces
                if piece.zone == zone and piece.feature_name
            )
            text = plain_text(zone)
            names = screen_word("comma", self._language).join(named)
            bracket = screen_word("in_brackets", self._language, text=text)
            shown.append(names + bracket if names else text)
        return screen_word("separator", self._language).join(shown)

    def _place_words(self, place: Place, found: SiteOccupation) -> tuple[str, ...]:
        *texts, bare = place
        words = [plain_text(text) for text in texts]
        missing = self._missing
        if bare and found.states["land"] == "judged" and not any(words[1:]):
            missing = screen_word("no_parcel", self._language)
        return words[0] or self._missing, *(text or missing for text in words[1:])

    def _duties(self, finding: SiteFinding) -> tuple[str, str]:
        rules = {rule.id: rule for layer in finding.layers for rule in layer.rules}
        key = tuple(rules)
        if key not in self._worded:
            self._worded[key] = self._texts.duties(tuple(rules.values()))
        return self._worded[key]

    def _fields_missing(self) -> frozenset[tuple[str, str]]:
        """Name the columns for which the layers lack a field."""
        plan = self._screening.plan
        missing: set[tuple[str, str]] = {("none", "grade")}
        wanted = (
            ("land_parcel", "class_field", [key for key in LAND_COLUMNS if key[1] != "total"]),
            ("land_parcel", "slope_field", [("land", "steep")]),
            ("land_parcel", "deduction_field", [("land", "ridge")]),
            ("basic_farmland", "deduction_field", [("farmland", "net")]),
            ("ecological_red_line", "zone_field", [("red", "core")]),
            (
                "urban_development_boundary",
                "zone_field",
                [("town", zone) for zone in ("concentrated", "flexible", "special", "unzoned")],
            ),
        )
        for role, field, columns in wanted:
            if not any(getattr(spec, field) for spec in plan.layers.values() if spec.role == role):
                missing |= set(columns)
        return frozenset(missing)


def _cells(found: SiteOccupation, number: int) -> dict[tuple[str, str], int]:
    cells = {
        (table, column): units
        for table, places in found.tables.items()
        for column, units in places[number].items()
    }
    land: Units = found.tables["land"][number]
    cells["land", "steep"] = steepest(land)
    return cells
