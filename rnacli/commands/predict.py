"""``rna predict``: predict new rows."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder
from rnacli.terminal.console import make_row_counter, print_note, standard_output
from rnacli.terminal.startup import import_engine, use_one_thread
from rnacli.words import fill_template


def predict(
    run: RunName,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="A CSV (packed or not), Parquet, .npz or .npy file, - is standard input; or pictures and folders.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="OUT", help="The CSV to write, .csv.gz, or .npz; - is standard output."),
    ] = "-",
    columns: Annotated[
        list[str],
        typer.Option(
            "--columns",
            metavar="A,B",
            help="Columns of the input to pass through, or all.",
            default_factory=list,
            show_default=False,
        ),
    ],
    only: Annotated[str, typer.Option("--only", metavar="WHAT", help="label, probabilities or all.")] = "all",
    layer: Annotated[
        str,
        typer.Option("--layer", metavar="NAME", help="Write what this layer gives, in place of predictions."),
    ] = "",
    on_error: Annotated[
        str,
        typer.Option(
            "--on-error",
            metavar="WHAT",
            help="stop at a bad row, or skip it and write it with the reason beside OUT.",
        ),
    ] = "stop",
    runs: RunsFolder = RUNS,
) -> None:
    """Predict new rows, as a CSV of labels or values.

    Text that a spreadsheet would run as a formula (it begins with = + - or @ and is no number) gets an apostrophe.
    """
    from rnacli.runs.find import find_run

    trained = find_run(run, runs)
    if trained.record.get("light") is True and not layer:
        use_one_thread()
    else:
        import_engine()
    from rnacli.results.predict import predict_rows
    from rnacli.results.prediction_options import PredictionOptions

    rows = predict_rows(
        trained,
        sys.stdin.buffer if files == ["-"] else [Path(file) for file in files],
        standard_output() if output == "-" else Path(output),
        make_row_counter(shown=output != "-"),
        PredictionOptions(on_error, tuple(columns), only, layer),
    )
    print_note(fill_template("{rows:,} row predicted" if rows == 1 else "{rows:,} rows predicted", rows=rows))
