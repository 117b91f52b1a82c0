"""Sources to layers, results to files."""

from spatialplan.files.discovery import Discovery, FoundTable, find_tables
from spatialplan.files.outlines import iterate_outlines, read_outlines
from spatialplan.files.reading import (
    Reading,
    hear_warnings,
    read_and_hear,
    read_delivery,
    read_layer,
    read_layers,
    read_layers_near,
)
from spatialplan.files.salvaging.salvage import LostRecord, Salvaged, salvage_table
from spatialplan.files.site_files.boundary_writing import write_boundary_points
from spatialplan.files.site_files.site_reading import read_sites
from spatialplan.files.sources import hash_files
from spatialplan.files.streaming.flows import SiteFlow, SiteRange, open_site_flow
from spatialplan.files.streaming.partitioned import partition_flow
from spatialplan.files.writing import replace_atomically

__all__ = [
    "Discovery",
    "FoundTable",
    "LostRecord",
    "Reading",
    "Salvaged",
    "SiteFlow",
    "SiteRange",
    "find_tables",
    "hash_files",
    "hear_warnings",
    "iterate_outlines",
    "open_site_flow",
    "partition_flow",
    "read_and_hear",
    "read_delivery",
    "read_layer",
    "read_layers",
    "read_layers_near",
    "read_outlines",
    "read_sites",
    "replace_atomically",
    "salvage_table",
    "write_boundary_points",
]
