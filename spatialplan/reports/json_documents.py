"""What documents for other programs share: how they are written, and how they name a layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from spatialplan.files import replace_atomically
from spatialplan.layers import Layer, RasterLayer, Source
from spatialplan.messages import Language
from spatialplan.plan import LayerSpec, RasterSpec
from spatialplan.reports.wording import edition_of

__all__ = ["layer_input", "placement", "raster_input", "write_json"]

# Indented, the sites of a large screening take many times as long to write.
MANY_SITES = 1_000


def write_json(document: Mapping[str, Any], path: Path) -> None:
    """Write a document as UTF-8 JSON, keys in its own order, with a line break at the end.

    Sites of a screening stand one in a line where there are very many.

    Raises
    ------
    OutputError
        If the file cannot be written.
    ValueError
        If the document holds a number that JSON has no word for; in the sites of a large screening
        it is written as null.
    """
    sites = document.get("sites", ())
    many = len(sites) > MANY_SITES
    if "sites" in document:
        document = {**document, "sites": [] if many else list(sites)}
    frame = _json(document)
    # Text from a damaged file may hold half a character, which UTF-8 cannot write.
    content = frame.encode(errors="replace") + b"\n"
    if many:
        lines = b",\n  ".join(_site_line(site) for site in sites)
        content = content.replace(b'\n "sites": []', b'\n "sites": [\n  ' + lines + b"\n ]", 1)
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def layer_input(key: str, layer: Layer, language: Language) -> dict[str, Any]:
    """Return where a layer of the plan came from, and which edition it is."""
    return {
        **_input(key, layer.spec, layer.source, language),
        "set_aside": layer.set_aside,
        "demonstration": layer.spec.demonstration,
        "generalised": layer.spec.generalised,
        # Only where it is so: a document of layers held whole stays as other programs know it.
        **({} if layer.passage is None else {"streamed": True}),
    }


def raster_input(raster: RasterLayer, language: Language) -> dict[str, Any]:
    """Return where a raster of the plan came from; its features are cells, its table the band."""
    return {
        **_input(raster.spec.id, raster.spec, raster.source, language),
        "set_aside": 0,
        "demonstration": raster.spec.demonstration,
        "generalised": False,
    }


def _input(
    key: str, spec: LayerSpec | RasterSpec, source: Source, language: Language
) -> dict[str, Any]:
    date, approval, provider = edition_of(spec, language)
    return {
        "path": spec.path,
        "layer": key,
        "sha256": source.sha256,
        "crs": source.crs,
        "features": source.features,
        "edition": {
            "data_date": date,
            "approval": approval,
            "provider": provider,
            "integration": spec.edition.integration,
        },
        "title": spec.title,
        "table": source.table,
        "driver": source.driver,
        "encoding": source.encoding,
        **placement(source, language),
    }


def placement(source: Source, language: Language) -> dict[str, Any]:
    """Return how the coordinates of a source were taken, as an input's keys."""
    return {
        "crs_assumed": source.placement.assumed,
        "position_error_m": source.placement.error_m,
        "position_notes": [note.text(language) for note in source.placement.notes],
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def _site_line(site: Any) -> bytes:
    """Write one site; its numbers have passed `finite`, so that none of them is no number."""
    try:
        return orjson.dumps(site)
    except TypeError:  # half a character
        return json.dumps(site, ensure_ascii=False, allow_nan=False).encode(errors="replace")
