"""The page of a monitoring: patches of new human activity over the lines, and both editions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import folium
import numpy as np
import shapely

from spatialplan.changes import Patch
from spatialplan.findings import Status
from spatialplan.layers import Layer, RasterLayer
from spatialplan.ledger import Entry, Seen
from spatialplan.maps.class_raster import draw_classes
from spatialplan.maps.contents import EXACT_DECIMALS, Drawing, PageLayer, draw_layers, features_of
from spatialplan.maps.marginalia import Subject, grid_parameters, make_marginalia, working_crs
from spatialplan.maps.page import Page, blank_map, fill_panel
from spatialplan.maps.panel import Chip, PieceRow, explain_gaps
from spatialplan.maps.styles import PATCH_LOOKS, Look
from spatialplan.maps.wording import Wording
from spatialplan.messages import Language, phrase
from spatialplan.monitoring import Monitoring

__all__ = ["draw_monitoring"]

SCRIPT_PHRASES = ("scale_number", "unit_m", "unit_km", "nothing_here", "grid_place")
# Beyond this a list is no list any more; the workbook has all patches.
MOST_DRAWN = 500
# Rasters of more cells take minutes to walk through once more, for a picture.
MOST_CELLS = 400_000_000
COVER_LOOK = Look("cover", 85, "#8a8f7a", None, 0.0)
DOTS = {"open": "conflict", "settled": "settled", "remains": "needs_person", "gone": "sliver"}


def draw_monitoring(monitoring: Monitoring, *, language: Language | None = None) -> folium.Map:
    """Draw what a comparison of two editions found.

    Parameters
    ----------
    monitoring
        From `spatialplan.monitor_plan`.
    language
        ``zh`` or ``en``; default: the plan's.

    Returns
    -------
    drawn
        A folium map that asks the network for nothing; write it with `save_map`.
    """
    plan = monitoring.plan
    wording = Wording(language or plan.header.language)
    layers = {key: layer for key, layer in monitoring.layers.items() if len(layer.frame)}
    drawing = draw_layers(plan, layers, wording)
    home = _home(monitoring, layers)
    base = [replace(layer, look=_recede(layer.look)) for layer in drawing.layers]
    covers = _covers(monitoring, home, wording)
    pages = [*base, *_patch_layers(monitoring, wording), *covers]
    margin = make_marginalia(
        plan,
        layers,
        wording,
        subject=Subject("title_monitoring", _subtitle(monitoring, wording)),
        demonstration=monitoring.before.spec.demonstration or monitoring.after.spec.demonstration,
        maker="",
        date="",
        approval_number="",
        watermark=None,
        notes=tuple(_notes(monitoring, drawing, wording, pictures=bool(covers))),
    )
    contents = _contents(monitoring, layers, pages, home, wording)
    page = blank_map(margin.title, bounds=contents["home"], base_map=None)
    texts = {
        "say": wording,
        "margin": margin,
        "base_map": None,
        "overall": _overall(monitoring, wording),
        "patches": list(_patch_rows(monitoring, wording)),
        "rows": list(_ledger_rows(monitoring, wording)),
        "lines": _line_rows(monitoring, wording),
        "gaps": explain_gaps(monitoring.not_evaluated, plan, wording),
        "groups": {
            group: [layer for layer in reversed(pages) if layer.look.group == group]
            for group in ("results", "lines", "pattern", "cover", "base")
        },
        "sources": [_source(one, wording) for one in (monitoring.before, monitoring.after)],
        "notice": plan.header.notice,
    }
    markup = fill_panel(texts, template="monitoring.html")
    Page(contents, markup, language=wording.language, base_map=None).add_to(page)
    return page


def _contents(
    monitoring: Monitoring,
    layers: dict[str, Layer],
    pages: list[PageLayer],
    home: list[list[float]],
    wording: Wording,
) -> dict[str, Any]:
    return {
        "layers": [layer.as_json() for layer in pages],
        "marks": [],
        "names": [],
        "home": home,
        "grid": grid_parameters(working_crs(monitoring.plan, layers)),
        "phrases": {key: phrase(f"map.{key}", wording.language) for key in SCRIPT_PHRASES},
    }


def _home(monitoring: Monitoring, layers: dict[str, Layer]) -> list[list[float]]:
    """South-west and north-east corner in latitude, longitude: the region's, else all layers'."""
    region = [layer for layer in layers.values() if layer.spec.role == "region"]
    chosen = region or list(layers.values())
    corners = np.array([shapely.total_bounds(layer.geometry) for layer in chosen])
    low, high = np.nanmin(corners[:, :2], axis=0), np.nanmax(corners[:, 2:], axis=0)
    degrees = monitoring.plane.unproject(np.array([low, high]))
    return [[round(float(lat), 5), round(float(lon), 5)] for lon, lat in degrees]


def _recede(look: Look) -> Look:
    """Leave the ground to the pictures below, and the eye to the patches above."""
    if look.rank == 0:
        return replace(look, fill=None)
    return look if look.hatch else replace(look, fill_opacity=0.3 * look.fill_opacity)


def _patch_layers(monitoring: Monitoring, wording: Wording) -> Iterator[PageLayer]:
    """Yield one layer of patches a kind, the lightest first."""
    drawn: dict[str, list[tuple[Any, dict[str, str]]]] = {kind: [] for kind in PATCH_LOOKS}
    for place, patch in enumerate(monitoring.patches[:MOST_DRAWN]):
        drawn[_kind(monitoring, place)].append((patch.shape, _facts(place, patch, wording)))
    for kind, key, entry in _unseen(monitoring):
        if entry.shape is not None:
            told = {"key": key, "name": entry.patch_id, "zone": entry.state}
            drawn[kind].append((entry.shape, told))
    for kind, look in PATCH_LOOKS.items():
        shapes = np.full(len(drawn[kind]), None, dtype=object)
        shapes[:] = [shape for shape, _ in drawn[kind]]
        facts = [told for _, told in drawn[kind]]
        features = features_of(shapes, facts, plane=monitoring.plane, decimals=EXACT_DECIMALS)
        if features:
            title = wording.monitor(f"layer_{kind}")
            yield PageLayer(f"patch-{kind}", title, look, features, "piece")


def _kind(monitoring: Monitoring, place: int) -> str:
    return "open" if monitoring.is_open(place) else "settled"


def _key(place: int) -> str:
    return f"patch/{place}"


def _unseen(monitoring: Monitoring) -> Iterator[tuple[str, str, Entry]]:
    """Yield rows of the ledger that no patch continues, with their kind and key."""
    steps = monitoring.ledger.steps if monitoring.ledger else ()
    for number, step in enumerate(steps):
        if step.entry is not None and step.sighting is None and not step.entry.is_closed:
            kind = "remains" if step.seen is Seen.REMAINS else "gone"
            yield kind, f"row/{number}", step.entry


def _facts(place: int, patch: Patch, wording: Wording) -> dict[str, str]:
    return {
        "key": _key(place),
        "name": patch.patch_id,
        "zone": f"{_place_word(patch, wording)} {patch.township}".strip(),
        "area": wording.hectares(patch.area_m2),
        "note": _change(patch),
    }


def _place_word(patch: Patch, wording: Wording) -> str:
    return wording.monitor(f"place_{patch.place.value}")


def _change(patch: Patch) -> str:
    was = "、".join(one.was.title for one in patch.before)
    return f"{was} → {patch.after.title}"


def _patch_rows(monitoring: Monitoring, wording: Wording) -> Iterator[PieceRow]:
    for place, patch in enumerate(monitoring.patches[:MOST_DRAWN]):
        label = f"{place + 1}. {_place_word(patch, wording)} · {_change(patch)}"
        entry = monitoring.ledger.step_of(place).entry if monitoring.ledger else None
        state = entry.state if entry else ""
        told = [patch.township, state, patch.patch_id]
        yield PieceRow(
            key=_key(place),
            kind=DOTS[_kind(monitoring, place)],
            label=label,
            place=" · ".join(text for text in told if text),
            area=wording.hectares(patch.area_m2),
        )


def _ledger_rows(monitoring: Monitoring, wording: Wording) -> Iterator[PieceRow]:
    for kind, key, entry in _unseen(monitoring):
        title = wording.monitor(f"layer_{kind}")
        yield PieceRow(key, DOTS[kind], entry.patch_id, f"{entry.state} · {title}", "")


def _line_rows(monitoring: Monitoring, wording: Wording) -> list[tuple[str, str, str, str]]:
    """Return line, area, changed and new activity of every line, zone and the region."""
    return [
        (
            f"{matrix.zone.title} {matrix.zone.zone}".strip(),
            *(
                wording.hectares(area)
                for area in (matrix.area_m2, matrix.changed_m2, matrix.activity_m2)
            ),
        )  # type: ignore[misc]
        for matrix in monitoring.matrices
    ]


def _overall(monitoring: Monitoring, wording: Wording) -> tuple[Chip, str]:
    told = {
        "count": len(monitoring.patches),
        "open": len(monitoring.open_patches),
        "ha": wording.hectares(sum(patch.area_m2 for patch in monitoring.patches)),
    }
    key = {Status.NOT_MET: "found", Status.MET: "none", Status.NOT_EVALUATED: "unsure"}
    status = monitoring.status
    chip = Chip(status.value, wording.monitor(f"chip_{key[status]}"))
    return chip, wording.monitor("summary", **told)


def _covers(
    monitoring: Monitoring, home: Sequence[Sequence[float]], wording: Wording
) -> list[PageLayer]:
    """Return a picture of each edition, of which the later one is shown; see `MOST_CELLS`."""
    (south, west), (north, east) = home
    found = []
    for key, raster in (("before", monitoring.before), ("after", monitoring.after)):
        if raster.grid.rows * raster.grid.columns > MOST_CELLS:
            continue
        picture = draw_classes(raster, (west, south, east, north))
        title = wording.corridor(
            "map_cover", title=_edition(raster, wording), pixel=f"{picture.pixel_m:,.0f}"
        )
        found.append(
            PageLayer(
                f"cover-{key}",
                title,
                replace(COVER_LOOK, visible=key == "after"),
                (),
                "image",
                image={"address": picture.address, "bounds": picture.bounds, "below": True},
                classes=tuple((name, colour) for name, _, colour in picture.classes),
            )
        )
    return found


def _edition(raster: RasterLayer, wording: Wording) -> str:
    date = raster.spec.edition.data_date
    title = raster.spec.title
    return wording.monitor("edition", title=title, date=date) if date else title


def _source(raster: RasterLayer, wording: Wording) -> tuple[str, list[tuple[str, str]]]:
    """Return title and origin of an edition, as the page prints them."""
    source, edition = raster.source, raster.spec.edition
    missing = wording("not_provided")
    facts = {
        "path": source.path,
        "crs": source.told_crs(wording.language),
        "features": f"{source.features:,}",
        "data_date": edition.data_date or missing,
        "approval": edition.approval or missing,
        "provider": edition.provider or missing,
        "sha256": source.sha256,
    }
    told = [(wording.monitor(f"col_{key}"), value) for key, value in facts.items()]
    return raster.spec.title, told


def _subtitle(monitoring: Monitoring, wording: Wording) -> str:
    before, after = (_edition(one, wording) for one in (monitoring.before, monitoring.after))
    return wording.monitor("subtitle", before=before, after=after)


def _notes(
    monitoring: Monitoring, drawing: Drawing, wording: Wording, *, pictures: bool
) -> Iterator[str]:
    yield wording.monitor("definition")
    yield wording.monitor("patch_rule")
    yield wording.monitor("indicative")
    yield wording("note_simplified", tolerance=f"{drawing.tolerance_m:g}")
    yield wording.monitor("note_exact")
    if not pictures:
        yield wording.monitor("note_no_cover")
    hidden = len(monitoring.patches) - MOST_DRAWN
    if hidden > 0:
        yield wording.monitor("note_hidden", count=hidden)
    for note in monitoring.notes:
        yield note.text(wording.language)
