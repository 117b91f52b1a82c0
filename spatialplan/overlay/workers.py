"""Many rows shared out among threads; shapely lets go of the interpreter while it computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.threads import thread_count

__all__ = ["map_rows"]

# Below this a thread costs more than it saves; a site of one polygon starts none.
ROWS_ALONE = 256

# A few chunks a worker, so that one hard chunk at the end does not leave the others idle.
CHUNKS_PER_WORKER = 6


def map_rows(
    compute: Callable[..., NDArray[Any]],
    *columns: NDArray[Any],
    together: NDArray[np.int64] | None = None,
) -> NDArray[Any]:
    """Compute one value a row, rows in chunks, chunks in threads.

    Parameters
    ----------
    compute
        Takes slices of the columns and returns an array of the slice's length.
    columns
        Arrays of one length n.
    together
        Non-decreasing keys, shape (n,): rows of one key stay in one chunk. A prepared geometry
        builds its index at first use, so no two threads may meet it.

    Returns
    -------
    values
        Shape (n,), in the rows' order.
    """
    count, workers = len(columns[0]), thread_count()
    if count <= ROWS_ALONE or workers == 1:
        return compute(*columns)
    bounds = np.unique(np.linspace(0, count, workers * CHUNKS_PER_WORKER + 1).astype(np.int64))
    if together is not None:
        bounds[1:-1] = np.searchsorted(together, together[bounds[1:-1]])
        bounds = np.unique(bounds)
    slices = [slice(start, stop) for start, stop in pairwise(bounds)]
    with ThreadPoolExecutor(workers) as pool:
        chunks = pool.map(lambda rows: compute(*(column[rows] for column in columns)), slices)
        return np.concatenate(list(chunks))
