"""Leaflet and the page's own script and style, as text to be written into the page.

Leaflet comes from the installed package XStatic-Leaflet, the version that folium expects; its
licence comment stays in.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from xstatic.pkg import leaflet

__all__ = ["FAVICON", "leaflet_script", "leaflet_style", "page_script", "page_style"]

FAVICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<rect width="16" height="16" rx="3" fill="#2d5a47"/>'
    '<path d="M2 12l4-7 3 5 2-3 3 5z" fill="#f5f8dc"/></svg>'
)

# In the order in which they build on each other.
SCRIPTS = (
    *("geometry.js", "layers.js", "labels.js", "furniture.js", "panel.js"),
    *("site_shapes.js", "site_details.js", "sites.js", "page.js"),
)
STYLES = ("page.css", "panel.css", "sites.css", "print.css")


@cache
def leaflet_script() -> str:
    """Return Leaflet's script without its source-map line, which would be a request."""
    text = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)


@cache
def leaflet_style() -> str:
    """Return Leaflet's style with its images written in."""
    folder = Path(leaflet.BASE_DIR)
    text = (folder / "leaflet.css").read_text(encoding="utf-8")
    text = re.sub(r"\s*behavior: url\(#default#VML\);", "", text)

    def write_in(match: re.Match[str]) -> str:
        data = base64.b64encode((folder / match[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{data})"

    return re.sub(r"url\((images/[\w.-]+)\)", write_in, text)


@cache
def page_script() -> str:
    """Return the page's own scripts as one function scope."""
    parts = "\n".join(_own(name) for name in SCRIPTS)
    return f'(function () {{\n"use strict";\n{parts}\n}})();'


@cache
def page_style() -> str:
    """Return the page's own styles."""
    return "\n".join(_own(name) for name in STYLES)


def _own(name: str) -> str:
    return resources.files("spatialplan.maps").joinpath("page", name).read_text(encoding="utf-8")
