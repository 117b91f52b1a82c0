"""Names in and of zip files, as people write them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["readable_name", "split_archive"]


def split_archive(file: Path) -> tuple[Path, str]:
    """Split a path that goes on inside a zip file; the second part is empty for any other path.

    Returns
    -------
    file, inside
        The zip file, and the name in it, with ``/`` between folders.
    """
    for parent in file.parents:
        if parent.suffix.lower() == ".zip" and parent.is_file():
            return parent, file.relative_to(parent).as_posix()
    return file, ""


def readable_name(name: str) -> str:
    """Return a name in a zip file as its writer meant it.

    Zip programs of Chinese Windows write names in GBK and do not say so; they are then read in the
    code page that the format prescribes (437), which keeps every byte.
    """
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
