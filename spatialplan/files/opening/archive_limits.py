"""What lies in a zip file, once it is known to do no harm.

Nothing is unpacked to disk, so a path in an archive could not escape; it is refused all the same,
because an archive that tries is not what the office asked for. Sizes are those that the archive's
directory announces: neither Python nor GDAL unpacks more than that.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import Message, say

__all__ = ["is_nested", "list_entries", "require_harmless"]

# A county's largest delivery (parcels as shapefile) unpacks to a few GB.
LARGEST_UNPACKED = 20_000_000_000
# Text tables full of blanks shrink to about a 300th; deflate can do 1,032 at most, and bombs do.
LARGEST_RATIO = 500
# Below this no ratio does harm.
HARMLESS_BYTES = 200_000_000
MOST_ENTRIES = 100_000
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
IS_LOCKED = 0x1
QUOTED_LENGTH = 60
NESTED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".kmz")


def list_entries(file: Path, where: str) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip file.

    Raises
    ------
    SourceError
        If it is empty, damaged, locked, or could do harm; every reason is named.
    """
    if not file.stat().st_size:
        raise SourceError(Fault(where, say("source.empty_file")))
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise SourceError(Fault(where, say("source.damaged", reason=str(error)))) from None
    require_harmless(entries, where)
    return entries


def require_harmless(entries: Sequence[zipfile.ZipInfo], where: str) -> None:
    """Refuse an archive whose names or sizes could do harm, with every reason."""
    messages = [*_size_faults(entries), *_name_faults(entries)]
    if messages:
        raise SourceError(Fault(where, message) for message in messages)


def is_nested(name: str) -> bool:
    """Tell whether an entry is an archive itself, which is not looked into."""
    return PurePosixPath(name).suffix.lower() in NESTED


def _size_faults(entries: Sequence[zipfile.ZipInfo]) -> list[Message]:
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if len(entries) > MOST_ENTRIES:
        return [say("hostile.many_entries", found=len(entries), limit=MOST_ENTRIES)]
    if unpacked > LARGEST_UNPACKED:
        limit = LARGEST_UNPACKED // 10**9
        return [say("hostile.unpacks_too_large", found=f"{unpacked / 1e9:,.1f}", limit=limit)]
    if unpacked > HARMLESS_BYTES and unpacked > LARGEST_RATIO * packed:
        ratio = round(unpacked / packed)
        return [say("hostile.ratio", found=ratio, limit=LARGEST_RATIO)]
    return []


def _name_faults(entries: Sequence[zipfile.ZipInfo]) -> list[Message]:
    faults = [
        say(key, found=_quote(entry.orig_filename))
        for entry in entries
        if (key := _entry_fault(entry))
    ]
    counts = Counter(entry.filename for entry in entries)
    faults += [
        say("hostile.twice", found=_quote(name)) for name, count in counts.items() if count > 1
    ]
    return faults[:10]


def _entry_fault(entry: zipfile.ZipInfo) -> str | None:
    name = entry.orig_filename
    parts = re.split(r"[/\\]", name)
    if "\0" in name or "\\" in name or ".." in parts or ":" in name or name.startswith("/"):
        return "hostile.unsafe_name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "hostile.link"
    if entry.flag_bits & IS_LOCKED:
        return "hostile.locked"
    if entry.compress_type not in METHODS:
        return "hostile.method"
    return None


def _quote(name: str) -> str:
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain[:QUOTED_LENGTH]
