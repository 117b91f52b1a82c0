"""Hectares, 亩 and 万亩, shares, and the rounding that printed figures use.

Areas are held in square metres as floats. A demand is held as the decimal number that was printed,
because "385.68 万亩" is known to half a unit of its last digit and to no more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

__all__ = [
    "M2_PER_UNIT",
    "AreaUnit",
    "close_parts",
    "from_m2",
    "half_step",
    "round_printed",
    "to_m2",
]

AreaUnit = Literal["ha", "万亩", "亩", "km2", "m2"]

# The statutory 亩 is exactly 1/15 ha.
M2_PER_UNIT: dict[AreaUnit, float] = {
    "m2": 1.0,
    "亩": 10_000 / 15,
    "ha": 10_000.0,
    "km2": 1_000_000.0,
    "万亩": 100_000_000 / 15,
}


def to_m2(value: Decimal | float, unit: AreaUnit) -> float:
    """Convert a number of `unit` to square metres.

    Examples
    --------
    >>> round(to_m2(Decimal("385.68"), "万亩"), 2)
    2571200000.0
    """
    return float(value) * M2_PER_UNIT[unit]


def from_m2(area_m2: float, unit: AreaUnit) -> float:
    """Convert square metres to a number of `unit`."""
    return area_m2 / M2_PER_UNIT[unit]


def round_printed(value: float | Decimal, decimals: int) -> Decimal:
    """Round half up, as printed tables do, to `decimals` places.

    The value passes through its shortest decimal text, so that 0.125 means 0.125.

    Examples
    --------
    >>> round_printed(0.125, 2), round_printed(2.5, 0)
    (Decimal('0.13'), Decimal('3'))
    """
    step = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)


def half_step(decimals: int) -> Decimal:
    """Half a unit of the last printed digit: how far a printed figure may be from the true one."""
    return Decimal(5).scaleb(-decimals - 1)


def close_parts(parts: Sequence[float], total: float, decimals: int) -> list[Decimal]:
    """Round parts so that the printed parts add up to the printed total.

    Each part is rounded down; the units left over go to the parts with the largest remainders, the
    earlier one first among equals (largest remainder method).

    Parameters
    ----------
    parts, total
        Numbers in one unit; the parts add up to the total but for float rounding.
    decimals
        Places after the point that are printed.

    Examples
    --------
    >>> close_parts([1 / 3, 1 / 3, 1 / 3], 1.0, 2)
    [Decimal('0.34'), Decimal('0.33'), Decimal('0.33')]
    """
    scale = 10**decimals
    target = int(round_printed(total, decimals) * scale)
    floors = [math.floor(part * scale) for part in parts]
    remainders = [part * scale - floor for part, floor in zip(parts, floors, strict=True)]
    missing = target - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: (-remainders[i], i))
    for position in range(abs(missing)):
        if not order:
            break
        index = order[position % len(order)] if missing > 0 else order[-1 - position % len(order)]
        floors[index] += 1 if missing > 0 else -1
    return [Decimal(number).scaleb(-decimals) for number in floors]
