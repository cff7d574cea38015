"""``rna help``: what ``--help`` says."""

from typing import Annotated, Any

import typer

from rnacli.errors import CONFIG, RnaError
from rnacli.words import did_you_mean


def complete_commands(ctx: typer.Context, incomplete: str) -> list[str]:
    group: Any = ctx.parent.command if ctx.parent else None
    return [name for name in group.list_commands(ctx) if name.startswith(incomplete)] if group else []


def help(
    ctx: typer.Context,
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="Without it, all are listed.", autocompletion=complete_commands)
    ] = "",
) -> None:
    """Explain a command, or list all."""
    group: Any = ctx.find_root().command
    if not command:
        group.main(["--help"], prog_name="rna", standalone_mode=False)
        return
    found = group.get_command(ctx, command)
    if found is None:
        names = group.list_commands(ctx)
        hint = did_you_mean(command, names, "{names:and}")
        raise RnaError("there is no command '{name}'", place="rna help", hint=hint, exit_code=CONFIG, name=command)
    group.main([command, "--help"], prog_name="rna", standalone_mode=False)
