"""QGIS styles that travel inside the GeoPackage: a colour for every class, and its word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from spatialplan.findings import Severity

__all__ = ["SEVERITY_COLOURS", "Category", "SymbolKind", "categorised_style", "single_style"]

SymbolKind = Literal["fill", "line", "marker"]

# Of faults, whatever they were found in.
SEVERITY_COLOURS = {
    Severity.ERROR: "#c1121f",
    Severity.WARNING: "#e07b00",
    Severity.INFO: "#4a6fa5",
}

# The oldest QGIS whose style format this is.
QGIS_VERSION = "3.22.0"
# How QGIS numbers kinds of geometry in a style.
GEOMETRY_TYPES = {"marker": "0", "line": "1", "fill": "2"}
SYMBOL_CLASSES = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}


@dataclass(frozen=True, slots=True)
class Category:
    """A value of the classifying field, its word in the legend, and its colour (``#rrggbb``)."""

    value: str
    label: str
    colour: str


def categorised_style(
    field: str,
    categories: tuple[Category, ...],
    *,
    kind: SymbolKind,
    aliases: Mapping[str, str],
) -> str:
    """Return a QGIS style (QML) with one symbol a category and readable field names.

    Parameters
    ----------
    field
        The field that classifies.
    categories
        In the order of the legend.
    kind
        Filled areas, lines or markers.
    aliases
        Field names to what a reader sees in their place, in the table's order.
    """
    root = _make_root()
    renderer = _add_renderer(root, type="categorizedSymbol", attr=field)
    listed = ElementTree.SubElement(renderer, "categories")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, category in enumerate(categories):
        ElementTree.SubElement(
            listed,
            "category",
            value=category.value,
            label=category.label,
            symbol=str(number),
            render="true",
            type="string",
        )
        _add_symbol(symbols, number, category.colour, kind)
    return _finish(root, kind, aliases)


def single_style(colour: str, *, kind: SymbolKind, aliases: Mapping[str, str]) -> str:
    """Return a QGIS style (QML) with one symbol for everything; see `categorised_style`."""
    root = _make_root()
    renderer = _add_renderer(root, type="singleSymbol")
    _add_symbol(ElementTree.SubElement(renderer, "symbols"), 0, colour, kind)
    return _finish(root, kind, aliases)


def _make_root() -> ElementTree.Element:
    return ElementTree.Element(
        "qgis", version=QGIS_VERSION, styleCategories="Symbology|Fields|Legend"
    )


def _add_renderer(root: ElementTree.Element, **attributes: str) -> ElementTree.Element:
    settings = {"enableorderby": "0", "forceraster": "0", "symbollevels": "0"}
    return ElementTree.SubElement(root, "renderer-v2", {**attributes, **settings})


def _finish(root: ElementTree.Element, kind: SymbolKind, aliases: Mapping[str, str]) -> str:
    _add_aliases(root, aliases)
    ElementTree.SubElement(root, "layerGeometryType").text = GEOMETRY_TYPES[kind]
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_symbol(symbols: ElementTree.Element, number: int, colour: str, kind: SymbolKind) -> None:
    symbol = ElementTree.SubElement(
        symbols, "symbol", name=str(number), type=kind, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer = ElementTree.SubElement(
        symbol, "layer", {"class": SYMBOL_CLASSES[kind], "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = ElementTree.SubElement(layer, "Option", type="Map")
    for name, value in _symbol_options(colour, kind).items():
        ElementTree.SubElement(options, "Option", type="QString", name=name, value=value)


def _symbol_options(colour: str, kind: SymbolKind) -> dict[str, str]:
    opaque, pale = _rgba(colour, 255), _rgba(colour, 110)
    outline = {"outline_style": "solid", "outline_width_unit": "MM"}
    if kind == "fill":
        # The outline is wide enough to show a piece that is a hairline at the map's scale.
        return {
            "color": pale,
            "style": "solid",
            "joinstyle": "round",
            "outline_color": opaque,
            "outline_width": "0.6",
            **outline,
        }
    if kind == "line":
        return {
            "line_color": opaque,
            "line_style": "dash",
            "line_width": "0.5",
            "line_width_unit": "MM",
            "capstyle": "round",
            "joinstyle": "round",
        }
    return {
        "name": "diamond",
        "color": opaque,
        "size": "3",
        "size_unit": "MM",
        "outline_color": "255,255,255,255",
        "outline_width": "0.3",
        **outline,
    }


def _rgba(colour: str, alpha: int) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def _add_aliases(root: ElementTree.Element, aliases: Mapping[str, str]) -> None:
    listed = ElementTree.SubElement(root, "aliases")
    for number, (field, name) in enumerate(aliases.items()):
        ElementTree.SubElement(listed, "alias", index=str(number), field=field, name=name)
