"""The command line: parse, call a job, write what it found, exit.

Exit codes: 0 everything holds; 1 something is broken, or a site is not clear; 2 the input could not
be read, usage, or a fault of the program itself (SPATIALPLAN_DEBUG=1 shows where); 3 nothing is
broken but something was not evaluated or not drawn; 130 and 143: stopped by Ctrl-C, or told to
terminate. Heavy imports wait until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

import typer

from spatialplan.cli.checking import check
from spatialplan.cli.drafting import init
from spatialplan.cli.drawing import draw
from spatialplan.cli.inspecting import inspect
from spatialplan.cli.monitoring import monitor
from spatialplan.cli.screening import screen
from spatialplan.cli.session import complain, use_utf8
from spatialplan.cli.stopping import stopping_at_once
from spatialplan.messages import LANGUAGES, phrase

__all__ = ["app", "run"]

app = typer.Typer(
    name="spatialplan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="国土空间规划核查、选址预检与制图 · Check a plan, screen project sites, draw the map.",
)
app.command()(check)
app.command()(screen)
app.command("map")(draw)
app.command()(inspect)
app.command()(init)
app.command()(monitor)


@app.command()
def schema() -> None:
    """输出规划文件的 JSON Schema · Print the JSON Schema of the plan file."""
    from spatialplan.plan import plan_schema

    use_utf8()
    typer.echo(json.dumps(plan_schema(), ensure_ascii=False, indent=2))


def run() -> None:
    """Enter the program; a fault of its own never leaves with the code of a broken plan."""
    try:
        use_utf8()
        with stopping_at_once():
            app()
    except Exception as error:
        if os.environ.get("SPATIALPLAN_DEBUG") == "1":
            traceback.print_exc()
        # The language was a matter of the plan, which may not have been read: say it in both.
        for language in LANGUAGES:
            complain(phrase("cli.internal", language))
        complain(f"{type(error).__name__}: {error}")
        sys.exit(2)
