"""The ``rna`` command: arguments in, one call, print. What is slow to import is imported inside the commands."""

import contextlib
import itertools
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from rnacli import __version__, console, showing, signals, startup
from rnacli.errors import CONFIG, DATA, RnaError, clean, of_system
from rnacli.signals import Interrupted

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
Offline_ = Annotated[bool, typer.Option("--offline", help="Download nothing: what is not in the cache is missing.")]
RUNS = Path("runs")


@app.command(cls=Command)
def train(
    config: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.")] = None,
    set_: Set_ = [],  # noqa: B006
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on with a run that was stopped.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Resume although a version or the machine has changed.")
    ] = False,
    runs: Runs_ = RUNS,
    cache: Cache_ = None,
    offline: Offline_ = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's path and nothing else.")] = False,
) -> None:
    """Train a network; the last line is its run folder."""
    from rnacli import config as configs
    from rnacli import runs as folders

    if (config is None) == (resume is None):
        hint = "rna train config.yaml, or rna train --resume latest"
        raise RnaError("a config or --resume RUN is wanted, and not both", hint=hint, exit_code=CONFIG)
    stopped = folders.find(resume, runs) if resume is not None else None
    more = new_epochs(set_) if stopped is not None else None
    experiment = configs.load(config, set_) if config is not None else stopped.config()  # type: ignore[union-attr]
    epochs = more or experiment.epochs
    if stopped is None:
        folders.require_folder(runs)
    if quiet:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    # A folder that is resumed may be a stranger's, and a streamed table leaves no memory to spare.
    streamed = getattr(experiment.dataset, "stream", False) is True
    with startup.beside() if stopped is None and not streamed else contextlib.nullcontext():
        startup.start_engine()
        from rnacli import progress, resuming, training

        listeners = [] if quiet else [progress.Announce(experiment.name), progress.listener(epochs)]
        # Some callbacks of Keras' print; standard output is for the path.
        with contextlib.redirect_stdout(sys.stderr), progress.ended(listeners):
            where = cache or default_cache()
            if stopped is None:
                run = training.train(experiment, runs, where, listeners, offline)
            else:
                run = resuming.resume(stopped, where, listeners, more, offline, force)
    if not quiet:
        showing.results(run)
    console.show(str(run.path))
    if run.record["status"] == "interrupted":
        console.say(f"interrupted: {run.record['epochs']} of {epochs} epochs are saved")
        console.say(f"  hint: rna train --resume {clean(run.path, 300)} goes on")
        raise typer.Exit(INTERRUPTED + int(run.record["signal"]))


@app.command(cls=Command)
def reproduce(
    run: Run_,
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance", metavar="SHARE", min=0, help="The relative difference that other last digits may make."
        ),
    ] = 1e-3,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
    runs: Runs_ = RUNS,
    cache: Cache_ = None,
    offline: Offline_ = False,
) -> None:
    """Train a run again from its folder alone, as a new run, and say whether the same came out (exit code 0)."""
    from rnacli import runs as folders

    found = folders.find(run, runs)
    startup.start_engine()
    from rnacli import progress, reproduction

    listeners = [progress.listener(found.config().epochs)]
    with contextlib.redirect_stdout(sys.stderr), progress.ended(listeners):
        result = reproduction.reproduce(found, runs, cache or default_cache(), listeners, tolerance, offline)
    if as_json:
        console.show_json(result.plain())
    else:
        showing.reproduction(result)
    if result.parted is not None:
        raise typer.Exit(DATA)


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
    from rnacli import runs as folders

    found = folders.find(run, runs)
    if part is not None:
        check_part(part)
    startup.start_engine()
    from rnacli import evaluation

    result = evaluation.evaluate(found, cache or default_cache(), part, data)
    if as_json:
        console.show_json(result.plain())
    else:
        showing.evaluation(result)


@app.command(cls=Command)
def predict(
    run: Run_,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A CSV (packed or not), Parquet, .npz or .npy file; - is standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="The CSV to write, or .csv.gz; - is standard output.")
    ] = "-",
    columns: Annotated[
        list[str],
        typer.Option("--columns", metavar="A,B", help="Columns of the input to pass through, or all."),
    ] = [],  # noqa: B006
    only: Annotated[str, typer.Option("--only", metavar="WHAT", help="label, probabilities or all.")] = "all",
    on_error: Annotated[
        str,
        typer.Option(
            "--on-error",
            metavar="WHAT",
            help="stop at a bad row, or skip it and write it with the reason beside OUT.",
        ),
    ] = "stop",
    runs: Runs_ = RUNS,
) -> None:
    """Predict new rows, as a CSV of labels or values.

    Text that a spreadsheet would run as a formula (it begins with = + - or @ and is no number) gets an apostrophe.
    """
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
        console.output() if output == "-" else Path(output),
        console.counter("rows", shown=output != "-"),
        prediction.Options(on_error, tuple(columns), only),
    )
    console.say(f"{rows:,} row{'s' if rows != 1 else ''} predicted")


@app.command(cls=Command)
def check(config: Config_, set_: Set_ = [], cache: Cache_ = None, offline: Offline_ = False) -> None:  # noqa: B006
    """Name every mistake in a file, or show its network."""
    from rnacli import config as configs

    experiment = configs.load(config, set_)
    startup.start_engine()
    from rnacli import checking

    result = checking.check(experiment, cache or default_cache(), offline)
    data = result.data
    rows = ", ".join(f"{len(rows):,} {part}" for part, rows in data.parts.items())
    inputs = " x ".join(map(str, data.preprocessing.shape))
    console.show(f"{experiment.name}: {rows} rows; inputs {inputs} {data.rows.x.dtype}; {data.task.kind}")
    if data.rows.is_table:
        showing.columns(data)
    elif data.preprocessing.features:
        console.show(f"inputs: {clean(', '.join(data.preprocessing.features), 500)}")
    if data.task.kind in ("binary", "multiclass"):
        showing.balance(data)
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

        known = model.weights(model.restore(opened))
    else:
        known = opened.weights(shapes)
    arrays = {name.partition("/")[2]: array for name, array in known.items()}
    if as_csv:
        trained.write_weights(arrays, console.output())
        return
    for name, array in arrays.items():
        showing.weights(name, array)


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
    showing.runs(listing)


@app.command(cls=Command)
def init(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Without it, the templates are listed.")] = "",
    data: Annotated[
        str, typer.Option("--data", metavar="FILE", help="Look at this table instead, and write a file for it.")
    ] = "",
    target: Annotated[
        list[str], typer.Option("--target", metavar="COLUMN", help="The column to predict; several: 'label*' or a,b,c.")
    ] = [],  # noqa: B006
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write (TEMPLATE.yaml).")
    ] = None,
    task: Annotated[
        str, typer.Option("--task", metavar="TASK", help="auto, binary, multiclass, multilabel or regression.")
    ] = "auto",
    set_: Set_ = [],  # noqa: B006
    cache: Cache_ = None,
    offline: Offline_ = False,
) -> None:
    """Write a commented experiment file to start from: a template, or one for your own table."""
    from rnacli import templates

    if data and template:
        raise RnaError(f"--data and {clean(template, 40)} are given at once", hint="keep one of them", exit_code=CONFIG)
    if not data and (target or set_ or task != "auto"):
        hint = "--data FILE names the table that is to be looked at"
        raise RnaError("--target, --task and --set want --data", hint=hint, exit_code=CONFIG)
    if data:
        path = output or Path(f"{Path(data).name.partition('.')[0] or 'experiment'}.yaml")
        if path.exists():
            raise already_there(path)
        startup.start_pandas()
        from rnacli import proposal

        proposed = proposal.propose(data, target, path, cache or default_cache(), task, set_, offline)
        for note in proposed.notes:
            console.say(note)
        write_new(path, proposed.text)
        return
    if not template:
        known = templates.known()
        for name, comment in known.items():
            console.show(f"{name:{max(map(len, known))}}  {comment}")
        return
    write_new(output or Path(f"{template}.yaml"), templates.text(template))


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, and show its path."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise already_there(path) from None
    console.show(str(path))


def already_there(path: Path) -> RnaError:
    return RnaError("the file is already there", place=str(path), hint="-o another.yaml", exit_code=CONFIG)


@app.command(cls=Command)
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference in words instead.")] = False,
) -> None:
    """Print the JSON Schema of a file, for editors."""
    import json

    from rnacli import language, reference

    console.show(reference.markdown() if markdown else json.dumps(language.json_schema(), indent=1))


# What options mean


def new_epochs(set_: list[str]) -> int | None:
    """The epochs that ``--set epochs=N`` asks a resumed run for: all else is as it was."""
    wanted = None
    for override in set_:
        name, _, value = override.partition("=")
        if name.strip() != "epochs" or not value.strip().isdecimal():
            raise RnaError(
                "a resumed run keeps its config; only the number of epochs may grow",
                place=f"--set {clean(override)}",
                hint="--set epochs=100, or train a new run",
                exit_code=CONFIG,
            )
        wanted = int(value)
    return wanted


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
        try:
            app(arguments, prog_name="rna")
        except Exception as error:
            if interrupted := signals.behind(error):
                raise interrupted from None
            raise
    except RnaError as error:
        fail(error)
    except Interrupted as end:
        console.say("interrupted" + (f": {end.hint}" if end.hint else ""))
        sys.exit(INTERRUPTED + end.number)
    except BrokenPipeError:
        # The reader has had enough; the interpreter must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DATA)
    except OSError as error:
        fail(of_system(error))
    except MemoryError:
        fail(NO_MEMORY)
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's, which must not be imported here
            raise
        fail(NO_MEMORY)
    sys.exit(0)


NO_MEMORY = RnaError(
    "the memory is not enough",
    hint="for a large table: dataset: {stream: true} keeps it on the disk; for a large network: fewer units, or a "
    "smaller batch_size",
)


def fail(error: RnaError) -> NoReturn:
    console.report(error)
    sys.exit(error.exit_code)
