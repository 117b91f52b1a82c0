"""Values of fields: codes in plain digits, characters cut off, ids that tell features apart.

Nothing is invented: a code that lacks a digit stays as it is, a character that was cut is taken
away and not guessed, and a new id is given only where that was asked for, the old one kept beside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec

__all__ = ["FieldEdits", "find_id_field", "mend_codes", "mend_cut_text", "renumber"]

# What the survey and planning databases call an id.
ID_FIELD = "BSM"
# Their names of code fields end so: 代码 and 编码.
CODE_ENDINGS = ("DM", "BM")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# 原: the id as it was.
OLD_ID_PREFIX = "Y"
NAME_BYTES = 10
NEW_ID = "N{number:06d}"
# Whole numbers above this have no exact float.
EXACT_INTEGERS = 2.0**53


@dataclass(slots=True)
class FieldEdits:
    """New values by row and field, what could not be done, and the old ids if they were replaced.

    A refusal's row is -1 where it concerns the whole field.
    """

    values: dict[tuple[int, str], str] = field(default_factory=dict)
    refusals: list[tuple[int, Message]] = field(default_factory=list)
    old_ids: tuple[str, dict[int, str]] | None = None


def find_id_field(frame: gpd.GeoDataFrame, spec: LayerSpec) -> str | None:
    """Return the field that tells features apart: the plan's, else 标识码 BSM, else none."""
    names = {str(name).upper(): str(name) for name in frame.columns if name != frame.geometry.name}
    return spec.id_field if spec.id_field in frame.columns else names.get(ID_FIELD)


def mend_codes(frame: gpd.GeoDataFrame, spec: LayerSpec) -> FieldEdits:
    """Write codes without blanks around them, and full-width digits and letters as plain ones.

    Examples
    --------
    >>> plain_code("　０１０１ ")
    '0101'
    """
    edits = FieldEdits()
    for name in _code_fields(frame, spec):
        for row, text in _texts(frame[name]):
            plain = plain_code(text)
            if plain != text:
                edits.values[row, name] = plain
    return edits


def plain_code(text: str) -> str:
    """Return a code in plain digits and letters; any other character stays."""
    plain = [_plain(sign) for sign in text]
    return "".join(plain).strip()


def mend_cut_text(frame: gpd.GeoDataFrame) -> FieldEdits:
    """Take away what is left of a character that was cut at the end of its field.

    Text with unreadable characters elsewhere is refused: re-encoded, it would be lost for good.
    """
    edits = FieldEdits()
    for name in _text_fields(frame):
        for row, text in _texts(frame[name]):
            if REPLACEMENT not in text:
                continue
            whole = text.rstrip(REPLACEMENT)
            if REPLACEMENT in whole or len(text) - len(whole) > 1:
                edits.refusals.append((row, say("repair.unreadable_text", field=name)))
            else:
                edits.values[row, name] = whole
    return edits


def renumber(frame: gpd.GeoDataFrame, name: str) -> FieldEdits:
    """Give blank ids, and all but the first of repeated ones, new ids that nobody has.

    Where all ids are digits the new ones go on counting after the largest; else they are
    ``N000001`` and so on.
    """
    edits = FieldEdits()
    if is_rounded(frame[name]):
        edits.refusals.append((-1, say("repair.ids_rounded", field=name)))
        return edits
    texts = np.array([_id_text(value) for value in frame[name]], dtype=object)
    doubtful = (texts == "") | pd.Series(texts).duplicated(keep="first").to_numpy()
    rows = np.flatnonzero(doubtful)
    if not len(rows):
        return edits
    new = list(_new_ids(texts, len(rows)))
    width = max((len(text) for text in texts), default=0)
    if new and len(new[-1]) > max(width, len(NEW_ID.format(number=1))):
        edits.refusals.append((-1, say("repair.ids_exhausted", field=name)))
        return edits
    edits.values = {(int(row), name): text for row, text in zip(rows, new, strict=True)}
    old = {int(row): str(texts[row]) for row in rows}
    edits.old_ids = (_old_id_name(frame, name), old)
    return edits


def is_rounded(column: pd.Series[Any]) -> bool:
    """Tell whether whole numbers too large for it were read as floats, beside missing values."""
    return bool(
        pd.api.types.is_float_dtype(column) and (column.abs() > EXACT_INTEGERS).fillna(False).any()
    )


def _new_ids(texts: NDArray[np.object_], count: int) -> Iterator[str]:
    taken = {text for text in texts if text}
    if taken and all(text.isascii() and text.isdigit() for text in taken):
        width = max(len(text) for text in taken)
        first = max(int(text) for text in taken) + 1
        yield from (str(first + step).zfill(width) for step in range(count))
        return
    free = (NEW_ID.format(number=number) for number in range(1, len(texts) + count + 1))
    yield from [text for text in free if text not in taken][:count]


def _old_id_name(frame: gpd.GeoDataFrame, name: str) -> str:
    """Return a name for the field of old ids that is free and fits a shapefile."""
    taken = {str(column).upper() for column in frame.columns}
    for number in range(100):
        ending = str(number) if number else ""
        wanted = f"{OLD_ID_PREFIX}{name}"
        while len((wanted + ending).encode()) > NAME_BYTES:
            wanted = wanted[:-1]
        if (wanted + ending).upper() not in taken:
            return wanted + ending
    raise ValueError("a hundred fields of old ids")


def _id_text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.0f}" if isinstance(value, float) else str(value).strip()


def _code_fields(frame: gpd.GeoDataFrame, spec: LayerSpec) -> list[str]:
    ids = find_id_field(frame, spec)
    return [
        name
        for name in _text_fields(frame)
        if name != ids and (name == spec.class_field or name.upper().endswith(CODE_ENDINGS))
    ]


def _text_fields(frame: gpd.GeoDataFrame) -> list[str]:
    return [
        str(name)
        for name in frame.columns
        if name != frame.geometry.name and not pd.api.types.is_numeric_dtype(frame[name])
    ]


def _texts(column: pd.Series[str]) -> Iterator[tuple[int, str]]:
    """Yield row and value of a column's texts; other values are passed over."""
    for row, value in enumerate(column):
        if isinstance(value, str) and value:
            yield row, value


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isascii() else sign
