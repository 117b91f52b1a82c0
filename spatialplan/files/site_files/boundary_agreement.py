"""Whether the headers of one boundary-point TXT say the same about its coordinates.

Files pasted together hold several headers. A plot is read under its own header; one that states
another datum, zone, projection, unit or transformation, or leaves out what another one states,
would put its plots elsewhere unseen, so such a file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spatialplan.errors import CrsError, Fault
from spatialplan.files.site_files.boundary_blocks import Block, Statement
from spatialplan.files.site_files.boundary_header import KEYS, tell_meaning
from spatialplan.messages import Message, say

__all__ = ["require_agreement"]

QUOTE_LENGTH = 80


def require_agreement(blocks: Sequence[Block], *, where: str) -> None:
    """Refuse headers that disagree, or that contradict themselves.

    Raises
    ------
    CrsError
        With a fault for every line that says something else than the first header.
    """
    faults, silent = [], dict[int, list[str]]()
    for subject in KEYS:
        first, *others = _statements(blocks, subject)
        for each in others:
            if tell_meaning(subject, each.value) == tell_meaning(subject, first.value):
                continue
            if each.value:
                faults.append(_fault(subject, each, first, where))
            else:
                silent.setdefault(each.line, []).append(subject)
    for line, subjects in silent.items():
        keys, start = ", ".join(subjects), blocks[0].line
        message = say("site.header_incomplete", keys=keys, line=start)
        faults.append(Fault(f"{where}:{line} [{keys}]", message))
    if faults:
        raise CrsError(sorted(faults, key=_line))


def _statements(blocks: Sequence[Block], subject: str) -> Iterator[Statement]:
    """List what every header states on a subject, also twice; blank where it is silent."""
    for block in blocks:
        found = [
            [each for each in block.statements if each.key == key and each.value]
            for key in KEYS[subject]
        ]
        silent = Statement(block.line, subject, "")
        yield from next((stated for stated in found if stated), [silent])


def _fault(subject: str, other: Statement, first: Statement, where: str) -> Fault:
    message = say(
        "site.headers_disagree",
        key=subject,
        found=_quoted(other),
        first=_quoted(first),
        line=first.line,
    )
    return Fault(f"{where}:{other.line} [{subject}]", message)


def _quoted(stated: Statement) -> str | Message:
    return stated.value[:QUOTE_LENGTH] or say("site.header_silent")


def _line(fault: Fault) -> int:
    return int(fault.where.rpartition(":")[2].partition(" ")[0])
