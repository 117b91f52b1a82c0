"""Stopping at once when told to: one line, nothing half-written, no traceback.

The signals are not turned into exceptions: libraries in C swallow those, and threads that read a
large layer would have to end first.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from spatialplan.messages import LANGUAGES, phrase

__all__ = ["stopping_at_once"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What shells report of a program that a signal ended.
FIRST_SIGNAL_CODE = 128
SHOW_CURSOR = "\x1b[?25h"


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Within this block Ctrl-C and a request to terminate end the program with code 130 or 143."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {number: signal.signal(number, _stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> None:
    for again in SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    said = " ".join(phrase("cli.stopped", language) for language in LANGUAGES)
    # A progress bar hides the cursor.
    shown = f"{SHOW_CURSOR}\r\n{said}\n" if sys.stderr.isatty() else f"{said}\n"
    with suppress(OSError):
        os.write(2, shown.encode("utf-8", "replace"))
        # A thread in the middle of a file complains when that is taken away.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # Nothing is being written where the room that writes was not even loaded.
    writing = sys.modules.get("spatialplan.files.writing")
    if writing is not None:
        writing.discard_unfinished()
    os._exit(FIRST_SIGNAL_CODE + number)
