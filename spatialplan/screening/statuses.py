"""How sites lie to a layer, as numbers: thousands of sites are looked at as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import GroundStatus

__all__ = ["CLEAR", "ENCLOSED", "NOT_EVALUATED", "OVERLAP", "SLIVER", "STATUSES", "Codes"]

Codes = NDArray[np.int8]

# By number; of ground in common, an overlap weighs more than a sliver, and noise is clear.
STATUSES: tuple[GroundStatus, ...] = (
    GroundStatus.CLEAR,
    GroundStatus.ENCLOSED,
    GroundStatus.SLIVER,
    GroundStatus.OVERLAP,
    GroundStatus.NOT_EVALUATED,
)
CLEAR, ENCLOSED, SLIVER, OVERLAP, NOT_EVALUATED = range(len(STATUSES))
