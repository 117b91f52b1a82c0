"""The job behind ``spatialplan inspect``: every table read, recognised, diagnosed, and summed up.

One table that is damaged, without a CRS or of an unknown kind does not keep the others from being
judged. What could not be judged of a table is said with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from spatialplan.crs import Plane, crs_label, parse_crs, require_known_datum, zone_crs
from spatialplan.diagnosis import (
    Borders,
    diagnose_shared_borders,
    kinds_of,
    make_defect,
    match_borders,
    share_borders,
)
from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files import Discovery, read_layers
from spatialplan.findings import Finding, Severity, Status
from spatialplan.inspection.examining import (
    Examined,
    admit_layer,
    complete_spec,
    coverage_of,
    examine_coverage,
    examine_delivery,
    examine_in_plane,
    recognise_table,
)
from spatialplan.inspection.opening import OpenedTable, open_tables, usable_crs
from spatialplan.inspection.placing import place_faults
from spatialplan.inspection.results import (
    InspectedLayer,
    Inspection,
    NotJudged,
    RecognisedRole,
)
from spatialplan.layers import Layer, degree_bounds
from spatialplan.messages import say
from spatialplan.plan import Plan
from spatialplan.recognition import GeometryKind
from spatialplan.rulebook import read_rulebook

__all__ = ["inspect_files"]

Progress = Callable[[str], None]
KINDS: tuple[GeometryKind, ...] = ("polygon", "line", "point")


def inspect_files(
    paths: str | Path | Sequence[str | Path],
    *,
    plan: Plan | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Say what is in a delivery, and what is wrong with it.

    Parameters
    ----------
    paths
        Files of any known format, zip files, FileGDB folders, or folders searched to the bottom.
    plan
        Whose region the layers are held against, and whose entries name the role and fields of
        tables that it lists.
    crs
        Assumed for tables that state none, e.g. ``"EPSG:4530"``; recorded with each of them.
    encoding
        Of the text of shapefiles; default: found out and recorded.
    progress
        Called with the name of each table that was read, and again when it was judged.

    Returns
    -------
    inspection
        One entry a table and one a source that could not be opened, in the order found.

    Raises
    ------
    CrsError
        If `crs` cannot be read, or has no known way to CGCS2000.
    """
    if crs is not None:
        require_known_datum(parse_crs(crs, where="crs"), where="crs")
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    tell = progress or (lambda _: None)
    tables, discovery = open_tables(
        [Path(path) for path in given], plan=plan, crs=crs, encoding=encoding, progress=tell
    )
    return _Inspector(tables, discovery, plan, crs, tell).inspect()


class _Inspector:
    """Takes the tables of one delivery through all judgements."""

    def __init__(
        self,
        tables: list[OpenedTable],
        discovery: Discovery,
        plan: Plan | None,
        assumed: str | None,
        tell: Progress,
    ) -> None:
        self.examined = [Examined(table) for table in tables]
        self.discovery, self.plan, self.assumed, self.tell = discovery, plan, assumed, tell
        self.plane: Plane | None = None
        self.working_crs: CRS | None = None
        self.region: Layer | None = None
        self.region_borders: Borders | None = None
        self.region_name = ""
        self.region_faults: tuple[Fault, ...] = ()

    def inspect(self) -> Inspection:
        """Run every judgement in turn."""
        for one in self.examined:
            self._examine_delivery(one)
        self._settle_plane()
        for one in self.examined:
            if one.opened.delivery is None:
                continue
            if self.plane is None or self.working_crs is None:
                why = say("inspection.no_plane")
                one.not_judged.append(NotJudged("coverage", why, open_point=False))
                continue
            admit_layer(one, one.opened.delivery, self.plane, self.working_crs)
        self._find_region()
        codes = tuple(entry.code for entry in read_rulebook(day=date(2000, 1, 1)).land_classes)
        for one in self.examined:
            if one.opened.delivery is not None:
                examine_in_plane(one, one.opened.delivery, self.region, codes)
                examine_coverage(one, self.region, self.region_borders)
            self.tell(one.opened.key)
        self._compare_layers()
        return self._gather()

    def _examine_delivery(self, one: Examined) -> None:
        delivery = one.opened.delivery
        if delivery is None:
            one.found += [_unreadable(one.opened.key, fault) for fault in one.opened.faults]
            return
        refusal: SpatialplanError | None = None
        try:
            one.crs = usable_crs(one.opened, self.assumed)
        except SpatialplanError as error:
            refusal = error
        found = kinds_of(np.asarray(delivery.frame.geometry.to_numpy(), dtype=object))
        one.kind = next((kind for kind in KINDS if kind == next(iter(found), "")), None)
        recognise_table(one, delivery.frame)
        spec = delivery.spec
        if delivery.frame.crs is None and one.crs is not None:
            spec = spec.model_copy(update={"crs": one.crs.to_string()})
        delivery = replace(delivery, spec=complete_spec(one, spec))
        one.opened.delivery = delivery
        examine_delivery(one, delivery, refusal)

    def _settle_plane(self) -> None:
        """Put the plane of judgement over the plan's region, else over all usable layers."""
        bounds = [
            edges
            for one in self.examined
            if one.crs is not None and one.opened.delivery is not None
            if np.isfinite(edges := degree_bounds(one.opened.delivery, one.crs)).all()
        ]
        if self.plan is not None:
            self._read_planned_region()
        if self.plane is not None or not bounds:
            return
        edges = np.array(bounds)
        around = np.concatenate([edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)])
        self.plane = Plane.around(around)
        self.working_crs = zone_crs(float(around[0] + around[2]) / 2)

    def _read_planned_region(self) -> None:
        """Read the region of the plan; what keeps it out is noted, and leaves something open."""
        assert self.plan is not None
        keys = [spec.id for spec in self.plan.layers_with_role("region")][:1]
        if not keys:
            return
        try:
            reading = read_layers(self.plan, keys=keys)
        except SpatialplanError as error:
            self.region_faults = error.faults
            return
        region = reading.layers[keys[0]]
        self.plane, self.working_crs = region.plane, reading.crs
        self.region, self.region_name = region, region.spec.title

    def _find_region(self) -> None:
        """Take the one layer that was recognised as the region, where no plan gives one."""
        found = [one for one in self.examined if one.role == "region" and one.layer is not None]
        if self.region is None and len(found) == 1:
            self.region, self.region_name = found[0].layer, found[0].opened.key
        if self.region is not None and self.region.spec.geometry == "polygon":
            self.region_borders = match_borders(self.region.geometry)

    def _compare_layers(self) -> None:
        areal = [one for one in self.examined if one.borders is not None]
        for first, second in combinations(areal, 2):
            one, other = coverage_of(first), coverage_of(second)
            if share_borders(one, other):
                first.found += diagnose_shared_borders(one, other)

    def _gather(self) -> Inspection:
        layers = tuple(self._result(one) for one in self.examined)
        return Inspection(
            layers=layers,
            notes=(*self.region_faults, *self.discovery.notes),
            region=self.region_name,
            region_from_plan=self.plan is not None and bool(self.region_name),
            plane=self.plane,
            crs=self.working_crs,
            status=_overall(layers, has_open_points=bool(self.region_faults)),
        )

    def _result(self, one: Examined) -> InspectedLayer:
        opened = one.opened
        placed_in = one.crs if one.layer is not None or self.plane is not None else None
        faults = place_faults(one.found, plane=self.plane, crs=placed_in)
        plain = InspectedLayer(
            key=opened.key,
            path=opened.path,
            table=opened.table,
            inside=opened.inside,
            driver=opened.driver,
            faults=faults,
            not_judged=tuple(one.not_judged),
        )
        return plain if opened.delivery is None else self._describe(one, plain)

    def _describe(self, one: Examined, plain: InspectedLayer) -> InspectedLayer:
        delivery, layer = one.opened.delivery, one.layer
        assert delivery is not None
        shapes = np.asarray(delivery.frame.geometry.to_numpy(), dtype=object)
        stated: CRS | None = delivery.frame.crs
        edges = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
        areal = layer is not None and layer.spec.geometry == "polygon"
        return replace(
            plain,
            is_read=True,
            role=_role_of(one),
            stated_crs=crs_label(stated) if stated is not None else "",
            assumed_crs=crs_label(one.crs) if stated is None and one.crs is not None else "",
            suggested_crs=one.suggestion.message if one.suggestion else None,
            encoding=delivery.source.encoding,
            features=len(shapes),
            kinds=kinds_of(shapes),
            vertices=int(shapely.get_num_coordinates(shapes).sum()),
            extent=tuple(map(float, edges)) if np.isfinite(edges).all() else None,  # type: ignore[arg-type]
            inside_region=self._share_inside(layer),
            area_m2=float(layer.area_m2.sum()) if layer is not None and areal else None,
            set_aside=layer.set_aside if layer is not None else 0,
            sha256=delivery.source.sha256,
            layer=layer,
            delivery=delivery,
            lost=one.opened.lost,
        )

    def _share_inside(self, layer: Layer | None) -> float | None:
        if layer is None or self.region is None or not len(layer.frame):
            return None
        ground = shapely.union_all(self.region.geometry)
        shapely.prepare(ground)
        return float(shapely.intersects(ground, layer.geometry).mean())


def _unreadable(key: str, fault: Fault) -> Finding:
    return make_defect("unreadable", key, Severity.ERROR, fault.message, count=1)


def _role_of(one: Examined) -> RecognisedRole | None:
    found = one.recognition
    if one.opened.planned is not None:
        return RecognisedRole(one.role, None, say("inspection.role_planned"), from_plan=True)
    if found is None:
        return None
    return RecognisedRole(
        role=found.role,
        title=found.title,
        why=found.why,
        candidates=tuple(candidate.title for candidate in found.candidates),
        fields=dict(found.fields),
    )


def _overall(layers: Sequence[InspectedLayer], *, has_open_points: bool) -> Status:
    if any(layer.count(Severity.ERROR) for layer in layers):
        return Status.NOT_MET
    left_open: list[NotJudged] = [point for layer in layers for point in layer.not_judged]
    if has_open_points or any(point.open_point for point in left_open) or not layers:
        return Status.NOT_EVALUATED
    return Status.MET
