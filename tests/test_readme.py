"""What is generated of the README and its pages, against the code. Run as a script, it writes them."""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pages import DOCS, README, page_text

from rnacli.experiment.templates import list_templates, tell_purpose
from rnacli.language import language, translate

ROOT = README.parent
SPANISH = DOCS / "es" / "README.md"
NOTE = "<!-- Written by `python tests/test_readme.py`. -->"


TEXTS = {
    "en": {
        "configs": "# Shipped configs",
        "configs intro": "`rna init NAME` copies one of these to start from. What each one reaches was measured;"
        " its file says more.",
        "configs columns": "| file | what it is |",
        "reference": "# Reference",
        "reference intro": "Every key of a file, with its default, and every name. How they fit together:"
        " [the language](language.md). `rna schema --markdown` prints the same.",
        "commands": "# Commands",
        "commands intro": "RUN is a run's folder, the beginning of its name, an experiment's name (its newest run), or"
        " `latest`. Where\nseveral are taken, it can be a pattern such as `'circles*'`. Exit codes: see"
        " [errors](errors.md).",
    },
    "es": {
        "configs": "# Archivos incluidos",
        "configs intro": "`rna init NOMBRE` copia uno de estos para empezar. Lo que alcanza cada uno se midió; el"
        " archivo dice más.",
        "configs columns": "| archivo | qué es |",
        "reference": "# Referencia",
        "reference intro": "Todas las claves de un archivo, con lo que vale cada una si no se dice, y todos los"
        " nombres. Cómo encajan: [el lenguaje](language.md). `rna --lang es schema --markdown` muestra lo mismo.",
        "commands": "# Órdenes",
        "commands intro": "Una ejecución es un entrenamiento. RUN es su carpeta, el principio de su nombre, el nombre"
        " de un experimento\n(su última ejecución) o `latest`. Donde caben varias, puede ser un patrón como"
        " `'circles*'`. Códigos de salida: véase\n[errores](errors.md).",
    },
}
"""What the generated pages say beside the texts of the program."""


def say(name: str) -> str:
    return TEXTS[language()][name]


def configs_page() -> str:
    """Every shipped config with the comment that opens it."""
    root = "../../" if language() == "es" else "../"
    rows = [say("configs columns"), "| --- | --- |"]
    for name, comment in list_templates().items():
        rows.append(f"| [`{name}.yaml`]({root}configs/{name}.yaml) | {tell_purpose(comment)} |")
    return "\n".join([f"{say('configs')}\n", NOTE, f"\n{say('configs intro')}\n", *rows, ""])


def reference_page() -> str:
    from rnacli.experiment.reference import reference_markdown

    text = re.sub(r"^###", "##", reference_markdown(), flags=re.M)
    return f"{say('reference')}\n\n{NOTE}\n\n{say('reference intro')}\n\n{text}\n"


def commands_table() -> str:
    """Every command with the first sentence of its help."""
    rows = ["| command | what it does |", "| --- | --- |"]
    for name, command in list_commands().items():
        first = str(command.help).strip().splitlines()[0]
        rows.append(f"| `rna {name}` | {first} |")
    return "\n".join(rows)


def commands_page() -> str:
    """Every command with its help, arguments and options."""
    parts = [f"{say('commands')}\n", NOTE, f"\n{say('commands intro')}\n"]
    for name, command in list_commands().items():
        words = str(command.help).strip().split("\n\n")
        parts.append(f"## rna {name}\n\n" + "\n\n".join(" ".join(paragraph.split()) for paragraph in words) + "\n")
        rows = [row for parameter in command.params if (row := describe_parameter(parameter))]
        if rows:
            parts.append("\n".join(["| | |", "| --- | --- |", *rows, ""]))
    return "\n".join(parts)


def describe_parameter(parameter: Any) -> str:
    """One argument or option as a table's row."""
    text = translate(str(getattr(parameter, "help", "") or ""))
    if parameter.param_type_name == "argument":
        shown = str(parameter.metavar or parameter.name).upper()
    else:
        shown = ", ".join([*parameter.opts, *parameter.secondary_opts])
        metavar = parameter.metavar
        shown += f" {metavar}" if metavar and not parameter.is_flag else ""
    return "" if shown == "--help" else f"| `{shown}` | {text} |".replace("|`", "| `")


def list_commands() -> dict[str, Any]:
    from typer.main import get_command

    from rnacli.commands.app import app

    return dict(get_command(app).commands)  # type: ignore[attr-defined]


PAGES = {"configs.md": configs_page, "reference.md": reference_page, "commands.md": commands_page}


def make_pages() -> dict[Path, str]:
    """Each generated page of both languages, with its text."""
    pages = {}
    for spoken, folder in (("en", DOCS), ("es", DOCS / "es")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RNA_LANG", spoken)
            pages |= {folder / name: make() for name, make in PAGES.items()}
    return pages


def section(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.S)
    assert found, f"the page has no {name}"
    return found[1].strip()


def test_generated_pages_are_current() -> None:
    for path, text in make_pages().items():
        assert page_text(path) == text, "run python tests/test_readme.py"
    assert section(page_text(README), "commands") == commands_table(), "run python tests/test_readme.py"


def test_the_readme_is_short() -> None:
    assert len(page_text(README).splitlines()) <= 160
    assert len(page_text(SPANISH).splitlines()) <= 160


def test_the_spanish_readme_names_commands_that_exist() -> None:
    named = set(re.findall(r"^\| `rna ([\w-]+)", section(page_text(SPANISH), "commands"), re.M))
    assert {"train", "check", "predict", "report"} <= named <= set(list_commands())


def test_the_listing_has_every_folder_in_the_order_of_imports() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    there = {
        path.stem for path in (ROOT / "rnacli").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    for page in (DOCS / "architecture.md", DOCS / "es" / "architecture.md"):
        listed = re.findall(r"^\| `(\w+)[/.]", section(page_text(page), "listing"), re.M)
        assert [f"rnacli.{name}" for name in listed] == contracts[0]["layers"]
        assert there - set(listed) == {"__init__", "__main__"}


def test_two_commands_are_there_in_both_languages() -> None:
    for number, last in (("1", "rna train configs/circles.yaml"), ("2", "pytest -n auto")):
        found = [re.search(rf"<!-- command {number} -->\n    (.*)\n", page_text(page)) for page in (README, SPANISH)]
        assert found[0]
        assert found[1]
        assert found[0][1] == found[1][1]
        assert found[0][1].endswith(last)


def main() -> None:
    os.environ["RNA_LANG"] = "en"
    for path, page in make_pages().items():
        path.write_text(page, "utf-8")
    text = README.read_text("utf-8")
    table = f"<!-- commands -->\n{commands_table()}\n<!-- /commands -->"
    README.write_text(re.sub(r"<!-- commands -->.*?<!-- /commands -->", lambda match: table, text, flags=re.S), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
