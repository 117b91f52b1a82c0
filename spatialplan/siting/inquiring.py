"""What is asked of every site: the day's rules, the usable layers, and what is lacking."""

from __future__ import annotations

import datetime

import shapely

from spatialplan.errors import Fault, SourceError
from spatialplan.files import Reading
from spatialplan.findings import NotEvaluated
from spatialplan.layers import Layer
from spatialplan.messages import Bilingual, Message, say
from spatialplan.plan import Plan, Tolerance
from spatialplan.rulebook import Rulebook
from spatialplan.screening import Inquiry, judged_layers

__all__ = ["find_kind", "make_inquiry", "read_day"]

# A layer this far from the region's box, metres, lies elsewhere.
FAR_M = 1_000.0


def make_inquiry(plan: Plan, reading: Reading, book: Rulebook, kind: str | None) -> Inquiry:
    """Ask for a kind of project on the layers that were read; None: the worst over all kinds."""
    problems = _problems(plan, reading)
    return Inquiry(
        plan=plan,
        layers=reading.layers,
        book=book,
        tolerance=Tolerance(),
        kind=kind,
        problems=problems,
        common=(
            *(NotEvaluated(key, why) for key, why in problems.items()),
            *_skipped_layers(plan),
            *_absent_layers(plan, book),
        ),
    )


def read_day(date: str | datetime.date | None) -> datetime.date:
    """Read the day whose rules count; by default today."""
    if date is None:
        return datetime.date.today()
    if isinstance(date, datetime.date):
        return date
    try:
        return datetime.date.fromisoformat(date)
    except ValueError:
        raise SourceError(Fault("--date", say("screening.date_option", found=date))) from None


def find_kind(kind: str | None, book: Rulebook) -> str | None:
    """Return the kind of project that an id, title or word names; None where none is given."""
    if kind is None:
        return None
    found = book.find_kind(kind)
    if found is None:
        known = ", ".join(f"{key} ({spec.title})" for key, spec in book.kinds.items())
        raise SourceError(Fault("--kind", say("screening.kind_option", found=kind, known=known)))
    return found


def _problems(plan: Plan, reading: Reading) -> dict[str, Message]:
    """Why layers could not be used, by name; the first reason of several."""
    problems: dict[str, Message] = {}
    for point in reading.problems:
        problems.setdefault(point.rule_id, point.why)
    regions = [layer for layer in reading.layers.values() if layer.spec.role == "region"]
    for key in judged_layers(plan):
        layer = reading.layers.get(key)
        if (
            layer is not None
            and len(layer.frame)
            and regions
            and _lies_elsewhere(layer, regions[0])
        ):
            problems[key] = say("screening.layer_elsewhere", layer=layer.spec.title)
    return problems


def _lies_elsewhere(layer: Layer, region: Layer) -> bool:
    if layer.spec.role == "land_parcel" or not len(region.frame):
        return False
    near = shapely.box(*shapely.total_bounds(region.geometry)).buffer(FAR_M)
    return not shapely.intersects(near, layer.geometry).any()


def _skipped_layers(plan: Plan) -> list[NotEvaluated]:
    """Name the layers that the plan keeps sites from being judged on."""
    return [
        NotEvaluated(key, say("screening.layer_skipped", layer=plan.layers[key].title))
        for key in plan.screening.skipped_layers
    ]


def _absent_layers(plan: Plan, book: Rulebook) -> list[NotEvaluated]:
    """Name the entries of the standing list that no layer of the plan is meant for.

    A layer of the plan that could not be used is named by itself, with the reason.
    """
    named = {spec.role for spec in plan.layers.values()}
    return [
        NotEvaluated(
            entry.id, say("screening.not_provided", title=Bilingual(entry.title, entry.title_en))
        )
        for entry in book.standing_list
        if not named & set(entry.roles)
    ]
