"""``python -m spatialplan``, and the program ``spatialplan``."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Enter the command line; Ctrl-C while it is still being loaded ends quietly too."""
    try:
        from spatialplan.cli import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # All is said and written; a stop while Python tidies up would only print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
