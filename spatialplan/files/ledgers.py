"""A ledger of patches (台账) as a GeoPackage: read without a trace, updated as a copy.

Whatever a person did to the file stays: columns, rows, styles and tables are copied with it, and
only the program's own columns of the program's own rows are written. The copy takes the ledger's
place when it is whole, and the ledger as it was stays beside it. A ledger that another program has
open, or that is damaged, is refused.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS

from spatialplan.crs import parse_crs, require_known_datum
from spatialplan.errors import CrsError, Fault, OutputError, SourceError
from spatialplan.files.packed_shapes import add_shape_functions, pack_shape, unpack_shape
from spatialplan.files.writing import replace_atomically
from spatialplan.messages import say

__all__ = ["LEDGER_TABLE", "LedgerFile", "RowChange", "backup_path", "read_ledger", "update_ledger"]

LEDGER_TABLE = "ledger"
# "GPKG" and the two that came before it.
APPLICATIONS = (0x47504B47, 0x47503130, 0x47503131)
# SQLite's own files beside a database that is open, or was when its program broke off.
OPEN_SUFFIXES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A ledger as it was read.

    Attributes
    ----------
    crs
        Of its outlines, on a known datum.
    columns
        All its columns but number and outline, a person's among them.
    rows
        Number of the row to the values asked for, by column.
    shapes
        Number of the row to its outline in `crs`; rows without one are left out.
    """

    path: Path
    sha256: str
    crs: CRS
    srs_id: int
    key: str
    geometry: str
    columns: tuple[str, ...]
    rows: Mapping[int, Mapping[str, Any]]
    shapes: Mapping[int, shapely.Geometry]


@dataclass(frozen=True, slots=True)
class RowChange:
    """New values of a row, or of a new one (None); `shape`, if it changes, in the ledger's CRS."""

    row: int | None
    values: Mapping[str, Any]
    shape: shapely.Geometry | None = None


def backup_path(path: Path) -> Path:
    """Return where the ledger as it was before the last change stays."""
    return path.with_name(f"{path.stem}.before{path.suffix}")


def read_ledger(path: Path, columns: Sequence[str], *, further: Sequence[str] = ()) -> LedgerFile:
    """Read a ledger.

    Parameters
    ----------
    columns
        The columns that it must have, and whose values are wanted.
    further
        Columns whose values are wanted if it has them.

    Raises
    ------
    SourceError
        If it is open elsewhere, damaged, no ledger, or lacks columns (all are named).
    CrsError
        If its CRS has no known way to CGCS2000.
    """
    _require_at_rest(path)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(str(path), say("ledger.unreadable", reason=reason))) from None
    with _reading(path) as database:
        _require_package(database, path)
        key, geometry, srs_id = _describe(database, path)
        known = _column_names(database)
        missing = [name for name in columns if name not in known]
        if missing:
            message = say("ledger.columns_missing", found=", ".join(missing))
            raise SourceError(Fault(str(path), message))
        crs = _read_crs(database, srs_id, path)
        wanted = (*columns, *(name for name in further if name in known))
        names = ", ".join(map(_quote, (key, geometry, *wanted)))
        found = database.execute(
            f"SELECT {names} FROM {_quote(LEDGER_TABLE)} ORDER BY {_quote(key)}"
        ).fetchall()
    drawn = {int(row[0]): _shape(row[1], path, row[0]) for row in found}
    shapes = {row: shape for row, shape in drawn.items() if shape is not None}
    rows = {int(row[0]): dict(zip(wanted, row[2:], strict=True)) for row in found}
    own = tuple(name for name in known if name not in (key, geometry))
    return LedgerFile(path, digest, crs, srs_id, key, geometry, own, rows, shapes)


def update_ledger(ledger: LedgerFile, changes: Sequence[RowChange]) -> None:
    """Write changes into a copy, which then takes the ledger's place; nothing for no changes.

    Raises
    ------
    OutputError
        If the ledger is open elsewhere, was changed since it was read, or cannot be written; it
        then stays as it is.
    """
    if not changes:
        return
    _require_unchanged(ledger)
    with replace_atomically(ledger.path) as temporary:
        shutil.copyfile(ledger.path, temporary)
        try:
            with closing(sqlite3.connect(temporary)) as database:
                add_shape_functions(database)
                database.execute("PRAGMA journal_mode = DELETE")
                for change in changes:
                    _write_change(database, ledger, change)
                _widen_extent(database, changes)
                database.commit()
                _require_sound(database)
        except sqlite3.Error as error:
            message = say("output.failed", reason=str(error))
            raise OutputError(Fault(str(ledger.path), message)) from None
        with replace_atomically(backup_path(ledger.path)) as before:
            shutil.copyfile(ledger.path, before)
        _require_unchanged(ledger)


def _require_at_rest(path: Path) -> None:
    beside = [path.with_name(path.name + suffix) for suffix in OPEN_SUFFIXES]
    found = [file.name for file in beside if file.exists()]
    if found:
        raise SourceError(Fault(str(path), say("ledger.is_open", found=", ".join(found))))


def _require_unchanged(ledger: LedgerFile) -> None:
    """Refuse to replace a ledger that someone has at hand, or has changed in the meantime."""
    try:
        _require_at_rest(ledger.path)
        same = hashlib.sha256(ledger.path.read_bytes()).hexdigest() == ledger.sha256
        with closing(sqlite3.connect(_address(ledger.path, "mode=rw"), uri=True, timeout=0)) as one:
            one.execute("BEGIN IMMEDIATE")
            one.rollback()
    except SourceError as error:
        raise OutputError(error.faults) from None
    except (OSError, sqlite3.Error) as error:
        message = say("ledger.is_open", found=str(error))
        raise OutputError(Fault(str(ledger.path), message)) from None
    if not same:
        raise OutputError(Fault(str(ledger.path), say("ledger.changed_meanwhile")))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that rests, leaving nothing beside it."""
    try:
        with closing(sqlite3.connect(_address(path, "immutable=1"), uri=True)) as database:
            database.text_factory = lambda text: text.decode("utf-8", "replace")
            yield database
    except sqlite3.Error as error:
        message = say("ledger.damaged", reason=str(error))
        raise SourceError(Fault(str(path), message)) from None


def _address(path: Path, option: str) -> str:
    return f"{path.resolve().as_uri()}?{option}"


def _require_package(database: sqlite3.Connection, path: Path) -> None:
    application = database.execute("PRAGMA application_id").fetchone()[0]
    check = database.execute("PRAGMA quick_check(3)").fetchall()
    if check != [("ok",)]:
        reason = "; ".join(str(line[0]).splitlines()[-1] for line in check)
        raise SourceError(Fault(str(path), say("ledger.damaged", reason=reason[:160])))
    if application not in APPLICATIONS:
        raise SourceError(Fault(str(path), say("ledger.no_package")))


def _require_sound(database: sqlite3.Connection) -> None:
    check = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if check != "ok":
        raise sqlite3.DatabaseError(check)


def _describe(database: sqlite3.Connection, path: Path) -> tuple[str, str, int]:
    """Return the names of number and outline, and the file's own number of the CRS."""
    row = database.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?",
        (LEDGER_TABLE,),
    ).fetchone()
    if row is None:
        raise SourceError(Fault(str(path), say("ledger.no_table", table=LEDGER_TABLE)))
    info = database.execute(f"PRAGMA table_info({_quote(LEDGER_TABLE)})").fetchall()
    keys = [name for _, name, _, _, _, primary in info if primary]
    return (keys[0] if keys else "rowid"), str(row[0]), int(row[1])


def _column_names(database: sqlite3.Connection) -> tuple[str, ...]:
    info = database.execute(f"PRAGMA table_info({_quote(LEDGER_TABLE)})").fetchall()
    return tuple(str(row[1]) for row in info)


def _read_crs(database: sqlite3.Connection, srs_id: int, path: Path) -> CRS:
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"
        " WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None or srs_id in (-1, 0):
        raise CrsError(Fault(str(path), say("ledger.no_crs")))
    stated = f"EPSG:{row[1]}" if str(row[0]).upper() == "EPSG" else row[2]
    return require_known_datum(parse_crs(stated, where=str(path)), where=str(path))


def _shape(packed: bytes | None, path: Path, row: int) -> shapely.Geometry | None:
    try:
        return unpack_shape(packed)
    except (ValueError, TypeError, shapely.GEOSException):
        message = say("ledger.bad_outline", row=row)
        raise SourceError(Fault(str(path), message)) from None


def _write_change(database: sqlite3.Connection, ledger: LedgerFile, change: RowChange) -> None:
    values = dict(change.values)
    if change.shape is not None:
        values[ledger.geometry] = pack_shape(change.shape, ledger.srs_id)
    names = list(map(_quote, values))
    table = _quote(LEDGER_TABLE)
    if change.row is None:
        marks = ", ".join("?" * len(names))
        order = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        database.execute(order, tuple(values.values()))
        return
    settings = ", ".join(f"{name} = ?" for name in names)
    order = f"UPDATE {table} SET {settings} WHERE {_quote(ledger.key)} = ?"
    database.execute(order, (*values.values(), change.row))


def _widen_extent(database: sqlite3.Connection, changes: Sequence[RowChange]) -> None:
    """Let the table's stated extent hold the new outlines."""
    shapes = [change.shape for change in changes if change.shape is not None]
    if not shapes:
        return
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    database.execute(
        "UPDATE gpkg_contents SET min_x = min(ifnull(min_x, ?1), ?1),"
        " min_y = min(ifnull(min_y, ?2), ?2), max_x = max(ifnull(max_x, ?3), ?3),"
        " max_y = max(ifnull(max_y, ?4), ?4) WHERE table_name = ?5",
        (west, south, east, north, LEDGER_TABLE),
    )


def _quote(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
