"""Placemarks of a damaged KML, cut out of its text one by one.

Each is parsed alone, so that a broken one keeps no other from being read. Declared entities, which
such a parser would expand, were refused before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import shapely
from shapely.geometry.base import BaseGeometry

from spatialplan.files.opening.members import Members
from spatialplan.files.salvaging.records import LostRecord, Record
from spatialplan.messages import say

__all__ = ["KML_CRS", "read_kml"]

# The format knows no other.
KML_CRS = "EPSG:4326"
ROOT = re.compile(r"<(?:[\w.-]+:)?kml\b[^<>]*[^/<>]>|<(?:[\w.-]+:)?kml>")
DEFAULT_ROOT = '<kml xmlns="http://www.opengis.net/kml/2.2">'
FOLDER_START, FOLDER_END, PLACEMARK = "<Folder", "</Folder", "<Placemark"
TOKENS = re.compile(r"<Folder\b[^>]*>|</Folder\s*>|<name>([^<]*)</name>|<Placemark\b")
PLACEMARK_END = re.compile(r"</Placemark\s*>")
DOCUMENT_END = re.compile(r"</(?:[\w.-]+:)?kml\s*>")
END_LENGTH = 1000
GEOMETRIES = ("Polygon", "LineString", "LinearRing", "Point", "MultiGeometry")
REASON_LENGTH = 120


def read_kml(members: Members, table: str | None) -> tuple[list[Record | LostRecord], list[str]]:
    """Read the placemarks of a KML one by one.

    Parameters
    ----------
    table
        The folder that is meant; None for all.

    Returns
    -------
    records, folders
        In the order of the file, numbered from 1 within the table; the folders with placemarks.
    """
    text = members.read(members.name).decode("utf-8", "replace")
    found = ROOT.search(text)
    root = found[0] if found else DEFAULT_ROOT
    marks = list(_placemarks(text))
    wanted = [mark for folder, mark in marks if table is None or folder in {table, ""}]
    records = [_read_placemark(number, mark, root) for number, mark in enumerate(wanted, start=1)]
    if not DOCUMENT_END.search(text, max(len(text) - END_LENGTH, 0)):
        records.append(LostRecord(len(records) + 1, say("salvage.cut_short"), 0))
    return records, list(dict.fromkeys(folder for folder, _ in marks))


def _placemarks(text: str) -> Iterator[tuple[str, str]]:
    """Yield placemarks with the name of their folder.

    One that does not end runs to the next; one that does not begin is what lies before its end.
    """
    folders: list[str] = []
    is_new, at = False, 0
    while token := TOKENS.search(text, at):
        if PLACEMARK_END.search(text, at, token.start()):
            yield (folders[-1] if folders else ""), text[at : token.start()]
        at, start = token.end(), token[0]
        if start.startswith(PLACEMARK):
            following = text.find(PLACEMARK, at)
            limit = following if following >= 0 else len(text)
            end = PLACEMARK_END.search(text, at, limit)
            at = end.end() if end else limit
            yield (folders[-1] if folders else ""), text[token.start() : at]
        elif start.startswith(FOLDER_START):
            folders.append("")
        elif start.startswith(FOLDER_END):
            del folders[-1:]
        elif is_new and folders:
            folders[-1] = token[1].strip()
        is_new = start.startswith(FOLDER_START)
    if PLACEMARK_END.search(text, at):
        yield (folders[-1] if folders else ""), text[at:]


def _read_placemark(number: int, mark: str, root: str) -> Record | LostRecord:
    end = f"</{root[1:].split()[0].rstrip('>')}>"
    try:
        element = next(iter(ElementTree.fromstring(f"{root}{mark}{end}")))
        if _tag(element) != "Placemark":
            raise ValueError("no Placemark")
        shapes = [_shape(part) for part in element if _tag(part) in GEOMETRIES]
        return Record(number, _values(element), shapes[0] if shapes else None)
    except (ElementTree.ParseError, ValueError, RecursionError, StopIteration) as error:
        reason = str(error)[:REASON_LENGTH] or type(error).__name__
        return LostRecord(number, say("salvage.unreadable", reason=reason))


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _values(placemark: Any) -> dict[str, str]:
    """Return name, description and extended fields; fields are text, as in the format."""
    values = {
        name: (part.text or "").strip()
        for part in placemark
        if (name := _tag(part)) in {"name", "description"}
    }
    for part in placemark.iter():
        if _tag(part) == "SimpleData":
            values[part.get("name", "")] = part.text or ""
        elif _tag(part) == "Data":
            texts = [inner.text or "" for inner in part if _tag(inner) == "value"]
            values[part.get("name", "")] = "".join(texts)
    return {("Name" if name == "name" else name): value for name, value in values.items()}


def _shape(element: Any) -> BaseGeometry:
    kind = _tag(element)
    if kind == "MultiGeometry":
        parts = [_shape(part) for part in element if _tag(part) in GEOMETRIES]
        multi = shapely.geometrycollections(parts)
        kinds = {part.geom_type for part in parts}
        return _as_multi(multi, kinds.pop()) if len(kinds) == 1 else multi
    if kind == "Polygon":
        outer, *holes = [
            _points(ring)
            for name in ("outerBoundaryIs", "innerBoundaryIs")
            for part in element
            if _tag(part) == name
            for ring in part
        ] or [[]]
        return shapely.Polygon(outer, holes)
    points = _points(element)
    return shapely.Point(*points) if kind == "Point" else shapely.LineString(points)


def _as_multi(collection: Any, kind: str) -> BaseGeometry:
    makers = {
        "Polygon": shapely.multipolygons,
        "LineString": shapely.multilinestrings,
        "Point": shapely.multipoints,
    }
    return makers[kind](list(collection.geoms)) if kind in makers else collection


def _points(element: Any) -> list[tuple[float, ...]]:
    """Return the points of an element's coordinates; heights only where all have one."""
    texts = [part.text or "" for part in element.iter() if _tag(part) == "coordinates"]
    points = [tuple(map(float, point.split(","))) for point in "".join(texts).split()]
    if not points or min(map(len, points)) < 2:
        raise ValueError("no coordinates")
    width = min(3, *map(len, points))
    return [point[:width] for point in points]
