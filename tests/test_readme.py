"""The README against the code: its reference, its listing and its commands. Run as a script, it writes them."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GROUPS = """
cli showing console progress startup answering second_process __main__ templates reference
training resuming reproduction ending checking
prediction prediction_file rejected drift csv_cells light
proposal draft commented
fitting fused choice checkpoint feed streaming
evaluation scores thresholds consistency metric_checks
pictures painting plots score_plots drawing
model refusal engine
trained runs weights_file json_file files
dataset/__init__ dataset/table dataset/split dataset/duplicates dataset/class_weight
dataset/preprocessing dataset/learning dataset/scaling dataset/columns dataset/inference dataset/survey dataset/goal
dataset/rows dataset/store dataset/mapped dataset/frames dataset/cells
dataset/csv_file dataset/csv_faults dataset/csv_sniff dataset/csv_text dataset/blank_separated
dataset/parquet_file dataset/npz_file dataset/compressed dataset/cache dataset/catalogued
task config language keras_object schema
catalog catalog_generator yaml_writer yamlfile signals memory errors
"""
"""The modules by what they are about, a line each; test_imports.py holds which may import which."""
FLOORS = [[f"{name}.py" for name in line.split()] for line in GROUPS.split("\n") if line]


def listing() -> str:
    """Every module with the first line of its docstring, from the command down."""
    lines = []
    for floor in FLOORS:
        for name in floor:
            first = (ROOT / "rnacli" / name).read_text("utf-8").splitlines()[0]
            lines.append(f"{name:27} {first.strip(chr(34)).replace('``', '').rstrip('.')}")
        lines.append("")
    return "```\n" + "\n".join(lines).rstrip() + "\n```"


def results() -> str:
    """Every shipped config with the comment that opens it."""
    rows = ["| file | what it is |", "| --- | --- |"]
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        comment = path.read_text("utf-8").splitlines()[0].removeprefix("#").split("  rna train")[0].strip()
        rows.append(f"| `{path.name}` | {comment} |")
    return "\n".join(rows)


def reference() -> str:
    from rnacli import reference

    return reference.markdown()


SECTIONS = {"results": results, "reference": reference, "listing": listing}


def section(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.S)
    assert found, f"the README has no {name}"
    return found[1].strip()


def test_generated_sections_are_current() -> None:
    text = README.read_text("utf-8")
    for name, make in SECTIONS.items():
        assert section(text, name) == make(), "run python tests/test_readme.py"


def test_listing_has_every_module() -> None:
    listed = {name for floor in FLOORS for name in floor}
    there = {str(path.relative_to(ROOT / "rnacli").as_posix()) for path in (ROOT / "rnacli").rglob("*.py")}
    assert there - listed == {"__init__.py"}


def test_every_command_is_documented() -> None:
    from rnacli.cli import app

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
