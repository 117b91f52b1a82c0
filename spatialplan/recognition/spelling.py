"""One spelling for names, whatever case, width or codes a delivery writes them with."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fits_cut_name", "spell", "split_name"]

# A shapefile cuts names of fields at ten bytes, and a Chinese character may be lost in the cut.
CUT_BYTES = range(8, 11)


def spell(name: str) -> str:
    """Return a name in one case and width, without blanks around it.

    Examples
    --------
    >>> spell(" ＳＴＢＨＨＸ ")
    'stbhhx'
    """
    return unicodedata.normalize("NFKC", name).casefold().strip()


def split_name(name: str) -> tuple[list[str], list[str]]:
    """Split a table's name into its Latin and its Chinese parts; numbers and signs are left out.

    Examples
    --------
    >>> split_name("110101_STBHHX2021（某某县）")
    (['stbhhx'], ['某某县'])
    """
    text = spell(name)
    return re.findall(r"[a-z]+", text), re.findall(r"[\u3400-\u9fff]+", text)


def fits_cut_name(name: str, full: str) -> bool:
    """Tell whether a field's spelled name is the beginning of `full`, cut as shapefiles cut."""
    name = name.rstrip("\ufffd?")
    lengths = {len(name.encode(codec, "replace")) for codec in ("gb18030", "utf-8")}
    return full.startswith(name) and full != name and any(size in CUT_BYTES for size in lengths)
