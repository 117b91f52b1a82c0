"""Names in a plan file that lead nowhere, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from spatialplan.messages import Message, say

__all__ = ["is_remote", "name_unknown"]

REMOTE_PREFIXES = ("/vsi", "http:", "https:", "ftp:", "s3:", "\\\\")


def is_remote(path: str) -> bool:
    """Tell whether a path is an address in the network, or one of GDAL's virtual files."""
    return path.lower().startswith(REMOTE_PREFIXES)


def name_unknown(message: str, found: str, known: Iterable[str]) -> Message:
    """Say that a name is unknown, and the nearest known one, or all where none is near."""
    names = sorted(known)
    near = get_close_matches(found, names, n=1, cutoff=0.5)
    listed = near[0] if near else ", ".join(names) or "\N{EM DASH}"
    return say(message, found=found, expected=listed)
