"""What is collected: the farm needs forks, and limits of memory, which Windows has not."""

from __future__ import annotations

import sys

collect_ignore = ["farm.py"] if sys.platform == "win32" else []
