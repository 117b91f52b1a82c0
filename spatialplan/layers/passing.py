"""A layer put together again from its batches, once their features have been let go.

What the gate says of a batch it says of the batch's own features. What it says of the layer is
gathered here: faults of one kind are one fault of all features that have it, and an id that stands
in two batches is a repeated id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import Finding
from spatialplan.layers.gate import repeated_fault, warning_fault
from spatialplan.layers.table import Layer, Passage, Placement
from spatialplan.messages import Message, say

__all__ = ["IdRegister", "delivered_ids", "merge_batches", "release_features"]

# The order in which the gate lists faults; those of one feature or one file stay apart.
SETTING_ASIDE = ("empty_geometry", "wrong_kind", "infinite", "off_the_map", "invalid_geometry")
FAULTS = ("file_warning", "rounded_id", "blank_id", "repeated_id", *SETTING_ASIDE)
APART = frozenset({"file_warning", "invalid_geometry"})
# Faults whose ids the gate lists once and sorted.
SORTED = frozenset({"rounded_id", "blank_id", "repeated_id"})


class IdRegister:
    """The ids that went by, eight bytes each, to find those that come again.

    Two different ids have one hash with a chance of n²/2⁶⁵: 2e-7 for 2.6 million.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.int64]] = []

    def enter(self, ids: NDArray[np.object_]) -> tuple[str, ...]:
        """Enter the ids of a batch and return those that an earlier batch had, sorted."""
        texts = sorted({text for text in ids if not text.startswith("#")})
        if not texts:
            return ()
        hashes = np.fromiter(map(hash, texts), dtype=np.int64, count=len(texts))
        known = np.zeros(len(texts), dtype=bool)
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            known |= run[place] == hashes
        self._keep(np.sort(hashes))
        return tuple(text for text, again in zip(texts, known, strict=True) if again)

    def _keep(self, hashes: NDArray[np.int64]) -> None:
        """Merge runs of like length, so that there are few and each id is moved few times."""
        self._runs.append(hashes)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]))


def delivered_ids(batch: Layer) -> NDArray[np.object_]:
    """Return the ids of all features of a batch, also of those that the gate set aside."""
    aside = [
        name for one in batch.faults if one.rule_id in SETTING_ASIDE for name in one.feature_ids
    ]
    return np.concatenate([batch.ids, np.array(aside, dtype=object)])


def release_features(batch: Layer) -> Layer:
    """Return a batch without its features; what the gate found and how many there were stays."""
    fields = batch.frame.columns.drop(batch.frame.geometry.name)
    # Made anew: an empty slice of a column that Arrow holds would hold all of it.
    nothing = gpd.GeoDataFrame({name: [] for name in fields}, geometry=[], crs=batch.frame.crs)
    return replace(
        batch,
        frame=nothing,
        ids=np.array([], dtype=object),
        area_m2=np.array([], dtype=np.float64),
        planar_m2=np.array([], dtype=np.float64),
        passage=Passage(batch.count),
    )


def merge_batches(
    batches: Sequence[Layer],
    *,
    repeated: Collection[str] = (),
    gaps: tuple[Message, ...] = (),
    warnings: Sequence[str] = (),
) -> Layer:
    """Put a layer together from its released batches, one or more, in the order of the table.

    Parameters
    ----------
    repeated
        Ids that stand in more than one batch (`IdRegister`).
    gaps
        See `Passage`.
    warnings
        What reading libraries warned of while the batches were read.
    """
    first = batches[0]
    faults = [fault for batch in batches for fault in batch.faults]
    if repeated:
        faults.append(repeated_fault(first.spec, np.array(sorted(repeated), dtype=object)))
    faults += [warning_fault(first.spec, text) for text in warnings]
    set_aside = sum(batch.set_aside for batch in batches)
    count = sum(batch.count for batch in batches)
    placement = _merge_placements([batch.source.placement for batch in batches])
    return replace(
        first,
        source=replace(
            first.source,
            features=count + set_aside,
            placement=placement,
            warnings=tuple(warnings),
        ),
        faults=tuple(_merge_faults(faults)),
        set_aside=set_aside,
        passage=Passage(count, gaps),
    )


def _merge_faults(faults: Sequence[Finding]) -> Iterator[Finding]:
    ordered = sorted(faults, key=lambda fault: FAULTS.index(fault.rule_id))
    for rule_id, found in groupby(ordered, key=lambda fault: fault.rule_id):
        same = list(found)
        if rule_id in APART:
            yield from same
        else:
            ids = [name for fault in same for name in fault.feature_ids]
            kept = sorted(set(ids)) if rule_id in SORTED else ids
            yield replace(same[0], feature_ids=tuple(kept))


def _merge_placements(placements: Sequence[Placement]) -> Placement:
    """Return the first, with what is said of how far features were moved said of them all."""
    notes = zip(*(one.notes for one in placements), strict=False)
    return replace(placements[0], notes=tuple(_merge_notes(same) for same in notes))


def _merge_notes(notes: Sequence[Message]) -> Message:
    first = notes[0]
    values = dict(first.values)
    same = [note.values for note in notes if note.key == first.key]
    inner = [value["note"] for value in same if isinstance(value.get("note"), Message)]
    if inner:
        values["note"] = _merge_notes([note for note in inner if isinstance(note, Message)])
    if first.key == "position.moved_by":
        values["shortest"] = min(value["shortest"] for value in same)  # type: ignore[type-var]
        values["longest"] = max(value["longest"] for value in same)  # type: ignore[type-var]
    return say(first.key, **values)
