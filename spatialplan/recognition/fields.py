"""Which field of a table means what, and what the fields say about its kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.recognition.knowledge import Knowledge, TableKind, knowledge
from spatialplan.recognition.spelling import fits_cut_name, spell
from spatialplan.units import M2_PER_UNIT, AreaUnit

__all__ = [
    "code_digits",
    "count_class_groups",
    "find_area_unit",
    "find_marks",
    "find_unit_fields",
    "propose_fields",
]

# Stated areas are rounded, and single ones are wrong; most must fit this closely.
UNIT_SHARE = 0.01


def find_marks(kind: TableKind, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the fields, as delivered, that mark a table as of this kind; empty if none do."""
    for mark in kind.marks:
        found = [_find(name, fields) for name in mark]
        if all(found):
            return tuple(name for name in found if name)
    return ()


def propose_fields(
    kind: TableKind | None, fields: Sequence[str], sample: pd.DataFrame | None, known: Knowledge
) -> dict[str, str]:
    """Return the field, as delivered, for every key of a plan's layer that one is found for.

    Synonyms count in the order of ``roles.toml``; a field without a single value is passed over.
    """
    own = kind.fields if kind else {}
    wanted = {key: own.get(key, known.fields.get(key, ())) for key in {**known.fields, **own}}
    used = [name for name in fields if _says_something(name, sample)]
    found = {key: _first(synonyms, used) for key, synonyms in wanted.items()}
    return {key: name for key, name in sorted(found.items()) if name}


def find_unit_fields(fields: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the fields with code and name of the unit that a feature lies in."""
    units = knowledge().units
    return _first(units["code"], fields), _first(units["name"], fields)


def code_digits(fields: Sequence[str], sample: pd.DataFrame | None) -> int | None:
    """Return how many digits the units' codes have, where they all have the same; else None.

    A code filled up with zeros (110101000000) counts without them, to an even level.
    """
    name, _ = find_unit_fields(fields)
    if sample is None or name is None or name not in sample:
        return None
    texts = sample[name].dropna().astype(str).str.strip().str.removesuffix(".0")
    lengths = {_significant(text) for text in texts if text.isdigit()}
    return lengths.pop() if len(lengths) == 1 else None


def count_class_groups(fields: Sequence[str], sample: pd.DataFrame | None) -> int | None:
    """Return how many groups of land classes (first two digits) a table holds; None unknown."""
    name = _first(("dlbm", "地类编码", "dldm"), fields)
    if sample is None or name is None or name not in sample:
        return None
    return int(sample[name].dropna().astype(str).str[:2].nunique())


def find_area_unit(
    stated: NDArray[np.float64], measured_m2: NDArray[np.float64]
) -> AreaUnit | None:
    """Return the unit in which stated areas fit the measured ones; None where none fits.

    Parameters
    ----------
    stated, measured_m2
        One value a feature, shape (n,); NaN and 0 do not count.

    Examples
    --------
    >>> find_area_unit(np.array([1.5, 20.0]), np.array([15_001.0, 199_990.0]))
    'ha'
    """
    usable = np.isfinite(stated) & np.isfinite(measured_m2) & (stated > 0) & (measured_m2 > 0)
    if not usable.any():
        return None
    ratios = measured_m2[usable] / stated[usable]
    for unit, unit_m2 in M2_PER_UNIT.items():
        if np.mean(np.abs(ratios / unit_m2 - 1) < UNIT_SHARE) > 0.5:
            return unit
    return None


def _significant(code: str) -> int:
    for digits in (6, 9, 12):
        if len(code) > digits and not code[digits:].strip("0"):
            return digits
    return len(code)


def _first(synonyms: Sequence[str], fields: Sequence[str]) -> str | None:
    return next((name for name in (_find(synonym, fields) for synonym in synonyms) if name), None)


def _find(wanted: str, fields: Sequence[str]) -> str | None:
    """Return the field of a spelled name, else the one that was cut from it."""
    spelled = [(spell(name), name) for name in fields]
    for text, name in spelled:
        if text == wanted:
            return name
    cut = [name for text, name in spelled if fits_cut_name(text, wanted)]
    return cut[0] if len(cut) == 1 else None


def _says_something(name: str, sample: pd.DataFrame | None) -> bool:
    if sample is None or name not in sample:
        return True
    column = sample[name].dropna()
    return bool((column.astype(str).str.strip() != "").any())
