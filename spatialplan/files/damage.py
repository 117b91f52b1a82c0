"""What reading libraries raise and warn of, and how that is told."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any
from zipfile import BadZipFile

from pyarrow import ArrowException
from shapely.errors import ShapelyError

from spatialplan.errors import Fault, SourceError
from spatialplan.files.sources import plain_reason
from spatialplan.messages import Message, say

__all__ = ["DAMAGE", "UNREADABLE", "Heard", "hear_warnings", "naming_damage", "say_damage"]

# What reading libraries raise on damaged bytes; pyogrio trips over an unreadable .prj (NameError).
DAMAGE = (
    *(RuntimeError, ValueError, LookupError, NameError, EOFError, OverflowError),
    *(ArrowException, BadZipFile, ShapelyError, struct.error, zlib.error),
)

# With that, whatever keeps bytes from being read.
UNREADABLE = (*DAMAGE, OSError, MemoryError)

Heard = defaultdict[int, list[str]]


@contextmanager
def naming_damage(where: str, file: Path) -> Iterator[None]:
    """Turn whatever reading libraries raise on a file's damaged bytes into a `SourceError`."""
    try:
        yield
    except UNREADABLE as error:
        raise SourceError(Fault(where, say_damage(error, file))) from None


def say_damage(error: BaseException, file: Path) -> Message:
    """Say why a file cannot be read, by one of the errors in `UNREADABLE`."""
    if isinstance(error, MemoryError):
        return say("hostile.no_memory")
    if isinstance(error, OSError) and error.strerror:
        return say("source.damaged", reason=error.strerror)
    return say("source.damaged", reason=plain_reason(str(error) or type(error).__name__, file))


@contextmanager
def hear_warnings() -> Iterator[Heard]:
    """Keep GDAL's warnings off the terminal, and note them by the thread that they came up in.

    Entered once around all threads, because the filters belong to the whole process.
    """
    heard: Heard = defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        warnings.simplefilter("always", UserWarning)
        # What numpy says of coordinates that are no numbers; the gate sets them aside.
        warnings.filterwarnings("ignore", ".* encountered in ", RuntimeWarning)
        shown = warnings.showwarning

        def note(message: Warning | str, category: type[Warning], *place: Any, **also: Any) -> None:
            if issubclass(category, RuntimeWarning | UserWarning):
                heard[get_ident()].append(str(message))
            else:
                shown(message, category, *place, **also)

        warnings.showwarning = note
        yield heard
