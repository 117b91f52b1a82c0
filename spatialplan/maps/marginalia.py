"""What stands around a printed map: titles, coordinate system, editions, maker, approval number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyproj import CRS

from spatialplan.crs import crs_label, parse_crs, zone_crs
from spatialplan.layers import Layer, RasterLayer
from spatialplan.maps.wording import Wording
from spatialplan.plan import Plan

__all__ = [
    "LayerOrigin",
    "Marginalia",
    "Subject",
    "describe_crs",
    "grid_parameters",
    "make_marginalia",
    "working_crs",
]

CHINA_2000 = frozenset({"China 2000", "D_China_2000"})


@dataclass(frozen=True, slots=True)
class LayerOrigin:
    """Where a layer came from, as the page prints it."""

    title: str
    path: str
    crs: str
    features: str
    date: str
    approval: str
    provider: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a map is of: the key of its title's wording, and a subtitle (None: the pattern's)."""

    title: str
    subtitle: str | None


@dataclass(frozen=True, slots=True)
class Marginalia:
    """Texts around the map; a slot that was not filled says so."""

    overline: str
    title: str
    subtitle: str
    standing: str
    demonstration: str
    crs: str
    editions: str
    maker: str
    date: str
    approval: str
    watermark: str
    origins: tuple[LayerOrigin, ...]
    notes: tuple[str, ...]


def make_marginalia(
    plan: Plan,
    layers: Mapping[str, Layer],
    wording: Wording,
    *,
    subject: Subject,
    rasters: Iterable[RasterLayer] = (),
    demonstration: bool = False,
    maker: str,
    date: str,
    approval_number: str,
    watermark: str | None,
    notes: tuple[str, ...],
) -> Marginalia:
    """Gather the texts around the map.

    Parameters
    ----------
    subject
        What the map is of.
    rasters
        Rasters that its results come from.
    demonstration
        Whether something besides the plan's layers is made up.
    watermark
        None for the default (demonstration data, else internal use); ``""`` for none.
    notes
        How the map was drawn.
    """
    header = plan.header
    sources: list[Layer | RasterLayer] = [*layers.values(), *rasters]
    made_up = demonstration or header.demonstration
    default_mark = "watermark_demonstration" if made_up else "watermark_internal"
    return Marginalia(
        overline=header.title,
        title=wording(subject.title, region=header.region),
        subtitle=_pattern_title(plan) if subject.subtitle is None else subject.subtitle,
        standing=header.standing,
        demonstration=_demonstration(plan, wording) if made_up else "",
        crs=describe_crs(working_crs(plan, layers), wording),
        editions=_editions(layers, wording),
        maker=maker or wording("not_filled"),
        date=date or wording("not_filled"),
        approval=approval_number or wording("not_obtained"),
        watermark=wording(default_mark) if watermark is None else watermark,
        origins=tuple(_origin(source, wording) for source in sources),
        notes=_notes(plan, wording, notes),
    )


def working_crs(plan: Plan, layers: Mapping[str, Layer]) -> CRS:
    """Return the CRS that the plan works in: its own, or the region's 3-degree zone."""
    if plan.header.crs:
        return parse_crs(plan.header.crs, where="plan.crs")
    return zone_crs(next(iter(layers.values())).plane.longitude)


def describe_crs(crs: CRS, wording: Wording) -> str:
    """Name a CRS as a map's margin does, with central meridian and zone.

    Examples
    --------
    >>> describe_crs(CRS.from_epsg(4530), Wording("zh"))
    '2000国家大地坐标系，高斯—克吕格投影，3°分带第42带，中央经线126°E（EPSG:4530）'
    """
    operation, geodetic = crs.coordinate_operation, crs.geodetic_crs
    code = crs_label(crs)
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    if operation is None or operation.method_name != "Transverse Mercator":
        return f"{crs.name} ({code})"
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    meridian = f"{values['Longitude of natural origin']:g}"
    system = wording("cgcs2000") if datum in CHINA_2000 else datum
    zone = int(values["False easting"] // 1_000_000)
    if zone:
        return wording("crs_zone", system=system, zone=zone, meridian=meridian, code=code)
    return wording("crs_meridian", system=system, meridian=meridian, code=code)


def grid_parameters(crs: CRS) -> dict[str, float] | None:
    """Return what the page needs to tell easting and northing, metres and degrees.

    None for a CRS that is no transverse Mercator from the equator, or not in metres.

    Examples
    --------
    >>> grid = grid_parameters(CRS.from_epsg(4530))
    >>> grid["meridian"], grid["east_m"], grid["scale"]
    (126.0, 42500000.0, 1.0)
    """
    operation, ellipsoid = crs.coordinate_operation, crs.ellipsoid
    metric = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info)
    if operation is None or operation.method_name != "Transverse Mercator" or not metric:
        return None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    if ellipsoid is None or values["Latitude of natural origin"]:
        return None
    return {
        "axis_m": ellipsoid.semi_major_metre,
        "flattening": 1 / ellipsoid.inverse_flattening,
        "meridian": values["Longitude of natural origin"],
        "scale": values["Scale factor at natural origin"],
        "east_m": values["False easting"],
        "north_m": values["False northing"],
    }


def _pattern_title(plan: Plan) -> str:
    return plan.pattern.title if plan.pattern else ""


def _demonstration(plan: Plan, wording: Wording) -> str:
    return plan.header.demonstration_notice or wording("demonstration")


def _editions(layers: Mapping[str, Layer], wording: Wording) -> str:
    """Sum up the dates of the data in one phrase; layers without one are counted."""
    dates = [layer.spec.edition.data_date for layer in layers.values()]
    known = list(dict.fromkeys(date for date in dates if date))
    parts = known[:1] if len(known) < 2 else [wording("editions_differ")]
    if None in dates:
        parts.append(wording("editions_missing", count=dates.count(None)))
    return wording("list_comma").join(parts)


def _notes(plan: Plan, wording: Wording, drawn: tuple[str, ...]) -> tuple[str, ...]:
    notes = [plan.header.notice, *drawn, wording("note_screen")]
    if any(not style.verified for style in plan.styles.values()):
        notes.append(wording("note_unverified"))
    if any(layer.generalised for layer in plan.layers.values()):
        titles = [spec.title for spec in plan.layers.values() if spec.generalised]
        notes.append(wording("note_generalised", titles=wording("list_comma").join(titles)))
    return tuple(notes)


def _origin(layer: Layer | RasterLayer, wording: Wording) -> LayerOrigin:
    edition, missing = layer.spec.edition, wording("not_provided")
    table = f" · {layer.source.table}" if layer.source.table else ""
    return LayerOrigin(
        title=layer.spec.title,
        path=f"{layer.source.path}{table}",
        crs=layer.source.told_crs(wording.language),
        features=f"{layer.source.features:,}",
        date=edition.data_date or missing,
        approval=edition.approval or missing,
        provider=edition.provider or missing,
        sha256=layer.source.sha256,
    )
