"""What a raster leaves open: strange values, cells without value, ground that it does not reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from spatialplan.landcover.results import GroundCover, LandCover
from spatialplan.messages import Message, say

__all__ = ["find_gaps"]

# So many strange values are enough to see what they are; noise has hundreds.
MOST_VALUES = 12

# Ground that is printed as 0.00 ha.
UNPRINTED_M2 = 50.0


def find_gaps(cover: LandCover, titles: Mapping[str, str]) -> Iterator[Message]:
    """Say what a raster does not tell of the layers.

    Parameters
    ----------
    cover
        From `judge_land_cover`.
    titles
        What people call each layer.
    """
    wholes = [ground for ground in cover.grounds if not ground.zone and ground.township is None]
    if not wholes:
        yield say("landcover.no_layer")
    elif all(ground.outside_m2 >= ground.area_m2 for ground in wholes):
        yield say("landcover.apart")
        return
    if cover.unknown:
        yield say(
            "landcover.unknown",
            cells=sum(entry.cells for entry in cover.unknown),
            area=sum(entry.area_m2 for entry in cover.unknown) / 10_000,
            values=", ".join(str(entry.value) for entry in cover.unknown[:MOST_VALUES]),
        )
    open_grounds = [ground for ground in wholes if ground.unobserved_m2 >= UNPRINTED_M2]
    if open_grounds:
        listed = [_word_ground(ground, titles[ground.layer]) for ground in open_grounds]
        yield say("landcover.unobserved", listed=reduce(_put_together, listed))


def _word_ground(ground: GroundCover, title: str) -> Message:
    return say(
        "landcover.unobserved_of",
        layer=title,
        area=ground.unobserved_m2 / 10_000,
        nodata=ground.nodata_m2 / 10_000,
        outside=ground.outside_m2 / 10_000,
        unknown=ground.unknown_m2 / 10_000,
    )


def _put_together(first: Message, second: Message) -> Message:
    return say("landcover.both", first=first, second=second)
