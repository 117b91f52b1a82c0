"""What a comparison of two editions found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyproj import CRS

from spatialplan.changes import CommonGrid, Patch, ZoneMatrix
from spatialplan.crs import Plane
from spatialplan.files import LedgerFile
from spatialplan.findings import NotEvaluated, Status
from spatialplan.layers import Layer, RasterLayer
from spatialplan.ledger import Entry, Seen, Step
from spatialplan.messages import Message
from spatialplan.plan import LayerSpec, Plan
from spatialplan.rulebook import Rulebook

__all__ = ["Filtered", "LedgerRun", "Monitoring"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """Patches below the smallest area: how many, and their ground inside the watched lines."""

    minimum_m2: float
    count: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class LedgerRun:
    """What a run makes of the ledger.

    Attributes
    ----------
    path
        Where the ledger stands, or is to be made.
    file
        As it was read; None where there is none yet.
    steps
        What becomes of every row that is not a person's, then of every new patch.
    own
        Rows that a person added; they stay as they are.
    by_patch
        The step of every patch, by its position among the run's.
    """

    path: Path
    file: LedgerFile | None
    steps: tuple[Step, ...]
    own: tuple[Entry, ...]
    by_patch: Mapping[int, Step]

    def step_of(self, patch: int) -> Step:
        """Return what becomes of a patch, by its position among the run's."""
        return self.by_patch[patch]

    def count(self, seen: Seen) -> int:
        """Return of how many rows a run found this."""
        return sum(step.seen is seen for step in self.steps)

    @property
    def strange(self) -> tuple[Entry, ...]:
        """Rows whose state is none of the four; they count as open."""
        listed = (step.entry for step in self.steps if step.entry is not None)
        return tuple(entry for entry in listed if not entry.has_known_state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Everything that one comparison found.

    Attributes
    ----------
    day
        The day whose rules are quoted.
    edition
        What the later edition is called in the ledger.
    layers
        The layers read, by their name in the plan.
    matrices
        One a line, a zone of a line, and the region.
    patches
        Ranked: worst place first, then area.
    unknown_m2
        Area of cell values that a legend lacks, of the earlier and the later edition.
    notes
        What a reader of any figure has to know.
    """

    plan: Plan
    day: date
    rulebook: Rulebook
    before: RasterLayer
    after: RasterLayer
    edition: str
    common: CommonGrid
    layers: Mapping[str, Layer]
    watched: tuple[LayerSpec, ...]
    plane: Plane
    crs: CRS
    matrices: tuple[ZoneMatrix, ...]
    patches: tuple[Patch, ...]
    filtered: Filtered
    unknown_m2: tuple[Mapping[int, float], Mapping[int, float]]
    ledger: LedgerRun | None
    notes: tuple[Message, ...]
    not_evaluated: tuple[NotEvaluated, ...]

    def is_open(self, patch: int) -> bool:
        """Tell whether a patch, by its position, is not settled in the ledger (排除 or 销号).

        What has grown by a whole patch beyond the outline that was settled, or is of another class
        than it was then, is open again.
        """
        if self.ledger is None:
            return True
        step = self.ledger.step_of(patch)
        settled = step.entry is not None and step.entry.is_closed
        return not settled or step.altered or step.grown_m2 >= self.filtered.minimum_m2

    @property
    def open_patches(self) -> tuple[int, ...]:
        """Positions of the patches that are open."""
        return tuple(place for place in range(len(self.patches)) if self.is_open(place))

    @property
    def remaining(self) -> tuple[Entry, ...]:
        """Open rows of the ledger whose ground is still in human use, though unchanged."""
        return self._open_rows(Seen.REMAINS)

    @property
    def awaiting(self) -> tuple[Entry, ...]:
        """Open rows that were not seen again, or could not be: a person has to close them."""
        return self._open_rows(Seen.GONE, Seen.OUTSIDE, Seen.MERGED)

    @property
    def status(self) -> Status:
        """Not met while a patch or a remaining row is open; see `not_evaluated` for the rest."""
        if self.open_patches or self.remaining:
            return Status.NOT_MET
        return Status.NOT_EVALUATED if self.not_evaluated else Status.MET

    def _open_rows(self, *seen: Seen) -> tuple[Entry, ...]:
        steps = self.ledger.steps if self.ledger else ()
        return tuple(
            step.entry
            for step in steps
            if step.entry is not None and step.seen in seen and not step.entry.is_closed
        )
