"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def layers_folder() -> Path:
    return Path(__file__).parent.parent / "layers"
