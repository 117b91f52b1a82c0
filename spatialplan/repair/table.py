"""One table repaired: only what was asked for, each feature concerned with its record."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.layers import Delivery, feature_ids
from spatialplan.messages import Message, say
from spatialplan.repair.areas import Ruler
from spatialplan.repair.attributes import (
    FieldEdits,
    find_id_field,
    mend_codes,
    mend_cut_text,
    renumber,
)
from spatialplan.repair.duplicates import find_duplicates
from spatialplan.repair.position import place_table, require_target
from spatialplan.repair.records import (
    WHOLE_TABLE,
    Edit,
    NewField,
    Note,
    Refusal,
    Removal,
    Repair,
    Repaired,
    unique,
)
from spatialplan.repair.shapes import MendedShapes, Task, mend_shapes
from spatialplan.repair.wishes import Fix, RepairWishes

__all__ = ["COVERAGE_ROLES", "repair_table"]

# Layers whose features divide ground among them, so that an overlap or a gap is a slip.
COVERAGE_ROLES = frozenset(
    {"administrative_area", "land_parcel", "basic_farmland", "control_unit", "base_urban_land"}
)
SHAPE_FIXES = frozenset({Fix.GEOMETRY, Fix.COVERAGE, Fix.HEIGHTS})


def repair_table(
    delivery: Delivery,
    wishes: RepairWishes,
    *,
    is_coverage: bool | None = None,
) -> Repaired:
    """Repair a table as delivered.

    Parameters
    ----------
    delivery
        The table, with all its fields; it is not changed.
    wishes
        What to repair, and how far; nothing else is touched.
    is_coverage
        Whether features divide ground among them; default: by role (`COVERAGE_ROLES`).

    Returns
    -------
    repaired
        Repairing it again changes nothing: geometry is the same to the last bit.

    Raises
    ------
    CrsError
        If `wishes.target` is not on the CGCS2000 datum.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from spatialplan.layers import Source
    >>> from spatialplan.plan import LayerSpec
    >>> twice = shapely.Polygon([(0, 0), (0, 0), (9, 0), (9, 9), (0, 9)])
    >>> frame = gpd.GeoDataFrame({"BSM": ["7"]}, geometry=[twice])
    >>> spec = LayerSpec(id="a", title="a", role="other", path="a.shp")
    >>> source = Source("a.shp", "ESRI Shapefile", "a", "UTF-8", "", 1)
    >>> wishes = RepairWishes(frozenset({Fix.GEOMETRY}))
    >>> repaired = repair_table(Delivery(spec, frame, source), wishes)
    >>> [(repair.feature_id, repair.vertices_before, repair.vertices_after)
    ...  for repair in repaired.repairs]
    [('7', 6, 5)]
    """
    fixes = wishes.fixes
    aim = require_target(wishes.target) if wishes.target and Fix.CRS in fixes else None
    bench = _Bench(delivery, fixes)
    if Fix.CRS in fixes:
        bench.place(aim)
    bench.mend(wishes, is_coverage)
    bench.compare()
    if Fix.CODES in fixes:
        bench.take_edits(Fix.CODES, mend_codes(bench.frame, delivery.spec))
    if Fix.ENCODING in fixes:
        bench.take_edits(Fix.ENCODING, mend_cut_text(bench.frame))
    if Fix.IDS in fixes:
        bench.take_edits(Fix.IDS, bench.new_ids())
    if {Fix.DUPLICATES, Fix.REMOVE_DUPLICATES} & fixes:
        bench.sort_out_duplicates()
    codec = wishes.text_codec if Fix.ENCODING in fixes and bench.may_recode() else None
    return bench.finish(codec)


@dataclass(slots=True)
class _Bench:
    """A table under repair."""

    delivery: Delivery
    fixes: frozenset[Fix]
    frame: gpd.GeoDataFrame = field(init=False)
    crs: CRS | None = field(init=False)
    ids: NDArray[np.object_] = field(init=False)
    repairs: list[Repair] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    new_fields: list[NewField] = field(default_factory=list)
    _delivered: NDArray[np.object_] = field(init=False)
    _shapes: NDArray[np.object_] = field(init=False)
    _mended: MendedShapes = field(init=False)

    def __post_init__(self) -> None:
        self.frame = self.delivery.frame.reset_index(drop=True)
        self.crs = self.frame.crs
        id_field = find_id_field(self.frame, self.delivery.spec)
        spec = self.delivery.spec.model_copy(update={"id_field": id_field})
        self.ids = feature_ids(self.frame, spec)
        self._delivered = np.asarray(self.frame.geometry.to_numpy(), dtype=object)
        self._shapes = self._delivered
        self._mended = MendedShapes(self._delivered, np.zeros(len(self.frame), dtype=bool))

    def place(self, target: CRS | None) -> None:
        """Label or transform coordinates."""
        placed = place_table(self.delivery, self._delivered, target)
        self._shapes, self.crs = placed.shapes, placed.crs
        if placed.note is not None:
            self.notes.append(Note(Fix.CRS, placed.note))
        if placed.refusal is not None:
            self._refuse(WHOLE_TABLE, Fix.CRS, placed.refusal)

    def mend(self, wishes: RepairWishes, is_coverage: bool | None) -> None:
        """Repair geometry in the CRS that the table is now in."""
        fixes = set(self.fixes & SHAPE_FIXES)
        known = self.delivery.spec.role in COVERAGE_ROLES
        divides = known if is_coverage is None else is_coverage
        if Fix.COVERAGE in fixes and not divides:
            fixes.remove(Fix.COVERAGE)
            self._refuse(WHOLE_TABLE, Fix.COVERAGE, say("repair.no_coverage"))
        ruler = Ruler(self._shapes, self.crs)
        task = Task(fixes, self.ids, ruler, wishes.limits, wishes.tolerance)
        if fixes:
            self._mended = mend_shapes(self._shapes, task)
            self._shapes = self._mended.shapes
        for row, fix, why, change in sorted(self._mended.refusals, key=lambda one: one[0]):
            self._refuse(row, fix, why, change)

    def compare(self) -> None:
        """Record every feature whose geometry is not as delivered."""
        same = shapely.equals_identical(self._delivered, self._shapes)
        rows = np.flatnonzero(~(same | shapely.is_missing(self._delivered)))
        old, new = self._delivered[rows], self._shapes[rows]
        before = Ruler(self._delivered, self.frame.crs).measure(old)
        after = Ruler(self._shapes, self.crs).measure(new)
        counts = [shapely.get_num_coordinates(these).tolist() for these in (old, new)]
        moved = any(note.fix is Fix.CRS for note in self.notes) and self.crs != self.frame.crs
        for place, row in enumerate(rows.tolist()):
            done = self._mended.deeds.get(row, [])
            fixes = dict.fromkeys(([Fix.CRS] if moved else []) + [fix for fix, _ in done])
            deeds = [say("repair.did_crs")] if moved else []
            self.repairs.append(
                Repair(
                    row=row,
                    feature_id=str(self.ids[row]),
                    fixes=tuple(fixes),
                    deeds=unique([*deeds, *(deed for _, deed in done)]),
                    area_before_m2=float(before[place]),
                    area_after_m2=float(after[place]),
                    vertices_before=counts[0][place],
                    vertices_after=counts[1][place],
                )
            )

    def new_ids(self) -> FieldEdits:
        """Renumber what has no id of its own."""
        name = find_id_field(self.frame, self.delivery.spec)
        if name is None:
            return FieldEdits(refusals=[(WHOLE_TABLE, say("repair.no_id_field"))])
        return renumber(self.frame, name)

    def take_edits(self, fix: Fix, found: FieldEdits) -> None:
        """Put new values into the frame, and record them."""
        for (row, name), after in found.values.items():
            value = self.frame[name].iloc[row]
            before = "" if value is None or value != value else str(value)
            self.edits.append(
                Edit(
                    row=row,
                    feature_id=str(self.ids[row]),
                    fix=fix,
                    field=name,
                    before=before,
                    after=after,
                )
            )
        for name in dict.fromkeys(name for _, name in found.values):
            own = {row: text for (row, of), text in found.values.items() if of == name}
            self._set_values(name, own)
        for row, why in found.refusals:
            self._refuse(row, fix, why)
        if found.old_ids is not None:
            name, old = found.old_ids
            self.new_fields.append(NewField(name, old))
            self.frame[name] = [old.get(row) for row in range(len(self.frame))]

    def sort_out_duplicates(self) -> None:
        """List features delivered twice; delete those that are equal in all, if asked to."""
        areas = Ruler(self._delivered, self.frame.crs)
        for duplicate in find_duplicates(self._current()):
            row, first = duplicate.row, str(self.ids[duplicate.first])
            area = float(areas.measure(self._delivered[row : row + 1])[0])
            if duplicate.differing:
                names = ", ".join(duplicate.differing[:8])
                why = say("repair.duplicate_differs", other=first, fields=names)
                self._refuse(row, Fix.DUPLICATES, why)
            elif Fix.REMOVE_DUPLICATES not in self.fixes:
                self._refuse(row, Fix.DUPLICATES, say("repair.duplicate", other=first), -area)
            else:
                self.removals.append(
                    Removal(
                        row=row,
                        feature_id=str(self.ids[row]),
                        fix=Fix.REMOVE_DUPLICATES,
                        same_as=first,
                        area_m2=area,
                    )
                )

    def may_recode(self) -> bool:
        """Tell whether no text would be lost in another encoding."""
        return not any(refusal.fix is Fix.ENCODING for refusal in self.refusals)

    def finish(self, codec: str | None) -> Repaired:
        """Return what has become of the table."""
        removed = {removal.row for removal in self.removals}
        frame = self._current().drop(index=list(removed))
        return Repaired(
            delivery=self.delivery,
            frame=frame,
            crs=self.crs,
            area_method=Ruler(self._delivered, self.frame.crs).method,
            repairs=tuple(repair for repair in self.repairs if repair.row not in removed),
            edits=tuple(edit for edit in self.edits if edit.row not in removed),
            removals=tuple(self.removals),
            refusals=tuple(self.refusals),
            notes=tuple(self.notes),
            new_fields=tuple(self.new_fields),
            text_codec=codec,
        )

    def _current(self) -> gpd.GeoDataFrame:
        name = self.frame.geometry.name
        columns = list(self.frame.columns)
        shapes = gpd.GeoSeries(self._shapes, index=self.frame.index, crs=self.crs)
        return (
            self.frame.drop(columns=name)
            .assign(**{name: shapes})
            .loc[:, columns]
            .set_geometry(name, crs=self.crs)
        )

    def _set_values(self, name: str, values: dict[int, str]) -> None:
        column = self.frame[name].astype(object).copy()
        column.iloc[list(values)] = list(values.values())
        self.frame[name] = column

    def _refuse(self, row: int, fix: Fix, why: Message, change: float = float("nan")) -> None:
        name = "" if row == WHOLE_TABLE else str(self.ids[row])
        self.refusals.append(Refusal(row=row, feature_id=name, fix=fix, why=why, change_m2=change))
