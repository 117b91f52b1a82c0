"""A project of Table 2 and its sites as values."""

from __future__ import annotations

from dataclasses import dataclass

from wuchang.project_forms import Form


@dataclass(frozen=True)
class Site:
    """One site of a project: what is drawn, and the words of the text that fix it.

    `stated_m2` and `stated_m` are sizes that the text prints (total area, total length); `width_m`
    is the assumed total width of a line, `whereabouts` how the place fits the text; not `placed`:
    the text names no place at all.
    """

    part: str
    kind: str
    form: Form
    quote: str
    whereabouts: str
    stated_m2: float | None = None
    stated_m: float | None = None
    width_m: float | None = None
    placed: bool = True


@dataclass(frozen=True)
class Project:
    """A row of the table; without sites, why there are none."""

    name: str
    sites: tuple[Site, ...] = ()
    quote: str = ""
    reason: str = ""
    kind: str = "其他"
