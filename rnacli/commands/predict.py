"""``rna predict``: predict new rows."""

import functools
import glob
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder, complete_words
from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.terminal.console import make_row_counter, print_note, standard_output
from rnacli.terminal.startup import import_engine, use_one_thread
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.results.prediction_options import PredictionOptions
    from rnacli.runs.folder import Run


def predict(
    run: RunName,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="A CSV (compressed or not), Parquet, .npz or .npy file, - is standard input; or pictures and folders. "
            "With -o DIR/: any number of tables, patterns as 'part-*.parquet', folders.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="The CSV to write, .csv.gz, or .npz; - is standard output; DIR/ has a CSV for each file.",
        ),
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
    only: Annotated[
        str,
        typer.Option(
            "--only",
            metavar="WHAT",
            help="label, probabilities or all.",
            autocompletion=complete_words("label", "probabilities", "all"),
        ),
    ] = "all",
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
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, help="With -o DIR/: processes that share the files.")
    ] = 1,
    shard: Annotated[
        str,
        typer.Option("--shard", metavar="I/N", help="With -o DIR/: 2/8 takes the second of every eight files."),
    ] = "",
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="ADDRESS", help="With -o DIR/: a Dask cluster, dask://host:8786."),
    ] = "processes",
    runs: RunsFolder = RUNS,
) -> None:
    """Predict new rows, as a CSV of labels or values; files that a former call has ended are skipped.

    Text that a spreadsheet would run as a formula (it begins with = + - or @ and is no number) gets an apostrophe.
    """
    from rnacli.runs.find import find_run

    trained = find_run(run, runs)
    many = output.endswith(("/", os.sep)) or Path(output).is_dir()
    given = {"--workers": workers > 1, "--shard": shard, "--engine": engine != "processes"}
    for option in [] if many else filter(given.get, given):
        message = "this is for many files, whose predictions go into a folder"
        raise RnaError(message, place=option, hint="-o predictions/", exit_code=CONFIG)
    if trained.record.get("light") is True and not layer:
        use_one_thread()
    elif not many:
        import_engine()
    from rnacli.results.prediction_options import PredictionOptions

    options = PredictionOptions(on_error, tuple(columns), only, layer)
    if many:
        predict_folder(trained, files, Path(output), options, workers, shard, engine)
    else:
        predict_into_one(trained, files, output, options)


def predict_into_one(trained: "Run", files: Sequence[str], output: str, options: "PredictionOptions") -> None:
    """Predict a file, standard input, or pictures; a pattern in quotation marks may mean them."""
    from rnacli.results.predict import predict_rows
    from rnacli.tables.find import matching_files

    patterns = [file for file in files if glob.has_magic(file)]
    rows = predict_rows(
        trained,
        sys.stdin.buffer
        if files == ["-"]
        else [
            path for file in files for path in (matching_files(Path(file), file) if file in patterns else [Path(file)])
        ],
        standard_output() if output == "-" else Path(output),
        make_row_counter(shown=output != "-"),
        options,
    )
    print_note(fill_template("{rows:,} row predicted" if rows == 1 else "{rows:,} rows predicted", rows=rows))


def predict_folder(
    trained: "Run",
    files: Sequence[str],
    folder: Path,
    options: "PredictionOptions",
    workers: int,
    shard: str,
    engine: str,
) -> None:
    """Predict many files into a folder; exit code 1 where one of them fails."""
    from rnacli.bulk.predict_many import plan_batch, predict_batch
    from rnacli.terminal.many_files import show_outcomes

    batch = plan_batch(trained, files, folder, options, shard)
    is_light = trained.record.get("light") is True and not options.layer
    if batch.jobs and not is_light and workers == 1 and engine == "processes":
        import_engine()
    prepare = None if is_light else functools.partial(import_engine, quiet=True)
    outcomes = predict_batch(trained, batch, options, workers, engine, prepare)
    if not show_outcomes(outcomes, batch.total, len(batch.jobs)):
        raise typer.Exit(DATA)
