"""The two editions: which files, in which legends, in which order."""

from __future__ import annotations

import re
from pathlib import Path

from spatialplan.errors import Fault, PlanError, SourceError, SpatialplanError
from spatialplan.files import read_legend, read_raster
from spatialplan.layers import RasterLayer
from spatialplan.messages import Message, say
from spatialplan.plan import LegendClass, Plan, RasterSpec

__all__ = ["name_edition", "open_editions"]

# How the two are called where the plan names neither.
BEFORE, AFTER = "before", "after"
YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")


def open_editions(
    plan: Plan, before: Path, after: Path, *, classes: str | None
) -> tuple[RasterLayer, RasterLayer, tuple[Message, ...]]:
    """Open two editions of land cover; every fault of both is told.

    Parameters
    ----------
    before, after
        Files; those that the plan names are read as it says.
    classes
        A legend of the plan by its name, or a file with one; default: the legend that the plan
        gives a file, else its only legend.

    Returns
    -------
    before, after, notes
        The notes say which legend was taken for a file that the plan does not name.

    Raises
    ------
    PlanError, SourceError
        If a legend cannot be told, a file cannot be used, both are the same, or the later one is
        stated to be older.
    """
    legends, name = _find_legends(plan, classes)
    opened: list[RasterLayer] = []
    faults: list[Fault] = []
    notes: list[Message] = []
    for key, path in ((BEFORE, before), (AFTER, after)):
        try:
            spec = _find_spec(plan, key, path, name)
            spec, note = _settle_legend(plan, spec, legends)
            raster = _open(plan, spec, path, legends)
        except SpatialplanError as error:
            faults += error.faults
            continue
        opened.append(raster)
        notes += [note] if note else []
    if faults:
        raise SourceError({fault.text(): fault for fault in faults}.values())
    _require_two(opened[0], opened[1])
    return opened[0], opened[1], tuple({str(note): note for note in notes}.values())


def name_edition(raster: RasterLayer) -> str:
    """Return what an edition is called: its date as the plan states it, else its file's name."""
    return raster.spec.edition.data_date or raster.file.stem


def _find_legends(
    plan: Plan, classes: str | None
) -> tuple[dict[str, tuple[LegendClass, ...]], str | None]:
    """Return the legends there are, and the name of the one that was asked for."""
    legends = dict(plan.legends)
    if classes is None or classes in legends:
        return legends, classes
    if not Path(classes).is_file():
        known = ", ".join(legends) or "\N{EM DASH}"
        raise PlanError(Fault("--classes", say("monitor.no_legend", found=classes, known=known)))
    return {**legends, classes: read_legend(Path(classes))}, classes


def _find_spec(plan: Plan, key: str, path: Path, legend: str | None) -> RasterSpec:
    for spec in plan.rasters.values():
        if _is_same(plan.directory / spec.path, path):
            if spec.role != "land_cover":
                raise SourceError(Fault(str(path), say("monitor.no_cover", raster=spec.title)))
            return spec if legend is None else spec.model_copy(update={"legend": legend})
    return RasterSpec(id=key, title=path.stem, role="land_cover", path=str(path), legend=legend)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _settle_legend(
    plan: Plan, spec: RasterSpec, legends: dict[str, tuple[LegendClass, ...]]
) -> tuple[RasterSpec, Message | None]:
    if spec.legend is not None:
        return spec, None
    if len(legends) != 1:
        known = ", ".join(legends) or "\N{EM DASH}"
        raise PlanError(Fault(spec.path, say("monitor.which_legend", known=known)))
    name = next(iter(legends))
    return spec.model_copy(update={"legend": name}), say("monitor.only_legend", legend=name)


def _open(
    plan: Plan, spec: RasterSpec, path: Path, legends: dict[str, tuple[LegendClass, ...]]
) -> RasterLayer:
    named = plan.model_copy(update={"legends": legends})
    if spec.id in plan.rasters:
        return read_raster(spec, named)
    # A file of the command line is read against the folder one works in.
    named._directory = Path()
    return read_raster(spec, named)


def _require_two(before: RasterLayer, after: RasterLayer) -> None:
    where = after.spec.path
    if before.source.sha256 == after.source.sha256:
        raise SourceError(Fault(where, say("monitor.same_file")))
    years = [YEAR.search(raster.spec.edition.data_date or "") for raster in (before, after)]
    if years[0] and years[1] and years[0][0] > years[1][0]:
        told = {"before": years[0][0], "after": years[1][0]}
        raise SourceError(Fault(where, say("monitor.swapped", **told)))
