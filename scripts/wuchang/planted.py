"""The list of the draft's faults as a TOML file that tests compare with what a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HEAD = """\
# Faults planted in plan-draft.toml, measured by the official method. 草案预设问题清单。
# result: the part of a review it shows in (conflicts, quality, quotas, not_evaluated);
# rule: id of the line rule or quota, or the layer; expected: class or status;
# a_ids, b_ids: BSM of the features on the rule's sides; mean_width_m: 2A/P.
# Nothing else is wrong; farmland inside windows is `enclosed`, which is no fault.

"""


@dataclass(frozen=True)
class Fault:
    """One planted fault."""

    identity: str
    result: str
    rule: str
    expected: str
    area_m2: float | None
    mean_width_m: float | None
    a_ids: tuple[str, ...]
    b_ids: tuple[str, ...]
    note: str


def write_faults(path: Path, faults: list[Fault]) -> None:
    """Write the list; areas to 0.0001 m², widths to 0.0001 m."""
    path.write_text(_HEAD + "\n".join(_entry(f) for f in faults), encoding="utf-8")


def _entry(fault: Fault) -> str:
    rows = [
        "[[planted]]",
        f'id = "{fault.identity}"',
        f'result = "{fault.result}"',
        f'rule = "{fault.rule}"',
        f'expected = "{fault.expected}"',
    ]
    if fault.area_m2 is not None:
        rows.append(f"area_m2 = {fault.area_m2:.4f}")
        rows.append(f"area_ha = {fault.area_m2 / 10_000:.6f}")
    if fault.mean_width_m is not None:
        rows.append(f"mean_width_m = {fault.mean_width_m:.4f}")
    for key, ids in (("a_ids", fault.a_ids), ("b_ids", fault.b_ids)):
        if ids:
            rows.append(f"{key} = {list(ids)}".replace("'", '"'))
    rows.append(f'note = "{fault.note}"')
    return "\n".join(rows) + "\n"
