"""Project sites in the files that they are submitted in, and as boundary points."""
