"""Sources to layers, results to files."""

from spatialplan.files.discovery import Discovery, FoundTable, find_tables
from spatialplan.files.ledgers import (
    LEDGER_TABLE,
    LedgerFile,
    RowChange,
    backup_path,
    read_ledger,
    update_ledger,
)
from spatialplan.files.legends import read_legend
from spatialplan.files.outlines import iterate_outlines, read_outlines
from spatialplan.files.raster_pairs import read_raster_pairs
from spatialplan.files.rasters import WINDOW_CELLS, read_raster, read_windows
from spatialplan.files.reading import (
    Reading,
    hear_warnings,
    list_problems,
    note_layers,
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
from spatialplan.files.streaming.layer_flows import (
    BATCH_FEATURES,
    BrokenBatch,
    LayerFlow,
    open_flow,
    read_layer_batches,
)
from spatialplan.files.streaming.partitioned import partition_flow
from spatialplan.files.streaming.site_flows import SiteFlow, SiteRange, open_site_flow
from spatialplan.files.writing import replace_atomically

__all__ = [
    "BATCH_FEATURES",
    "LEDGER_TABLE",
    "WINDOW_CELLS",
    "BrokenBatch",
    "Discovery",
    "FoundTable",
    "LayerFlow",
    "LedgerFile",
    "LostRecord",
    "Reading",
    "RowChange",
    "Salvaged",
    "SiteFlow",
    "SiteRange",
    "backup_path",
    "find_tables",
    "hash_files",
    "hear_warnings",
    "iterate_outlines",
    "list_problems",
    "note_layers",
    "open_flow",
    "open_site_flow",
    "partition_flow",
    "plain_reason",
    "read_and_hear",
    "read_delivery",
    "read_layer",
    "read_layer_batches",
    "read_layers",
    "read_layers_near",
    "read_ledger",
    "read_legend",
    "read_outlines",
    "read_raster",
    "read_raster_pairs",
    "read_sites",
    "read_windows",
    "replace_atomically",
    "salvage_table",
    "update_ledger",
    "write_boundary_points",
]
