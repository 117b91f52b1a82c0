"""The ground that a project had better keep off, when other places are looked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.findings import Verdict
from spatialplan.layers import PLACE_MARGIN
from spatialplan.screening.ground import Ground, called
from spatialplan.screening.judging import Inquiry, prepare_grounds
from spatialplan.screening.verdicts import ALL_KINDS, CaseBook, level_of

__all__ = ["avoided_ground"]

# Room, metres, that places leave to lines and points without a width.
MARK_ROOM_M = 0.5

# Closed zones or features of a layer that its title names.
MOST_NAMED = 5


def avoided_ground(
    inquiry: Inquiry, working_crs: CRS, *, kind: str | None, keys: Sequence[str] = ()
) -> list[tuple[str, NDArray[np.object_]]]:
    """Title and shapes of the ground that a project of a kind had better keep off.

    By default that is whatever the rulebook prohibits or leaves to an authority; with `keys`, the
    whole of those layers. Lines and points without a width are avoided by `MARK_ROOM_M`, features
    that the gate set aside as invalid by their boxes, and around a layer whose place is not sure
    its error. Land parcels cover everything and are never among it.
    """
    found = []
    for key, ground in prepare_grounds(inquiry, working_crs).items():
        if ground.is_parcels or (keys and key not in keys):
            continue
        zones, mark_zones = (
            (ground.zones, ground.ids, ground.names),
            (
                ground.mark_zones,
                ground.mark_ids,
                ground.mark_names,
            ),
        )
        closed = np.ones(len(ground.shapes), dtype=bool)
        closed_marks = np.ones(len(ground.marks), dtype=bool)
        if not keys:
            closed = _closed(ground, zones, inquiry, kind)
            closed_marks = _closed(ground, mark_zones, inquiry, kind)
        marks = shapely.buffer(ground.marks[closed_marks], MARK_ROOM_M)
        shapes = np.concatenate([ground.shapes[closed], marks, shapely.box(*ground.suspects.T)])
        error_m = ground.layer.source.placement.error_m
        if len(shapes):
            wide = shapely.buffer(shapes, PLACE_MARGIN * error_m) if error_m else shapes
            found.append((_closed_title(ground, closed, closed_marks), wide))
    return found


def _closed_title(
    ground: Ground, closed: NDArray[np.bool_], closed_marks: NDArray[np.bool_]
) -> str:
    """Name what of a layer is closed: by zone, else by feature, where it is not all of it."""
    title = ground.layer.spec.title
    chosen = np.concatenate([closed, closed_marks])
    if chosen.all() or not chosen.any():
        return title
    texts = np.concatenate([ground.zones, ground.mark_zones])
    if "" in texts[chosen] or {*texts[chosen]} & {*texts[~chosen]}:
        ids = np.concatenate([ground.ids, ground.mark_ids])
        texts = called(np.concatenate([ground.names, ground.mark_names]), ids)
    named = list(dict.fromkeys(texts[chosen].tolist()))
    more = "…" if len(named) > MOST_NAMED else ""
    return f"{title}（{'、'.join(named[:MOST_NAMED])}{more}）"


def _closed(
    ground: Ground,
    texts: tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]],
    inquiry: Inquiry,
    kind: str | None,
) -> NDArray[np.bool_]:
    """Tell which features of a layer, by zone, id and name, are closed to a kind of project."""
    cases = CaseBook(inquiry.book, ground.layer.spec)
    number = list(inquiry.book.kinds).index(kind) if kind else ALL_KINDS
    closed = level_of(Verdict.NEEDS_DETERMINATION)
    found = []
    for zone, *names in zip(*texts, strict=True):
        features = tuple(names) if cases.asks_for_features else ()
        found.append(cases.look_up("inside", str(zone), features).level(number) >= closed)
    return np.array(found, dtype=bool)
