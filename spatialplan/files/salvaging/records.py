"""Features read one at a time through fiona, each with what the library complained of.

fiona brings a GDAL of its own; no setting of it is touched.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from threading import get_ident
from typing import Any

import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.messages import Message, say

__all__ = [
    "ENDED",
    "LostRecord",
    "Opened",
    "Record",
    "hear_complaints",
    "open_address",
    "open_content",
    "open_zipped",
    "read_each",
    "read_pieces",
]

REASON_LENGTH = 120
SAYS_NOTHING = re.compile(r"at line \d+")
# Pieces tried together; where some are broken they are halved until those are found.
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """A feature that could be read; `number` is its place in the file, from 1, or its own id."""

    number: int
    values: Mapping[str, Any]
    shape: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class LostRecord:
    """A record that could not be read, and why.

    `count` is how many from `number` on; 0 where the file no longer tells how many there were.
    """

    number: int
    reason: Message
    count: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """An open table: its features by position or id, its fields, its CRS as WKT (blank: none)."""

    collection: Any
    fields: tuple[str, ...]
    crs: str


Complaints = list[str]
Piece = tuple[int, Any]
Opening = Callable[[Sequence[Any]], AbstractContextManager[Opened]]

# A feature that never came.
ENDED = "salvage.ended"


class _Listener(logging.Handler):
    """Notes the errors that fiona logs in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: Complaints = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def hear_complaints() -> Iterator[Complaints]:
    """Keep what fiona logs off the terminal and yield the list in which errors are noted."""
    logger, listener = logging.getLogger("fiona"), _Listener()
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(listener)
    try:
        yield listener.said
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagates


def load_fiona() -> Any:
    """Import fiona, which only salvage needs.

    Raises
    ------
    SourceError
        If it is not installed: the newest Python may lack a wheel.
    """
    try:
        import fiona
        import fiona.io
    except ImportError:
        raise SourceError(Fault("fiona", say("salvage.no_fiona"))) from None
    return fiona


@contextmanager
def open_address(address: str, driver: str, table: str | None) -> Iterator[Opened]:
    """Open a file as one format and no other."""
    fiona = load_fiona()
    options = {"driver": driver, "layer": table, "allow_unsupported_drivers": True}
    with fiona.open(address, **options) as collection:
        yield _opened(collection)


@contextmanager
def open_content(content: bytes, suffix: str, driver: str) -> Iterator[Opened]:
    """Open what would be a file's content, in memory."""
    fiona = load_fiona()
    with (
        fiona.io.MemoryFile(content, ext=suffix) as held,
        held.open(driver=driver, allow_unsupported_drivers=True) as collection,
    ):
        yield _opened(collection)


@contextmanager
def open_zipped(content: bytes, name: str, driver: str, encoding: str) -> Iterator[Opened]:
    """Open a data set of several files that are zipped in memory."""
    fiona = load_fiona()
    with (
        fiona.io.ZipMemoryFile(content) as held,
        held.open(name, driver=driver, encoding=encoding) as collection,
    ):
        yield _opened(collection)


def read_each(
    opened: Opened, numbers: Iterable[int], complaints: Complaints
) -> list[Record | LostRecord]:
    """Read features by their ids."""
    take = opened.collection.get
    return [_take(number, partial(take, number), complaints) for number in numbers]


def read_pieces(
    pieces: Sequence[Piece], opening: Opening, complaints: Complaints
) -> Iterator[Record | LostRecord]:
    """Read features that were cut out of a file, those that are broken apart from the others.

    Parameters
    ----------
    pieces
        Of every feature its number, and its bytes.
    opening
        Makes a whole file of some of them, and opens it.
    """
    for start in range(0, len(pieces), BATCH):
        yield from _read_batch(pieces[start : start + BATCH], opening, complaints)


def _read_batch(
    pieces: Sequence[Piece], opening: Opening, complaints: Complaints
) -> list[Record | LostRecord]:
    """Read pieces together; where not each gives one feature, halve them to find out which."""
    complaints.clear()
    found, reason = _read_together(pieces, opening, complaints)
    if len(found) == len(pieces):
        return found
    if len(pieces) == 1:
        return [LostRecord(pieces[0][0], _unreadable(reason))]
    middle = len(pieces) // 2
    return [
        *_read_batch(pieces[:middle], opening, complaints),
        *_read_batch(pieces[middle:], opening, complaints),
    ]


def _read_together(
    pieces: Sequence[Piece], opening: Opening, complaints: Complaints
) -> tuple[list[Record | LostRecord], str]:
    try:
        with opening([piece for _, piece in pieces]) as opened:
            features = iter(opened.collection)
            found = [
                _take(number, partial(next, features, None), complaints) for number, _ in pieces
            ]
            if next(features, None) is not None:
                return [], "?"
    except SpatialplanError:
        raise
    except Exception as error:  # of damaged bytes fiona raises whatever it trips over
        return [], _reason(error, complaints)
    ended = [one for one in found if isinstance(one, LostRecord) and one.reason.key == ENDED]
    return ([] if ended else found), _reason(None, complaints)


def _take(number: int, read: Callable[[], Any], complaints: Complaints) -> Record | LostRecord:
    """Read one feature; it is lost if anything was complained of, for then something is missing."""
    heard = len(complaints)
    try:
        feature = read()
        if feature is None:
            return LostRecord(number, say(ENDED, reason=_reason(None, complaints)))
        form = feature.geometry
        shape = None if form is None else shapely.geometry.shape(form.__geo_interface__)
        values = dict(feature.properties)
    except Exception as error:
        reason = _reason(error, complaints)
        if isinstance(error, KeyError) and len(complaints) == heard:
            return LostRecord(number, say(ENDED, reason=reason))
        return LostRecord(number, _unreadable(reason))
    if len(complaints) > heard:
        return LostRecord(number, _unreadable(_reason(None, complaints)))
    return Record(number, values, shape)


def _unreadable(reason: str) -> Message:
    return say("salvage.unreadable", reason=reason) if reason != "?" else say("salvage.silent")


def _reason(error: Exception | None, complaints: Complaints) -> str:
    """Return what was said last, without addresses of files and of lines in a library's source."""
    said = [text for text in complaints if not SAYS_NOTHING.search(text)]
    text = said[-1] if said else str(error or "") or type(error).__name__ if error else "?"
    return re.sub(r"/vsi\S+", "", " ".join(text.split()))[:REASON_LENGTH] or "?"


def _opened(collection: Any) -> Opened:
    try:
        crs = str(collection.crs_wkt or "")
    except Exception:  # an unreadable CRS does not keep features from being read
        crs = ""
    return Opened(collection, tuple(collection.schema["properties"]), crs)
