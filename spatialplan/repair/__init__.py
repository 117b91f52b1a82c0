"""Repairs of delivered tables: only those asked for, each recorded with the area before and after."""
