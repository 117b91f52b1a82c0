"""Which encoding the text of a shapefile is in.

A .cpg file says so, when it is there and right. Chinese deliveries often lack it, and GDAL then
reads GBK as Latin-1 without a word; others carry one that a tool wrote without asking. So: the
encoding stated, then the one claimed, then UTF-8, then GB18030 (which contains GBK and GB2312); the
first in which the text makes sense is taken, and how it was found is recorded. Any bytes make sense
in a single-byte encoding, so the claim of one proves nothing beyond ASCII and comes last.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from spatialplan.errors import Fault, SourceError
from spatialplan.files.dbase import Fit, Table, measure_fit, parse_table
from spatialplan.files.sources import Place, read_part
from spatialplan.messages import say

__all__ = ["Encoding", "find_codec", "find_encoding", "settle_encoding"]

# Code page numbers and names that ESRI writes, by the codec that contains them.
ALIASES = {
    "936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "65001": "utf-8",
    "cp936": "gb18030",
}
# Names that mean whatever the machine of the writer, or of the reader, is set to.
OF_THE_MACHINE = frozenset({"oem", "ansi", "mbcs"})


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a table's text, and how it was found.

    `how` is ``stated``, ``.cpg`` or ``detected``, ``format`` where the file format fixes it, with
    how many values are cut and what an overruled .cpg says. `is_whole`: every byte is in it.
    """

    codec: str
    how: str
    is_whole: bool = True

    def __str__(self) -> str:
        return f"{self.codec.upper()} ({self.how})"


def find_encoding(place: Place, *, stated: str | None, where: str) -> Encoding:
    """Find the encoding of a place's text.

    Parameters
    ----------
    place
        The table.
    stated
        The encoding that the plan or the user gives; it is never overruled.
    where
        What errors name.

    Raises
    ------
    SourceError
        If the text is not in the encoding stated, or the table ends before its last record, or its
        rows are shifted.
    """
    if place.suffix != ".shp":
        return Encoding("UTF-8", "format")
    table = parse_table(read_part(place.file, place.inside, ".dbf"))
    if table.missing:
        raise SourceError(
            Fault(where, say("source.short_part", part=".dbf", missing=table.missing))
        )
    if table.astray:
        raise SourceError(Fault(where, say("hostile.rows_astray", count=table.astray)))
    return _settle(table, place, stated, where)


def settle_encoding(place: Place, *, stated: str | None, where: str) -> Encoding:
    """Find the encoding of a damaged shapefile's text, by the rows that are there."""
    return _settle(parse_table(read_part(place.file, place.inside, ".dbf")), place, stated, where)


def _settle(table: Table, place: Place, stated: str | None, where: str) -> Encoding:
    if stated:
        return _encoding_stated(table, stated, where)
    claim = read_part(place.file, place.inside, ".cpg").decode("ascii", "ignore").strip()
    return _encoding_found(table, "".join(filter(str.isprintable, claim))[:40])


def _encoding_stated(table: Table, stated: str, where: str) -> Encoding:
    codec = find_codec(stated)
    fit = measure_fit(table, codec) if codec else None
    if codec is None or fit is None or fit.wrong:
        raise SourceError(Fault(where, say("source.not_encoded", stated=stated)))
    return _encoding(codec, "stated", fit)


def _encoding_found(table: Table, claim: str) -> Encoding:
    claimed = find_codec(claim)
    if claimed and (table.is_ascii or not _is_single_byte(claimed)):
        fit = measure_fit(table, claimed)
        if fit.is_likely and not (claimed != "utf-8" and _is_rather_utf8(table, fit)):
            return _encoding(claimed, ".cpg", fit)
    says = f"; .cpg says {claim}" if claim else ""
    fits = {codec: measure_fit(table, codec) for codec in ("utf-8", "gb18030")}
    likely = [codec for codec, fit in fits.items() if fit.is_likely]
    # One in eight GBK characters is by chance a UTF-8 one (农 is ũ), but not a Chinese one.
    likely.sort(key=lambda codec: not table.is_ascii and not fits[codec].chinese)
    if likely:
        return _encoding(likely[0], "detected", fits[likely[0]], says)
    if claimed and _is_single_byte(claimed):
        return _encoding(claimed, ".cpg", measure_fit(table, claimed))
    return _encoding("gb18030", "detected", fits["gb18030"], says)


def _is_rather_utf8(table: Table, claimed: Fit) -> bool:
    """Tell whether text is UTF-8 whatever its .cpg says: UTF-8 is often GBK by chance, not back."""
    fit = measure_fit(table, "utf-8")
    return fit.is_likely and fit.chinese > 0 and fit.cut <= claimed.cut


def _encoding(codec: str, how: str, fit: Fit, says: str = "") -> Encoding:
    notes = [
        f", {count} value{'s' if count > 1 else ''} {what}"
        for count, what in ((fit.cut, "cut"), (fit.wrong, "unreadable"))
        if count
    ]
    return Encoding(codec, how + "".join(notes) + says, not notes)


def find_codec(name: str) -> str | None:
    """Return the codec for a name, where there is one that contains ASCII as it is."""
    text = ALIASES.get(name.lower(), name)
    if not text or text.lower() in OF_THE_MACHINE:
        return None
    try:
        return codecs.lookup(text).name if b"ab".decode(text) == "ab" else None
    except (LookupError, UnicodeError):
        return None


def _is_single_byte(codec: str) -> bool:
    """Tell whether every byte is a character of its own, so that any bytes seem to fit."""
    try:
        "中".encode(codec)
    except UnicodeEncodeError:
        return True
    return False
