"""``rna init``: an experiment file to start from."""

import re
from pathlib import Path
from typing import Annotated

import typer

from rnacli.commands.options import CacheFolder, Offline, Overrides, complete_words
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_note, print_result
from rnacli.terminal.startup import import_pandas
from rnacli.words import fill_template, quote_path


def complete_templates(incomplete: str) -> list[str]:
    from rnacli.experiment.templates import templates_folder

    return sorted(path.stem for path in templates_folder().glob("*.yaml") if path.stem.startswith(incomplete))


def init(
    template: Annotated[
        str,
        typer.Argument(
            metavar="TEMPLATE", help="Without it, the templates are listed.", autocompletion=complete_templates
        ),
    ] = "",
    *,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="PATH",
            help="Write a file for this table, folder of pictures, or text.",
        ),
    ] = "",
    target: Annotated[
        list[str],
        typer.Option(
            "--target",
            metavar="COLUMN",
            help="The column to predict; several: 'label*' or a,b,c.",
            default_factory=list,
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write (TEMPLATE.yaml).")
    ] = None,
    task: Annotated[
        str,
        typer.Option(
            "--task",
            metavar="TASK",
            help="auto, binary, multiclass, multilabel or regression.",
            autocompletion=complete_words("auto", "binary", "multiclass", "multilabel", "regression"),
        ),
    ] = "auto",
    overrides: Overrides,
    cache: CacheFolder,
    offline: Offline = False,
) -> None:
    """Write a commented experiment file to start from: a template, or one for your own table."""
    from rnacli.experiment.templates import read_template

    if data and template:
        raise RnaError(
            "--data and {template:.40} are given at once", hint="keep one of them", exit_code=CONFIG, template=template
        )
    if data:
        path = output or Path(f"{Path(data).resolve().name.partition('.')[0] or 'experiment'}.yaml")
        if path.exists():
            raise already_there(path)
        import_pandas()
        from rnacli.starter.text import is_running_text, propose_for_text

        if Path(data).expanduser().is_dir():
            from rnacli.starter.pictures import propose_for_pictures

            require_no_target(target, task)
            proposed = propose_for_pictures(data, path, overrides)
        elif not target and task == "auto" and is_running_text(data):
            proposed = propose_for_text(data, path, overrides)
        else:
            from rnacli.starter.propose import propose_experiment

            proposed = propose_experiment(data, target, path, cache, task, overrides, offline)
        for note in proposed.notes:
            print_note(note)
        write_new(path, proposed.text)
    elif target or overrides or task != "auto":
        hint = "--data FILE names the table that is to be looked at"
        raise RnaError("--target, --task and --set want --data", hint=hint, exit_code=CONFIG)
    elif template:
        path = output or Path(f"{template}.yaml")
        write_new(path, read_template(template).replace(f"configs/{template}.yaml", path.as_posix()))
    else:
        show_templates()


def require_no_target(target: list[str], task: str) -> None:
    """Pictures in folders have their classes. Raises ``RnaError``."""
    if target or task != "auto":
        option = "--target" if target else "--task"
        message, hint = "{option} is for tables: of pictures, the folders are the classes", "leave it out"
        raise RnaError(message, hint=hint, exit_code=CONFIG, option=option)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, with the schema that editors check it by beside it, and show its path."""
    from rnacli.experiment.editor import add_modeline, write_schema

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(add_modeline(text))
    except FileExistsError:
        raise already_there(path) from None
    write_schema(path.parent)
    print_result(str(path))
    command = "tune" if re.search(r"(?m)^tune:", text) else "train"
    said = "next: rna check {path:.200}, then rna {command} {path:.200}"
    print_note(fill_template(said, path=quote_path(path), command=command))


def already_there(path: Path) -> RnaError:
    return RnaError("the file is already there", place=str(path), hint="-o another.yaml", exit_code=CONFIG)


def show_templates() -> None:
    """The name of each template and what it is for."""
    from rnacli.experiment.templates import list_templates, tell_purpose

    comments = list_templates()
    width = max(map(len, comments))
    for name, comment in comments.items():
        print_result(f"{name:{width}}  {tell_purpose(comment)}")
