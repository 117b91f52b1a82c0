"""Sources to layers, results to files."""

from spatialplan.files.boundary_writing import write_boundary_points
from spatialplan.files.reading import (
    Reading,
    read_delivery,
    read_layer,
    read_layers,
    read_layers_near,
)
from spatialplan.files.site_reading import read_sites
from spatialplan.files.writing import replace_atomically

__all__ = [
    "Reading",
    "read_delivery",
    "read_layer",
    "read_layers",
    "read_layers_near",
    "read_sites",
    "replace_atomically",
    "write_boundary_points",
]
