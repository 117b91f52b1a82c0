"""Townships, the forest bureau's area and villages: where every parcel belongs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from wuchang import places
from wuchang.calibration import Mask
from wuchang.ground import Ground
from wuchang.seeds import Kind
from wuchang.terrain import project

_VILLAGES = 261
BUREAU = len(places.SEATS)


@dataclass(frozen=True)
class Administration:
    """Unit (index into the seats; the last is the forest bureau) and village of each parcel."""

    unit: NDArray[np.int64]
    village: NDArray[np.int64]

    def unit_code(self) -> NDArray[np.str_]:
        """Township code, 9 digits."""
        return np.array([*(s.code for s in places.SEATS), places.FOREST_BUREAU_CODE])[self.unit]

    def unit_name(self) -> NDArray[np.str_]:
        """Township name."""
        return np.array([*(s.name for s in places.SEATS), places.FOREST_BUREAU])[self.unit]

    def village_code(self) -> NDArray[np.str_]:
        """Code of the land's seat (ZLDWDM), 19 digits."""
        numbers = np.char.zfill((self.village + 200).astype(str), 3)
        return np.char.add(np.char.add(self.unit_code(), numbers), "0000000")

    def village_name(self) -> NDArray[np.str_]:
        """Name of the land's seat: numbered, because real village borders are not public."""
        kind = np.where(self.unit == BUREAU, "演示林场", "演示村")
        return np.char.add(np.char.add(self.unit_name(), kind), (self.village + 1).astype(str))


def administer(ground: Ground) -> Administration:
    """Every parcel to the nearest seat and village; the high south-east to the bureau."""
    swing = [ground.noise(f"units {axis}", 5000.0) for axis in ("east", "north")]
    warp = np.column_stack(swing)
    seats = project(tuple((s.lon, s.lat) for s in places.SEATS))
    unit = cKDTree(seats).query(ground.points + 700.0 * warp)[1].astype(np.int64)
    unit[_bureau(ground, unit)] = BUREAU
    return Administration(unit, _villages(ground, unit))


def _bureau(ground: Ground, unit: NDArray[np.int64]) -> Mask:
    front = ground.upland + 4 * ground.noise("bureau", 8000.0) - 24 * ground.valley
    wanted = front > 56
    parts = ground.parts(wanted)
    largest = np.argmax(np.bincount(parts[parts >= 0]))
    bureau = parts == largest
    rest = ground.parts(~bureau)
    sizes = np.bincount(rest[rest >= 0])
    enclave = (rest >= 0) & (sizes[np.maximum(rest, 0)] < 25)
    return np.asarray(bureau | enclave)


def _villages(ground: Ground, unit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each parcel the number of the nearest village core of its unit, from 0."""
    cores = np.flatnonzero(ground.is_kind(Kind.VILLAGE))[:_VILLAGES]
    village = np.zeros(len(unit), dtype=np.int64)
    for number in np.unique(unit):
        members = np.flatnonzero(unit == number)
        own = cores[unit[cores] == number]
        own = own if len(own) else members[:: max(1, len(members) // 8)]
        village[members] = cKDTree(ground.points[own]).query(ground.points[members])[1]
    return village


def barrier(ground: Ground) -> Mask:
    """Mountains of the south-east as one connected shield."""
    wanted = ground.upland + 5 * ground.noise("barrier", 12_000.0) > 47
    parts = ground.parts(wanted)
    return np.asarray(parts == np.argmax(np.bincount(parts[parts >= 0])))
