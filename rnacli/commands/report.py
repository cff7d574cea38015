"""``rna report``: a page of HTML on a run, or on several."""

from pathlib import Path
from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunNames, RunsFolder
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_result


def report(
    runs: RunNames,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.html", help="The page (default: report.html in the run folder)."),
    ] = None,
    folder: RunsFolder = RUNS,
) -> None:
    """Write a page on a run, or on several side by side, that opens in any browser."""
    from rnacli.files import require_folder_of, write_output
    from rnacli.report.comparison import report_runs
    from rnacli.report.run import report_run
    from rnacli.runs.find import find_runs

    chosen = find_runs(runs, folder)
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        message = "a report is a page of HTML"
        raise RnaError(message, place=str(output), hint="-o report.html", exit_code=CONFIG)
    if output is not None:
        require_folder_of(output)
    content = report_run(chosen[0]) if len(chosen) == 1 else report_runs(chosen)
    path = output or (chosen[0].path / "report.html" if len(chosen) == 1 else Path("report.html"))
    write_output(path, content.encode())
    print_result(str(path))
