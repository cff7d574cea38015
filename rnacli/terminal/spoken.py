"""What Typer says of a command line, in the reader's language: help, and what is wrong with options and arguments."""

import contextlib
import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import typer.core
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from rnacli.errors import CONFIG, RnaError
from rnacli.language import LANGUAGES, choose_language, translate
from rnacli.terminal.console import print_note
from rnacli.words import FIELD, fill_template

# Typer takes the heads of help from gettext, for which it brings no Spanish.
setattr(typer.core, "_", translate)  # noqa: B010


SAID = (
    "Missing argument '{name}'.",
    "Missing option '{name}'.",
    "Missing command.",
    "No such command '{name}'.",
    "No such command '{name}'. Did you mean {near}?",
    "No such option: {name}",
    "No such option: {name} (Possible options: {near})",
    "Option '{name}' requires an argument.",
    "Option '{name}' does not take a value.",
    "Got unexpected extra argument(s) ({name})",
    "Invalid value for '{name}': {why}",
)
"""What Typer's errors say."""
WHY = (
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to {least}",
)
"""Why it refuses a value."""


class Spoken(TyperCommand):
    """A command whose help is in the reader's language."""

    def __init__(self, *args: Any, **settings: Any):
        super().__init__(*args, **settings)
        translate_help(self)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        write_usage(self, ctx, formatter)

    def get_params(self, ctx: Any) -> Any:
        return translate_options(super().get_params(ctx))


class Program(TyperGroup):
    """The program itself, whose help, and what it says of its command line, is in the reader's language."""

    def __init__(self, *args: Any, **settings: Any):
        super().__init__(*args, **settings)
        translate_help(self)
        self.subcommand_metavar = translate(self.subcommand_metavar)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        write_usage(self, ctx, formatter)

    def get_params(self, ctx: Any) -> Any:
        return translate_options(super().get_params(ctx))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands with the first sentence of their help, whole: what is too long for a line goes on below it."""
        rows = [(name, first_sentence(self.get_command(ctx, name))) for name in self.list_commands(ctx)]
        with formatter.section(translate("Commands")):
            formatter.write_dl(rows)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with shown_in_words():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with shown_in_words():
            return super().invoke(ctx)


def first_sentence(command: Any) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


def translate_help(command: Any) -> None:
    """Let the help of a command be in the reader's language."""
    command.help = translate(command.help) if command.help else command.help
    command.options_metavar = translate(command.options_metavar)


def translate_options(options: list[Any]) -> list[Any]:
    """Let the help of options and arguments be in the reader's language."""
    for option in options:
        option.help = translate(option.help) if option.help else option.help
    return options


WRAPPED = re.compile(r"^\{([^{}]+)\}(?:\.\.\.)?$")
"""How Typer shows an argument that has to be given: ``{RUN}``, and ``{FILE...}...``."""


def write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = [WRAPPED.sub(r"\1", piece).replace("...]...", "...]") for piece in command.collect_usage_pieces(ctx)]
    formatter.write_usage(ctx.command_path, " ".join(pieces), translate("Usage: "))


@contextlib.contextmanager
def shown_in_words() -> Iterator[None]:
    """Let an error of a command line in the block be shown by ``show_error``."""
    try:
        yield
    except TyperException as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # whose message is the help
            error.show = functools.partial(show_error, error)  # type: ignore[attr-defined]
        raise


def show_error(error: Any, file: Any = None) -> None:
    """As Typer shows it."""
    if error.ctx is not None:
        print_note(error.ctx.get_usage())
        command, option = error.ctx.command_path, error.ctx.help_option_names[0]
        print_note(fill_template("Try '{command} {option}' for help.", command=command, option=option) + "\n")
    message, *hints = error.format_message().split("\n")
    print_note("\n".join([f"{translate('Error')}: {say_again(message.rstrip(), SAID)}", *hints]))


def say_again(text: str, templates: Sequence[str]) -> str:
    """A sentence that one of the English templates gives, in the reader's language; any other as it is."""
    for template in templates:
        if match := re.fullmatch(as_pattern(template), text):
            values = match.groupdict()
            return fill_template(template, **{name: say_again(value, WHY) for name, value in values.items()})
    return text


def as_pattern(template: str) -> str:
    """What matches the sentences of a template, with a group for each field."""
    fields = {re.escape(field[0]): field[1] for field in FIELD.finditer(template)}
    return re.sub(
        "|".join(map(re.escape, fields)) or "$^", lambda match: f"(?P<{fields[match[0]]}>.+)", re.escape(template)
    )


def take_language(arguments: Sequence[str]) -> list[str]:
    """The arguments without ``--lang es``, which may stand anywhere and is obeyed at once. Raises ``RnaError``."""
    left: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            return [*left, argument, *rest]
        name, equals, value = argument.partition("=")
        if name != "--lang":
            left.append(argument)
            continue
        speak(value if equals else next(rest, ""))
    return left


def speak(name: str | None) -> None:
    """Speak the language ``name``, if it is given. Raises ``RnaError``."""
    if name is None:
        return
    if name not in LANGUAGES:
        message = "expected {names:or}, got '{name}'"
        raise RnaError(message, place="--lang", exit_code=CONFIG, names=LANGUAGES, name=name)
    choose_language(name)
