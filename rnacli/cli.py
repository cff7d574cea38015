"""The ``rna`` command: arguments in, one call, print. What is slow to import is imported inside the commands."""

import contextlib
import itertools
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from rnacli import __version__, console, startup
from rnacli.errors import CONFIG, DATA, RnaError, clean

if TYPE_CHECKING:
    from rnacli.evaluation import Evaluation
    from rnacli.runs import Run

INTERRUPTED = 128
"""A run that a signal ended exits with this and the signal's number, as shells do."""

app = typer.Typer(
    name="rna",
    help="Trains the neural networks that a YAML file describes.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Command(TyperCommand):
    """A command that knows what ``--epochs 3`` means to say."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        from rnacli.language import Config
        from rnacli.schema import keys

        typed = list(args)  # Typer takes them from the list as it reads
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            option = str(getattr(error, "option_name", ""))
            name = option.lstrip("-").replace("-", "_")
            if name in keys(Config):
                value = next((after for given, after in itertools.pairwise(typed) if given == option), "...")
                error.message = f"No such option: {option}\n  hint: --set {name}={clean(value)}"
            raise


Config_ = Annotated[Path, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.", show_default=False)]
Run_ = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, its name, or latest.", show_default=False)]
Set_ = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Change one key: --set optimizer.sgd.learning_rate=0.1"),
]
Runs_ = Annotated[Path, typer.Option("--runs", metavar="DIR", help="The folder of run folders.")]
Cache_ = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", envvar="RNA_CACHE", help="Where downloads are kept (~/.cache/rna)."),
]
RUNS = Path("runs")


@app.command(cls=Command)
def train(
    config: Config_,
    set_: Set_ = [],  # noqa: B006
    runs: Runs_ = RUNS,
    cache: Cache_ = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's path and nothing else.")] = False,
) -> None:
    """Train a network; the last line is its run folder."""
    from rnacli import config as configs

    experiment = configs.load(config, set_)
    if quiet:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    startup.start_engine()
    from rnacli import progress, training

    listeners = [] if quiet else [progress.Announce(experiment.name), progress.listener(experiment.epochs)]
    # Some callbacks of Keras' print; standard output is for the path.
    with contextlib.redirect_stdout(sys.stderr):
        run = training.train(experiment, runs, cache or default_cache(), listeners)
    if not quiet:
        show_results(run)
    console.show(str(run.path))
    if run.record["status"] == "interrupted":
        console.say(f"interrupted: {run.record['epochs']} of {experiment.epochs} epochs are saved")
        raise typer.Exit(INTERRUPTED + int(run.record["signal"]))


@app.command(cls=Command)
def evaluate(
    run: Run_,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="Rows with targets, other than the run's.")
    ] = None,
    part: Annotated[
        str | None, typer.Option("--part", metavar="PART", help="train, validation or test (default: held-out rows).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
    runs: Runs_ = RUNS,
    cache: Cache_ = None,
) -> None:
    """Measure a run on the rows it was not trained on."""
    import json

    from rnacli import runs as folders

    found = folders.find(run, runs)
    if part is not None:
        check_part(part)
    startup.start_engine()
    from rnacli import evaluation

    result = evaluation.evaluate(found, cache or default_cache(), part, data)
    if as_json:
        console.show(json.dumps(result.plain(), indent=1, ensure_ascii=False))
    else:
        show_evaluation(result)


@app.command(cls=Command)
def predict(
    run: Run_,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A CSV, .npz or .npy file; - is standard input.", show_default=False)
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="The CSV to write; - is standard output.")
    ] = "-",
    runs: Runs_ = RUNS,
) -> None:
    """Predict new rows, as a CSV of labels or values."""
    from rnacli import runs as folders

    found = folders.find(run, runs)
    if found.record.get("light") is True:
        startup.one_thread()
    else:
        startup.start_engine()
    from rnacli import prediction

    rows = prediction.predict(
        found,
        sys.stdin.buffer if file == "-" else Path(file),
        sys.stdout if output == "-" else Path(output),
        console.counter("rows", shown=output != "-"),
    )
    console.say(f"{rows:,} row{'s' if rows != 1 else ''} predicted")


@app.command(cls=Command)
def check(config: Config_, set_: Set_ = [], cache: Cache_ = None) -> None:  # noqa: B006
    """Name every mistake in a file, or show its network."""
    from rnacli import config as configs

    experiment = configs.load(config, set_)
    startup.start_engine()
    from rnacli import checking

    result = checking.check(experiment, cache or default_cache())
    data = result.data
    rows = ", ".join(f"{len(rows):,} {part}" for part, rows in data.parts.items())
    inputs = " x ".join(map(str, data.preprocessing.shape))
    console.show(f"{experiment.name}: {rows} rows; inputs {inputs} {data.rows.x.dtype}; {data.task.kind}")
    if data.preprocessing.features:
        console.show(f"inputs: {clean(', '.join(data.preprocessing.features), 500)}")
    if data.preprocessing.classes:
        show_balance(data)
    layers = [(layer.name, layer.kind, str(layer.shape), layer.parameters) for layer in result.layers]
    console.table(("layer", "kind", "output", "parameters"), layers, left=(0, 1, 2))
    console.show(f"{result.parameters:,} parameters")
    for problem in result.doubtful:
        console.say(f"warning: {problem}" + (f"\n  hint: {problem.hint}" if problem.hint else ""))
    if result.wrong:
        raise RnaError.of(result.wrong, CONFIG)


@app.command(cls=Command)
def plot(run: Run_, runs: Runs_ = RUNS, cache: Cache_ = None) -> None:
    """Draw a run's pictures again."""
    from rnacli import runs as folders

    found = folders.find(run, runs)
    startup.start_engine()
    from rnacli import pictures

    for path in pictures.redraw(found, cache or default_cache()):
        console.show(str(path))


@app.command(cls=Command)
def weights(
    run: Run_,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every single weight, as CSV.")] = False,
    runs: Runs_ = RUNS,
) -> None:
    """Show what each layer has learnt."""
    from rnacli import runs as folders

    found = folders.find(run, runs)
    from rnacli import trained

    opened = trained.load(found)
    shapes = opened.light_shapes()
    if shapes is None:
        startup.start_engine()
        from rnacli import model

        shapes = model.expected(model.restore(opened))
    arrays = {name.partition("/")[2]: array for name, array in opened.weights(shapes).items()}
    if as_csv:
        trained.write_weights(arrays, sys.stdout)
        return
    for name, array in arrays.items():
        show_weights(name, array)


@app.command("runs", cls=Command)
def runs_(
    runs: Runs_ = RUNS,
    every: Annotated[bool, typer.Option("--all", help="All of them, not the newest 20.")] = False,
) -> None:
    """List the runs with what they reached, the newest last."""
    from rnacli import runs as folders

    listing = folders.newest(runs, None if every else 20)
    if not listing:
        raise RnaError("there are no runs here", place=str(runs), hint="rna train config.yaml")
    show_runs(listing)


@app.command(cls=Command)
def init(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Without it, the templates are listed.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write (TEMPLATE.yaml).")
    ] = None,
) -> None:
    """Write a commented experiment file to start from."""
    from rnacli import templates

    if not template:
        known = templates.known()
        for name, comment in known.items():
            console.show(f"{name:{max(map(len, known))}}  {comment}")
        return
    text = templates.text(template)
    path = output or Path(f"{template}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise RnaError("the file is already there", place=str(path), hint="-o another.yaml", exit_code=CONFIG) from None
    console.show(str(path))


@app.command(cls=Command)
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference in words instead.")] = False,
) -> None:
    """Print the JSON Schema of a file, for editors."""
    import json

    from rnacli import language, reference

    console.show(reference.markdown() if markdown else json.dumps(language.json_schema(), indent=1))


# What the commands print


def show_results(run: "Run") -> None:
    results: dict[str, dict[str, float]] = run.record["results"]
    names = list(dict.fromkeys(name for measures in results.values() for name in measures))
    rows = [(part, run.record["data"]["rows"][part], *map(results[part].get, names)) for part in results]
    console.table(("", "rows", *names), rows, talk=True)


def show_runs(runs: "list[Run]") -> None:
    """One line a run: its folder, how it ended, its epochs, and its figures on the held-out rows."""
    rows = []
    for run in runs:
        part = str(run.record.get("held_out", ""))
        figures = run.record.get("results", {}).get(part, {})
        reached = "  ".join(f"{name} {console.figure(value)}" for name, value in figures.items())
        rows.append((run.name, str(run.record.get("status", "")), run.record.get("epochs"), part, reached))
    console.table(("run", "status", "epochs", "on", "reached"), rows, left=(0, 1, 3, 4))


def show_evaluation(result: "Evaluation") -> None:
    measured = [*result.measures.items(), *((f"{name} (scikit-learn)", value) for name, value in result.scores.items())]
    console.table((f"{result.rows:,} {result.part} rows", ""), measured)
    if result.confusion is None:
        return
    figures = [(row["class"], row["precision"], row["recall"], row["f1"], row["rows"]) for row in result.per_class]
    console.table(("class", "precision", "recall", "f1", "rows"), figures)
    if len(result.classes) <= 20:
        counts = [(name, *row) for name, row in zip(result.classes, result.confusion.tolist(), strict=True)]
        console.table(("true \\ predicted", *result.classes), counts)


def show_balance(data: Any) -> None:
    from rnacli.dataset import class_counts

    counts = {part: class_counts(data, part) for part in data.parts}
    rows = [(name, *(counts[part][i] for part in counts)) for i, name in enumerate(data.preprocessing.classes)]
    console.table(("class", *counts), rows)


def show_weights(name: str, array: Any) -> None:
    """One array: its figures, and its numbers if they are few enough to read."""
    shape = " x ".join(map(str, array.shape)) or "1"
    numbers = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    summary = f"{name}  {shape}  mean {numbers.mean():.4g}  deviation {numbers.std():.4g}"
    if numbers.shape[1] > 12 or numbers.shape[0] > 20:
        console.show(f"{summary}  from {numbers.min():.4g} to {numbers.max():.4g}")
        return
    console.show(summary)
    columns = ("", *(f"unit {i + 1}" for i in range(numbers.shape[1])))
    rows = [(f"{i + 1}", *row) for i, row in enumerate(numbers.astype(float).tolist())]
    console.table(columns, rows)


def check_part(part: str) -> None:
    from rnacli.errors import did_you_mean
    from rnacli.language import PARTS

    if part not in PARTS:
        hint = did_you_mean(part, PARTS)
        raise RnaError(
            f"train, validation or test is wanted, got '{clean(part)}'", place="--part", hint=hint, exit_code=CONFIG
        )


def default_cache() -> Path:
    return Path.home() / ".cache" / "rna"


# Running


def print_version(wanted: bool) -> None:
    if wanted:
        console.show(f"rna {__version__}")
        raise typer.Exit


@app.callback()
def rna(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Trains the neural networks that a YAML file describes."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command; an error that the user can mend is shown in words, and decides the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    log = logging.getLogger("rnacli")
    log.handlers, log.propagate = [console.Talk()], False
    log.setLevel(logging.INFO)
    try:
        app(arguments, prog_name="rna")
    except RnaError as error:
        console.report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader has had enough; the interpreter must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DATA)
    except OSError as error:
        console.say(f"error: {clean(error.strerror or error)}: {clean(error.filename or '', 300)}")
        sys.exit(DATA)
    sys.exit(0)


def command() -> NoReturn:
    """The ``rna`` command as a process of its own."""
    startup.run(main)
