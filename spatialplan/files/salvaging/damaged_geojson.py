"""Features of a damaged GeoJSON, cut out of its text one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import shapely
import shapely.geometry

from spatialplan.files.opening.members import Members
from spatialplan.files.salvaging.records import LostRecord, Record
from spatialplan.messages import say

__all__ = ["read_geojson"]

FEATURES = re.compile(r'"features"\s*:\s*\[')
# Where a feature starts: by its type, or as the next one in a list.
FEATURE_START = re.compile(
    r'\{\s*"type"\s*:\s*"Feature"\s*[,}]|(?<=,)\s*\{\s*"(?:id|bbox|geometry|properties)"\s*:'
)
CRS = re.compile(r'"crs"\s*:\s*\{')
DEFAULT_CRS = "EPSG:4326"
BETWEEN = " \t\r\n,\x1e\ufeff"
REASON_LENGTH = 120


def read_geojson(members: Members) -> tuple[list[Record | LostRecord], str]:
    """Read the features of a GeoJSON one by one.

    Returns
    -------
    records, crs
        In the order of the file, numbered from 1; the CRS as stated, or the format's own.
    """
    text = members.read(members.name).decode("utf-8", "replace")
    found: list[Record | LostRecord] = []
    for start, feature in _cut_features(text):
        number = len(found) + 1
        if start < 0:
            found.append(LostRecord(number, say("salvage.broken_list"), 0))
            continue
        try:
            found.append(_as_record(number, _decode(text, start) if feature is None else feature))
        except (ValueError, TypeError, KeyError, AttributeError, LookupError, RecursionError) as e:
            reason = str(e)[:REASON_LENGTH] or type(e).__name__
            found.append(LostRecord(number, say("salvage.unreadable", reason=reason)))
    return found, _stated_crs(text)


def _cut_features(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the place of each feature, with its content where it can be decoded.

    A place of -1 stands where the list does not begin or end as it should, so that more may be
    lost. In a file whose parts changed places features stand before its beginning or after its end.
    """
    listed, first = FEATURES.search(text), FEATURE_START.search(text)
    at = text.index("{", first.start()) if first else len(text)
    if listed and listed.end() <= at:
        at = listed.end()
    elif text.lstrip(BETWEEN)[:1] != "{" or at != text.index("{"):
        yield -1, None
    decoder = json.JSONDecoder()
    while True:
        while at < len(text) and text[at] in BETWEEN:
            at += 1
        if at >= len(text) or text[at] in "]}":
            following = FEATURE_START.search(text, at)
            if following is None:
                return
            yield -1, None
            at = text.index("{", following.start())
        try:
            feature, end = decoder.raw_decode(text, at)
            yield at, feature
            at = end
        except (ValueError, RecursionError):
            yield at, None
            following = FEATURE_START.search(text, at + 1)
            if following is None:
                return
            at = text.index("{", following.start())


def _decode(text: str, at: int) -> Any:
    """Decode once more what failed, so that it raises its reason."""
    return json.JSONDecoder().raw_decode(text, at)[0]


def _as_record(number: int, feature: dict[str, Any]) -> Record:
    geometry, properties = feature["geometry"], feature.get("properties") or {}
    if feature.get("type") != "Feature" or not isinstance(properties, dict):
        raise ValueError("not a Feature")
    shape = None if geometry is None else shapely.geometry.shape(geometry)
    values = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        for name, value in properties.items()
    }
    return Record(number, values, shape)


def _stated_crs(text: str) -> str:
    match = CRS.search(text)
    if match is None:
        return DEFAULT_CRS
    try:
        stated = json.JSONDecoder().raw_decode(text, match.end() - 1)[0]
        return str(stated["properties"]["name"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
