"""Slope (坡度) from elevation: of a site, of cropland, and where it limits a place."""
