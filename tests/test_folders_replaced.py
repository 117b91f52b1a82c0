"""Results that are a folder appear whole or not at all, like those that are a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from spatialplan.errors import OutputError
from spatialplan.files import replace_atomically


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


def write_parts(target: Path, *parts: str) -> None:
    with replace_atomically(target) as draft:
        draft.mkdir()
        for part in parts:
            (draft / part).write_text(part)


def test_a_folder_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    write_parts(tmp_path / "results", "a", "b")
    write_parts(tmp_path / "results", "c")
    assert names(tmp_path) == ["results", "results/c"]


def test_a_folder_takes_the_place_of_a_file_and_a_file_that_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("one")
    write_parts(tmp_path / "results", "a")
    assert names(tmp_path) == ["results", "results/a"]
    with replace_atomically(tmp_path / "results") as draft:
        draft.write_text("two")
    assert (tmp_path / "results").read_text() == "two"
    assert names(tmp_path) == ["results"]


def test_a_folder_that_is_not_finished_leaves_the_earlier_one(tmp_path: Path) -> None:
    write_parts(tmp_path / "results", "a")
    with pytest.raises(OutputError):
        write_parts(tmp_path / "results", "b", "no folder/c")
    assert names(tmp_path) == ["results", "results/a"]
