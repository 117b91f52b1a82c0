"""Features that have one fault, as a batch leaves them behind: ids, places, and what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import Finding, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import Message

__all__ = ["Marked", "join_marks", "mark_features", "tell_fault"]


@dataclass(frozen=True, slots=True)
class Marked:
    """The features of a batch that have one fault.

    Attributes
    ----------
    ids
        As delivered, shape (n,).
    places
        Points on them, or on the parts concerned, shape (m,).
    told
        Whatever the fault's sentence is made from, each of shape (n,).
    """

    ids: NDArray[np.object_]
    places: NDArray[np.object_]
    told: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


def mark_features(
    layer: Layer,
    rows: NDArray[np.intp],
    *,
    shapes: NDArray[np.object_] | None = None,
    **told: NDArray[Any],
) -> Marked:
    """Mark features by their rows; `shapes` are the parts concerned, if not the whole features."""
    places = shapely.point_on_surface(layer.geometry[rows] if shapes is None else shapes)
    return Marked(layer.ids[rows], places, {name: values[rows] for name, values in told.items()})


def join_marks(marks: Sequence[Marked]) -> Marked:
    """Put the marks of several batches together, in the batches' order; at least one."""
    return Marked(
        np.concatenate([one.ids for one in marks]),
        np.concatenate([one.places for one in marks]),
        {name: np.concatenate([one.told[name] for one in marks]) for name in marks[0].told},
    )


def tell_fault(
    layer: Layer, rule_id: str, severity: Severity, marked: Marked, message: Message
) -> Finding:
    """Return the finding of all features that have a fault."""
    return Finding(
        rule_id=rule_id,
        layer=layer.spec.id,
        status=Status.NOT_MET,
        severity=severity,
        message=message,
        feature_ids=tuple(str(name) for name in marked.ids),
        geometry=shapely.multipoints(marked.places),
    )
