"""Repaired copies of tables, in the format that they came in."""
