"""Mutated files: made, read in children, judged."""
