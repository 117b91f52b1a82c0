"""Arithmetic on raster cells: exact cell fractions, ellipsoidal cell areas."""
