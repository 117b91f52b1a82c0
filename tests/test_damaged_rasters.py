"""Damaged, missing and mislabelled rasters: an error that says what to do, never a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_rasters import cover_spec, make_grid, make_plan, write_raster

from spatialplan.errors import SourceError
from spatialplan.files import read_raster, read_windows
from spatialplan.plan import Plan, RasterSpec

# Noise, so that no compression makes a file small.
CELLS = np.random.default_rng(5).integers(1, 4, (300, 300)).astype(np.uint8)
GRID = make_grid("zone 42", rows=300, columns=300)
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "tiles": {"tiled": True, "blockxsize": 64, "blockysize": 64},
    "deflate": {"compress": "deflate", "tiled": True, "blockxsize": 64, "blockysize": 64},
    "lzw strips": {"compress": "lzw"},
    "zstd": {"compress": "zstd"},
}


def read_all(spec: RasterSpec, plan: Plan) -> None:
    """Open a raster and read all of its cells."""
    list(read_windows(read_raster(spec, plan), most_cells=4_096))


def refuse(folder: Path, path: str = "cover.tif", *, windows: bool = False) -> str:
    read = read_all if windows else read_raster
    with pytest.raises(SourceError) as caught:
        read(cover_spec(path=path), make_plan(folder))
    text = caught.value.text("en")
    assert str(folder) not in text
    assert caught.value.text("zh") != text
    return text


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_file_cut_short(tmp_path: Path, layout: str, kept: float) -> None:
    """Wherever it is cut: at the directory it does not open, later its cells cannot be read."""
    file = write_raster(tmp_path / "cover.tif", CELLS, GRID, **LAYOUTS[layout])
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    text = refuse(tmp_path, windows=True)
    assert "copy" in text


@pytest.mark.parametrize("layout", ["deflate", "lzw strips", "zstd"])
def test_bytes_overwritten_in_the_middle(tmp_path: Path, layout: str) -> None:
    file = write_raster(tmp_path / "cover.tif", CELLS, GRID, **LAYOUTS[layout])
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    file.write_bytes(content)
    text = refuse(tmp_path, windows=True)
    assert "cells in rows" in text
    assert "Nothing is taken in their place" in text


def test_windows_before_the_damage_are_read(tmp_path: Path) -> None:
    file = write_raster(tmp_path / "cover.tif", CELLS, GRID, compress="lzw")
    content = bytearray(file.read_bytes())
    content[-8_000:-1_000] = bytes(7_000)
    file.write_bytes(content)
    raster = read_raster(cover_spec(), make_plan(tmp_path))
    windows = read_windows(raster, most_cells=3_000)
    first = next(windows)
    assert (first.values == CELLS[: first.values.shape[0]]).all()
    with pytest.raises(SourceError, match=r"rows \d+ to \d+, columns 1 to 300"):
        list(windows)


def test_no_such_file(tmp_path: Path) -> None:
    write_raster(tmp_path / "cover.tif", CELLS, GRID)
    assert "did you mean «cover.tif»" in refuse(tmp_path, "covr.tif")
    assert "does not exist" in refuse(tmp_path, "nowhere/else.tif")


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    file = write_raster(tmp_path / "cover.tif", CELLS, GRID)
    raster = read_raster(cover_spec(), make_plan(tmp_path))
    file.unlink()
    with pytest.raises(SourceError, match="does not exist"):
        list(read_windows(raster))


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("cover.tif", "这不是栅格\n".encode(), "not of that format"),
        ("cover.tif", b"", "not of that format"),
        ("cover.tif", b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", "not of that format"),
        ("cover.tif", b"II*\0" + bytes(200), "cannot be opened"),
        ("cover.img", b"EHFA_HEADER_TAG\0" + bytes(200), "cannot be opened"),
        ("cover.vrt", b"<VRTDataset/>", "are not read; known: .img, .tif, .tiff"),
        ("cover.zip", b"PK\3\4", "are not read"),
        ("cover", b"II*\0", "are not read"),
    ],
)
def test_files_that_are_no_rasters(tmp_path: Path, name: str, content: bytes, advice: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert advice in refuse(tmp_path, name)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cover.tif").mkdir()
    assert "a folder where a raster file" in refuse(tmp_path)


@pytest.mark.parametrize(
    "path", ["https://example.org/cover.tif", "/vsicurl/http://example.org/cover.tif"]
)
def test_no_address_in_the_network(tmp_path: Path, path: str) -> None:
    spec = cover_spec(path=path)
    with pytest.raises(SourceError, match=r"network|address"):
        read_raster(spec, make_plan(tmp_path))
