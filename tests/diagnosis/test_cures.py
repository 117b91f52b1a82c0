"""Every class of fault has a name and a cure, whichever judgement finds it."""

from __future__ import annotations

import re
from pathlib import Path

import spatialplan
from spatialplan.messages import catalogue

PACKAGE = Path(spatialplan.__file__).parent
SOURCES = (*PACKAGE.glob("diagnosis/*.py"), *PACKAGE.glob("inspection/*.py"))
# How the gate and the quality of a layer name what they find; overlaps are diagnosed apart.
OTHERS = (PACKAGE / "quality/judging.py", PACKAGE / "layers/gate.py")
LEFT_TO_COVERAGE = {"duplicate", "overlap_inside", "sliver_inside"}


def test_names_and_cures_go_together() -> None:
    keys = catalogue("zh").keys()
    names = {key.removeprefix("fault.") for key in keys if key.startswith("fault.")}
    cures = {key.removeprefix("cure.") for key in keys if key.startswith("cure.")}
    assert names == cures
    found = {
        name
        for file in SOURCES
        for name in re.findall(r"make_defect\(\s*\"(\w+)\"", file.read_text("utf-8"))
    }
    assert len(found) > 15
    assert found <= names


def test_what_gate_and_quality_find_has_them_too() -> None:
    found = {
        name
        for file in OTHERS
        for name in re.findall(r"\"quality\.(\w+)\"", file.read_text("utf-8"))
        if name not in ("too_wide",)
    }
    assert found - LEFT_TO_COVERAGE <= {key.removeprefix("cure.") for key in catalogue("zh")}
