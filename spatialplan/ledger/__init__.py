"""Findings of successive runs matched, so that what a person entered is kept (清单化管理)."""
