"""A legend of land cover from a small file of its own: TOML or CSV.

CSV has the columns ``value``, ``title`` and ``kind``, and ``colour`` if wanted; TOML a list of such
tables under ``classes``.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import say
from spatialplan.plan import CoverKind, LegendClass

__all__ = ["read_legend"]

# Small files; what is larger is no legend.
MOST_BYTES = 1_000_000
ENCODINGS = ("utf-8-sig", "gb18030")

# 市级国土空间总体规划制图规范（试行）, appendix B, where it has the kind.
COLOURS: Mapping[CoverKind, str] = {
    "cropland": "#f5f8dc",
    "forest": "#68b167",
    "shrub": "#a0c878",
    "grassland": "#cdf57a",
    "wetland": "#65cdaa",
    "water": "#338ec0",
    "built_up": "#ffd380",
    "bare": "#c8b4a5",
    "snow_ice": "#ffffff",
    "other": "#eeeeee",
}


def read_legend(path: Path) -> tuple[LegendClass, ...]:
    """Read the classes of a legend.

    Raises
    ------
    SourceError
        With every fault: what is no number, no kind, missing, or there twice.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(Fault(str(path), say("legend.too_large", most=MOST_BYTES)))
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(str(path), say("legend.unreadable", reason=reason))) from None
    rows = _rows(path, content)
    classes, faults = [], []
    for number, row in enumerate(rows, start=1):
        try:
            classes.append(_make_class(row))
        except (ValidationError, ValueError):
            told = ", ".join(f"{key}={value}" for key, value in row.items())[:80]
            kinds = ", ".join(get_args(CoverKind))
            message = say("legend.bad_class", found=told, kinds=kinds)
            faults.append(Fault(f"{path.name} [{number}]", message))
    faults += _repeated(path, classes)
    if not rows:
        faults.append(Fault(path.name, say("legend.empty")))
    if faults:
        raise SourceError(faults)
    return tuple(classes)


def _rows(path: Path, content: bytes) -> Sequence[Mapping[str, Any]]:
    text = _decode(path, content)
    if path.suffix.lower() != ".toml":
        return list(csv.DictReader(io.StringIO(text)))
    try:
        found = tomllib.loads(text).get("classes", [])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(Fault(path.name, say("plan.not_toml", reason=str(error)))) from None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise SourceError(Fault(path.name, say("legend.empty")))
    return found


def _decode(path: Path, content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(Fault(path.name, say("legend.unreadable", reason=", ".join(ENCODINGS))))


def _make_class(row: Mapping[str, Any]) -> LegendClass:
    named = {str(key).strip(): value for key, value in row.items() if key is not None}
    kind = str(named.get("kind", "")).strip()
    return LegendClass(
        value=int(named.get("value", "")),
        title=str(named.get("title") or "").strip(),
        kind=kind,
        colour=str(named.get("colour") or COLOURS.get(kind, "")),  # type: ignore[call-overload]
    )


def _repeated(path: Path, classes: Sequence[LegendClass]) -> Iterator[Fault]:
    counts = Counter(entry.value for entry in classes)
    for value, count in counts.items():
        if count > 1:
            yield Fault(path.name, say("legend.repeated", found=value))
