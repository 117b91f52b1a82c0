"""The job behind ``inspect --repair``: tables repaired, copies written, everything recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files.copying.copies import TableCopy
from spatialplan.files.copying.placing import require_apart
from spatialplan.files.copying.repaired import CopiedDataSet, write_copies
from spatialplan.files.salvaging.salvage import LostRecord
from spatialplan.files.sources import Place, find_damaged, find_place
from spatialplan.inspection.results import Inspection
from spatialplan.layers import Delivery
from spatialplan.repair import Fix, Repaired, RepairWishes, repair_table, require_target

__all__ = ["RepairReport", "TableRepair", "repair_files", "repair_inspected"]

NONE_SALVAGED: Mapping[str, Sequence[LostRecord]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TableRepair:
    """A table after its repair, or why it could not be repaired; it then goes along unchanged.

    `lost` are records of a damaged file that could not be read: they are not in the copy.
    """

    delivery: Delivery
    repaired: Repaired | None
    faults: tuple[Fault, ...] = ()
    lost: tuple[LostRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RepairReport:
    """All that was repaired, refused and written.

    Attributes
    ----------
    wishes
        What was asked for, and the limits that held.
    copies
        One a data set.
    """

    wishes: RepairWishes
    tables: tuple[TableRepair, ...]
    copies: tuple[CopiedDataSet, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused or lost, and every copy was written."""
        return not any(copy.path is None for copy in self.copies) and all(
            table.repaired is not None and not table.repaired.refusals and not table.lost
            for table in self.tables
        )


def repair_inspected(
    inspection: Inspection,
    out: Path,
    wishes: RepairWishes,
    *,
    assumed_crs: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> RepairReport:
    """Repair the tables of an inspection, each by the role and fields that it was recognised by.

    See `repair_files`; what could not be read at all is not among the copies.
    """
    read = [layer for layer in inspection.layers if layer.delivery is not None]
    return repair_files(
        [layer.delivery for layer in read if layer.delivery is not None],
        out,
        wishes,
        assumed_crs=assumed_crs,
        salvaged={layer.key: layer.lost for layer in read if layer.lost is not None},
        progress=progress,
    )


def repair_files(
    deliveries: Sequence[Delivery],
    out: Path,
    wishes: RepairWishes,
    *,
    assumed_crs: str | None = None,
    salvaged: Mapping[str, Sequence[LostRecord]] = NONE_SALVAGED,
    progress: Callable[[str], None] | None = None,
) -> RepairReport:
    """Repair tables and write copies of their data sets into a folder.

    Parameters
    ----------
    deliveries
        Tables with all their fields, in the order of their files, `spec.path` against the working
        folder. `spec.role` decides whether borders are shared, `spec.id_field` and
        `spec.class_field` name fields that otherwise go by their usual names.
    out
        A folder that holds no input and lies in none.
    assumed_crs
        Of tables that state none.
    salvaged
        By `spec.id`, the tables that were read record by record because they are damaged
        (`spatialplan.files.salvage_table`), and what was lost of each. Their copies are
        GeoPackages: nothing else is left of the damaged file.

    Raises
    ------
    OutputError
        If `out` is not apart from the inputs.
    CrsError
        If `wishes.target` is unusable.
    """
    if wishes.target and Fix.CRS in wishes.fixes:
        require_target(wishes.target)
    places = [_find(delivery, delivery.spec.id in salvaged) for delivery in deliveries]
    require_apart(out, [place.file for place in places])
    tables, copies = [], []
    for delivery, place in zip(deliveries, places, strict=True):
        if progress:
            progress(delivery.spec.title)
        lost = salvaged.get(delivery.spec.id)
        table = _repair(_with_crs(delivery, assumed_crs), wishes)
        tables.append(replace(table, lost=tuple(lost or ())))
        copy = _copy_of(table, place)
        copies.append(copy if lost is None else _of_what_was_read(copy, table))
    return RepairReport(wishes, tuple(tables), tuple(write_copies(copies, out)))


def _of_what_was_read(copy: TableCopy, table: TableRepair) -> TableCopy:
    """Give a copy the attributes that could be read, edits among them."""
    frame = table.delivery.frame if table.repaired is None else table.repaired.frame
    return replace(copy, salvaged=frame.drop(columns=frame.geometry.name), crs=frame.crs)


def _find(delivery: Delivery, is_damaged: bool) -> Place:
    spec = delivery.spec
    if is_damaged:
        place = find_damaged(spec.path, directory=Path(), table=spec.table, title=spec.title)
        return replace(place, table=spec.table or delivery.source.table)
    return find_place(spec.path, directory=Path(), table=spec.table, title=spec.title)


def _with_crs(delivery: Delivery, assumed: str | None) -> Delivery:
    if delivery.frame.crs is not None or not assumed:
        return delivery
    return replace(delivery, spec=delivery.spec.model_copy(update={"crs": assumed}))


def _repair(delivery: Delivery, wishes: RepairWishes) -> TableRepair:
    """Repair a table; one that cannot be does not keep the others from it."""
    try:
        return TableRepair(delivery, repair_table(delivery, wishes))
    except SpatialplanError as error:
        return TableRepair(delivery, None, error.faults)


def _copy_of(table: TableRepair, place: Place) -> TableCopy:
    delivered = np.asarray(table.delivery.frame.geometry.to_numpy(), dtype=object)
    repaired, count = table.repaired, len(delivered)
    encoding = table.delivery.spec.encoding
    if repaired is None:
        nothing = np.zeros(count, dtype=bool)
        return TableCopy(place, delivered, nothing, np.arange(count), stated_encoding=encoding)
    shapes, changed = delivered.copy(), np.zeros(count, dtype=bool)
    shapes[repaired.kept] = np.asarray(repaired.frame.geometry.to_numpy(), dtype=object)
    changed[repaired.changed] = True
    return TableCopy(
        place,
        shapes,
        changed,
        repaired.kept,
        edits={(edit.row, edit.field): edit.after for edit in repaired.edits},
        new_fields={new.name: new.values for new in repaired.new_fields},
        crs=repaired.crs,
        crs_is_new=bool(repaired.crs is not None and repaired.crs != table.delivery.frame.crs),
        text_codec=repaired.text_codec,
        stated_encoding=encoding,
    )
