"""The page as an element of a folium map, and its text: self-contained and the same every time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from jinja2 import Environment, PackageLoader, StrictUndefined

from spatialplan.files import replace_atomically
from spatialplan.maps import assets
from spatialplan.maps.base_maps import BaseMap

__all__ = ["Page", "as_script_json", "blank_map", "render_map", "save_map"]

# A script block ends at "</script" whatever stands around it, and JavaScript before 2019 ends a
# string at the two separators.
SCRIPT_SIGNS = {
    ord(sign): f"\\u{ord(sign):04x}"
    for sign in ("<", ">", "&", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}")
}


class Page(MacroElement):
    """Everything of the page but the map itself: style, scripts, contents, panel.

    Parameters
    ----------
    contents
        What the script draws, plain values.
    markup
        The panel, already escaped.
    language
        Of the page, ``zh`` or ``en``.
    base_map
        Whose hosts the page may ask; None: it may ask nobody.
    """

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta http-equiv="Content-Security-Policy" content="{{ this.permission }}" />
        <link rel="icon" href="{{ this.assets.FAVICON }}" />
        <style>{{ this.assets.leaflet_style() }}</style>
        <style>{{ this.assets.page_style() }}</style>
        <script>{{ this.assets.leaflet_script() }}</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}
        {{ this.markup }}
        <script type="application/json" id="page-contents">{{ this.contents }}</script>
        <script>{{ this.assets.page_script() }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        document.documentElement.lang = "{{ this.language }}";
        spatialplanPage({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(
        self, contents: Mapping[str, Any], markup: str, *, language: str, base_map: BaseMap | None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Page"
        self.contents = as_script_json(contents)
        self.markup = markup
        self.language = language
        self.assets = assets
        self.permission = _permission(base_map)


def as_script_json(value: Any) -> str:
    r"""Write JSON that may stand inside a script element whatever its texts hold.

    Examples
    --------
    >>> as_script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(SCRIPT_SIGNS)


def fill_panel(values: Mapping[str, Any], *, template: str = "panel.html") -> str:
    """Fill the markup beside the map; every text is escaped."""
    environment = Environment(
        loader=PackageLoader("spatialplan.maps", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(values)


def blank_map(
    title: str, *, bounds: Sequence[Sequence[float]], base_map: BaseMap | None
) -> folium.Map:
    """Return a folium map without folium's links.

    Parameters
    ----------
    bounds
        South-west and north-east corner, each latitude, longitude in degrees.
    """
    drawn = folium.Map(
        location=[(low + high) / 2 for low, high in zip(*bounds, strict=True)],
        tiles=None,
        zoom_start=9,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.1,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=90,
        max_zoom=19,
        min_zoom=6,
        attribution_control=False,
    )
    drawn.default_js, drawn.default_css = [], []
    for tiles in base_map.tiles if base_map else ():
        layer = folium.TileLayer(
            tiles=tiles,
            attr=base_map.attribution if base_map else "",
            subdomains=base_map.subdomains if base_map else "abc",
            max_zoom=19,
            max_native_zoom=18,
            control=False,
        )
        layer.add_to(drawn)
    root = drawn.get_root()
    if isinstance(root, Figure):
        root.title = escape(title)
    return drawn


def render_map(folium_map: folium.Map) -> str:
    """Return a map as one page that asks the network for nothing.

    The same map gives the same text: folium's random ids are replaced by their order.
    """
    root = folium_map.get_root()
    html = str(root.render())
    for number, name in enumerate(_random_ids(root)):
        html = html.replace(name, f"{number:04d}")
    return html


def save_map(folium_map: folium.Map, path: str | Path) -> Path:
    """Write a map to a file, beside it first and then renamed."""
    target, html = Path(path), render_map(folium_map)
    with replace_atomically(target) as temporary:
        temporary.write_bytes(html.encode("utf-8"))
    return target


def _permission(base_map: BaseMap | None) -> str:
    hosts = " ".join(base_map.hosts) if base_map else ""
    return (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src data: {hosts}".strip()
    )


def _random_ids(element: Element) -> Iterator[str]:
    yield element._id
    if isinstance(element, Figure):
        for part in (element.header, element.html, element.script):
            yield from _random_ids(part)
    for child in element._children.values():
        yield from _random_ids(child)
