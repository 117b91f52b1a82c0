"""Build the example layers of Wuchang: `python scripts/build_layers.py [folder] [--only PART]`.

The county's outline and the Lalin are real, everything else is demonstration data calibrated to
the figures that the plan's text prints. The same content comes out on every run. Projects and
rasters are drawn on the finished layers and can be built alone.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from wuchang import line_tables, tables
from wuchang.county import County, build_county
from wuchang.delivery import write_geopackage, write_shapefile, write_zipped_geodatabase
from wuchang.draft_files import write_draft
from wuchang.inventory import write_inventory
from wuchang.projects import write_projects
from wuchang.rasters import write_rasters
from wuchang.verification import verify_calibration

LAYERS = Path(__file__).resolve().parents[1] / "layers"


PARTS = {"projects": write_projects, "rasters": write_rasters}


def main(folder: Path, *, only: str | None = None) -> None:
    """Write the plan's layers, the draft that differs from it, projects and rasters on them."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve() != LAYERS:
        shutil.copy(LAYERS / "plan.toml", folder)
    if only is None:
        county = build_county()
        write_plan_layers(county, folder)
        verify_calibration(folder)
        write_draft(county, folder)
    for name, write in PARTS.items():
        if only in (None, name):
            write(folder)
    write_inventory(folder)


def write_plan_layers(county: County, folder: Path) -> None:
    """Every file that `plan.toml` names."""
    write_geopackage(
        folder / "basis.gpkg",
        {
            "XJXZQ": line_tables.county_outline(),
            "XZJXZQ": line_tables.townships(county),
            "HL": line_tables.rivers(county),
            "STPZ": line_tables.barrier(county),
        },
    )
    write_zipped_geodatabase(
        folder / "parcels.gdb.zip",
        {
            "DLTB": tables.land_parcels(county),
            "YJJBNTTB": tables.basic_farmland(county),
        },
    )
    shapefiles = (
        ("STBHHX", line_tables.red_line(county), 4490, True),
        ("CZKFBJ", line_tables.development_boundary(county), 4530, True),
        ("ZRBHD", line_tables.protected_areas(county), 4531, True),
        ("YYSSYD", line_tables.water_sources(county), 4531, True),
        ("CZJSYD", line_tables.base_urban_land(county), 4530, False),
    )
    for name, table, crs, code_page in shapefiles:
        write_shapefile(folder / name / f"{name}.shp", table, crs=crs, code_page=code_page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the example layers of Wuchang.")
    parser.add_argument("folder", nargs="?", type=Path, default=LAYERS)
    parser.add_argument("--only", choices=list(PARTS), help="build this from finished layers")
    arguments = parser.parse_args()
    main(arguments.folder, only=arguments.only)
