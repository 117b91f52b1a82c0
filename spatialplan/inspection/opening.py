"""Every table of a delivery read, and recognised; what cannot be read leaves its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyproj import CRS

from spatialplan.crs import parse_crs, require_known_datum
from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files import (
    Discovery,
    FoundTable,
    LostRecord,
    find_tables,
    hear_warnings,
    read_and_hear,
    salvage_table,
)
from spatialplan.layers import Delivery
from spatialplan.plan import LayerSpec, Plan

__all__ = ["OpenedTable", "open_tables", "usable_crs"]


@dataclass(slots=True)
class OpenedTable:
    """A table on its way through the inspection.

    Attributes
    ----------
    delivery
        As read; None where it could not be, with the reason in `faults`. Of a damaged table the
        records that can still be read; `lost` are the others, None where it was read whole.
    planned
        The plan's own entry for this table, where a plan names it.
    """

    key: str
    path: str
    table: str = ""
    inside: str = ""
    driver: str = ""
    delivery: Delivery | None = None
    planned: LayerSpec | None = None
    faults: list[Fault] = field(default_factory=list)
    lost: tuple[LostRecord, ...] | None = None


def open_tables(
    paths: Sequence[Path],
    *,
    plan: Plan | None,
    crs: str | None,
    encoding: str | None,
    progress: Callable[[str], None],
) -> tuple[list[OpenedTable], Discovery]:
    """Find and read all tables, one after the other, in the order in which they are found.

    Parameters
    ----------
    crs
        Assumed for tables that state none.
    encoding
        Of the text of shapefiles; None: found out.
    """
    discovery = find_tables(paths)
    planned = _planned_layers(plan) if plan else {}
    opened = [_open(found, planned, crs, encoding, progress) for found in discovery.tables]
    taken = {one.key for one in opened}
    opened += _unopened(discovery.faults, taken)
    return opened, discovery


def usable_crs(opened: OpenedTable, assumed: str | None) -> CRS | None:
    """Return the CRS that a table states, or the one assumed for it; None where none is usable.

    Raises
    ------
    CrsError
        If the one it has leads nowhere.
    """
    if opened.delivery is None:
        return None
    where = f"{opened.path} ({opened.key})"
    stated: CRS | None = opened.delivery.frame.crs
    wanted = assumed or (opened.planned.crs if opened.planned else None)
    found = stated if stated is not None else (parse_crs(wanted, where=where) if wanted else None)
    return None if found is None else require_known_datum(found, where=where)


def _open(
    found: FoundTable,
    planned: Mapping[tuple[str, str], LayerSpec],
    crs: str | None,
    encoding: str | None,
    progress: Callable[[str], None],
) -> OpenedTable:
    opened = OpenedTable(
        key=found.spec.id,
        path=found.path,
        table=found.table,
        inside=found.inside,
        driver=found.format,
        planned=planned.get(_place_of(found.path, found.table)),
    )
    spec = found.spec.model_copy(update={"encoding": encoding})
    try:
        with hear_warnings() as heard:
            opened.delivery = read_and_hear(spec, Path(), heard)
    except SpatialplanError as error:
        opened.faults += error.faults
        _salvage(opened, spec)
    finally:
        progress(opened.key)
    return opened


def _salvage(opened: OpenedTable, spec: LayerSpec) -> None:
    """Read what can still be read of a damaged table; if that is nothing, it stays unread."""
    try:
        salvaged = salvage_table(spec, directory=Path())
    except SpatialplanError:
        return
    if not len(salvaged.delivery.frame):
        return
    # What is lost is told as faults of their own.
    source = replace(salvaged.delivery.source, warnings=())
    opened.delivery = replace(salvaged.delivery, source=source)
    opened.lost = salvaged.lost
    opened.table = opened.table or source.table
    opened.driver = opened.driver or source.driver


def _unopened(faults: Sequence[Fault], taken: set[str]) -> Iterator[OpenedTable]:
    """Yield an entry for every source that could not be opened, with all that is wrong with it."""
    by_place: dict[str, list[Fault]] = {}
    for fault in faults:
        by_place.setdefault(fault.where, []).append(fault)
    for place, found in by_place.items():
        name, number = Path(place).name or place, 1
        key = name
        while key in taken:
            number += 1
            key = f"{name}-{number}"
        taken.add(key)
        opened = OpenedTable(key=key, path=place, faults=found)
        if Path(place).exists():
            title = Path(place).stem
            _salvage(opened, LayerSpec(id=key, title=title, role="other", path=place))
        yield opened


def _planned_layers(plan: Plan) -> dict[tuple[str, str], LayerSpec]:
    """Return a plan's layers by file and table, so that a table it names keeps its role."""
    return {
        _place_of(str(plan.directory / spec.path), spec.table or Path(spec.path).stem): spec
        for spec in plan.layers.values()
    }


def _place_of(path: str, table: str) -> tuple[str, str]:
    return str(Path(path).resolve()), table
