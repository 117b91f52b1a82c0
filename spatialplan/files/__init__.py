"""Sources to layers, results to files."""

from spatialplan.files.reading import Reading, read_delivery, read_layer, read_layers
from spatialplan.files.writing import replace_atomically

__all__ = ["Reading", "read_delivery", "read_layer", "read_layers", "replace_atomically"]
