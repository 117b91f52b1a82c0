"""Which encoding the text of a shapefile is in.

A .cpg file says so, when it is there and right. Chinese deliveries often lack it, and GDAL then
reads GBK as Latin-1 without a word. So: the encoding stated, then strict UTF-8, then GB18030
(which contains GBK and GB2312); the first in which every byte of the table makes sense is taken,
and how it was found is recorded.
"""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path, PurePosixPath

from spatialplan.files.sources import Place

__all__ = ["find_encoding"]

# Code page numbers and names that ESRI writes, by the codec that contains them.
ALIASES = {
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "65001": "utf-8",
    "cp936": "gb18030",
}


def find_encoding(place: Place, *, stated: str | None) -> tuple[str, str]:
    """Find the encoding of a place's text.

    Parameters
    ----------
    place
        The table.
    stated
        The encoding that the plan or the user gives; taken as it is.

    Returns
    -------
    codec, how
        A codec for reading, and how it was found: ``"stated"``, ``".cpg"``, ``"detected"``, or
        ``"format"`` where the file format fixes it.
    """
    name = PurePosixPath(place.inside or place.file.name)
    if name.suffix.lower() != ".shp":
        return "UTF-8", "format"
    if stated:
        return _codec(stated) or stated, "stated"
    claimed = _codec(_read_part(place, ".cpg").decode("ascii", "ignore").strip())
    records = _text_bytes(_read_part(place, ".dbf"))
    if claimed and _fits(records, claimed):
        return claimed, ".cpg"
    for codec in ("utf-8", "gb18030"):
        if _fits(records, codec):
            return codec, "detected"
    return "gb18030", "detected"


def _codec(name: str) -> str | None:
    text = ALIASES.get(name.lower(), name)
    try:
        return codecs.lookup(text).name if text else None
    except LookupError:
        return None


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec, "strict")
    except UnicodeDecodeError:
        return False
    return True


def _text_bytes(table: bytes) -> bytes:
    """Return the records of a dBASE table; its header's bytes 8-9 say where they start."""
    start = int.from_bytes(table[8:10], "little") if len(table) >= 10 else 0
    return table[start:].rstrip(b"\x1a")


def _read_part(place: Place, suffix: str) -> bytes:
    if place.inside:
        wanted = str(PurePosixPath(place.inside).with_suffix(suffix)).lower()
        with zipfile.ZipFile(place.file) as archive:
            names = [name for name in archive.namelist() if name.lower() == wanted]
            return archive.read(names[0]) if names else b""
    parts = [
        p for p in place.file.parent.glob(f"{place.file.stem}.*") if p.suffix.lower() == suffix
    ]
    return Path(parts[0]).read_bytes() if parts else b""
