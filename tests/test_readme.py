"""What is generated of the README and its pages, against the code. Run as a script, it writes them."""

import re
import sys
import tomllib
from typing import Any

from pages import DOCS, README, page_text

ROOT = README.parent
SPANISH = DOCS / "es" / "README.md"
NOTE = "<!-- Written by `python tests/test_readme.py`. -->"


def configs_page() -> str:
    """Every shipped config with the comment that opens it."""
    rows = ["| file | what it is |", "| --- | --- |"]
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        comment = path.read_text("utf-8").splitlines()[0].removeprefix("#").split("  rna train")[0].strip()
        rows.append(f"| [`{path.name}`](../configs/{path.name}) | {comment} |")
    intro = "`rna init NAME` copies one of these to start from. What each one reaches was measured; its file says more."
    return "\n".join(["# Shipped configs\n", NOTE, f"\n{intro}\n", *rows, ""])


def reference_page() -> str:
    from rnacli.experiment.reference import reference_markdown

    intro = "Every key of a file, with its default, and every name. How they fit together: [the language](language.md)."
    text = re.sub(r"^###", "##", reference_markdown(), flags=re.M)
    return f"# Reference\n\n{NOTE}\n\n{intro} `rna schema --markdown` prints the same.\n\n{text}\n"


def commands_table() -> str:
    """Every command with the first sentence of its help."""
    rows = ["| command | what it does |", "| --- | --- |"]
    for name, command in list_commands().items():
        first = str(command.help).strip().splitlines()[0]
        rows.append(f"| `rna {name}` | {first} |")
    return "\n".join(rows)


def commands_page() -> str:
    """Every command with its help, arguments and options."""
    parts = [
        "# Commands\n",
        NOTE,
        "\nRUN is a run's folder, the beginning of its name, an experiment's name (its newest run), or `latest`. Where"
        "\nseveral are taken, it can be a pattern such as `'circles*'`. Exit codes: see [errors](errors.md).\n",
    ]
    for name, command in list_commands().items():
        words = str(command.help).strip().split("\n\n")
        parts.append(f"## rna {name}\n\n" + "\n\n".join(" ".join(paragraph.split()) for paragraph in words) + "\n")
        rows = [row for parameter in command.params if (row := describe_parameter(parameter))]
        if rows:
            parts.append("\n".join(["| | |", "| --- | --- |", *rows, ""]))
    return "\n".join(parts)


def describe_parameter(parameter: Any) -> str:
    """One argument or option as a table's row."""
    text = str(getattr(parameter, "help", "") or "")
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


def section(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.S)
    assert found, f"the page has no {name}"
    return found[1].strip()


def test_generated_pages_are_current() -> None:
    for name, make in PAGES.items():
        assert (DOCS / name).read_text("utf-8") == make(), "run python tests/test_readme.py"
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
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), "utf-8")
    text = README.read_text("utf-8")
    table = f"<!-- commands -->\n{commands_table()}\n<!-- /commands -->"
    README.write_text(re.sub(r"<!-- commands -->.*?<!-- /commands -->", lambda match: table, text, flags=re.S), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
