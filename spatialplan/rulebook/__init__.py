"""The rulebook: dated rules for project sites, each with its basis and whether it was checked."""

from spatialplan.rulebook.book import AbsentLayer, Activity, LandClass, Rulebook, WaivedLayer
from spatialplan.rulebook.reading import read_rulebook

__all__ = ["AbsentLayer", "Activity", "LandClass", "Rulebook", "WaivedLayer", "read_rulebook"]
