"""Sources to layers, results to files."""

from spatialplan.files.discovery import Discovery, FoundTable, find_tables
from spatialplan.files.layer_batches import (
    BATCH_FEATURES,
    BrokenBatch,
    LayerFlow,
    open_flow,
    read_layer_batches,
)
from spatialplan.files.reading import (
    Reading,
    hear_warnings,
    list_problems,
    read_and_hear,
    read_delivery,
    read_layer,
    read_layers,
    read_layers_near,
)
from spatialplan.files.salvaging.salvage import LostRecord, Salvaged, salvage_table
from spatialplan.files.site_files.boundary_writing import write_boundary_points
from spatialplan.files.site_files.site_reading import read_sites
from spatialplan.files.sources import hash_files, plain_reason
from spatialplan.files.streaming.flows import SiteFlow, SiteRange, open_site_flow
from spatialplan.files.writing import replace_atomically

__all__ = [
    "BATCH_FEATURES",
    "BrokenBatch",
    "Discovery",
    "FoundTable",
    "LayerFlow",
    "LostRecord",
    "Reading",
    "Salvaged",
    "SiteFlow",
    "SiteRange",
    "find_tables",
    "hash_files",
    "hear_warnings",
    "list_problems",
    "open_flow",
    "open_site_flow",
    "plain_reason",
    "read_and_hear",
    "read_delivery",
    "read_layer",
    "read_layer_batches",
    "read_layers",
    "read_layers_near",
    "read_sites",
    "replace_atomically",
    "salvage_table",
    "write_boundary_points",
]
