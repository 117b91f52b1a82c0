"""Outputs appear whole or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

__all__ = ["discard_unfinished", "replace_atomically"]

PREFIX = ".writing-"
# A program that was killed could not tidy up; after a day nobody is still writing there.
ABANDONED_AFTER_S = 86_400

# The folders being written to: a program that is told to stop has to know them.
_unfinished: set[Path] = set()


@contextmanager
def replace_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path`, which takes its place when the block succeeds.

    It may be made a folder as well, which then takes the place of a file or folder.

    An earlier file at `path` stays untouched until then, and for good if the block fails. What a
    killed program left beside it a day ago or longer is removed.

    Raises
    ------
    OutputError
        If the folder cannot be written, the disk is full, or the file is open elsewhere.
    """
    folder = path.parent / f"{PREFIX}{uuid4().hex[:12]}"
    _unfinished.add(folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path.parent)
        folder.mkdir()
        yield folder / path.name
        _take_place(folder / path.name, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(Fault(str(path), say("output.failed", reason=reason))) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unfinished.discard(folder)


def discard_unfinished() -> None:
    """Remove whatever is being written, for a program that stops at once."""
    for folder in tuple(_unfinished):
        shutil.rmtree(folder, ignore_errors=True)


def _take_place(draft: Path, path: Path) -> None:
    """Put a draft where it belongs; where a folder is in play the former one steps aside first."""
    if not (path.is_dir() or (draft.is_dir() and path.exists())):
        draft.replace(path)
        return
    former = path.rename(draft.parent / f"{path.name}.former")
    try:
        draft.rename(path)
    except OSError:
        former.rename(path)
        raise


def _remove_abandoned(parent: Path) -> None:
    with suppress(OSError):
        for folder in parent.glob(f"{PREFIX}*"):
            if time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
