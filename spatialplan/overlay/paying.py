"""When compiled loops pay for themselves in work that GEOS does as well."""

from __future__ import annotations

import sys

from spatialplan.outlines import has_compiler

__all__ = ["loops_pay"]

# Loading loops takes half a second; asking GEOS about so many shapes on seven layers takes longer.
MANY_SHAPES = 5_000

# Once they are loaded, fewer are worth the arrays that loops take.
SOME_SHAPES = 64


def loops_pay(shapes: int) -> bool:
    """Tell whether so many shapes are worth compiled loops, and there are any."""
    few = shapes < MANY_SHAPES and "numba" not in sys.modules
    return shapes >= SOME_SHAPES and not few and has_compiler()
