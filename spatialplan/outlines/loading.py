"""Loops are loaded late: numba takes a second to load, and a small job never waits for it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

__all__ = ["has_compiler", "load_loops"]


def has_compiler() -> bool:
    """Tell whether loops can be compiled here; without that they are far too slow to be of use."""
    if find_spec("numba") is None:
        return False
    return bool(load_loops("spatialplan.outlines.compiling").COMPILED)


def load_loops(module: str) -> ModuleType:
    """Load a module of loops by its whole name."""
    return import_module(module)
