"""Both languages say the same things with the same values."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import spatialplan
from spatialplan.messages import catalogue, say


def placeholders(wording: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def test_the_catalogues_agree() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert placeholders(chinese[key]) == placeholders(english[key]), key


def test_every_key_that_is_said_has_a_wording() -> None:
    package = Path(spatialplan.__file__).parent
    said = {
        key
        for file in package.rglob("*.py")
        for key in re.findall(r"\bsay\(\s*\"([a-z_]+\.[a-z_]+)\"", file.read_text("utf-8"))
    }
    assert said
    assert said <= catalogue("en").keys()


def test_every_value_that_a_wording_needs_is_given() -> None:
    package = Path(spatialplan.__file__).parent
    for file in package.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "say":
                continue
            given = {keyword.arg for keyword in call.keywords}
            key = call.args[0]
            if isinstance(key, ast.Constant) and "." in key.value and None not in given:
                needed = placeholders(catalogue("en")[key.value])
                assert needed <= given, f"{file.name}:{call.lineno}"


def test_a_message_inside_a_message_is_worded_alike() -> None:
    inner = say("source.missing")
    outer = say("layer.unusable", where="红线.shp", reason=inner)
    assert outer.text("zh") == "红线.shp：文件不存在；请核对规划文件中的路径"
    assert str(outer).startswith("红线.shp: the file does not exist")
