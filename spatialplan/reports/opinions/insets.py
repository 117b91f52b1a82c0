"""The picture in an opinion: a site in its surroundings, north up, in the working CRS.

No text but the digits of the scale bar and the N of the arrow stands in it, so that it needs no
Chinese font: what the colours mean is a table under the picture. Fills are translucent; lines that
must stay readable over another fill are hatched, which a copier in black and white keeps too. The
arrow shows grid north.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import make_transformer
from spatialplan.findings import Verdict
from spatialplan.layers import Layer
from spatialplan.plan import LayerSpec, Role
from spatialplan.screening import SiteFinding
from spatialplan.siting import Screening

__all__ = ["Inset", "InsetPainter", "LegendEntry"]

# 13.5 cm wide in print this is about 135 dots an inch; drawn twice as large and reduced.
WIDTH, HEIGHT = 720, 480
FINER = 2

# How much of its surroundings a site is shown with, and the least height of the picture's ground.
AROUND = 2.4
LEAST_HEIGHT_M = 300.0

# Colours kept: all that are drawn, and the steps of their soft edges.
COLOURS = 48
HATCH_OPACITY = 0.8
# Bits for fills; a picture with more layers on one spot could not be read anyway.
MOST_FILLS = 20

# Grounds that are no part of a site's surroundings: parcels cover everything.
UNDRAWN: frozenset[Role] = frozenset({"land_parcel", "base_urban_land", "planned_use"})

Box = tuple[float, float, float, float]
Geometries = NDArray[np.object_]
Path = list[float]


@dataclass(frozen=True, slots=True)
class Look:
    """Line and fill (``#rrggbb``), the fill's opacity, the slope of its hatching if it has any."""

    line: str
    fill: str | None = None
    opacity: float = 0.4
    hatch: int = 0
    weight: float = 1.5
    rank: int = 50


# Fills of land kinds are those of 市级国土空间总体规划制图规范, appendix B; the others stand in no
# published standard. A plan's own styles go before them.
LOOKS: Mapping[Role, Look] = {
    "region": Look("#444444", weight=2.5, rank=0),
    "ecological_barrier": Look("#1b4332", "#2d6a4f", 0.2, rank=10),
    "basic_farmland": Look("#b8a500", "#f5f8dc", 0.9, rank=20),
    "ecological_red_line": Look("#b30000", "#d7301f", 0.2, hatch=1, rank=30),
    "protected_area": Look("#00682a", "#68b167", 0.25, hatch=-1, rank=40),
    "water_source": Look("#08519c", "#338ec0", 0.35, rank=50),
    "urban_development_boundary": Look("#252525", "#ffff2d", 0.35, weight=2, rank=60),
    "administrative_area": Look("#888888", weight=1, rank=70),
    "river": Look("#338ec0", "#338ec0", 0.5, weight=2.5, rank=80),
}
OTHER_LOOK = Look("#6b5b4b", "#bb9674", 0.3, rank=45)
SITE = Look("#1d4e89", "#1d4e89", 0.18, weight=4)
PIECE = Look("#c2185b", "#c2185b", 0.3, hatch=1, weight=2)
PLACE = Look("#5a189a", weight=3)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What a colour means: a layer by its name in the plan, or ``site``, ``piece``, ``place``."""

    key: str
    colour: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Inset:
    """A picture (PNG), what is in it from the ground up, and how wide its ground is, metres."""

    png: bytes
    legend: tuple[LegendEntry, ...]
    width_m: float


class InsetPainter:
    """Draws one picture after another; layers are made ready once.

    Parameters
    ----------
    screening
        Sites, layers and styles; a plan's own style of a layer goes before the built-in one.
    """

    def __init__(self, screening: Screening) -> None:
        self._screening = screening
        # Made once: finding the way between two projections takes longer than drawing a layer.
        self._step = make_transformer(screening.sites.plane.crs, screening.crs)
        layers = [layer for layer in screening.layers.values() if _is_drawn(layer)]
        grounds = [_Ground(layer, screening) for layer in layers]
        self._grounds = sorted(grounds, key=lambda ground: ground.look.rank)

    def draw(self, finding: SiteFinding) -> Inset | None:
        """Draw a site; None for one without geometry."""
        shape = self._screening.sites.geometry[finding.row]
        if shape is None:
            return None
        canvas = _Canvas(_window(self._flat([shape])[0]))
        legend = []
        for ground in self._grounds:
            shapes = self._flat(ground.within(self._plane_box(canvas.window)))
            if canvas.paint(shapes, ground.look):
                legend.append(LegendEntry(ground.key, _mixed(ground.look), bool(ground.look.hatch)))
        legend += self._paint_site(canvas, finding)
        return Inset(canvas.finish(), tuple(legend), canvas.window[2] - canvas.window[0])

    def _paint_site(self, canvas: _Canvas, finding: SiteFinding) -> list[LegendEntry]:
        """Draw the site, what it shares with lines that matter for it, and places suggested."""
        shape = self._flat([self._screening.sites.geometry[finding.row]])
        canvas.paint(shape, SITE, outline=False)
        legend = [LegendEntry("site", _mixed(SITE))]
        if canvas.paint(self._flat(self._pieces(finding)), PIECE):
            legend.append(LegendEntry("piece", _mixed(PIECE), hatched=True))
        found = self._screening.suggestions.get(finding.row)
        if found and canvas.paint(self._flat([place.geometry for place in found.places]), PLACE):
            legend.append(LegendEntry("place", PLACE.line))
        canvas.outline(shape, SITE)
        return legend

    def _pieces(self, finding: SiteFinding) -> list[BaseGeometry]:
        drawn = {ground.key for ground in self._grounds}
        return [
            piece.geometry
            for layer in finding.layers
            if layer.layer in drawn and layer.verdict is not Verdict.CLEAR
            for piece in layer.pieces
        ]

    def _flat(self, shapes: Sequence[BaseGeometry] | Geometries) -> Geometries:
        held = np.empty(len(shapes), dtype=object)
        held[:] = shapes
        moved: Geometries = shapely.transform(
            held, self._step.transform, include_z=False, interleaved=False
        )
        return moved

    def _plane_box(self, window: Box) -> Box:
        """Return a box in the plane of judgement that holds a window of the working CRS."""
        west, south, east, north = self._step.transform_bounds(*window, direction="INVERSE")
        margin = (east - west) / 50
        return west - margin, south - margin, east + margin, north + margin


class _Ground:
    """One layer: its single parts in a tree, and how it is drawn."""

    def __init__(self, layer: Layer, screening: Screening) -> None:
        self.key = layer.spec.id
        self.look = _look_of(layer.spec, screening)
        self._parts = shapely.get_parts(layer.geometry)
        self._tree = shapely.STRtree(self._parts)

    def within(self, box: Box) -> Geometries:
        """Return what lies in a box, cut to it, the largest first so that no hole hides another."""
        found = self._parts[np.sort(self._tree.query(shapely.box(*box)))]
        cut = shapely.clip_by_rect(found, *box)
        order = np.argsort(-shapely.area(shapely.envelope(cut)), kind="stable")
        kept: Geometries = cut[order][~shapely.is_empty(cut[order])]
        return kept


class _Canvas:
    """Ground in the working CRS, drawn finer than it is kept.

    Fills are gathered first, one bit of `_codes` each, and blended for the combinations that occur
    instead of pixel by pixel; borders are drawn over all of them.
    """

    def __init__(self, window: Box) -> None:
        self.window = window
        self._size = (WIDTH * FINER, HEIGHT * FINER)
        self._scale = self._size[0] / (window[2] - window[0])
        self._codes = np.zeros(self._size[::-1], dtype=np.uint32)
        self._fills: list[tuple[str, float]] = []
        self._borders: list[tuple[list[Path], str, int]] = []

    def paint(self, shapes: Geometries, look: Look, *, outline: bool = True) -> bool:
        """Add shapes, the last on top; say whether any of them is seen in the window."""
        if look.fill is None:
            # Only the border of such ground is seen, not that the window lies within it.
            shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        seen = shapes[shapely.intersects(shapes, shapely.box(*self.window))]
        parts = self._simplify(seen)
        areal = parts[shapely.get_dimensions(parts) == 2]
        if look.fill and len(areal) and len(self._fills) < MOST_FILLS:
            self._fill(areal, look, look.fill)
        if outline:
            self._borders.append((self._lines(parts), look.line, round(look.weight * FINER)))
        return len(parts) > 0

    def outline(self, shapes: Geometries, look: Look) -> None:
        """Add borders on a white halo, so that they stand out from everything else."""
        lines = self._lines(self._simplify(shapes))
        width = round(look.weight * FINER)
        self._borders += [(lines, "#ffffff", width + 3 * FINER), (lines, look.line, width)]

    def finish(self) -> bytes:
        """Return the picture as a PNG without dates or names."""
        image = self._blend()
        draw = ImageDraw.Draw(image)
        for lines, colour, width in self._borders:
            for line in lines:
                draw.line(line, fill=colour, width=width, joint="curve" if width > 6 else None)
        _furnish(draw, self._size, self._scale)
        small = image.reduce(FINER)
        kept = small.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        held = io.BytesIO()
        kept.save(held, "PNG", compress_level=6)
        return held.getvalue()

    def _simplify(self, shapes: Geometries) -> Geometries:
        """Return single parts without what is smaller than a dot, but none of them left out."""
        parts = shapely.get_parts(shapes)
        simple = shapely.simplify(parts, 0.5 / self._scale, preserve_topology=False)
        kept = np.where(shapely.is_empty(simple), parts, simple)
        single: Geometries = shapely.get_parts(kept)
        return single

    def _fill(self, parts: Geometries, look: Look, fill: str) -> None:
        mask = Image.new("L", self._size)
        draw = ImageDraw.Draw(mask)
        rings, owner = shapely.get_rings(parts, return_index=True)
        # A polygon's first ring is its border, the others are its holes.
        values = np.diff(owner, prepend=-1) > 0
        for path, value in zip(self._paths(rings), values.tolist(), strict=True):
            draw.polygon(path, fill=int(value))
        covered = np.asarray(mask).astype(np.uint32)
        self._add(covered, fill, look.opacity)
        if look.hatch:
            self._add(covered & _hatching(look.hatch), look.line, HATCH_OPACITY)

    def _add(self, covered: NDArray[np.uint32], colour: str, opacity: float) -> None:
        self._codes |= covered << np.uint32(len(self._fills))
        self._fills.append((colour, opacity))

    def _blend(self) -> Image.Image:
        """Return every combination of fills in the colour that they have one over the other."""
        met = np.flatnonzero(np.bincount(self._codes.ravel()))
        colours = np.full((len(met), 3), 255.0)
        for bit, (colour, opacity) in enumerate(self._fills):
            rows = (met >> bit) & 1 == 1
            colours[rows] += (np.array(ImageColor.getrgb(colour)) - colours[rows]) * opacity
        table = np.zeros((met[-1] + 1, 4), dtype=np.uint8)
        table[met, :3] = np.round(colours)
        packed = table.view(np.uint32).ravel()[self._codes]
        return Image.frombytes("RGB", self._size, packed.tobytes(), "raw", "RGBX")

    def _lines(self, parts: Geometries) -> list[Path]:
        areal = shapely.get_dimensions(parts) == 2
        rings = shapely.get_rings(parts[areal])
        return self._paths(np.concatenate([rings, parts[shapely.get_dimensions(parts) == 1]]))

    def _paths(self, lines: Geometries) -> list[Path]:
        """Return lines in dots from the upper left corner: right, down, right, down and so on."""
        points, owner = shapely.get_coordinates(lines, return_index=True)
        dots = (points - (self.window[0], self.window[3])) * (self._scale, -self._scale)
        starts = np.flatnonzero(np.diff(owner)) + 1
        split = np.split(dots.ravel(), 2 * starts) if len(lines) else []
        return [path.tolist() for path in split]


def _furnish(draw: ImageDraw.ImageDraw, size: tuple[int, int], scale: float) -> None:
    """Draw the scale bar, the north arrow and the frame."""
    f = FINER
    length_m = _round_length(size[0] / scale / 4)
    length = length_m * scale
    left, low = 24 * f, size[1] - 26 * f
    draw.rectangle((12 * f, low - 24 * f, left + length + 44 * f, low + 14 * f), fill="#ffffff")
    for quarter in range(4):
        edges = (left + length * quarter / 4, low, left + length * (quarter + 1) / 4, low + 7 * f)
        draw.rectangle(edges, fill="#000000" if quarter % 2 else "#ffffff", outline="#000000")
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    for at, label in ((left, "0"), (left + length, text)):
        draw.text((at, low - 4 * f), label, fill="#000000", font=_font(), anchor="ms")
    _draw_arrow(draw, size[0] - 34 * f, 16 * f)
    draw.rectangle((0, 0, size[0] - 1, size[1] - 1), outline="#000000", width=f)


def _draw_arrow(draw: ImageDraw.ImageDraw, middle: float, top: float) -> None:
    f = FINER
    draw.rectangle((middle - 18 * f, top - 6 * f, middle + 18 * f, top + 62 * f), fill="#ffffff")
    draw.text((middle, top + 14 * f), "N", fill="#000000", font=_font(), anchor="ms")
    tip, foot, notch = (middle, top + 18 * f), top + 58 * f, top + 48 * f
    draw.polygon([tip, (middle - 11 * f, foot), (middle, notch)], fill="#000000")
    right = [tip, (middle + 11 * f, foot), (middle, notch)]
    draw.polygon(right, fill="#ffffff", outline="#000000")


def _is_drawn(layer: Layer) -> bool:
    return layer.spec.role not in UNDRAWN and len(layer.geometry) > 0


def _look_of(spec: LayerSpec, screening: Screening) -> Look:
    look = LOOKS.get(spec.role, OTHER_LOOK)
    style = screening.plan.styles.get(spec.id)
    if style is None:
        return look
    return Look(
        style.line, style.fill or look.fill, look.opacity, look.hatch, look.weight, look.rank
    )


def _mixed(look: Look) -> str:
    """Return the colour that a look's fill has on white paper, its hatching counted a third."""
    if look.fill is None:
        return look.line
    fill, line = (np.array(ImageColor.getrgb(colour)) for colour in (look.fill, look.line))
    mixed = 255 - (255 - fill) * look.opacity
    if look.hatch:
        mixed += (line - mixed) / 3
    return "#" + bytes(np.round(mixed).astype(np.uint8).tolist()).hex()


def _window(site: shapely.Geometry) -> Box:
    """Return the ground shown: the site in the middle, in the picture's proportions."""
    west, south, east, north = (float(edge) for edge in shapely.bounds(site))
    height = max((north - south) * AROUND, (east - west) * AROUND * HEIGHT / WIDTH, LEAST_HEIGHT_M)
    width = height * WIDTH / HEIGHT
    middle_east, middle_north = (west + east) / 2, (south + north) / 2
    return (
        middle_east - width / 2,
        middle_north - height / 2,
        middle_east + width / 2,
        middle_north + height / 2,
    )


def _round_length(metres: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20 … that is not longer."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(step * power for step in (1, 2, 5) if step * power <= metres))


@cache
def _hatching(slope: int) -> NDArray[np.uint32]:
    """Return a mask of slanting lines, 1.5 pixels of the picture wide and 10 apart."""
    across = np.arange(WIDTH * FINER, dtype=np.int32)
    down = np.arange(HEIGHT * FINER, dtype=np.int32)[:, None]
    lines: NDArray[np.uint32] = ((across + slope * down) % (10 * FINER) < 3).astype(np.uint32)
    return lines


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=15 * FINER)
