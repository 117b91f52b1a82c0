"""The ledger in a run: read, matched with the patches, and asked about what was not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from spatialplan.area import to_plane
from spatialplan.cells import grid_bounds, lay_zones, sum_classes
from spatialplan.changes import Patch, use_weight
from spatialplan.crs import Plane
from spatialplan.files import LedgerFile, read_ledger, read_windows
from spatialplan.findings import NotEvaluated
from spatialplan.layers import RasterLayer
from spatialplan.ledger import (
    PERSON_COLUMNS,
    PROGRAM_COLUMNS,
    Entry,
    Seen,
    Sighting,
    Step,
    match_patches,
    settle_unseen,
)
from spatialplan.messages import say
from spatialplan.monitoring.results import LedgerRun

__all__ = ["Entries", "match_ledger", "open_rows", "read_entries"]

COLUMNS = (*PROGRAM_COLUMNS, PERSON_COLUMNS[0])
AREAL = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Entries:
    """A ledger before its outlines are in the plane; `file` is None where it does not exist."""

    path: Path
    file: LedgerFile | None


def read_entries(path: Path) -> Entries:
    """Read a ledger, or begin one where no file is.

    Raises
    ------
    SourceError, CrsError
        If it is open elsewhere, damaged, or no ledger.
    """
    return Entries(path, _read(path) if path.exists() else None)


def _read(path: Path) -> LedgerFile:
    return read_ledger(path, COLUMNS, further=PERSON_COLUMNS[1:])


def match_ledger(
    entries: Entries, patches: Sequence[Patch], after: RasterLayer, *, plane: Plane, crs: CRS
) -> LedgerRun:
    """Match the patches of a run with the rows of the ledger.

    Parameters
    ----------
    after
        The later edition, which is asked about rows that no patch continues.
    plane, crs
        The plane of judgement, and where edges in latitude and longitude count as straight.
    """
    rows = _make_entries(entries.file, plane, crs) if entries.file else []
    sightings = [Sighting(one.patch_id, one.shape, one.after.title) for one in patches]
    steps = list(match_patches(rows, sightings))
    unseen = [
        place
        for place, step in enumerate(steps)
        if step.seen is Seen.GONE and step.entry is not None
    ]
    for place, settled in zip(
        unseen, _settle([steps[place] for place in unseen], after, plane), strict=True
    ):
        steps[place] = settled
    own = tuple(entry for entry in rows if entry.own)
    by_patch = {step.sighting: step for step in steps if step.sighting is not None}
    return LedgerRun(entries.path, entries.file, tuple(steps), own, by_patch)


def open_rows(run: LedgerRun) -> Iterator[NotEvaluated]:
    """Yield what the ledger leaves to a person."""
    for seen, key in (
        (Seen.GONE, "monitor.rows_gone"),
        (Seen.MERGED, "monitor.rows_merged"),
        (Seen.OUTSIDE, "monitor.rows_outside"),
    ):
        ids = [
            step.entry.patch_id
            for step in run.steps
            if step.entry is not None and step.seen is seen and not step.entry.is_closed
        ]
        if ids:
            yield NotEvaluated("ledger", say(key, count=len(ids), ids=", ".join(ids[:5])))
    if run.strange:
        states = ", ".join(sorted({entry.state or "\N{EM DASH}" for entry in run.strange})[:5])
        why = say("monitor.rows_strange", count=len(run.strange), states=states)
        yield NotEvaluated("ledger", why)


def _make_entries(file: LedgerFile, plane: Plane, crs: CRS) -> list[Entry]:
    """Return the rows; those without an id of the program, or with one repeated, are a person's."""
    shapes = _place_outlines(file, plane, crs)
    ids = [_text(values["patch_id"]) for values in file.rows.values()]
    counts = Counter(ids)
    entries, met = [], set()
    for (row, values), name in zip(file.rows.items(), ids, strict=True):
        first = _text(values["first_seen"])
        own = not name or not first or (counts[name] > 1 and name in met)
        met.add(name)
        entries.append(
            Entry(
                row=row,
                patch_id=name,
                state=_text(values["state"]),
                shape=shapes.get(row),
                cover=_text(values["class_after"]),
                first_seen=first,
                last_seen=_text(values["last_seen"]),
                own=own,
                values=values,
            )
        )
    return entries


def _place_outlines(file: LedgerFile, plane: Plane, crs: CRS) -> dict[int, shapely.Geometry]:
    """Return the outlines in the plane of judgement; a person may have drawn them anew."""
    ground = {row: shape for row, shape in file.shapes.items() if shape.geom_type in AREAL}
    given = np.full(len(ground), None, dtype=object)
    given[:] = list(ground.values())
    placed = shapely.make_valid(to_plane(given, file.crs, plane=plane, split_crs=crs))
    return dict(zip(ground, placed, strict=True))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _settle(steps: Sequence[Step], after: RasterLayer, plane: Plane) -> list[Step]:
    """Ask the later edition what the ground of rows without a patch is today."""
    placed = [step for step in steps if step.entry is not None and step.entry.shape is not None]
    if not placed:
        return [replace(step, seen=Seen.OUTSIDE) for step in steps]
    shapes = np.array([step.entry.shape for step in placed if step.entry], dtype=object)
    zones = lay_zones(shapes, after.grid, plane)
    bounds = grid_bounds(shapes, after.grid, plane)
    sums = sum_classes(read_windows(after, bounds=bounds), zones)
    human = {entry.value for entry in after.legend if use_weight(entry.kind)}
    whole = shapely.area(shapes)
    used = sums.area_m2[:, [int(value) in human for value in sums.values]].sum(axis=1) / whole
    covered = sums.area_m2.sum(axis=1) / whole
    told = {
        id(step): settle_unseen(step, human_share=float(part), covered_share=float(reach))
        for step, part, reach in zip(placed, used, covered, strict=True)
    }
    return [told.get(id(step), replace(step, seen=Seen.OUTSIDE)) for step in steps]
