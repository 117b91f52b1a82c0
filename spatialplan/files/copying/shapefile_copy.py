"""A shapefile's repaired copy: attributes byte for byte, geometry as repaired."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from spatialplan.errors import OutputError
from spatialplan.files.copying.copies import TableCopy, require_rows, require_same_shapes
from spatialplan.files.copying.dbase_copy import DbaseTable
from spatialplan.files.encodings import Encoding, find_codec
from spatialplan.files.sources import read_part
from spatialplan.messages import Message, say

__all__ = ["write_shapefile"]

DRIVER = "ESRI Shapefile"
# Names of encodings as .cpg files spell them, and what dBASE calls them (0: see the .cpg file).
CPG_NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "gbk": "GBK"}
LANGUAGE = 0
# Kinds of shapes by the last digit of their number: 1x holds heights, 2x measures.
KINDS = {1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint"}


def write_shapefile(copy: TableCopy, encoding: Encoding, path: Path) -> list[Message]:
    """Write a repaired shapefile, and return what a person should know of it.

    Raises
    ------
    OutputError
        If a value does not fit the format, or what was written does not read back the same.
    """
    place = copy.place
    notes: list[Message] = []
    table = DbaseTable.parse(read_part(place.file, place.inside, ".dbf"))
    require_rows(copy, table.rows)
    _edit(table, copy, encoding)
    table.keep(copy.kept)
    written = _recode(table, copy, encoding, notes)
    for name in table.widened:
        notes.append(say("repaired.widened", field=name.decode(written, "replace")))
    _write_geometry(copy, path)
    path.with_name(f"{path.stem}.dbf").write_bytes(table.build())
    path.with_name(f"{path.stem}.cpg").write_text(_cpg(copy, encoding, written), "ascii")
    if not copy.crs_is_new:
        prj = read_part(place.file, place.inside, ".prj")
        path.with_name(f"{path.stem}.prj").unlink(missing_ok=True)
        if prj:
            path.with_name(f"{path.stem}.prj").write_bytes(prj)
    _verify(copy, path)
    return notes


def _edit(table: DbaseTable, copy: TableCopy, encoding: Encoding) -> None:
    names = {one.name.decode(encoding.codec, "replace"): one.name for one in table.fields}
    for field, values in copy.values_by_field().items():
        coded = {row: text.encode(encoding.codec, "replace") for row, text in values.items()}
        table.set_values(names[field], coded)
    for field, values in copy.new_fields.items():
        coded = {row: text.encode(encoding.codec, "replace") for row, text in values.items()}
        table.add_text_field(field.encode(encoding.codec), coded)


def _recode(table: DbaseTable, copy: TableCopy, encoding: Encoding, notes: list[Message]) -> str:
    """Rewrite text in the encoding asked for, if it can be; return the one it is in."""
    wanted = find_codec(copy.text_codec) if copy.text_codec else None
    if wanted is None or wanted == encoding.codec:
        return encoding.codec
    before = table.build()
    try:
        table.recode(_converter(encoding.codec, wanted), LANGUAGE)
    except (OutputError, UnicodeError) as error:
        reason = error.faults[0].message if isinstance(error, OutputError) else str(error)
        notes.append(say("repaired.not_recoded", codec=wanted.upper(), reason=reason))
        restored = DbaseTable.parse(before)
        table.header, table.fields, table.widened = restored.header, restored.fields, []
        return encoding.codec
    notes.append(say("repaired.recoded", found=encoding.codec.upper(), codec=wanted.upper()))
    return wanted


def _converter(found: str, wanted: str) -> Callable[[bytes], bytes]:
    return lambda text: text.decode(found).encode(wanted)


def _cpg(copy: TableCopy, encoding: Encoding, written: str) -> str:
    delivered = read_part(copy.place.file, copy.place.inside, ".cpg")
    if written == encoding.codec and encoding.how.startswith(".cpg") and delivered.isascii():
        return delivered.decode("ascii").strip()
    return CPG_NAMES.get(written, written.upper())


def _write_geometry(copy: TableCopy, path: Path) -> None:
    shapes = copy.shapes[copy.kept]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        _write(copy, shapes, path)


def _write(copy: TableCopy, shapes: NDArray[np.object_], path: Path) -> None:
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(shapes, flavor="iso"), dtype=object),
        field_data=[],
        fields=[],
        driver=DRIVER,
        geometry_type=_kind(copy),
        crs=copy.crs.to_wkt("WKT1_ESRI") if copy.crs_is_new and copy.crs is not None else None,
    )


def _kind(copy: TableCopy) -> str:
    """Return the kind of shapes: what the header says, with heights if there are any now."""
    header = read_part(copy.place.file, copy.place.inside, ".shp", length=36)
    kind = KINDS.get(int.from_bytes(header[32:36], "little") % 10, "Unknown")
    high = shapely.has_z(copy.shapes[copy.kept]).any()
    return f"{kind} Z" if high and kind != "Unknown" else kind


def _verify(copy: TableCopy, path: Path) -> None:
    _, _, shapes, _ = pyogrio.raw.read(path, columns=[])
    found: NDArray[np.object_] = np.array(shapely.from_wkb(shapes), dtype=object)
    require_same_shapes(copy, found, tolerance=0.0)
