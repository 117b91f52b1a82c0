"""A full disk, Ctrl-C and kill: nothing half-written remains, what was there before is intact."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from small_layers import square

from spatialplan.errors import OutputError
from spatialplan.files import replace_atomically, writing
from spatialplan.messages import LANGUAGES, phrase

STOPPED = " ".join(phrase("cli.stopped", language) for language in LANGUAGES)
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

PLAN = """
schema = 1
[plan]
id = "t"
title = "测试"
region = "测试县"
year = 2025
standing = "测试"
notice = "测试"
[layers.county]
title = "县界"
role = "region"
path = "county.gpkg"
[layers.red]
title = "红线"
role = "ecological_red_line"
path = "red.gpkg"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small plan, its layers, sites, and results of an earlier run."""
    folder = tmp_path_factory.mktemp("office")
    county = gpd.GeoDataFrame(geometry=[square(0, 0, 5_000)], crs=4530)
    pyogrio.write_dataframe(county, folder / "county.gpkg")
    plots = gpd.GeoDataFrame(geometry=[square(500 * row, 0, 300) for row in range(9)], crs=4530)
    pyogrio.write_dataframe(plots, folder / "red.gpkg")
    pyogrio.write_dataframe(plots.iloc[:2], folder / "sites.gpkg")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    for arguments in COMMANDS.values():
        outcome = subprocess.run(command(arguments), cwd=folder, capture_output=True, text=True)
        assert outcome.returncode in {0, 1, 3}, outcome.stderr
    return folder


COMMANDS = {
    "check": ["check", "plan.toml", "--out", "checked"],
    "screen": ["screen", "plan.toml", "sites.gpkg", "--out", "screened", "--date", "2026-06-01"],
    "map": ["map", "plan.toml", "--out", "drawn/map.html"],
}


def command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "spatialplan", *arguments]


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".writing-" not in str(path)
    }


def same_but_geopackages(before: dict[str, str], after: dict[str, str]) -> None:
    """Compare; results are written anew with the same bytes, GeoPackages with the same content."""
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert all(Path(name).parent.name and name.endswith(".gpkg") for name in changed), changed


@posix
@pytest.mark.parametrize(
    ("name", "sign", "code"),
    [
        ("check", signal.SIGINT, 130),
        ("check", signal.SIGTERM, 143),
        ("check", signal.SIGKILL, -9),
        ("screen", signal.SIGINT, 130),
        ("screen", signal.SIGKILL, -9),
        ("map", signal.SIGINT, 130),
        ("map", signal.SIGTERM, 143),
    ],
)
def test_stopping_at_any_moment_harms_nothing(
    name: str, sign: signal.Signals, code: int, office: Path
) -> None:
    before = contents(office)
    started = subprocess.Popen(
        command(COMMANDS[name]), cwd=office, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    time.sleep(random.Random(f"{name}{sign}").uniform(0.3, 5.0))
    started.send_signal(sign)
    said = started.communicate()[1].decode()
    assert "Traceback" not in said
    assert "Exception" not in said
    # It may have been too quick, and then has ended by itself; while Python itself starts or ends,
    # a signal ends it without a word.
    assert started.returncode in {code, -sign, 0, 1, 3}
    if started.returncode == code and sign != signal.SIGKILL:
        assert said == "" or said.strip() == STOPPED
        assert list(office.rglob(".writing-*")) == []
    same_but_geopackages(before, contents(office))


@posix
def test_what_threads_complain_of_while_it_stops_is_not_shown() -> None:
    """A library that writes in a thread finds its file gone, and says so before the end."""
    program = """
import os, signal
from spatialplan.cli.stopping import stopping_at_once
from spatialplan.files import writing
writing.discard_unfinished = lambda: os.write(2, b"attempt to write a readonly database")
with stopping_at_once():
    os.kill(os.getpid(), signal.SIGINT)
"""
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert outcome.returncode == 130
    assert outcome.stderr.strip() == STOPPED


@posix
def test_a_stop_while_writing_leaves_nothing_half_written(tmp_path: Path) -> None:
    """The program stops itself in the middle of a file, so that the moment is sure."""
    program = """
import os, signal, sys
from pathlib import Path
from spatialplan.cli.stopping import stopping_at_once
from spatialplan.files import replace_atomically
with stopping_at_once(), replace_atomically(Path("review.json")) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGINT)
    temporary.write_text("whole")
"""
    (tmp_path / "review.json").write_text("earlier")
    outcome = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert outcome.returncode == 130
    assert "stopped; results that were complete are kept" in outcome.stderr
    assert "已停止" in outcome.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["review.json"]
    assert (tmp_path / "review.json").read_text() == "earlier"


@posix
@pytest.mark.parametrize(
    ("name", "limit"), [("check", 2_000), ("check", 20_000), ("screen", 40_000), ("map", 90_000)]
)
def test_a_full_disk_leaves_what_was_there(
    name: str, limit: int, office: Path, tmp_path: Path
) -> None:
    """No file may grow over `limit` bytes, which fails as a full disk does, in writes."""
    import resource

    before = contents(office)
    outcome = subprocess.run(
        command(COMMANDS[name]),
        cwd=office,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert outcome.returncode == 2, outcome.stderr
    assert "结果无法写出" in outcome.stderr
    assert "检查文件夹与磁盘空间" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert list(office.rglob(".writing-*")) == []
    assert list(tmp_path.iterdir()) == []
    same_but_geopackages(before, contents(office))


def test_a_disk_that_fills_up_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("earlier")

    def write() -> None:
        with replace_atomically(tmp_path / "a.json") as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"No space left on device.*the space on the disk"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "earlier"


def test_a_folder_that_may_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)

    def write() -> None:
        with replace_atomically(tmp_path / "new" / "a.json") as temporary:
            temporary.write_text("x")

    with pytest.raises(OutputError, match=r"Permission denied; .*check the folder"):
        write()


def test_what_a_killed_program_left_is_removed_after_a_day(tmp_path: Path) -> None:
    for name, age_s in ((".writing-old", 2 * writing.ABANDONED_AFTER_S), (".writing-new", 0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text("half")
        then = time.time() - age_s
        os.utime(tmp_path / name, (then, then))
    with replace_atomically(tmp_path / "a.json") as temporary:
        temporary.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {".writing-new", "a.json"}
