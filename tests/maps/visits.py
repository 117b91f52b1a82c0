"""A page in a real browser, opened from the disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

__all__ = ["CHROMIUM", "WIDTHS", "Visit", "meet", "needs_chromium"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

WIDTHS = ((1400, 900), (390, 844))


class Visit:
    """An open page, and everything that it asked for or complained about."""

    def __init__(self, browser: Any, path: Path, size: tuple[int, int] = WIDTHS[0]) -> None:
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.goto(path.as_uri())
        self.page.wait_for_function("window.spatialplan !== undefined")

    @property
    def asked(self) -> list[str]:
        """Every address asked for that does not stand in the page itself."""
        return [url for url in self.requests if not url.startswith("data:")]


def meet(first: dict[str, float], second: dict[str, float]) -> bool:
    """Whether two boxes have ground in common."""
    return (
        first["x"] < second["x"] + second["width"]
        and second["x"] < first["x"] + first["width"]
        and first["y"] < second["y"] + second["height"]
        and second["y"] < first["y"] + first["height"]
    )
