"""Ids that are unique in a whole file, which is read batch by batch.

Only a hash of every id is kept, eight bytes a site; ids that stand more than once are looked at in
a second pass. The rule is that of a file held as a whole: the first of several alike keeps its id,
the others and those without one get one that is free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.findings import Severity
from spatialplan.messages import say
from spatialplan.sites.table import Doubt

__all__ = ["Numbering", "number_sites"]

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What ids a file's sites get.

    Attributes
    ----------
    count
        How many sites there are.
    has_ids
        Whether any site has an id.
    given
        Rows, from 0, whose id is blank or stands more than once: the id they get, and the doubt.
    """

    count: int
    has_ids: bool
    given: Mapping[int, tuple[str, Doubt]] = field(default_factory=dict)

    def settle(self, texts: Texts, first_row: int) -> tuple[Texts, list[Doubt]]:
        """Return the ids of sites that follow one another, and doubts by row among them."""
        rows = range(first_row, first_row + len(texts))
        if not self.has_ids:
            return np.array([f"#{row + 1}" for row in rows], dtype=object), []
        ids, doubts = texts.copy(), []
        for row in rows if self.given else ():
            if row in self.given:
                ids[row - first_row], doubt = self.given[row]
                doubts.append(Doubt(row - first_row, doubt.fault, doubt.severity, doubt.message))
        return ids, doubts


def number_sites(read_ids: Callable[[], Iterable[Texts]]) -> Numbering:
    """Give the sites of a file numbers.

    Parameters
    ----------
    read_ids
        Yields the ids in the order of the file, some at a time, blank where there is none; called
        once or twice.

    Examples
    --------
    >>> texts = np.array(["A", "", "A"], dtype=object)
    >>> numbering = number_sites(lambda: [texts[:2], texts[2:]])
    >>> numbering.settle(texts[:2], 0)[0].tolist(), numbering.settle(texts[2:], 2)[0].tolist()
    (['A', '#2'], ['A (2)'])
    """
    hashes = [np.zeros(0, dtype=np.uint64)]
    blanks = 0
    for texts in read_ids():
        blanks += int((texts == "").sum())
        hashes.append(_hash(texts))
    known, counts = np.unique(np.concatenate(hashes), return_counts=True)
    total = int(counts.sum())
    repeated = set(known[counts > 1].tolist())
    if blanks == total:
        return Numbering(total, has_ids=False)
    if not blanks and not repeated:
        return Numbering(total, has_ids=True)
    return Numbering(total, has_ids=True, given=_give(read_ids, known, repeated))


def _give(
    read_ids: Callable[[], Iterable[Texts]], known: NDArray[np.uint64], repeated: set[int]
) -> dict[int, tuple[str, Doubt]]:
    unclear: dict[int, str] = {}
    row = 0
    for texts in read_ids():
        marked = np.isin(_hash(texts), np.array(sorted(repeated), dtype=np.uint64))
        for place in np.flatnonzero(marked | (texts == "")).tolist():
            unclear[row + place] = str(texts[place])
        row += len(texts)
    counts = Counter(unclear.values())
    taken, seen = _Taken(known), set[str]()
    given = {}
    for row, text in unclear.items():
        own = text
        if not text:
            own = taken.find_free(f"#{row + 1}", first=1)
            message = say("site.blank_id", given=own)
            given[row] = own, Doubt(row, "blank_id", Severity.WARNING, message)
        elif counts[text] > 1:
            own = taken.find_free(text, first=2) if text in seen else text
            seen.add(text)
            message = say("site.repeated_id", found=text, count=counts[text], given=own)
            given[row] = own, Doubt(row, "repeated_id", Severity.WARNING, message)
    return given


class _Taken:
    """Ids that are in use: those stated, by their hash, and those given since."""

    def __init__(self, known: NDArray[np.uint64]) -> None:
        self.known, self.given = known, set[str]()
        self.next: dict[str, int] = {}

    def find_free(self, text: str, *, first: int) -> str:
        """Return the text itself (number 1) or with the first number behind it that is free."""
        number = self.next.get(text, first)
        while self._has(found := text if number == 1 else f"{text} ({number})"):
            number += 1
        self.given.add(found)
        self.next[text] = number + 1
        return found

    def _has(self, text: str) -> bool:
        own = _hash(np.array([text], dtype=object))[0]
        place = int(np.searchsorted(self.known, own))
        stated = place < len(self.known) and self.known[place] == own
        return bool(stated) or text in self.given


def _hash(texts: Texts) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_array(texts, categorize=False), dtype=np.uint64)
