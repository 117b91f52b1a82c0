"""The switch of the legend that shows land cover as a picture; off until it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from spatialplan.errors import SpatialplanError
from spatialplan.files import read_raster
from spatialplan.findings import NotEvaluated
from spatialplan.layers import RasterLayer
from spatialplan.maps.class_raster import draw_classes
from spatialplan.maps.contents import PageLayer
from spatialplan.maps.styles import Look
from spatialplan.maps.wording import Wording
from spatialplan.messages import say
from spatialplan.plan import Plan
from spatialplan.review import Review

__all__ = ["cover_picture"]

LOOK = Look("cover", 85, "#8a8f7a", None, 0.0, visible=False)


def cover_picture(
    plan: Plan, review: Review | None, home: Sequence[Sequence[float]], wording: Wording
) -> tuple[PageLayer | None, tuple[NotEvaluated, ...]]:
    """Draw the land cover that corridors are judged on, else the plan's last one.

    Parameters
    ----------
    home
        South-west and north-east corner of what the page shows: latitude, longitude.

    Returns
    -------
    layer, problems
        None, with the reason, where the raster cannot be used; the review has told it already.
    """
    specs = plan.rasters_with_role("land_cover")
    if not specs:
        return None, ()
    named = plan.corridors.raster if plan.corridors else specs[-1].id
    read = {raster.spec.id: raster for raster in review.rasters} if review else {}
    if review is not None and named not in read:
        return None, ()
    (south, west), (north, east) = home
    try:
        raster: RasterLayer = read.get(named) or read_raster(plan.rasters[named], plan)
        picture = draw_classes(raster, (west, south, east, north))
    except SpatialplanError as error:
        why = say("layer.unusable", where=error.faults[0].where, reason=error.faults[0].message)
        return None, (NotEvaluated(named, why),)
    title = wording.corridor("map_cover", title=raster.spec.title, pixel=f"{picture.pixel_m:,.0f}")
    classes = tuple(
        (name if wording.language == "zh" else wording.cover(f"kind_{kind}"), colour)
        for name, kind, colour in picture.classes
    )
    image = {"address": picture.address, "bounds": picture.bounds}
    return PageLayer("cover", title, LOOK, (), "image", image=image, classes=classes), ()
