"""A batch: sites of one file that follow one another, when a file is too large to be held."""

from __future__ import annotations

from dataclasses import dataclass

from spatialplan.messages import Message
from spatialplan.sites.submission import Submission

__all__ = ["SiteBatch"]


@dataclass(frozen=True, slots=True)
class SiteBatch:
    """Sites that follow one another in their file; picklable.

    Attributes
    ----------
    number
        Of the batch, from 0.
    first_row, count
        Row of its first site in the file, from 0, and how many there are.
    submission
        The sites as stated, with ids that are unique in the whole file; None where they could not
        be read.
    unread
        Why they could not be read; else None.
    """

    number: int
    first_row: int
    count: int
    submission: Submission | None
    unread: Message | None = None
