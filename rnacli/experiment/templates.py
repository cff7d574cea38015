"""The shipped configs, as templates."""

import re
from pathlib import Path

from rnacli.errors import CONFIG, RnaError
from rnacli.language import translate
from rnacli.words import did_you_mean, fill_template, quote_path


def templates_folder() -> Path:
    """Where the configs are: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def list_templates() -> dict[str, str]:
    """Template -> the comment that opens it."""
    return {path.stem: first_comment(path) for path in sorted(templates_folder().glob("*.yaml"))}


def first_comment(path: Path) -> str:
    return path.read_text("utf-8").split("\n", 1)[0].removeprefix("#").split("   rna train")[0].strip()


FIGURES = re.compile(r" Expect (?=test|train)")


def tell_purpose(comment: str) -> str:
    """A comment of ``list_templates`` in the reader's language: what it is for, and what it reaches."""
    purpose, *figures = FIGURES.split(comment, maxsplit=1)
    if not figures:
        return translate(comment)
    reached = figures[0].removesuffix(".").replace("about", translate("about"))
    return f"{translate(purpose)} {fill_template('Expect {figures:.200}.', figures=reached)}"


def read_template(name: str) -> str:
    """A template's file. Raises ``RnaError`` that names the nearest one."""
    if name not in list_templates():
        hint = did_you_mean(name, list_templates(), "known: {names:and}")
        if Path(name).exists():
            hint = "a table, pictures or a text: rna init --data {file:.300}"
        raise RnaError(
            "there is no template called '{name}'", hint=hint, exit_code=CONFIG, name=name, file=quote_path(Path(name))
        )
    return (templates_folder() / f"{name}.yaml").read_text("utf-8")
