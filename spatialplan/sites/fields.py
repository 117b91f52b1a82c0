"""Which column of a table says what about a site.

A column is recognised by its whole name, never by part of one, in Chinese or English; spaces,
underscores, case and a unit in brackets do not count. Of several that fit, the first in the order
below is taken and the others are named. A table cut to ten bytes a name (shapefile) matches by its
beginning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.errors import Fault, SourceError
from spatialplan.findings import Severity
from spatialplan.messages import say
from spatialplan.sites.footprints import NARROWEST_M, WIDEST_M
from spatialplan.sites.submission import Attributes
from spatialplan.sites.table import WHOLE_FILE, Doubt
from spatialplan.units import AreaUnit

__all__ = [
    "FieldChoice",
    "choose_columns",
    "clean_text",
    "describe_sites",
    "find_candidates",
    "find_columns",
    "is_demonstration",
    "parse_area",
    "read_texts",
    "says_something",
]

# A plot is what is submitted, so its number comes before that of the project it belongs to.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("地块编号", "dkbh", "宗地编号", "项目编号", "xmbh", "siteid", "site", "bsm", "标识码"),
        *("id", "projectid", "编号", "bh", "地块号", "dkh", "项目代码", "xmdm", "序号", "xh"),
    ),
    "name": (
        *("项目名称", "xmmc", "地块名称", "dkmc", "名称", "mc", "sitename", "projectname"),
        *("name", "title"),
    ),
    "kind": (
        *("项目类型", "xmlx", "项目类别", "xmlb", "projectkind", "kind", "projecttype"),
        "sitekind",
    ),
    "area": (
        *("地块面积", "dkmj", "项目面积", "xmmj", "用地面积", "ydmj", "总面积", "zmj", "面积"),
        *("mj", "sitearea", "statedarea", "area"),
    ),
    "width": ("宽度", "总宽度", "路面宽度", "kd", "widthm", "width"),
    "remark": ("备注", "bz", "remark", "remarks", "说明", "note", "notes", "comment"),
    "demonstration": ("演示", "演示数据", "demonstration", "demo", "isdemo"),
}
# Written after a number or in a column's name; longer ones first because 万亩 ends in 亩.
UNIT_WORDS: tuple[tuple[str, AreaUnit], ...] = (
    ("平方公里", "km2"),
    ("平方千米", "km2"),
    ("平方米", "m2"),
    ("万亩", "万亩"),
    ("公顷", "ha"),
    ("hectares", "ha"),
    ("hectare", "ha"),
    ("sqkm", "km2"),
    ("km2", "km2"),
    ("sqm", "m2"),
    ("m2", "m2"),
    ("ha", "ha"),
    ("亩", "亩"),
    ("mu", "亩"),
)
YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "是", "演示", "演示数据"})
DEMONSTRATION_WORD = "演示"
# Shapefiles cut names at ten bytes; a Chinese character may be lost in the cut.
SHORTEST_CUT_BYTES = 8
# Whole numbers above this have no exact float.
EXACT_INTEGERS = 2.0**53
LONGEST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """Columns that the user names; None leaves the choice to the names in this module."""

    id: str | None = None
    name: str | None = None
    kind: str | None = None
    area: str | None = None


def describe_sites(
    table: pd.DataFrame, choice: FieldChoice, *, where: str, cut_names: bool = False
) -> Attributes:
    """Read what a table says about its sites, one row a site.

    Parameters
    ----------
    table
        Attributes without geometry, one row a site.
    choice
        Columns that the user names; they are never overruled.
    where
        What errors name.
    cut_names
        Whether names of columns may have been cut at ten bytes.

    Raises
    ------
    SourceError
        If a column that the user names is not in the table.
    """
    columns = [str(name) for name in table.columns]
    candidates = find_candidates(columns, choice, where=where, cut_names=cut_names)
    telling = {
        name for names in candidates.values() for name in names if says_something(table[name])
    }
    chosen, doubts = choose_columns(candidates, telling, choice)
    stated, units = _stated_areas(table, chosen["area"])
    widths_m, bad_widths = _widths(table, chosen["width"])
    remarks = read_texts(table, chosen["remark"])
    doubts += [*_rounded_ids(table, chosen["id"]), *bad_widths]
    return Attributes(
        ids=read_texts(table, chosen["id"]),
        names=read_texts(table, chosen["name"]),
        kinds=read_texts(table, chosen["kind"]),
        remarks=remarks,
        stated=stated,
        units=units,
        widths_m=widths_m,
        area_label=chosen["area"] or "",
        demonstration=is_demonstration(read_texts(table, chosen["demonstration"]), remarks),
        doubts=tuple(doubts),
    )


def find_candidates(
    columns: Sequence[str], choice: FieldChoice, *, where: str, cut_names: bool = False
) -> dict[str, list[str]]:
    """Return by role the columns that may say it, in the order of preference.

    Raises
    ------
    SourceError
        If a column that the user names is not among them.
    """
    _require_columns(columns, choice, where)
    found = {role: find_columns(columns, role, cut_names=cut_names) for role in NAMES}
    return {
        role: [wanted] if (wanted := getattr(choice, role, None)) else names
        for role, names in found.items()
    }


def choose_columns(
    candidates: Mapping[str, Sequence[str]], telling: Collection[str], choice: FieldChoice
) -> tuple[dict[str, str | None], list[Doubt]]:
    """Choose a column for each role: the user's, else the first candidate that says something."""
    doubts, chosen = [], dict[str, str | None]()
    for role, names in candidates.items():
        wanted = getattr(choice, role, None)
        found = [name for name in names if name in telling]
        chosen[role] = wanted or (found[0] if found else None)
        if not wanted and len(found) > 1 and role != "demonstration":
            doubts.append(_choice_doubt(role, found))
    return chosen, doubts


def find_columns(columns: Sequence[str], role: str, *, cut_names: bool = False) -> list[str]:
    """Return the columns that fit a role, in the order of preference."""
    bare = {name: _bare_name(name, role) for name in columns}
    found = [name for known in NAMES[role] for name in columns if bare[name] == known]
    if found or not cut_names:
        return found
    return [
        name
        for known in NAMES[role]
        for name in columns
        if len(name.encode()) >= SHORTEST_CUT_BYTES
        and known.startswith(bare[name].rstrip("\ufffd"))
    ]


def parse_area(text: str) -> tuple[float, AreaUnit | None]:
    """Read a number with or without a unit behind it; NaN where there is no number.

    Examples
    --------
    >>> parse_area("0.7655公顷"), parse_area("45 亩"), parse_area("1,200.5")
    ((0.7655, 'ha'), (45.0, '亩'), (1200.5, None))
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    match = re.fullmatch(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\D*\d?)", plain)
    if not match:
        return float("nan"), None
    try:
        return float(match[1]), _unit_of(match[2])
    except ValueError:
        return float("nan"), None


def clean_text(value: object) -> str:
    """Return a value as one line of printable text; what it means to a page is left as it is."""
    kept = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(kept.split())[:LONGEST_TEXT]


def _require_columns(columns: Sequence[str], choice: FieldChoice, where: str) -> None:
    named = {"id_field": choice.id, "name_field": choice.name}
    named |= {"kind_field": choice.kind, "area_field": choice.area}
    fields = ", ".join(columns)
    faults = [
        Fault(where, say("gate.field_missing", key=key, found=name, fields=fields))
        for key, name in named.items()
        if name and name not in columns
    ]
    if faults:
        raise SourceError(faults)


def _choice_doubt(role: str, found: Sequence[str]) -> Doubt:
    message = say(
        "site.field_chosen",
        what=say(f"site.field_{role}"),
        field=found[0],
        others=", ".join(found[1:]),
    )
    return Doubt(WHOLE_FILE, "field_chosen", Severity.INFO, message)


def _bare_name(name: str, role: str) -> str:
    plain = re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", name).lower())
    plain = re.sub(r"[(\[【（].*?[)\]】）]?$", "", plain)
    if role == "area":
        for word, _ in UNIT_WORDS:
            if plain.endswith(word) and len(plain) > len(word):
                return plain.removesuffix(word)
    return plain


def _unit_of(text: str) -> AreaUnit | None:
    plain = re.sub(r"[\s_\-()\[\]]", "", unicodedata.normalize("NFKC", text).lower())
    plain = plain.replace("²", "2")
    return next((unit for word, unit in UNIT_WORDS if plain.endswith(word)), None)


def says_something(column: pd.Series[Any]) -> bool:
    """Tell whether any value of a column is not blank."""
    return bool((column.notna() & (column.astype(str).str.strip() != "")).any())


def read_texts(table: pd.DataFrame, name: str | None) -> NDArray[np.object_]:
    """Read a column as text, blank where it is missing or has no value, object[n]."""
    if name is None:
        return np.full(len(table), "", dtype=object)
    column = table[name]
    if pd.api.types.is_float_dtype(column):
        # Integers with a gap arrive as floats; "2.3e+17" would be nobody's number.
        texts = [f"{value:.0f}" if value == round(value, 0) else repr(value) for value in column]
    else:
        texts = [clean_text(value) for value in column]
    return np.where(column.isna(), "", np.array(texts, dtype=object)).astype(object)


def _rounded_ids(table: pd.DataFrame, name: str | None) -> list[Doubt]:
    if name is None or not pd.api.types.is_float_dtype(table[name]):
        return []
    rows = np.flatnonzero((table[name].abs() > EXACT_INTEGERS).to_numpy())
    message = say("quality.rounded_id", field=name)
    return [Doubt(int(row), "rounded_id", Severity.WARNING, message) for row in rows]


def _stated_areas(
    table: pd.DataFrame, name: str | None
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    units = np.full(len(table), None, dtype=object)
    if name is None:
        return np.full(len(table), np.nan), units
    units[:] = _unit_of(name)
    column = table[name]
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column, dtype=np.float64), units
    parsed = [parse_area("" if pd.isna(value) else str(value)) for value in column]
    own = np.array([unit for _, unit in parsed], dtype=object)
    units = np.where(own == np.array(None), units, own)
    return np.array([number for number, _ in parsed], dtype=np.float64), units


def _widths(table: pd.DataFrame, name: str | None) -> tuple[NDArray[np.float64], list[Doubt]]:
    """Total widths of lines, metres, NaN where none (or 0) is given; and which are unusable."""
    if name is None:
        return np.full(len(table), np.nan), []
    texts = read_texts(table, name)
    plain = [re.sub(r"\s*(米|m)$", "", text, flags=re.IGNORECASE) for text in texts]
    widths = np.asarray(pd.to_numeric(pd.Series(plain), errors="coerce"), dtype=np.float64)
    usable = (widths >= NARROWEST_M) & (widths <= WIDEST_M)
    return np.where(usable, widths, np.nan), [
        Doubt(int(row), "bad_width", Severity.WARNING, say("site.bad_width", found=texts[row][:40]))
        for row in np.flatnonzero(~usable & (texts != "") & (widths != 0))
    ]


def is_demonstration(flags: NDArray[np.object_], remarks: NDArray[np.object_]) -> bool:
    """Tell whether all sites are marked as made up."""
    if not len(remarks):
        return False
    return all(flag.lower() in YES for flag in flags) or all(
        DEMONSTRATION_WORD in remark for remark in remarks
    )
