"""Polygons for the tests of overlay: some drawn by hand, some by chance."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import strategies as st

__all__ = ["box", "layers", "ring_of", "wkb"]


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Draw a rectangle."""
    return shapely.box(west, south, east, north)


def wkb(shapes: object) -> list[bytes]:
    """Take a fingerprint of every shape."""
    return [shape.wkb if shape is not None else b"" for shape in np.atleast_1d(shapes)]


def ring_of(vertices: int, *, radius: float = 100.0, seed: int = 0) -> shapely.Polygon:
    """Draw a ragged star with a hole, large enough to be cut."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0.0, 2 * np.pi, vertices, endpoint=False)
    reach = radius * rng.uniform(0.8, 1.0, vertices)
    shell = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    return shapely.Polygon(shell, [0.3 * shell[::-1]])


@st.composite
def layers(draw: st.DrawFn, *, count: int = 8) -> np.ndarray:
    """Draw features at random: boxes on a grid (borders coincide), stars, holes, many parts."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    shapes = []
    for kind in draw(st.lists(st.sampled_from(["box", "star", "ring", "parts"]), max_size=count)):
        west, south = rng.integers(0, 6, 2).astype(float)
        width, height = rng.integers(1, 4, 2).astype(float)
        if kind == "box":
            shapes.append(box(west, south, west + width, south + height))
        elif kind == "parts":
            halves = [box(west, south, west + 1, south + 1), box(west + 1, south + 1, 9, 9)]
            shapes.append(shapely.MultiPolygon(halves))
        else:
            star = ring_of(int(rng.integers(8, 900)), radius=width, seed=int(rng.integers(1e6)))
            star = star if kind == "ring" else shapely.Polygon(star.exterior)
            shapes.append(shapely.transform(star, lambda c, at=(west, south): c + at))
    return np.array(shapes, dtype=object)
