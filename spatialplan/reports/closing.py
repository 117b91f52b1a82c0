"""Rounding of a table so that every printed sum is the sum of its printed parts.

A table of *places* (rows) and *kinds* (columns), in which kinds are gathered into groups and groups
into a total, and places into the table's bottom line. Rounded one by one, parts do not add up; the
largest remainder method (`spatialplan.units.close_parts`) closes one sum and opens the others.

Here the table is seen as a flow: from the source to each place, through its groups to its cells,
through the kinds and their groups to the sink and back. Amounts go around the cycles of what is not
yet a whole unit until everything is (Cox 1987, "A constructive procedure for unbiased controlled
rounding"). At the end every cell, group, place and the total is its true amount rounded either up
or down, so nothing is off by a unit of the last place or more, and what was 0 is still 0.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

__all__ = ["close_table"]

# Amounts are counted in whole millionths of the printed unit: sums are exact.
WHOLE = 1_000_000

# A kind or group without a parent belongs to the total.
TOTAL = ""


def close_table(
    places: Sequence[Mapping[str, float]], parents: Mapping[str, str], *, total: float | None = None
) -> list[dict[str, int]]:
    """Round the cells of a table to whole units so that all its sums close.

    Parameters
    ----------
    places
        For each place, the amounts by kind in the printed unit, 0 or more; kinds left out are 0.
    parents
        The group of a kind, the group of a group; those not named belong to the total.
    total
        What the total is printed from where that differs from the sum of the cells by float
        rounding; it is rounded half up. Default: the sum.

    Returns
    -------
    cells
        For each place the whole units by kind, in the kinds' order.

    Examples
    --------
    >>> close_table([{"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5}], {})
    [{'a': 1, 'b': 0}, {'a': 0, 'b': 1}]
    """
    counted = [{kind: round(amount * WHOLE) for kind, amount in row.items()} for row in places]
    whole = sum(sum(row.values()) for row in counted)
    printed = math.floor((whole / WHOLE if total is None else total) + 0.5)
    if not whole:
        return [dict.fromkeys(row, 0) for row in counted]
    if sum(amount != 0 for row in counted for amount in row.values()) == 1:
        # One cell is the total; of ten thousand sites most tables are like that.
        return [{kind: printed if amount else 0 for kind, amount in row.items()} for row in counted]
    flow = _Flow(upward=printed > whole // WHOLE)
    for place, row in enumerate(counted):
        _add_place(flow, place, row, parents)
    flow.settle()
    return [
        {kind: amount // WHOLE + flow.is_up((place, kind)) for kind, amount in row.items()}
        for place, row in enumerate(counted)
    ]


def _add_place(flow: _Flow, place: int, row: Mapping[str, int], parents: Mapping[str, str]) -> None:
    for kind, amount in row.items():
        if not amount % WHOLE:
            # A whole cell has nothing to give, but its groups' amounts do not change by it either.
            continue
        above = list(_ancestors(kind, parents))
        flow.add((place, kind), ("place", place, above[0]), ("kind", kind), amount)
        flow.add(("kind", kind), ("kind", kind), ("group", above[0]), amount)
        for group, parent in pairwise(above):
            key = ("place", place, group)
            flow.add(key, ("place", place, parent), key, amount)
            flow.add(("group", group), ("group", group), ("group", parent), amount)
        flow.add(("all", place), "source", ("place", place, TOTAL), amount)
        flow.add("total", ("group", TOTAL), "source", amount)


def _ancestors(kind: str, parents: Mapping[str, str]) -> Iterable[str]:
    while kind in parents:
        kind = parents[kind]
        yield kind
    if kind != TOTAL:
        yield TOTAL


class _Flow:
    """Arcs that carry amounts; those that carry no whole number of units are *loose*."""

    def __init__(self, *, upward: bool) -> None:
        self._upward = upward
        self._ends: dict[Hashable, tuple[Hashable, Hashable]] = {}
        self._rest: dict[Hashable, int] = {}
        self._loose: dict[Hashable, dict[Hashable, None]] = {}

    def add(self, arc: Hashable, tail: Hashable, head: Hashable, amount: int) -> None:
        """Let an arc carry more."""
        self._ends.setdefault(arc, (tail, head))
        self._rest[arc] = (self._rest.get(arc, 0) + amount) % WHOLE

    def is_up(self, arc: Hashable) -> bool:
        """Say whether an arc was rounded up."""
        return self._rest.get(arc, 0) == WHOLE

    def settle(self) -> None:
        """Send amounts around cycles of loose arcs until none is loose."""
        for arc, rest in self._rest.items():
            if rest:
                for end in self._ends[arc]:
                    self._loose.setdefault(end, {})[arc] = None
        for start in list(self._loose):
            self._walk(start)

    def _walk(self, start: Hashable) -> None:
        """Follow loose arcs from a node; every node has none or at least two of them."""
        path: list[Hashable] = []
        at = {start: 0}
        node = start
        while self._loose[node] or path:
            if not self._loose[node]:
                # The last cycle used up what was left here: one step back.
                del at[node]
                node = self._other(path.pop(), node)
                continue
            arc = next(arc for arc in self._loose[node] if not path or arc != path[-1])
            path.append(arc)
            node = self._other(arc, node)
            if node in at:
                cycle = path[at[node] :]
                self._send(node, cycle)
                del path[at[node] :]
                at = {known: depth for known, depth in at.items() if depth <= at[node]}
            else:
                at[node] = len(path)

    def _other(self, arc: Hashable, node: Hashable) -> Hashable:
        tail, head = self._ends[arc]
        return head if node == tail else tail

    def _send(self, node: Hashable, cycle: Sequence[Hashable]) -> None:
        """Send as much around a cycle as makes one of its arcs whole."""
        signs = {}
        for arc in cycle:
            signs[arc] = 1 if self._ends[arc][0] == node else -1
            node = self._other(arc, node)
        forth = min(self._room(arc, sign) for arc, sign in signs.items())
        back = min(self._room(arc, -sign) for arc, sign in signs.items())
        way = 1 if forth <= back else -1
        if "total" in signs:
            # The total is known beforehand: it only ever moves towards it.
            way = signs["total"] if self._upward else -signs["total"]
        amount = forth if way > 0 else back
        for arc, sign in signs.items():
            self._rest[arc] += way * sign * amount
            if self._rest[arc] in (0, WHOLE):
                for end in self._ends[arc]:
                    del self._loose[end][arc]

    def _room(self, arc: Hashable, sign: int) -> int:
        return WHOLE - self._rest[arc] if sign > 0 else self._rest[arc]
