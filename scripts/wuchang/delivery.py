"""Writing tables as planners get them: GeoPackage, GBK shapefiles, a zipped file geodatabase."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pyogrio

from wuchang.measure import WORKING, reproject
from wuchang.tables import Frame
from wuchang.tessellation import DECIMALS

#: 1e-10 degrees are 0.01 mm: finer than the vertices, the same on every platform.
_DEGREE_DECIMALS = 10
_ZIP_DATE = (2025, 1, 1, 0, 0, 0)
_GRID = {"XORIGIN": "0", "YORIGIN": "0", "XYSCALE": "10000", "XYTOLERANCE": "0.001"}


def in_crs(table: Frame, crs: int) -> Frame:
    """Table with its vertices taken to another system, rounded as delivered."""
    if table.crs.to_epsg() == crs:
        return table
    decimals = _DEGREE_DECIMALS if crs == 4490 else DECIMALS
    moved = reproject(table.geometry.to_numpy(), WORKING, crs, decimals)
    return table.set_geometry(list(moved), crs=crs)


def write_geopackage(path: Path, tables: dict[str, Frame]) -> None:
    """Several tables in EPSG:4490 in one file, its date fixed."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2025-01-01T00:00:00Z"})
    for name, table in tables.items():
        kinds = set(table.geom_type)
        kind = "LineString" if kinds == {"LineString"} else "MultiPolygon"
        pyogrio.write_dataframe(
            in_crs(table, 4490),
            path,
            layer=name,
            driver="GPKG",
            geometry_type=kind,
            promote_to_multi=kind == "MultiPolygon",
            append=path.exists(),
        )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_shapefile(path: Path, table: Frame, *, crs: int, code_page: bool = True) -> None:
    """One shapefile with GBK text; without a code page the .cpg is missing, as often met."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(
        in_crs(table, crs),
        path,
        driver="ESRI Shapefile",
        encoding="GBK",
        layer_options={"DBF_DATE_LAST_UPDATE": "2025-01-01"},
    )
    marker = path.with_suffix(".cpg")
    marker.unlink(missing_ok=True)
    if code_page:
        marker.write_text("GBK", encoding="ascii")


def write_zipped_geodatabase(path: Path, tables: dict[str, Frame]) -> None:
    """Tables in the working system as a file geodatabase inside a zip."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / path.name.removesuffix(".zip")
        for name, table in tables.items():
            pyogrio.write_dataframe(
                table,
                folder,
                layer=name,
                driver="OpenFileGDB",
                geometry_type="MultiPolygon",
                promote_to_multi=True,
                append=folder.exists(),
                layer_options=_GRID,
            )
        _zip_folder(folder, path)


def _zip_folder(folder: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for member in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{folder.name}/{member.name}", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.read_bytes(), compresslevel=9)
