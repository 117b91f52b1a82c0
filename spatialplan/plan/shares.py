"""The denominator of shares: stated by the document, derived from its shares, or measured.

A share printed as 30.73 % for a printed area admits every base between area / 30.735 % and
area / 30.725 %. The bases that *all* printed shares admit are the derived interval; where it is
empty the document contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spatialplan.plan.model import AreaQuota, Plan
from spatialplan.units import half_step, to_m2

__all__ = ["ShareBase", "derive_interval", "find_share_base"]


@dataclass(frozen=True, slots=True)
class ShareBase:
    """The three bases, ha; `used_ha` is the one that shares are printed against."""

    stated_ha: float | None
    derived_ha: tuple[float, float] | None
    measured_ha: float | None
    use: str
    why: str
    used_ha: float | None
    stated_clause: str = ""


def derive_interval(plan: Plan) -> tuple[float, float] | None:
    """Return the bases (low, high; ha) that all printed shares admit.

    None without printed shares; low > high where the shares contradict each other.
    """
    bounds = [_admitted(quota) for quota in plan.quotas if _has_share(quota)]
    if not bounds:
        return None
    return max(low for low, _ in bounds), min(high for _, high in bounds)


def find_share_base(plan: Plan, *, measured_ha: float | None) -> ShareBase | None:
    """Gather the three bases and pick the one that the plan names.

    `used_ha` is None where the base that the plan names is not to be had; a derived one is the
    middle of its interval.
    """
    spec = plan.share_base
    if spec is None:
        return None
    interval = derive_interval(plan)
    stated = None if spec.stated_ha is None else float(spec.stated_ha)
    derived = (interval[0] + interval[1]) / 2 if interval and interval[0] <= interval[1] else None
    used = {"stated": stated, "derived": derived, "measured": measured_ha}[spec.use]
    return ShareBase(stated, interval, measured_ha, spec.use, spec.why, used, spec.stated_clause)


def _has_share(quota: object) -> bool:
    return isinstance(quota, AreaQuota) and bool(quota.share_percent) and quota.value is not None


def _admitted(quota: object) -> tuple[float, float]:
    assert isinstance(quota, AreaQuota)
    assert quota.share_percent is not None
    assert quota.value is not None
    area_ha = to_m2(quota.value, quota.unit) / 10_000
    step = half_step(max(0, -int(quota.share_percent.as_tuple().exponent)))
    low, high = quota.share_percent - step, quota.share_percent + step
    return area_ha / float(high / 100), area_ha / float(max(low, Decimal("1e-12")) / 100)
