"""How GDAL is to read a table, and the text of it that GDAL cannot decode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pandas as pd
import pyogrio
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from spatialplan.files.encodings import Encoding
from spatialplan.files.opening.signatures import require_driver
from spatialplan.files.sources import Place

__all__ = ["TableAccess", "decode_bytes", "decode_table", "find_access"]

Table = TypeVar("Table", bound=pd.DataFrame)

# The encoding in which every byte is a character, and every character its byte.
BYTES = "ISO-8859-1"


@dataclass(frozen=True, slots=True)
class TableAccess:
    """How GDAL is to read a table.

    Attributes
    ----------
    fields
        Its fields, decoded, and how the file spells each.
    options
        For pyogrio.
    decode
        For text that is read as bytes; None where GDAL decodes it.
    info
        What pyogrio says of the table.
    """

    driver: str
    fields: Mapping[str, str]
    options: Mapping[str, str]
    decode: Callable[[str], str] | None
    info: Mapping[str, Any]


def find_access(
    place: Place, encoding: Encoding, where: str, *, counted: bool = False
) -> TableAccess:
    """Find out how a table is to be read; `counted`: features are counted where none are stated.

    Text that is not wholly in its encoding is read as bytes, which Latin-1 keeps, and decoded here:
    GDAL would refuse the table or drop characters without a word.
    """
    options: dict[str, str] = {}
    decode: Callable[[str], str] | None = None
    if place.address.lower().endswith(".shp"):
        options = {"encoding": encoding.codec if encoding.is_whole else BYTES}
    if not encoding.is_whole:
        decode = partial(decode_bytes, codec=encoding.codec)
    info = pyogrio.read_info(
        place.address, layer=place.table, force_feature_count=counted, **options
    )
    driver = str(info.get("driver", ""))
    require_driver(driver, place.suffix, where)
    fields = {decode(name) if decode else str(name): str(name) for name in info["fields"]}
    return TableAccess(driver, fields, options, decode, info)


def decode_table(frame: Table, decode: Callable[[str], str]) -> Table:
    """Decode the text of a table, with or without geometry, and the names of its fields."""
    fields = [name for name in frame.columns if frame[name].dtype != "geometry"]
    for name in fields:
        if not is_numeric_dtype(frame[name]) and not is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].map(
                lambda value: decode(value) if isinstance(value, str) else value
            )
    return frame.rename(columns={name: decode(name) for name in fields})


def decode_bytes(text: str, codec: str) -> str:
    """Decode text that was read as bytes, each a character; what is not in `codec` is marked."""
    return text.encode(BYTES).decode(codec, "replace")
