"""Faults of the fields of a layer, by the role that it was recognised in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.diagnosis.defects import Defect, Place, make_defect, places_of, points_on
from spatialplan.diagnosis.texts import Damage, damage_of
from spatialplan.findings import Severity
from spatialplan.messages import say
from spatialplan.plan import Role

__all__ = ["MANDATORY", "Rows", "diagnose_attributes", "diagnose_texts"]

# What a layer of a role must tell, as keys of a layer's entry in the plan file. Without an id no
# figure leads to its parcel; without class or zone its rules cannot be applied.
MANDATORY: Mapping[Role, tuple[str, ...]] = {
    "ecological_red_line": ("id_field", "area_field"),
    "basic_farmland": ("id_field", "class_field", "area_field"),
    "urban_development_boundary": ("id_field", "zone_field", "area_field"),
    "protected_area": ("id_field", "name_field", "zone_field"),
    "water_source": ("id_field", "name_field", "zone_field"),
    "land_parcel": ("id_field", "class_field", "area_field"),
    "administrative_area": ("id_field", "name_field"),
}
# Codes of administrative units: county, township, village.
UNIT_FIELD, UNIT_LENGTHS = "XZQDM", (6, 9, 12)
CLASS_CODE = re.compile(r"(\d+)([A-Za-z]?)")
# So many examples of bad values a message quotes.
MOST_QUOTED = 8

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Ids, one text a feature, and shapes as delivered, both object[n]."""

    ids: Texts
    shapes: NDArray[np.object_]

    def places(self, rows: NDArray[np.intp]) -> list[Place]:
        """Return one place for each of some features."""
        return places_of(self.ids, rows, points_on(self.shapes[rows]))


def diagnose_attributes(
    frame: pd.DataFrame,
    rows: Rows,
    *,
    layer: str,
    role: Role,
    fields: Mapping[str, str],
    land_classes: Sequence[str],
) -> list[Defect]:
    """Find what is wrong with the fields that a role needs.

    Parameters
    ----------
    frame
        The table as delivered.
    rows
        Ids and shapes of its features.
    fields
        Keys of a layer's entry in the plan (``class_field``) to names of fields.
    land_classes
        Beginnings of the land class codes that are in use.

    Returns
    -------
    defects
        What a Layer already shows (ids, stated areas, deductions) is left to its quality.
    """
    codes = texts_of(frame, fields.get("class_field"))
    return [
        *_missing_fields(frame, layer, role, fields),
        *_class_defects(codes, rows, layer, fields.get("class_field", ""), tuple(land_classes)),
        *_unit_defects(texts_of(frame, UNIT_FIELD), rows, layer),
    ]


def diagnose_texts(frame: pd.DataFrame, rows: Rows, *, layer: str) -> list[Defect]:
    """Find text that was damaged on its way, in any field, and names of fields that were."""
    places: list[Place] = []
    kinds: Counter[Damage] = Counter()
    for name in map(str, frame.columns):
        damage = damage_of(name)
        if damage:
            kinds[damage] += 1
            places.append(Place(ids=(), detail=say("diagnosis.text_field", field=_quote(name))))
    for name in _text_columns(frame):
        values = frame[name]
        damaged = {value: found for value in _doubtful(values) if (found := _judge(value))}
        if not damaged:
            continue
        struck = np.flatnonzero(values.isin(list(damaged)).to_numpy())
        for place, value in zip(rows.places(struck), values.iloc[struck], strict=True):
            kinds[damaged[value]] += 1
            detail = say("diagnosis.text_value", field=_quote(name), value=_quote(value))
            places.append(replace(place, detail=detail))
    if not places:
        return []
    worst = kinds.most_common(1)[0][0]
    message = say("diagnosis.bad_text", count=len(places), kind=say(f"diagnosis.damage_{worst}"))
    return [make_defect("bad_text", layer, Severity.ERROR, message, places)]


def _doubtful(values: pd.Series[Any]) -> list[Any]:
    """Return the different values of a field that may be damaged; plain ASCII never is."""
    known = values.dropna()
    texts = [value for value in known.to_numpy() if isinstance(value, str)]
    joined = "".join(texts)
    if joined.isascii() and "?" not in joined:
        return []
    return list(dict.fromkeys(texts))


def texts_of(frame: pd.DataFrame, field: str | None) -> Texts | None:
    """Return a field as text, blank where it has no value; None where there is no such field."""
    if field is None or field not in frame.columns:
        return None
    column = frame[field]
    if pd.api.types.is_float_dtype(column):
        column = column.map(lambda value: f"{value:.0f}", na_action="ignore")
    return np.where(column.isna(), "", column.astype(str).str.strip()).astype(object)


def _missing_fields(
    frame: pd.DataFrame, layer: str, role: Role, fields: Mapping[str, str]
) -> Iterator[Defect]:
    lacking = [key for key in MANDATORY.get(role, ()) if fields.get(key) not in frame.columns]
    for key in lacking:
        message = say("diagnosis.field_missing", meaning=say(f"diagnosis.meaning_{key}"))
        place = Place(ids=(), detail=message)
        yield make_defect("field_missing", layer, Severity.ERROR, message, [place])


def _class_defects(
    codes: Texts | None, rows: Rows, layer: str, field: str, known: tuple[str, ...]
) -> Iterator[Defect]:
    if codes is None:
        return
    values, which = np.unique(codes.astype(str), return_inverse=True)
    blank = values == ""
    bad = np.array([not _is_land_class(value, known) for value in values], dtype=bool) & ~blank
    for rule_id, chosen in (("class_blank", blank), ("class_unknown", bad)):
        found = np.flatnonzero(chosen[which])
        if len(found):
            listed = ", ".join(_quote(value) for value in values[chosen][:MOST_QUOTED])
            message = say(f"diagnosis.{rule_id}", field=field, count=len(found), found=listed)
            yield make_defect(rule_id, layer, Severity.ERROR, message, rows.places(found))
    lengths = np.array([_digits(value) for value in values])
    short, long = np.isin(which, np.flatnonzero(lengths == 3)), lengths[which] == 4
    if short.any() and long.any():
        message = say(
            "diagnosis.class_mixed", field=field, short=int(short.sum()), long=int(long.sum())
        )
        fewer = np.flatnonzero(short if short.sum() <= long.sum() else long)
        yield make_defect("class_mixed", layer, Severity.ERROR, message, rows.places(fewer))


def _unit_defects(codes: Texts | None, rows: Rows, layer: str) -> Iterator[Defect]:
    if codes is None:
        return
    good = np.array([_is_unit_code(code) for code in codes], dtype=bool)
    bad = np.flatnonzero(~good & (codes != ""))
    if len(bad):
        listed = ", ".join(sorted({_quote(code) for code in codes[bad]})[:MOST_QUOTED])
        message = say("diagnosis.unit_code", field=UNIT_FIELD, count=len(bad), found=listed)
        yield make_defect("unit_code", layer, Severity.WARNING, message, rows.places(bad))


def _is_land_class(code: str, known: tuple[str, ...]) -> bool:
    return CLASS_CODE.fullmatch(code) is not None and code.startswith(known)


def _digits(code: str) -> int:
    match = CLASS_CODE.fullmatch(code)
    return len(match[1]) if match else 0


def _is_unit_code(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in UNIT_LENGTHS


def _text_columns(frame: pd.DataFrame) -> Iterator[Any]:
    for name in frame.columns:
        # Fields of text with gaps have no type of their own, and hold text all the same.
        mixed = pd.api.types.is_object_dtype(frame[name].dtype)
        if name != "geometry" and (mixed or pd.api.types.is_string_dtype(frame[name].dtype)):
            yield name


def _judge(value: object) -> Damage | None:
    return damage_of(value) if isinstance(value, str) else None


def _quote(text: object) -> str:
    return str(text)[:30]
