"""The README against the code: its reference, its listing and its commands. Run as a script, it writes the first."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def results() -> str:
    """Every shipped config with the comment that opens it."""
    rows = ["| file | what it is |", "| --- | --- |"]
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        comment = path.read_text("utf-8").splitlines()[0].removeprefix("#").split("  rna train")[0].strip()
        rows.append(f"| `{path.name}` | {comment} |")
    return "\n".join(rows)


def reference() -> str:
    from rnacli.experiment.reference import reference_markdown

    return reference_markdown()


SECTIONS = {"results": results, "reference": reference}


def section(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.S)
    assert found, f"the README has no {name}"
    return found[1].strip()


def test_generated_sections_are_current() -> None:
    text = README.read_text("utf-8")
    for name, make in SECTIONS.items():
        assert section(text, name) == make(), "run python tests/test_readme.py"


def test_the_listing_has_every_folder_in_the_order_of_imports() -> None:
    listed = re.findall(r"^\| `(\w+)[/.]", section(README.read_text("utf-8"), "listing"), re.M)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert [f"rnacli.{name}" for name in listed] == contracts[0]["layers"]
    there = {
        path.stem for path in (ROOT / "rnacli").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - set(listed) == {"__init__", "__main__"}


def test_every_command_is_documented() -> None:
    from rnacli.commands.app import app

    text = README.read_text("utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"`rna {name}" in text


def test_two_commands_are_there() -> None:
    text = README.read_text("utf-8")
    for number, last in (("1", "rna train configs/circles.yaml"), ("2", "pytest -n auto")):
        found = re.search(rf"<!-- command {number} -->\n    (.*)\n", text)
        assert found
        assert found[1].endswith(last)


def main() -> None:
    text = README.read_text("utf-8")
    for name, make in SECTIONS.items():
        made = make()
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda m, made=made: f"{m[1]}{made}\n{m[2]}",
            text,
            flags=re.S,
        )
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
