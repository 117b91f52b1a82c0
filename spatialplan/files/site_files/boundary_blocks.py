"""A boundary-point TXT taken apart: plots, each under the header that it stands under.

A file may hold several headers, as where files were pasted together. A header starts at
``[属性描述]``, and at any ``key=value`` line that stands after a plot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from spatialplan.errors import Fault
from spatialplan.messages import say
from spatialplan.sites import BoundaryPoint, clean_text

__all__ = ["MOST_QUOTED", "Block", "PlotLines", "Statement", "TakenApart", "take_apart_text"]

HEADER_SECTION = re.compile(r"[\[【]\s*属性描述\s*[\]】]")
SECTION = re.compile(r"[\[【].*[\]】]")
# A plot's line may hold = as well, but only after its first comma.
STATEMENT = re.compile(r"[^,，=]+=")
PLOT_MARK = "@"
KINDS = {"面": "polygon", "线": "line", "点": "point", "": "polygon"}
# Bad lines that a message quotes, and how much of each.
MOST_QUOTED = 3
QUOTE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Statement:
    """One ``key=value`` line of a header."""

    line: int
    key: str
    value: str


@dataclass(slots=True)
class PlotLines:
    """A plot as written: its own line, its points, and the lines that are neither."""

    line: int
    fields: list[str]
    points: list[BoundaryPoint] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def field(self, position: int) -> str:
        """Return a field of the plot's line, blank where the line is shorter."""
        return clean_text(self.fields[position]) if position < len(self.fields) else ""


@dataclass(slots=True)
class Block:
    """A header and the plots under it; `line` is where it starts."""

    line: int
    statements: list[Statement] = field(default_factory=list)
    plots: list[PlotLines] = field(default_factory=list)

    @property
    def header(self) -> Mapping[str, str]:
        """What the header states, by key; of a key written twice the first."""
        return {each.key: each.value for each in reversed(self.statements)}


@dataclass(frozen=True, slots=True)
class TakenApart:
    """The blocks of a file that hold anything, and the first lines that belong to none."""

    blocks: tuple[Block, ...]
    faults: tuple[Fault, ...]


def take_apart_text(text: str, where: str) -> TakenApart:
    """Sort the lines of a boundary-point TXT into headers and plots."""
    blocks, faults = [Block(1)], []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip(" \t\u3000\ufeff")
        plain = unicodedata.normalize("NFKC", line)
        plots = blocks[-1].plots
        if HEADER_SECTION.fullmatch(plain):
            blocks.append(Block(number))
        elif not line or SECTION.fullmatch(plain):
            continue
        elif STATEMENT.match(plain):
            if plots:
                blocks.append(Block(number))
            key, _, value = plain.partition("=")
            stated = Statement(number, clean_text(key).replace(" ", ""), clean_text(value))
            blocks[-1].statements.append(stated)
        elif PLOT_MARK in plain:
            plots.append(PlotLines(number, _plot_fields(line)))
        elif (point := _parse_point(plain)) and plots:
            plots[-1].points.append(point)
        elif plots:
            plots[-1].bad.append(f"{number}: {_quoted(line)}")
        else:
            faults.append(Fault(f"{where}:{number}", say("site.stray_line", text=_quoted(line))))
    kept = tuple(block for block in blocks if block.statements or block.plots)
    return TakenApart(kept, tuple(faults[:MOST_QUOTED]))


def _quoted(line: str) -> str:
    return clean_text(line)[:QUOTE_LENGTH]


def _plot_fields(line: str) -> list[str]:
    """Split a plot's line; a comma inside its name shifts nothing, for the kind is known."""
    plain = line.replace("＠", PLOT_MARK).partition(PLOT_MARK)[0]
    if plain.count(",") < 3:
        plain = plain.replace("，", ",")
    fields = [part.strip(" \t\u3000") for part in plain.split(",")]
    kinds = [i for i, part in enumerate(fields) if i > 3 and part in KINDS and part]
    if kinds and kinds[0] > 4:
        fields[3 : kinds[0]] = [",".join(fields[3 : kinds[0]])]
    return fields


def _parse_point(plain: str) -> BoundaryPoint | None:
    """Read ``J1,1,X,Y``, also without a ring number; None for any other line."""
    parts = [part.strip() for part in re.split(r"[,\t;]|\s{2,}", plain)]
    if len(parts) == 3:
        parts = [parts[0], "1", *parts[1:]]
    if len(parts) < 4:
        return None
    try:
        northing, easting = float(parts[2]), float(parts[3])
    except ValueError:
        return None
    return BoundaryPoint(parts[1].lstrip("0") or "1", easting, northing, parts[0])
