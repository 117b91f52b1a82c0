"""Loops compiled by numba where it is installed; without it they run interpreted, to be tested.

Only modules of loops import this one; see `spatialplan.outlines.loading`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

__all__ = ["COMPILED", "compiled"]

Function = TypeVar("Function", bound=Callable[..., Any])

numba: Any
try:
    numba = import_module("numba")
except (ImportError, OSError):
    # Missing, or its compiler does not load here.
    numba = None

COMPILED = numba is not None


def compiled(function: Function) -> Function:
    """Compile a function at its first call; keep the outcome on disk where that is possible."""
    if numba is None:
        return function
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        # Neither the package's folder nor the user's takes files.
        return cast(Function, numba.njit(nogil=True)(function))
