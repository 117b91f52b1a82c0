"""From what an applicant submits to sites: vector files, tables, boundary points, GeoDataFrames.

The file's name says how it is read. A zip file holds a vector data set, or one text file or table.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import Plane
from spatialplan.errors import Fault, SourceError
from spatialplan.files.damage import DAMAGE, Heard, hear_warnings
from spatialplan.files.deliveries import read_and_hear
from spatialplan.files.opening.archive_limits import list_entries
from spatialplan.files.opening.paths import require_local
from spatialplan.files.site_files.boundary_points import read_boundary_points
from spatialplan.files.site_files.site_tables import TABLES, read_site_table, unique_names
from spatialplan.files.site_files.texts import FileContent
from spatialplan.files.sources import data_sets, find_place, hash_files, plain_reason
from spatialplan.findings import Severity
from spatialplan.layers import Layer, Source
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Way
from spatialplan.sites import (
    WHOLE_FILE,
    Doubt,
    FieldChoice,
    Footprint,
    Sites,
    Submission,
    assemble_sites,
    describe_sites,
    settle_crs,
)

__all__ = ["read_sites"]

BOUNDARY_POINTS = ".txt"
# Larger texts and tables are no list of sites; they are held in memory whole.
LARGEST_BYTES = 1_000_000_000
# GDAL names these when it draws a curve as straight edges.
CURVES = ("CURVE", "CIRCULAR", "SURFACE")
PLAIN_KINDS = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user states about a source."""

    crs: str | None
    encoding: str | None
    table: str | None
    choice: FieldChoice
    way: Way


def read_sites(
    source: str | Path | gpd.GeoDataFrame,
    *,
    plane: Plane,
    working_crs: CRS,
    crs: str | None = None,
    encoding: str | None = None,
    table: str | None = None,
    id_field: str | None = None,
    name_field: str | None = None,
    kind_field: str | None = None,
    area_field: str | None = None,
    width_m: float | None = None,
    radius_m: float | None = None,
    region: Layer | None = None,
    way: Way | None = None,
) -> Sites:
    """Read project sites, in the order of their file; none is left out.

    Parameters
    ----------
    source
        Shapefile, FileGDB, GeoPackage, GeoJSON, FlatGeobuf, KML, one of them zipped, CSV, Excel
        workbook (.xlsx, .xlsm), boundary-point TXT, or a GeoDataFrame.
    plane
        The plane of judgement, which is the region's.
    working_crs
        The projected CRS that strips are drawn in and outputs go back to.
    crs
        The CRS, only for a source that states none.
    encoding
        The encoding of the text; default: found out and recorded.
    table
        The table or sheet, where the source holds several.
    id_field, name_field, kind_field, area_field
        Columns; default: recognised by their names.
    width_m, radius_m
        Total width given to lines, radius given to points, metres.
    region
        The county; None leaves out whether sites lie in it.
    way
        How coordinates come to CGCS2000 where their CRS does not lead there.

    Returns
    -------
    sites
        Every doubt about a site is among its `doubts`; one with an error has no geometry.

    Raises
    ------
    SourceError
        If the source cannot be read, or holds no site.
    CrsError
        If its CRS is missing, contradicted, or has no known way to CGCS2000.
    """
    footprint = Footprint(width_m, radius_m)
    choice = FieldChoice(id_field, name_field, kind_field, area_field)
    request = _Request(crs, encoding, table, choice, way or Way())
    with hear_warnings() as heard:
        if isinstance(source, gpd.GeoDataFrame):
            submission = _submit_frame(source, request)
        else:
            submission = _submit_file(Path(source), request, heard)
        submission = replace(submission, way=request.way)
        return assemble_sites(
            submission, plane=plane, working_crs=working_crs, footprint=footprint, region=region
        )


def _submit_file(path: Path, request: _Request, heard: Heard) -> Submission:
    require_local(str(path), path.name)
    if not path.exists():
        raise SourceError(Fault(path.name, say("site.missing")))
    if path.is_dir():
        return _submit_vector(path, request, heard)
    if not path.is_file():
        raise SourceError(Fault(path.name, say("hostile.no_plain_file")))
    try:
        content = _small_file(path, request.table)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(path.name, say("source.damaged", reason=reason))) from None
    except DAMAGE as error:
        reason = plain_reason(str(error) or type(error).__name__, path)
        raise SourceError(Fault(path.name, say("source.damaged", reason=reason))) from None
    if content is None:
        return _submit_vector(path, request, heard)
    if content.suffix == BOUNDARY_POINTS:
        return read_boundary_points(
            content, crs=request.crs, encoding=request.encoding, way=request.way
        )
    return read_site_table(
        content,
        crs=request.crs,
        encoding=request.encoding,
        table=request.table,
        choice=request.choice,
    )


def _small_file(path: Path, table: str | None) -> FileContent | None:
    """Return a text or table with its content, also from a zip file; None for other sources."""
    suffix = path.suffix.lower()
    if suffix in {BOUNDARY_POINTS, *TABLES}:
        _require_size(path.name, path.stat().st_size)
        return FileContent(path.name, suffix, path.read_bytes(), hash_files(path))
    if suffix == ".xls":
        raise SourceError(Fault(path.name, say("site.old_workbook")))
    if suffix != ".zip":
        return None
    names = [entry.filename for entry in list_entries(path, path.name)]
    with zipfile.ZipFile(path) as archive:
        small = [name for name in names if _suffix(name) in {BOUNDARY_POINTS, *TABLES}]
        if data_sets(names) or not small:
            return None
        if len(small) > 1:
            named = [name for name in small if PurePosixPath(name).stem == table]
            if len(named) != 1:
                message = say("source.several", found=", ".join(sorted(small)))
                raise SourceError(Fault(path.name, message))
            small = named
        _require_size(path.name, archive.getinfo(small[0]).file_size)
        content = archive.read(small[0])
    return FileContent(path.name, _suffix(small[0]), content, hash_files(path))


def _require_size(where: str, size: int) -> None:
    if size > LARGEST_BYTES:
        message = say(
            "site.too_large", size=f"{size / 1e6:,.0f}", limit=f"{LARGEST_BYTES / 1e6:,.0f}"
        )
        raise SourceError(Fault(where, message))


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _submit_vector(path: Path, request: _Request, heard: Heard) -> Submission:
    spec = LayerSpec(
        id="sites",
        title=path.stem,
        role="other",
        path=path.name,
        table=request.table,
        encoding=request.encoding,
    )
    delivery = read_and_hear(spec, path.parent, heard)
    shapes = np.asarray(delivery.frame.geometry.to_numpy(), dtype=object)
    doubts = [
        Doubt(WHOLE_FILE, "file_warning", Severity.WARNING, say("quality.file_warning", text=text))
        for text in delivery.source.warnings
    ]
    curved = _curved_rows(spec, path.parent, len(shapes))
    doubts += [
        Doubt(int(row), "linearised", Severity.INFO, say("site.linearised")) for row in curved
    ]
    return _submit(delivery.frame, shapes, delivery.source, request, tuple(doubts))


def _submit_frame(frame: gpd.GeoDataFrame, request: _Request) -> Submission:
    if frame.active_geometry_name is None:
        raise SourceError(Fault("GeoDataFrame", say("source.no_geometry")))
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    texts = frame.drop(columns=frame.geometry.name).to_csv(index=False)
    content = hashlib.sha256(texts.encode())
    for text in shapely.to_wkb(shapes):
        content.update(text or b"-")
    name = "GeoDataFrame"
    source = Source(name, "memory", "", "UTF-8 (format)", content.hexdigest(), len(frame))
    return _submit(frame, shapes, source, request, ())


def _submit(
    frame: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    source: Source,
    request: _Request,
    doubts: tuple[Doubt, ...],
) -> Submission:
    where = source.path
    if not len(frame):
        raise SourceError(Fault(where, say("site.none")))
    stated = None if _is_assumed(frame, source) else frame.crs
    crs, assumed = settle_crs(stated, request.crs, where=where)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    table.columns = unique_names([str(name) for name in table.columns])
    is_shapefile = source.driver == "ESRI Shapefile"
    return Submission(
        attributes=describe_sites(table, request.choice, where=where, cut_names=is_shapefile),
        shapes=shapes,
        places=np.array([say("site.row", row=row + 1) for row in range(len(frame))], dtype=object),
        crs=crs,
        crs_assumed=assumed,
        source=replace(source, features=len(frame)),
        doubts=doubts,
    )


def _is_assumed(frame: gpd.GeoDataFrame, source: Source) -> bool:
    """Tell whether a GeoJSON file without a CRS holds metres, which its default cannot mean."""
    if source.driver != "GeoJSON" or frame.crs is None or frame.crs.to_epsg() != 4326:
        return False
    bounds = np.abs(frame.geometry.bounds.to_numpy())
    return bool(len(bounds) and np.nanmedian(bounds.max(axis=1)) > 180)


def _curved_rows(spec: LayerSpec, directory: Path, count: int) -> NDArray[np.intp]:
    """Return the rows that hold curves, which GDAL has drawn as straight edges."""
    place = find_place(spec.path, directory=directory, table=spec.table, title=spec.title)
    try:
        kind = str(pyogrio.read_info(place.address, layer=place.table)["geometry_type"])
        if kind.split(" ")[-1] in PLAIN_KINDS and not place.address.lower().endswith(".gdb"):
            return np.zeros(0, dtype=np.intp)
        name = place.table.replace("\\", "\\\\").replace('"', '\\"')
        query = f'SELECT OGR_GEOMETRY AS kind FROM "{name}"'
        kinds = pyogrio.read_dataframe(
            place.address, sql=query, sql_dialect="OGRSQL", read_geometry=False
        )
    except DAMAGE:
        return np.zeros(0, dtype=np.intp)
    if len(kinds) != count:
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero([any(word in str(kind) for word in CURVES) for kind in kinds["kind"]])
