"""The ``rna`` command: the list of its commands, and how its errors become text and exit codes."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from rnacli import __version__
from rnacli.commands import (
    check,
    compare,
    doctor,
    evaluate,
    find_lr,
    generate,
    help,
    init,
    note,
    plot,
    predict,
    report,
    reproduce,
    rm,
    runs,
    schema,
    show,
    tag,
    train,
    tune,
    weights,
)
from rnacli.commands.usage_hints import command_hint, usage_hint
from rnacli.errors import DATA, RnaError, system_error
from rnacli.language import translate
from rnacli.terminal.console import LogPrinter, print_error, print_result
from rnacli.terminal.plain_letters import PLAIN_LETTERS
from rnacli.terminal.spoken import Program, Spoken, speak, take_language
from rnacli.words import clean

COMMANDS: dict[str, Callable[..., None]] = {
    "train": train.train,
    "tune": tune.tune,
    "reproduce": reproduce.reproduce,
    "evaluate": evaluate.evaluate,
    "predict": predict.predict,
    "generate": generate.generate,
    "check": check.check,
    "find-lr": find_lr.find_lr,
    "plot": plot.plot,
    "weights": weights.weights,
    "runs": runs.runs,
    "show": show.show,
    "compare": compare.compare,
    "report": report.report,
    "note": note.note,
    "tag": tag.tag,
    "rm": rm.rm,
    "init": init.init,
    "schema": schema.schema,
    "doctor": doctor.doctor,
    "help": help.help,
}
"""In the order of ``rna --help``. A function's signature is its options, and its docstring its help."""


def no_memory() -> RnaError:
    return RnaError(
        "the memory is not enough",
        hint="for a large table: dataset: {stream: true} keeps it on the disk; for a large network: fewer units, or a "
        "smaller batch_size",
    )


class Command(Spoken):
    """A command that knows what ``--epochs 3`` means to say."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        typed = list(args)  # Typer takes them from the list as it reads
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            if hint := usage_hint(error, typed):
                error.message = f"{error.message}\n  {translate('hint')}: {hint}"
                error.possibilities = None  # type: ignore[attr-defined]  # of options that are like it
            raise


class Commands(Program):
    """The list of commands, which knows what some other words mean to say."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except TyperException as error:
            if hint := command_hint(args[0]) if args else "":
                error.message = f"No such command '{clean(args[0])}'.\n  {translate('hint')}: {hint}"
            raise


def print_version(wanted: bool) -> None:
    if wanted:
        print_result(f"rna {__version__}")
        raise typer.Exit


def rna(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="es|en", callback=speak, is_eager=True, help="The language of messages (RNA_LANG, LANG)."
        ),
    ] = None,
) -> None:
    """Trains the neural networks that a YAML file describes."""


def narrow_width() -> int | None:
    """The columns for help in a terminal so narrow that Typer would write over its edge."""
    columns = shutil.get_terminal_size().columns
    return columns - 2 if 20 < columns < NARROWEST else None


NARROWEST = 52
"""Columns below which Typer's help does not go."""


def build_app(commands: Mapping[str, Callable[..., None]]) -> typer.Typer:
    """The program ``rna`` with these commands."""
    app = typer.Typer(
        name="rna",
        callback=rna,
        cls=Commands,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "terminal_width": narrow_width()},
    )
    for name, command in commands.items():
        app.command(name, cls=Command)(command)
    return app


app = build_app(COMMANDS)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command; an error that the user can mend is shown in words, and decides the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN_LETTERS)
    log = logging.getLogger("rnacli")
    log.handlers, log.propagate = [LogPrinter()], False
    log.setLevel(logging.INFO)
    try:
        app(take_language(sys.argv[1:] if arguments is None else arguments), prog_name="rna")
    except RnaError as error:
        fail(error)
    except BrokenPipeError:
        # The reader has had enough; the interpreter must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DATA)
    except OSError as error:
        fail(system_error(error))
    except MemoryError:
        fail(no_memory())
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's, which must not be imported here
            raise
        fail(no_memory())
    sys.exit(0)


def fail(error: RnaError) -> NoReturn:
    print_error(error)
    sys.exit(error.exit_code)
