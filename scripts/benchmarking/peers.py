"""The peers: each gets its best fair form, and says why when it cannot take part.

Parcels are loaded, zones loaded as the pieces that `cut_zones` makes, before the clock runs:
nobody's planner cuts zones by hand, but without that these engines take minutes.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import shapely

from benchmarking.county_files import LINE_NAMES, CountyFiles, CountyLayers
from benchmarking.ground import CRS, Array
from benchmarking.rounds import Contender
from spatialplan.overlay import CutZones

CutLines = dict[str, CutZones]

# Tried as well: pieces of 64 to 256 vertices instead of our 512, bare ST_Intersection without
# asking first whether the piece covers the parcel, boxes that meet instead of ST_Intersects,
# the tables swapped. Less than a fifth apart in processor time, and this is the quickest.
AREAS_BY_LINE = """
    SELECT p.row_id, z.line, sum(
        CASE WHEN ST_CoveredBy(p.geom, z.geom) THEN ST_Area(p.geom)
             ELSE ST_Area(ST_Intersection(p.geom, z.geom)) END) AS area
    FROM parcels p JOIN zones z ON ST_Intersects(p.geom, z.geom)
    GROUP BY p.row_id, z.line"""


class MissingPeerError(Exception):
    """A peer cannot take part; the message says why."""


@dataclass(frozen=True)
class Given:
    """What a peer is given: files, layers in memory, lines already cut, how large a sample."""

    files: CountyFiles
    layers: CountyLayers
    cut_lines: CutLines
    sample: int
    seed: int


def require_module(name: str) -> Any:
    """Import a peer's module, or say that it is not installed."""
    if find_spec(name) is None:
        raise MissingPeerError(f'{name} is not installed (pip install ".[bench]")')
    return importlib.import_module(name)


def gather_areas(rows: Array, lines: Array, areas: Array, parcels: int) -> Array:
    """Turn answers by parcel and line into an array, shape (lines, parcels)."""
    sums = np.bincount(lines * parcels + rows, areas, len(LINE_NAMES) * parcels)
    return sums.reshape(len(LINE_NAMES), parcels)


def list_pieces(cut_lines: CutLines) -> tuple[Array, Array]:
    """List the pieces of all lines, and the position of the line of each."""
    pieces = [cut_lines[name].pieces for name in LINE_NAMES]
    return np.concatenate(pieces), np.repeat(np.arange(len(pieces)), [len(one) for one in pieces])


# ── geopandas ───────────────────────────────────────────────────────────────


def prepare_geopandas(given: Given) -> Contender:
    """Overlay a sample with the lines as they are; the whole would take a quarter of an hour."""
    parcels = given.layers.parcels
    rows = np.random.default_rng(given.seed).permutation(len(parcels))[: given.sample]
    sample = geopandas.GeoDataFrame({"row_id": rows}, geometry=parcels[rows], crs=CRS)
    lines = [
        geopandas.GeoDataFrame(geometry=given.layers.lines[name], crs=CRS) for name in LINE_NAMES
    ]

    def answer() -> list[Array]:
        found = [geopandas.overlay(sample, line, how="intersection") for line in lines]
        return [np.bincount(one["row_id"], one.area, len(parcels)) for one in found]

    scale = len(parcels) / len(rows)
    note = f"{len(rows):,} parcels of {len(parcels):,}, × {scale:g}; lines as they are"
    return Contender("geopandas.overlay", answer, np.asarray, rows, scale, note=note)


# ── DuckDB ──────────────────────────────────────────────────────────────────


def prepare_duckdb(given: Given) -> Contender:
    """Join in memory with the spatial extension, one thread a processor."""
    duckdb = require_module("duckdb")
    connection = duckdb.connect()
    try:
        connection.load_extension(str(find_duckdb_extension(duckdb.__version__)))
    except duckdb.Error as error:
        raise MissingPeerError(f"its spatial extension does not load: {error}") from error
    # A table is shared out among threads by row group; those of 122,880 rows leave one idle.
    connection.execute("ATTACH ':memory:' AS county (ROW_GROUP_SIZE 8192); USE county")
    connection.execute(f"SET threads = {os.cpu_count() or 1}")
    parcel_rows = connection.read_parquet(str(given.files.parcels), file_row_number=True)
    parcel_rows.project("file_row_number AS row_id, geometry AS geom").create("parcels")
    pieces, line = list_pieces(given.cut_lines)
    connection.register("piece_rows", pa.table({"line": line, "wkb": shapely.to_wkb(pieces)}))
    connection.execute(
        "CREATE TABLE zones AS SELECT line, ST_GeomFromWKB(wkb) AS geom FROM piece_rows"
    )

    def reveal(answer: dict[str, Array]) -> Array:
        return gather_areas(
            answer["row_id"], answer["line"], answer["area"], len(given.layers.parcels)
        )

    note = f"{duckdb.__version__}, spatial; zones already cut, tables in memory"
    return Contender(
        "DuckDB", lambda: connection.execute(AREAS_BY_LINE).fetchnumpy(), reveal, note=note
    )


def find_duckdb_extension(version: str) -> Path:
    """Return the file of the spatial extension that the package of that name brings."""
    package = find_spec("duckdb_extension_spatial")
    if package is None or package.origin is None:
        raise MissingPeerError("duckdb-extension-spatial is not installed")
    files = sorted(Path(package.origin).parent.glob("extensions/*/spatial.duckdb_extension"))
    for file in files:
        if file.parent.name == f"v{version}":
            return file
    there = ", ".join(file.parent.name for file in files)
    raise MissingPeerError(f"duckdb-extension-spatial is for {there}, duckdb is v{version}")


# ── SedonaDB ────────────────────────────────────────────────────────────────


def prepare_sedonadb(given: Given) -> Contender:
    """Join tables in memory; it takes a partition for each processor by itself."""
    sedonadb = require_module("sedonadb")
    session = sedonadb.connect()
    pieces, line = list_pieces(given.cut_lines)
    # The file's rows come in any order, so parcels are numbered before they are handed over.
    parcels = given.layers.parcels
    tables = {
        "parcels": {"row_id": np.arange(len(parcels)), "wkb": shapely.to_wkb(parcels)},
        "zones": {"line": line, "wkb": shapely.to_wkb(pieces)},
    }
    for name, columns in tables.items():
        session.create_data_frame(pa.table(columns)).to_view(f"{name}_wkb")
        key = next(iter(columns))
        query = f"SELECT {key}, ST_GeomFromWKB(wkb) AS geom FROM {name}_wkb"
        session.sql(query).to_memtable().to_view(name)

    def answer() -> pa.Table:
        return pa.RecordBatchReader.from_stream(session.sql(AREAS_BY_LINE)).read_all()

    def reveal(answer: pa.Table) -> Array:
        row, line, area = (answer[name].to_numpy() for name in ("row_id", "line", "area"))
        return gather_areas(row, line, area, len(parcels))

    note = f"{sedonadb.__version__}; zones already cut, tables in memory"
    return Contender("SedonaDB", answer, reveal, note=note)


# ── PostGIS ─────────────────────────────────────────────────────────────────


POSTGIS_VARIABLE = "SPATIALPLAN_BENCH_POSTGIS"
POSTGIS_SCHEMA = "spatialplan_bench"

# Temporary tables would keep a query on one processor, so these are dropped in the end. The leader
# works as well, so that one worker fewer than processors keeps all of them busy. Compiling the
# query takes longer than it saves.
POSTGIS_TABLES = f"""
    DROP SCHEMA IF EXISTS {POSTGIS_SCHEMA} CASCADE;
    CREATE SCHEMA {POSTGIS_SCHEMA};
    SET search_path = {POSTGIS_SCHEMA}, public;
    CREATE UNLOGGED TABLE parcels (row_id int, geom geometry);
    CREATE UNLOGGED TABLE lines (line int, geom geometry);"""
POSTGIS_SETTINGS = """
    SET jit = off;
    SET work_mem = '256MB';
    SET max_parallel_workers_per_gather = {workers};
    ALTER TABLE parcels SET (parallel_workers = {workers});
    ALTER TABLE zones SET (parallel_workers = {workers});"""
POSTGIS_ZONES = """
    CREATE UNLOGGED TABLE zones AS SELECT line, ST_Subdivide(geom, {vertices}) AS geom FROM lines;
    CREATE INDEX ON parcels USING gist (geom);
    CREATE INDEX ON zones USING gist (geom);"""
# 128 and 256 took the server 1.4 and 1.3 times the processor time.
SUBDIVIDED_VERTICES = 64


def prepare_postgis(given: Given) -> Contender:
    """Join tables of a server with ST_Subdivide and GiST indexes; loading is told apart."""
    address = os.environ.get(POSTGIS_VARIABLE)
    if not address:
        raise MissingPeerError(f"no server: {POSTGIS_VARIABLE} is not set")
    psycopg = require_module("psycopg")
    try:
        connection = psycopg.connect(address, autocommit=True)
        (edition,) = connection.execute("SELECT postgis_lib_version()").fetchone()
        started = time.perf_counter()
        load_postgis(connection, given)
        load_s = time.perf_counter() - started
    except psycopg.Error as error:
        raise MissingPeerError(f"the server of {POSTGIS_VARIABLE} said: {error}") from error

    def reveal(answer: list[tuple[int, int, float]]) -> Array:
        row, line, area = np.array(answer, dtype=np.float64).reshape(-1, 3).T
        return gather_areas(
            row.astype(np.int64), line.astype(np.int64), area, len(given.layers.parcels)
        )

    return Contender(
        "PostGIS",
        lambda: connection.execute(AREAS_BY_LINE, binary=True).fetchall(),
        reveal,
        note=f"{edition}; ST_Subdivide({SUBDIVIDED_VERTICES}), GiST; loaded in {load_s:.1f} s",
        elsewhere=True,
        close=partial(leave_postgis, connection),
    )


def load_postgis(connection: Any, given: Given) -> None:
    """Copy parcels and lines to the server, cut the lines there and build indexes."""
    connection.execute(POSTGIS_TABLES)
    copy_shapes(connection, "parcels", np.arange(len(given.layers.parcels)), given.layers.parcels)
    for place, name in enumerate(LINE_NAMES):
        shapes = given.layers.lines[name]
        copy_shapes(connection, "lines", np.full(len(shapes), place), shapes)
    connection.execute(POSTGIS_ZONES.format(vertices=SUBDIVIDED_VERTICES))
    connection.execute(POSTGIS_SETTINGS.format(workers=max(1, (os.cpu_count() or 1) - 1)))
    connection.execute("VACUUM ANALYZE parcels")
    connection.execute("VACUUM ANALYZE zones")


def copy_shapes(connection: Any, table: str, keys: Array, shapes: Array) -> None:
    """Append shapes with a key each to a table of the server."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in zip(keys.tolist(), shapely.to_wkb(shapes, hex=True), strict=True):
            copy.write_row(row)


def leave_postgis(connection: Any) -> None:
    """Leave the server as it was found."""
    connection.execute(f"DROP SCHEMA {POSTGIS_SCHEMA} CASCADE")
    connection.close()


# ── All ─────────────────────────────────────────────────────────────────────

PEERS: dict[str, Callable[[Given], Contender]] = {
    "DuckDB": prepare_duckdb,
    "SedonaDB": prepare_sedonadb,
    "PostGIS": prepare_postgis,
    "geopandas.overlay": prepare_geopandas,
}


def prepare_peers(given: Given) -> tuple[list[Contender], dict[str, str]]:
    """Return the peers that can take part, and why the others cannot."""
    present, missing = [], {}
    for name, prepare in PEERS.items():
        try:
            present.append(prepare(given))
        except MissingPeerError as error:
            missing[name] = str(error)
    return present, missing
