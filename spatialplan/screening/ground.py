"""Layers ready to be asked by many sites.

What is the same for all sites (windows, outlines, indexes, which features lie over one another) is
worked out when it is first asked for, and kept. A ground can be cut down to what sites within a box
can meet, and sent to another process; they find there what they would have found in the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.layers import Layer
from spatialplan.overlay import (
    CutZones,
    IndexedFeatures,
    IndexedLines,
    OverlapPieces,
    index_features,
    index_pieces,
    index_windows,
    inner_overlaps,
    overlap_pieces,
)
from spatialplan.screening.outlines import Box, cut_outlines, meets, within_reach

__all__ = ["Ground", "Outlines", "Surroundings", "called"]

Integers = NDArray[np.int64]
Texts = NDArray[np.object_]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Surroundings:
    """Polygons of all layers of one role: a line may come in several, windows lie between them.

    `known` are the windows where only part of the polygons came along.
    """

    shapes: Geometries
    known: CutZones | None = None

    @cached_property
    def windows(self) -> CutZones:
        """The windows (天窗) of the polygons together, indexed."""
        if self.known is not None:
            return self.known
        return index_windows(self.shapes, assume_valid=True)

    def near(self, box: Box) -> Surroundings:
        """Return the surroundings with the windows that meet a box only."""
        windows = self.windows.parts
        return Surroundings(self.shapes[:0], index_pieces(windows[meets(windows, box)]))


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines and marks of a layer in short runs, in the working CRS, and whose each run is."""

    lines: IndexedLines
    owner: Integers


@dataclass(frozen=True)
class Ground:
    """One layer, ready to be asked; make it with `prepare_grounds`.

    Attributes
    ----------
    shapes
        Polygons in the plane, object[n]: the features, or bands along lines.
    ids, names, zones
        Text a shape; a land parcel's zone is its class code, a band's the corridor's name.
    kept_share
        What is left of a shape after field ridges (1 - 扣除系数), NaN where the factor is
        unusable; None for layers without it.
    marks, mark_ids, mark_names, mark_zones
        Lines and points without a width, in the plane, with their texts.
    suspects
        Boxes (west, south, east, north) of features that the gate set aside as invalid, (m, 4).
    unplaced, strays
        How many features were set aside without a place, and how many lie so far outside the
        region that they may belong elsewhere.
    around
        The polygons of all layers of the same role.
    working_crs
        The projected CRS in which distances are looked for.
    lasting
        Whether batch after batch will ask: then indexes of the whole layer are worth making.
    """

    layer: Layer
    shapes: Geometries
    ids: Texts
    names: Texts
    zones: Texts
    kept_share: NDArray[np.float64] | None
    marks: Geometries
    mark_ids: Texts
    mark_names: Texts
    mark_zones: Texts
    suspects: NDArray[np.float64]
    unplaced: int
    strays: int
    around: Surroundings
    working_crs: CRS
    lasting: bool = False

    @property
    def is_parcels(self) -> bool:
        """Whether these are land parcels, which cover everything."""
        return self.layer.spec.role == "land_parcel"

    @cached_property
    def _asked(self) -> dict[str, tuple[Any, Any]]:
        """What was asked last, and the answer."""
        return {}

    @cached_property
    def features(self) -> Geometries | IndexedFeatures:
        """The shapes as overlay takes them."""
        return index_features(self.shapes, assume_valid=True) if self.lasting else self.shapes

    @cached_property
    def zone_codes(self) -> tuple[Texts, Integers]:
        """The zones' names, sorted, and the number of each shape's zone among them."""
        names, codes = np.unique(self.zones.astype(str), return_inverse=True)
        return names.astype(object), codes.astype(np.int64)

    @cached_property
    def outlines(self) -> Outlines:
        """Outlines of the whole layer; a run's owner counts shapes first, then marks."""
        runs = cut_outlines(np.concatenate([self.shapes, self.marks]))
        flat = unproject(runs.geometry, self.layer.plane, self.working_crs)
        return Outlines(IndexedLines(flat).make_ready(), runs.owner)

    @cached_property
    def called(self) -> Texts:
        """What shapes and marks are called: their name, or the id where it is blank."""
        return np.concatenate(
            [called(self.names, self.ids), called(self.mark_names, self.mark_ids)]
        )

    @cached_property
    def _doubled(self) -> NDArray[np.bool_]:
        overlaps = inner_overlaps(self.shapes, assume_valid=True)
        doubled = np.zeros(len(self.shapes), dtype=bool)
        doubled[overlaps.a_index] = doubled[overlaps.b_index] = True
        return doubled

    def doubled(self, rows: Integers) -> Integers:
        """Return which of these shapes share ground with another one of the layer.

        Of a layer that is asked once, only with another one of these.
        """
        members: Integers = np.unique(rows)
        if self.lasting:
            return members[self._doubled[members]]
        return self.doubled_among(members)

    def doubled_among(self, rows: Integers) -> Integers:
        """Return which of these shapes, sorted, share ground with another one of these.

        Of a layer that is asked once, by sites and by their parts, the last answer is kept.
        """
        known: tuple[Integers, Integers] | None = self._asked.get("doubled")
        if known is None or not np.array_equal(known[0], rows):
            overlaps = inner_overlaps(self.shapes[rows], assume_valid=True)
            known = rows, rows[np.unique(np.concatenate([overlaps.a_index, overlaps.b_index]))]
            self._keep("doubled", known)
        return known[1]

    def overlap(self, sites: Geometries) -> OverlapPieces:
        """Return the ground that sites share with the shapes, pair by pair.

        Of a layer that is asked once, by sites and by their parts, the last answer is kept.
        """
        known: tuple[Geometries, OverlapPieces] | None = self._asked.get("overlap")
        if known is None or known[0] is not sites:
            known = sites, overlap_pieces(sites, self.features, assume_valid=True)
            self._keep("overlap", known)
        return known[1]

    def _keep(self, name: str, known: tuple[Any, Any]) -> None:
        if not self.lasting:
            self._asked[name] = known

    def near(self, box: Box) -> Ground:
        """Return what of the layer sites within a box can meet, or be nearest to.

        Parameters
        ----------
        box
            West, south, east, north in the plane of judgement.
        """
        every = np.concatenate([self.shapes, self.marks])
        rows = within_reach(every, box)
        own, marks = rows[rows < len(self.shapes)], rows[rows >= len(self.shapes)]
        marks = marks - len(self.shapes)
        # Parts of sites are cut by the parcels themselves; of the others texts and shapes are here.
        frame = self.layer.frame.iloc[own if self.is_parcels else []].reset_index(drop=True)
        layer = replace(self.layer, frame=frame)
        west, south, east, north = self.suspects.T
        beside = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
        cut = replace(
            self,
            layer=layer,
            shapes=self.shapes[own],
            ids=self.ids[own],
            names=self.names[own],
            zones=self.zones[own],
            kept_share=None if self.kept_share is None else self.kept_share[own],
            marks=self.marks[marks],
            mark_ids=self.mark_ids[marks],
            mark_names=self.mark_names[marks],
            mark_zones=self.mark_zones[marks],
            suspects=self.suspects[beside],
            around=self.around.near(box),
        )
        return cut.knowing_doubled(self._doubled[own]) if self.lasting else cut

    def knowing_doubled(self, doubled: NDArray[np.bool_]) -> Ground:
        """Return this ground with the knowledge which of its shapes share ground in the whole."""
        self.__dict__["_doubled"] = doubled
        return self

    def make_ready(self) -> Ground:
        """Work out now what is the same for all sites, before threads ask for it; return self."""
        if self.lasting:
            _ = self.features, self.zone_codes, self.outlines, self._doubled, self.called
            _ = self.around.windows
        return self


def called(names: Texts, ids: Texts) -> Texts:
    """Return what features are called: their name, or the id where it is blank."""
    return np.where(names == "", ids, names).astype(object)
