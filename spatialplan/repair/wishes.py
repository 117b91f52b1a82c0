"""What may be repaired, and how far: nothing is done that was not asked for.

A limit is there because a repair is a guess at what was meant. As long as the guess moves less
ground than a person would notice in a printed table it may stand; beyond that, a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

__all__ = [
    "CoverageTolerance",
    "Fix",
    "RepairLimits",
    "RepairWishes",
    "parse_encoding",
    "parse_fixes",
    "parse_limits",
]

NUMBER = r"(\d+(?:\.\d+)?)\s*"
SHARE = re.compile(NUMBER + r"[%％]")
# What shapefiles are written in; other formats are UTF-8 by themselves.
ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030"}
SQUARE_METRES = re.compile(NUMBER + r"(?:m2|m²|平方米)")


class Fix(StrEnum):
    """A kind of repair that can be asked for."""

    GEOMETRY = "geometry"
    COVERAGE = "coverage"
    DUPLICATES = "duplicates"
    REMOVE_DUPLICATES = "remove-duplicates"
    HEIGHTS = "heights"
    CRS = "crs"
    IDS = "ids"
    CODES = "codes"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class RepairLimits:
    """How much a repair may change a feature's area.

    Attributes
    ----------
    share
        Of the feature's area. A stated area counts as wrong from 1 % on.
    most_m2
        Never more than this: a hundredth of a hectare, the last digit that plans print.
    least_m2
        Always as much as this: the area up to which a piece of ground counts as a sliver.
    """

    share: float = 0.01
    most_m2: float = 100.0
    least_m2: float = 1.0

    def allowed(self, area_m2: ArrayLike) -> NDArray[np.float64]:
        """Return how many m² features of these areas may gain or lose, shape (n,).

        Examples
        --------
        >>> RepairLimits().allowed([50.0, 2_000.0, 1e6]).tolist()
        [1.0, 20.0, 100.0]
        """
        by_share = self.share * np.abs(np.asarray(area_m2, dtype=np.float64))
        return np.minimum(np.maximum(by_share, self.least_m2), self.most_m2)

    def are_exceeded(self, before: ArrayLike, after: ArrayLike) -> NDArray[np.bool_]:
        """Tell which changes of area are too large; one that is not known is, shape (n,)."""
        change = np.abs(np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64))
        return np.asarray(~(change <= self.allowed(before)))


@dataclass(frozen=True, slots=True)
class CoverageTolerance:
    """What counts as a slip along shared borders.

    Attributes
    ----------
    gap_m
        Gaps and overlaps nowhere wider than this are closed; the tolerance of slivers.
    snap_m
        Vertices nearer to one another, or to a border, are one: borders are surveyed to
        centimetres.
    """

    gap_m: float = 0.1
    snap_m: float = 0.01


@dataclass(frozen=True, slots=True)
class RepairWishes:
    """Everything that is asked for.

    Attributes
    ----------
    target
        The CGCS2000 zone that `Fix.CRS` takes coordinates to; None labels an assumed CRS only.
    text_codec
        The encoding that `Fix.ENCODING` writes text in.
    """

    fixes: frozenset[Fix]
    limits: RepairLimits = RepairLimits()
    tolerance: CoverageTolerance = CoverageTolerance()
    target: str | None = None
    text_codec: str = "utf-8"


def parse_fixes(text: str) -> frozenset[Fix]:
    """Read what is to be repaired, separated by commas.

    Raises
    ------
    OutputError
        If a word is no repair; all of them are listed.

    Examples
    --------
    >>> sorted(parse_fixes("geometry, codes"))
    [<Fix.CODES: 'codes'>, <Fix.GEOMETRY: 'geometry'>]
    """
    words = [word.strip().lower() for word in re.split(r"[,，;；、]", text) if word.strip()]
    known = {fix.value: fix for fix in Fix}
    listed = ", ".join(known)
    faults = [
        Fault("--fix", say("repair.unknown_fix", found=word, expected=listed))
        for word in words
        if word not in known
    ]
    if faults or not words:
        raise OutputError(faults or Fault("--fix", say("repair.no_fix", expected=listed)))
    return frozenset(known[word] for word in words)


def parse_encoding(text: str) -> str:
    """Read the encoding that text is to be written in: UTF-8, or GB18030, which contains GBK.

    Raises
    ------
    OutputError
        If it is another one.

    Examples
    --------
    >>> parse_encoding("GBK")
    'gb18030'
    """
    codec = ENCODINGS.get(text.strip().lower())
    if codec is None:
        message = say("repair.unknown_encoding", found=text, expected=", ".join(ENCODINGS))
        raise OutputError(Fault("--target-encoding", message))
    return codec


def parse_limits(text: str) -> RepairLimits:
    """Read a limit such as ``1%``, ``500m2``, or both with a comma: both must then hold.

    A share alone has no limit in m²; m² alone are a limit whatever the share.

    Raises
    ------
    OutputError
        If it is neither.

    Examples
    --------
    >>> parse_limits("0.5%,200m2")
    RepairLimits(share=0.005, most_m2=200.0, least_m2=1.0)
    """
    share = most = None
    for part in re.split(r"[,，;；、]", text):
        as_share, as_area = SHARE.fullmatch(part.strip()), SQUARE_METRES.fullmatch(part.strip())
        if as_share:
            share = float(as_share[1]) / 100
        elif as_area:
            most = float(as_area[1])
        else:
            raise OutputError(Fault("--most-change", say("repair.bad_limit", found=text)))
    limits = RepairLimits(
        share=np.inf if share is None else share, most_m2=np.inf if most is None else most
    )
    return RepairLimits(limits.share, limits.most_m2, min(limits.least_m2, limits.most_m2))
