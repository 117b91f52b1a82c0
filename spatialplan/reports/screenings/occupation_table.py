"""The figures of the 项目占用地类及控制线情况表: what land a site takes, place by place.

A *place* is a township, village, owner and tenure. Land classes and control lines are counted in
printed units of 0.0001 ha (1 m²), rounded so that cells add up to their group, groups to the total
and places to the site. Field ridges of cropland (田坎) are deducted from it and stand under other
agricultural land. Ground under no parcel is a column of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from spatialplan.findings import GroundStatus
from spatialplan.plan.tables import Role
from spatialplan.reports.closing import close_table
from spatialplan.screening import GroundPart, LayerFinding, SiteFinding
from spatialplan.siting import Screening

__all__ = ["Ledger", "Place", "SiteOccupation", "steepest"]

# Township, village, owner, tenure, and whether it lies under no parcel.
Place = tuple[str, str, str, str, bool]
Amounts = dict[str, float]
Units = dict[str, int]

# Ground that belongs to no part, where a site could not be cut by parcels.
NOWHERE: Place = ("", "", "", "", True)

# Where cells add up to; what is not named here adds up to the table's own total.
LAND = {
    **{f"{kind}_steep": kind for kind in ("paddy", "irrigated", "dry")},
    **{f"{kind}_level": kind for kind in ("paddy", "irrigated", "dry")},
    **dict.fromkeys(("paddy", "irrigated", "dry"), "cropland"),
    **dict.fromkeys(("other_agricultural", "ridge"), "other"),
    **dict.fromkeys(("cropland", "garden", "forest", "grassland", "other"), "agricultural"),
}
TOWN = dict.fromkeys(("concentrated", "flexible", "special", "unzoned"), "inside")
CROPLAND = ("paddy", "irrigated", "dry")

# Beginnings of the names of the boundary's zones (集中建设区, 弹性发展区, 特别用途区).
TOWN_ZONES = {"集中": "concentrated", "弹性": "flexible", "特别": "special"}
CORE = "核心"

# Slope class 5 of cropland is over 25° (GDPDJB of the national land survey).
STEEP = "5"

# The tables of lines: what each is called here, and its role.
LINE_ROLES: dict[str, Role] = {
    "farmland": "basic_farmland",
    "red": "ecological_red_line",
    "protected": "protected_area",
    "water": "water_source",
    "town": "urban_development_boundary",
    "black": "black_soil",
}
# Less than this is float rounding, m².
NOTHING_M2 = 0.005

# Two sums of the same ground differ by no more than half a printed unit, m².
SAME_GROUND_M2 = 0.5


@dataclass(frozen=True, slots=True)
class SiteOccupation:
    """What one site takes.

    Attributes
    ----------
    places
        In the order of their names, what lies under no parcel last.
    tables
        By table (``land``, ``town``, ``red`` …), for each place the units by column, sums among
        them; ``total`` is the sum of a table.
    states
        By table, and for the ``net`` farmland: ``judged``, ``not_evaluated`` or ``not_provided``.
    zones
        By table, for each place the zones met.
    """

    places: tuple[Place, ...]
    tables: Mapping[str, Sequence[Units]]
    states: Mapping[str, str]
    zones: Mapping[str, Sequence[tuple[str, ...]]]


class Ledger:
    """Counts what sites take; knows which layers are which lines, and the land classes."""

    def __init__(self, screening: Screening) -> None:
        self._rulebook = screening.rulebook
        self._classes: dict[str, str] = {}
        self._has_parcels = bool(screening.plan.layers_with_role("land_parcel"))
        self.layers = {
            table: frozenset(spec.id for spec in screening.plan.layers_with_role(role))
            for table, role in LINE_ROLES.items()
        }

    def column(self, land_class: str) -> str:
        """Return the column of a land class code."""
        if land_class not in self._classes:
            entry = self._rulebook.land_class(land_class) if land_class else None
            column: str = entry.column if entry else "unknown" if land_class else "uncovered"
            self._classes[land_class] = column
        return self._classes[land_class]

    def occupy(self, finding: SiteFinding) -> SiteOccupation:
        """Return what a site takes, in printed units that add up."""
        has_parcels = finding.uncovered_m2 is not None
        by_place: dict[Place, list[GroundPart]] = defaultdict(list)
        for part in finding.parts:
            bare = has_parcels and not part.land_class
            by_place[part.township, part.village, part.owner, part.tenure, bare].append(part)
        lost_m2 = finding.area_m2 - sum(part.area_m2 for part in finding.parts)
        if not by_place or lost_m2 > SAME_GROUND_M2:
            by_place[NOWHERE] += [_rest(lost_m2)]
        places = tuple(sorted(by_place, key=lambda place: (place[-1], place)))
        grounds = [by_place[place] for place in places]
        total = finding.area_m2 if lost_m2 > -SAME_GROUND_M2 else None
        land = _sums(close_table(self._land(grounds, has_parcels), LAND, total=total))
        used = {use.layer for part in finding.parts for use in part.uses}
        used |= {layer.layer for layer in finding.layers if layer.overlap_m2}
        lines = {table: _LineTable(finding, self, table, used) for table in LINE_ROLES}
        totals = [units["total"] for units in land]
        tables = {table: line.close(grounds, places, totals) for table, line in lines.items()}
        states = {table: line.state for table, line in lines.items()}
        return SiteOccupation(
            places,
            {"land": land, **tables},
            {"land": self._land_state(has_parcels), "net": lines["farmland"].net_state, **states},
            {table: [line.zones(parts) for parts in grounds] for table, line in lines.items()},
        )

    def _land_state(self, has_parcels: bool) -> str:
        if has_parcels:
            return "judged"
        return "not_evaluated" if self._has_parcels else "not_provided"

    def _land(self, grounds: Iterable[Iterable[GroundPart]], has_parcels: bool) -> list[Amounts]:
        rows = []
        for parts in grounds:
            amounts: Amounts = defaultdict(float)
            for part in parts:
                column = self.column(part.land_class) if has_parcels else "undivided"
                if column in CROPLAND:
                    column += "_steep" if part.slope.strip().startswith(STEEP) else "_level"
                amounts[column] += part.area_m2 - part.ridge_m2
                if part.ridge_m2:
                    amounts["ridge"] += part.ridge_m2
            rows.append(amounts)
        return rows


def steepest(units: Units) -> int:
    """Return the units of cropland on slopes over 25°."""
    return sum(units.get(f"{kind}_steep", 0) for kind in CROPLAND)


def _rest(area_m2: float) -> GroundPart:
    return GroundPart(
        township="",
        village="",
        owner="",
        tenure="",
        land_class="",
        slope="",
        area_m2=area_m2,
        ridge_m2=0.0,
        uses=(),
    )


def _sums(rows: Sequence[Units], parents: Mapping[str, str] = LAND) -> list[Units]:
    """Add the sums of groups and the total to whole cells."""
    found = []
    for row in rows:
        units: Units = defaultdict(int, row)
        for column, count in row.items():
            group = column
            while group in parents:
                group = parents[group]
                units[group] += count
            units["total"] += count
        found.append(units)
    return found


class _LineTable:
    """One line's part of the table, for one site."""

    def __init__(
        self, finding: SiteFinding, ledger: Ledger, table: str, used: AbstractSet[str]
    ) -> None:
        self._table = table
        self._keys = ledger.layers[table]
        self._is_met = not self._keys.isdisjoint(used)
        self._found = [layer for layer in finding.layers if layer.layer in self._keys]
        self._ledger = ledger

    @property
    def state(self) -> str:
        if not self._found:
            return "not_provided"
        unseen = all(layer.status is GroundStatus.NOT_EVALUATED for layer in self._found)
        return "not_evaluated" if unseen else "judged"

    @property
    def net_state(self) -> str:
        """Whether what is left after field ridges could be computed."""
        unknown = any(layer.net_m2 is None and layer.overlap_m2 for layer in self._found)
        return "not_evaluated" if self.state == "judged" and unknown else self.state

    def zones(self, parts: Iterable[GroundPart]) -> tuple[str, ...]:
        if not self._is_met:
            return ()
        uses = (use for part in parts for use in part.uses if use.layer in self._keys)
        return tuple(dict.fromkeys(use.zone for use in uses if use.zone))

    def close(
        self,
        grounds: Sequence[Sequence[GroundPart]],
        places: Sequence[Place],
        totals: Sequence[int],
    ) -> list[Units]:
        if not self._is_met and self._table != "town":
            # Of ten thousand sites most meet none of most lines.
            return [defaultdict(int) for _ in places]
        rows = [self._amounts(parts) for parts in grounds]
        self._spread_rest(rows, places)
        if self._table == "town" and self.state == "judged":
            areas = [sum(part.area_m2 for part in parts) for parts in grounds]
            filled = [_filled(*place) for place in zip(rows, areas, totals, strict=True)]
            return _sums(close_table(filled, TOWN), TOWN)
        printed = sum(sum(row.values()) for row in rows)
        whole = sum(layer.overlap_m2 for layer in self._found)
        same = self._table != "black" and abs(printed - whole) < SAME_GROUND_M2
        return _sums(close_table(rows, {}, total=whole if same else None), {})

    def _amounts(self, parts: Iterable[GroundPart]) -> Amounts:
        amounts: Amounts = defaultdict(float)
        for part in parts:
            for use in part.uses:
                if use.layer not in self._keys:
                    continue
                if self._table != "black":
                    self._count(amounts, use.zone, use.area_m2, use.net_m2)
                elif self._ledger.column(part.land_class) in CROPLAND:
                    amounts["area"] += use.area_m2 * (1 - part.ridge_m2 / part.area_m2)
        return amounts

    def _count(self, amounts: Amounts, zone: str, area_m2: float, net_m2: float | None) -> None:
        if self._table == "farmland":
            net = area_m2 if net_m2 is None or not math.isfinite(net_m2) else net_m2
            amounts["net"] += net
            amounts["deducted"] += area_m2 - net
        elif self._table == "town":
            found = (name for start, name in TOWN_ZONES.items() if zone.startswith(start))
            amounts[next(found, "unzoned")] += area_m2
        else:
            amounts["core" if CORE in zone else "area"] += area_m2

    def _spread_rest(self, rows: list[Amounts], places: Sequence[Place]) -> None:
        """Put what no part holds, because the site was not cut into parts, under no place."""
        if NOWHERE not in places or self._table == "black":
            return
        row = rows[places.index(NOWHERE)]
        for layer in self._found:
            missing = layer.overlap_m2 - sum(sum(amounts.values()) for amounts in rows)
            if missing > NOTHING_M2 and len(self._found) == 1:
                self._add_zones(row, layer, missing)

    def _add_zones(self, row: Amounts, layer: LayerFinding, missing: float) -> None:
        whole = sum(zone.overlap_m2 for zone in layer.zones)
        for zone in layer.zones:
            share = missing / whole if whole else 0.0
            net = None if zone.net_m2 is None else zone.net_m2 * share
            self._count(row, zone.zone, zone.overlap_m2 * share, net)


def _filled(row: Amounts, area_m2: float, total: int) -> Amounts:
    """Add what lies outside, and bring a place's cells to the total that is already printed."""
    outside = area_m2 - sum(row.values())
    cells = {**row, "outside": outside} if outside > NOTHING_M2 else dict(row)
    whole = sum(cells.values())
    if not whole:
        return {}
    cells = {column: round(amount * total / whole, 6) for column, amount in cells.items()}
    largest = max(cells, key=lambda column: cells[column])
    cells[largest] += total - sum(cells.values())
    return cells
