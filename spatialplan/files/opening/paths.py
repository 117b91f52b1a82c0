"""Which paths may be opened at all: files on this machine, and nothing that a library takes apart.

GDAL opens ``/vsicurl/…`` and the reading library ``https://…`` as addresses in the network; in a
path of Linux it also cuts at ``!`` and ``;``, and would quietly open another file.
"""

from __future__ import annotations

import re
from pathlib import Path

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import say

__all__ = ["local_address", "require_local"]

# Two letters at least before the colon: one is a drive of Windows.
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(/|\\)|(PG|GPKG|MYSQL|WFS|OAPIF|MVT|HTTP):", re.I)
VIRTUAL = re.compile(r"[/\\]+vsi", re.I)
# Signs at which pyogrio cuts a path, or which it drops.
CUTTING_SIGNS = "!;\n\r\t\0"


def require_local(path: str, where: str) -> None:
    """Refuse what is an address in the network, or one of GDAL's virtual files.

    Raises
    ------
    SourceError
        Also for a path that holds a sign at which a reading library would cut it.
    """
    if SCHEME.match(path) or VIRTUAL.match(path):
        raise SourceError(Fault(where, say("hostile.remote", found=path[:80])))
    if "\0" in path:
        raise SourceError(Fault(where, say("hostile.sign_in_path", sign="NUL")))


def local_address(file: Path, where: str) -> str:
    """Return a file's absolute path as GDAL shall open it; `file` may be named in any way.

    Raises
    ------
    SourceError
        If it would not be opened as what it is.
    """
    address = str(file.absolute())  # links stay: a shapefile's parts lie beside the link
    require_local(address, where)
    is_drive = re.match(r"[A-Za-z]:", address) and ".zip" not in address.lower()
    cutting = [] if is_drive else [sign for sign in CUTTING_SIGNS if sign in address]
    if cutting:
        sign = cutting[0] if cutting[0].isprintable() else repr(cutting[0]).strip("'")
        raise SourceError(Fault(where, say("hostile.sign_in_path", sign=sign)))
    return address
