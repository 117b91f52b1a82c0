"""A layer of a plan read in batches, for tables that are larger than memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import get_ident

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.crs import require_known_datum
from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files.damage import DAMAGE, hear_warnings, naming_damage
from spatialplan.files.deliveries import describe_source, spec_place, wanted_fields
from spatialplan.files.encodings import find_encoding
from spatialplan.files.sources import find_place, hash_unchanged, plain_reason
from spatialplan.files.streaming.pieces import Piece
from spatialplan.files.streaming.tables import StreamedTable, open_table
from spatialplan.layers import Delivery, Source, degree_boxes
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec, Plan, Way

__all__ = ["BATCH_FEATURES", "BrokenBatch", "LayerFlow", "open_flow", "read_layer_batches"]

# A check of 250,000 parcels with 12 million vertices took 16.1, 15.7 and 16.0 s of two processors
# in batches of 16,384, 32,768 and 65,536, and 585, 780 and 990 MB of memory.
BATCH_FEATURES = 32_768


@dataclass(frozen=True, slots=True)
class BrokenBatch:
    """Features that could not be read: how many of the table went before, and which they are."""

    first: int
    faults: tuple[Fault, ...]
    why: Message


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """A layer's table, opened and not yet read.

    Attributes
    ----------
    source
        Where it comes from; `features` as the file states them.
    way
        How its coordinates come to CGCS2000.
    warnings
        What GDAL warned of when it was opened.
    """

    spec: LayerSpec
    table: StreamedTable
    source: Source
    way: Way
    warnings: tuple[str, ...] = ()

    @property
    def bounds(self) -> NDArray[np.float64] | None:
        """West, south, east, north in degrees as the file states them; None where it does not.

        Nor of a CRS that the gate would refuse.
        """
        if self.table.bounds is None or self.table.crs is None:
            return None
        try:
            crs = require_known_datum(self.table.crs, where="")
            edges = degree_boxes(np.array([shapely.box(*self.table.bounds)]), crs)[0]
        except (SpatialplanError, *DAMAGE):
            return None
        return edges if np.isfinite(edges).all() else None

    def without_features(self) -> Delivery:
        """Return the table as it would be delivered if it had no feature."""
        nothing = gpd.GeoDataFrame(
            {name: [] for name in self.table.columns}, geometry=[], crs=self.table.crs
        )
        return Delivery(self.spec, nothing, self.source, self.way)


def open_flow(spec: LayerSpec, plan: Plan) -> LayerFlow:
    """Open a layer's table to be read in batches; the file is opened read-only.

    Raises
    ------
    SourceError
        If it cannot be found or opened, or cannot be read in batches.
    """
    way = plan.find_way(spec.transformation, spec.accept_error_m)
    file, where = plan.directory / spec.path, spec_place(spec)
    with naming_damage(where, file), hear_warnings() as heard:
        place = find_place(spec.path, directory=plan.directory, table=spec.table, title=spec.title)
        encoding = find_encoding(place, stated=spec.encoding, where=where)
        table = open_table(place, encoding, where)
        sha256 = hash_unchanged(place.file)
        source = describe_source(spec, place, table.driver, encoding, sha256, features=table.count)
    said = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    return LayerFlow(spec, table, source, way, tuple(said))


def read_layer_batches(
    flow: LayerFlow, *, size: int = BATCH_FEATURES
) -> Iterator[Delivery | BrokenBatch]:
    """Read a table's features in batches of at most `size`, in the table's order.

    Features that cannot be read come as `BrokenBatch`; what follows them is read where the format
    lets one go on.
    """
    wanted = wanted_fields(flow.spec, flow.table.columns) or flow.table.columns
    for piece in flow.table.read(wanted, size=size):
        if piece.why is not None:
            yield _broken(flow, piece, piece.why)
        else:
            source = replace(flow.source, features=piece.count, warnings=piece.warnings)
            frame = gpd.GeoDataFrame(piece.frame)
            yield Delivery(flow.spec, frame, source, flow.way, piece.first_row)


def _broken(flow: LayerFlow, piece: Piece, reason: Message) -> BrokenBatch:
    """Name the features that could not be read, all from the first on if none knows how many."""
    first, last = piece.first_row + 1, piece.first_row + piece.count
    if reason.key == "batched.lost":
        why = reason  # no one knows which they are
    elif piece.count:
        why = say("batched.unread", first=first, last=last, reason=reason)
    else:
        why = say("batched.unread_rest", first=first, reason=reason)
    return BrokenBatch(piece.first_row, (Fault(spec_place(flow.spec), reason),), why)
