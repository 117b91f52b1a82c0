"""Outputs appear whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

__all__ = ["replace_atomically"]


@contextmanager
def replace_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path`, which takes its place when the block succeeds.

    An earlier file at `path` stays untouched until then, and for good if the block fails.

    Raises
    ------
    OutputError
        If the folder cannot be written, the disk is full, or the file is open elsewhere.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(Fault(str(path), say("output.failed", reason=reason))) from None
    temporary = folder / path.name
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(Fault(str(path), say("output.failed", reason=reason))) from None
    finally:
        for part in folder.iterdir():
            part.unlink()
        folder.rmdir()
