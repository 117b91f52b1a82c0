"""What can go wrong before anything is judged.

An error is input that could not be read or understood (exit code 2). It carries every fault found,
so that a person with forty faults in a file sees forty. A plan that is read and found broken is not
an error but a finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spatialplan.messages import Language, Message

__all__ = [
    "ClusterError",
    "ConservationError",
    "CrsError",
    "Fault",
    "InvalidGeometryError",
    "OutputError",
    "PlanError",
    "SourceError",
    "SpatialplanError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it stands, and what was found, expected and advised."""

    where: str
    message: Message

    def text(self, language: Language = "en") -> str:
        """Word the fault in a language, on one line."""
        return f"{self.where}: {self.message.text(language)}"


class SpatialplanError(Exception):
    """Input that could not be used; `faults` lists everything that was found."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self.text("en"))

    def text(self, language: Language = "en") -> str:
        """Word all faults in a language, one a line."""
        return "\n".join(fault.text(language) for fault in self.faults)


class PlanError(SpatialplanError):
    """The plan file is malformed."""


class SourceError(SpatialplanError):
    """A layer's file is missing, damaged, ambiguous or not of a readable format."""


class CrsError(SpatialplanError):
    """A coordinate reference system is missing, contradicted or without an exact way here."""


class InvalidGeometryError(SpatialplanError):
    """Geometry that overlay cannot judge; it is refused, never silently repaired."""


class ConservationError(SpatialplanError):
    """Areas of parts do not add up to the whole: the overlay lost or invented ground."""


class ClusterError(SpatialplanError):
    """A cluster that cannot be asked: no scheduler, other versions, or files it does not see."""


class OutputError(SpatialplanError):
    """A result could not be written."""
