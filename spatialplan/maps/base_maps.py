"""Online base maps, on request only: 天地图 by token, or any XYZ address.

A base map makes the page ask the network, and some are shifted: Amap, Tencent and Google's Chinese
tiles are GCJ-02, Baidu's BD-09, hundreds of metres off CGCS2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import say

__all__ = ["BaseMap", "read_base_map"]

SHIFTED_HOSTS = {
    "autonavi.com": "GCJ-02",
    "amap.com": "GCJ-02",
    "gaode.com": "GCJ-02",
    "qq.com": "GCJ-02",
    "gtimg.com": "GCJ-02",
    "google.cn": "GCJ-02",
    "geoq.cn": "GCJ-02",
    "baidu.com": "BD-09",
    "bdimg.com": "BD-09",
    "bdstatic.com": "BD-09",
}

TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={name}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={token}"
)


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Tile addresses, their hosts for the page's permission, who to name, and what is wrong."""

    tiles: tuple[str, ...]
    hosts: tuple[str, ...]
    attribution: str
    subdomains: str
    shifted: str = ""


def read_base_map(text: str) -> BaseMap:
    """Read ``tianditu:<token>`` or an XYZ address with ``{z}``, ``{x}`` and ``{y}``.

    Raises
    ------
    SourceError
        If it is neither.

    Examples
    --------
    >>> read_base_map("https://webrd01.is.autonavi.com/t?x={x}&y={y}&z={z}").shifted
    'GCJ-02'
    """
    scheme, _, token = text.partition(":")
    if scheme == "tianditu" and token.isalnum():
        tiles = tuple(TIANDITU.format(name=name, token=token) for name in ("vec", "cva"))
        return BaseMap(tiles, ("https://*.tianditu.gov.cn",), "天地图", "01234567")
    address = urlsplit(text)
    host = address.hostname or ""
    has_places = "{z}" in text and "{x}" in text and ("{y}" in text or "{-y}" in text)
    unsafe = any(sign in text for sign in "\"'<>\\ ;`")
    if address.scheme not in ("http", "https") or not host or not has_places or unsafe:
        raise SourceError(Fault("base_map", say("map.bad_base_map", found=text[:120])))
    # A permission may only have a whole first label open: mt{s}.tiles.cn becomes *.tiles.cn.
    labels = ["*" if "{s}" in label else label for label in address.netloc.split(".")]
    allowed = f"{address.scheme}://{'.'.join(labels)}"
    return BaseMap((text,), (allowed,), host.replace("{s}.", ""), "abc", _shift_of(host))


def _shift_of(host: str) -> str:
    for name, datum in SHIFTED_HOSTS.items():
        if host == name or host.endswith(f".{name}"):
            return datum
    return ""
