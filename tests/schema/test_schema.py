"""The language as JSON Schema and as Markdown: both are made from the sections, and say what reading does."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fixtures import CIRCLES, IRIS, ROOT, experiment

from rnacli.data.csv import Csv
from rnacli.data.images import Images
from rnacli.data.keras import Keras
from rnacli.data.kinds import KINDS
from rnacli.data.npz import Npz
from rnacli.data.rows import Rows
from rnacli.data.section import Split
from rnacli.data.sklearn import Sklearn
from rnacli.data.text import TextFile
from rnacli.data.text_folders import TextFolders
from rnacli.document.read import Document, load_document, parse_document
from rnacli.encoders.section import Column, Rescale
from rnacli.errors import RnaError
from rnacli.experiment.config import Checkpoint, Config, Engine
from rnacli.experiment.editor import experiment_schema
from rnacli.experiment.load import dump_config, read_config
from rnacli.experiment.reference import reference_markdown
from rnacli.experiment.samples import Samples
from rnacli.experiment.templates import templates_folder
from rnacli.schema.catalog import CATEGORIES, Entry, entry_names, entry_spellings, find_entry
from rnacli.schema.section import keys
from rnacli.schema.snippets import sample_value

SCHEMA = experiment_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SECTIONS = (
    Config, Csv, Sklearn, Keras, Npz, Images, Rows, TextFile, TextFolders, Split, Rescale, Column, Engine, Checkpoint,
    Samples
)  # fmt: skip
CONFIGS = sorted(templates_folder().glob("*.yaml"))

LEAST: dict[str, Any] = {"dataset": {"sklearn": "make_moons"}, "layers": [{"dense": 1}], "loss": "hinge"}


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(inner)


def accepted(value: Any) -> bool:
    """Whether the reader takes it."""
    try:
        read_config(Document(value, {}, {}, "c.yaml"), ROOT)
    except RnaError:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_definition_that_is_referred_to_is_there() -> None:
    referred = {part["$ref"] for part in parts(SCHEMA) if isinstance(part.get("$ref"), str)}
    assert {f"#/$defs/{name}" for name in ("layer", "loss", "metric", "optimizer", "callback", "schedule")} <= referred
    assert referred <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_patterns_are_those_that_editors_know() -> None:
    """Editors compile them as ECMAScript does in Unicode mode: no inline flags, no escape of what needs none."""
    patterns = [part["pattern"] for part in parts(SCHEMA) if isinstance(part.get("pattern"), str)]
    assert patterns
    for pattern in patterns:
        assert not re.search(r"\(\?[aiLmsux-]", pattern), pattern
        assert not re.search(r"\\[^\w\s^$\\.*+?()\[\]{}|/-]", pattern), pattern


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_shipped_configs_validate(path: Path) -> None:
    VALIDATOR.validate(load_document(path).value)


@pytest.mark.parametrize("text", [CIRCLES, IRIS])
def test_a_complete_dumped_experiment_validates(text: str) -> None:
    VALIDATOR.validate(parse_document(dump_config(experiment(text)), "dump").value)


VALID = {
    "least": {},
    "a name alone": {"layers": ["flatten", {"dense": 1}]},
    "null for no arguments": {"layers": [{"flatten": None}, {"dense": 1}], "callbacks": [{"terminate_on_nan": None}]},
    "nested objects": {
        "layers": [{"dense": {"units": 1, "kernel_regularizer": {"l2": 0.1}, "kernel_initializer": "he_normal"}}]
    },
    "a schedule": {
        "optimizer": {"sgd": {"learning_rate": {"exponential_decay": {
            "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9}}}}
    },
    "a reference": {"epochs": "${seed}", "batch_size": "${epochs}", "device": "${name}", "seed": 1, "name": "cpu"},
    "full": {"batch_size": "full"},
    "a table": {"dataset": {"csv": "a.csv", "target": 4, "features": [0, "b"], "header": False, "id": None}},
    "a table of two targets": {"dataset": {"csv": "a.csv", "target": ["a", 1], "delimiter": "\t"}},
    "an address": {"dataset": {"csv": "https://x.org/a.csv", "target": "y", "sha256": "0" * 64}},
    "parts": {"dataset": {"sklearn": "make_moons", "noise": 0.1, "split": {"test": {"first": 5}, "validation": 0.5}}},
    "digits": {"dataset": {"keras": "mnist", "scale": {"rescale": 255}}},
    "arrays": {"dataset": {"npz": "a.npz", "class_names": ["a", 1]}},
    "callbacks": {"callbacks": [{"early_stopping": {"patience": 3, "monitor": "loss"}}, "terminate_on_nan"]},
    "metrics": {"metrics": ["accuracy", {"auc": {"num_thresholds": 10}}]},
    "columns": {
        "dataset": {"csv": "a.csv", "target": "y", "fill": 0, "columns": {
            "a": "date", "b": {"fill": {"constant": 3}, "scale": {"rescale": 2}}, "c": {"parts": ["day"]}, "d": {}}}
    },
    "weights": {"class_weight": {"a": 2, "b": 0.5}},
    "balanced weights": {"class_weight": "balanced", "threshold": "f1", "checkpoint": {"seconds": 0.5}},
}  # fmt: skip


@pytest.mark.parametrize("changes", VALID.values(), ids=VALID)
def test_what_is_read_validates(changes: dict[str, Any]) -> None:
    if "${name}" not in changes.values():
        assert accepted(LEAST | changes)
    VALIDATOR.validate(LEAST | changes)


INVALID = {
    "no layers": {"layers": []},
    "no list": {"layers": {"dense": 1}},
    "an unknown key": {"epohcs": 3},
    "an unknown layer": {"layers": ["dence"]},
    "an unknown argument": {"layers": [{"dense": {"units": 1, "lr": 1}}]},
    "a missing argument": {"layers": [{"lstm": {"activation": "relu"}}]},
    "a missing argument of a name": {"layers": ["dense"]},
    "two names": {"layers": [{"dense": 1, "flatten": None}]},
    "an unknown activation": {"layers": [{"dense": {"units": 1, "activation": "softmux"}}]},
    "a share above 1": {"layers": [{"dropout": 1.5}]},
    "minus one epoch": {"epochs": -1},
    "half an epoch": {"epochs": 1.5},
    "no rows": {"batch_size": 0},
    "a text for a number": {"seed": "7"},
    "a word for true": {"dataset": {"csv": "a.csv", "target": "y", "header": "no"}},
    "an unknown data set": {"dataset": {"sklearn": "make_moon"}},
    "no target": {"dataset": {"csv": "a.csv"}},
    "two kinds": {"dataset": {"csv": "a.csv", "target": "y", "npz": "a.npz"}},
    "a wrong digest": {"dataset": {"csv": "a.csv", "target": "y", "sha256": "abc"}},
    "two ends": {"dataset": {"sklearn": "make_moons", "split": {"test": {"first": 5, "last": 5}}}},
    "an unknown device": {"device": "tpu"},
    "code": {"layers": [{"lambda": "x: x"}]},
    "a bad name": {"name": "a/b"},
    "a weight that is no number": {"class_weight": {"a": "x"}},
    "a weight of nothing": {"class_weight": {"a": 0}},
    "an unknown kind of column": {"dataset": {"csv": "a.csv", "target": "y", "columns": {"a": "words"}}},
    "an unknown key of a column": {"dataset": {"csv": "a.csv", "target": "y", "columns": {"a": {"fil": 0}}}},
    "no parts of a date": {"dataset": {"csv": "a.csv", "target": "y", "columns": {"a": {"parts": []}}}},
    "a number above its bound": {"seed": 2**32},
    "a threshold of one": {"threshold": 1},
    "one class name": {"dataset": {"npz": "a.npz", "class_names": ["a"]}},
    "an end of no rows": {"dataset": {"npz": "a.npz", "split": {"test": {"first": 0}}}},
    "an empty mapping for a part": {"dataset": {"npz": "a.npz", "split": {"test": {}}}},
    "a part of true": {"dataset": {"npz": "a.npz", "split": {"test": True}}},
    "a layer of nothing": {"layers": [{}]},
    "a name of Windows": {"name": "con"},
}


@pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID)
def test_what_is_refused_does_not_validate(changes: dict[str, Any]) -> None:
    assert not accepted(LEAST | changes)
    assert not VALIDATOR.is_valid(LEAST | changes)


@pytest.mark.parametrize("missing", LEAST)
def test_required_keys_are_required(missing: str) -> None:
    rest = {key: value for key, value in LEAST.items() if key != missing}
    assert not accepted(dict(rest))
    assert not VALIDATOR.is_valid(rest)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_key_is_in_the_schema_with_its_meaning(section: type) -> None:
    described = [
        part["properties"]
        for part in parts(SCHEMA)
        if isinstance(part.get("properties"), dict) and "$schema" not in part
    ] + [SCHEMA["properties"]]
    for name, field in keys(section).items():
        assert field.metadata["doc"]
        assert any(known.get(name, {}).get("description") == field.metadata["doc"] for known in described), name


def test_every_field_of_a_section_is_a_key_of_the_language() -> None:
    own = {"document", "folder"}
    assert {field.name for field in dataclasses.fields(Config)} - own == set(keys(Config)) == set(SCHEMA["properties"])
    for section in SECTIONS[1:]:
        assert {field.name for field in dataclasses.fields(section)} == set(keys(section))
    assert set(KINDS.values()) < set(SECTIONS)


@pytest.mark.parametrize("category", [name for name in CATEGORIES if "_dataset" not in name])
def test_every_object_that_is_offered_is_in_the_schema(category: str) -> None:
    validator = VALIDATOR.evolve(schema={"$ref": f"#/$defs/{category}", "$defs": SCHEMA["$defs"]})
    for word, name in entry_spellings(category).items():
        entry = find_entry(category, name)
        assert entry is not None
        needs = {argument.name: 1 for argument in entry.arguments.values() if argument.required}
        assert validator.is_valid(word) == (not needs), word
        if category != "activation":
            anything = entry.first is not None and entry.first.type == "any"
            assert validator.is_valid({word: {**needs, "nothing": 1}}) == anything
            assert any(
                validator.is_valid({word: value}) for value in (None, 1, "relu", [1], ["a", "b"], *samples(entry))
            )
    assert not any(map(validator.is_valid, ("nothing", {"nothing": None})))


def samples(entry: Entry) -> Iterator[dict[str, Any]]:
    """Arguments with values as editors propose them."""
    pairs = (f"{name}: {sample_value(argument)}" for name, argument in entry.arguments.items() if argument.required)
    yield parse_document(f"{{{', '.join(pairs)}}}\n", "sample").value


# The reference


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_the_reference_has_a_row_for_every_key(section: type) -> None:
    text = reference_markdown()
    for name, field in keys(section).items():
        rows = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
        doc = field.metadata["doc"].replace("|", r"\|")
        assert any(line.endswith(f"| {doc} |") for line in rows), name


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_reference_names_every_object(category: str) -> None:
    lines = [line for line in reference_markdown().splitlines() if line.startswith("**")]
    assert len(lines) == len(CATEGORIES)
    (line,) = [line for line in lines if re.findall("`(.+?)`", line) == entry_names(category)]
    assert line


def test_the_reference_shows_defaults_as_a_file_has_them() -> None:
    text = reference_markdown()
    for row in (
        "| `epochs` | `1` |",
        "| `optimizer` | `rmsprop` |",
        "| `layers` | required |",
        "| `header` | `true` |",
    ):
        assert row in text
    assert "Part(" not in text
    assert "None`" not in text.replace("'None'", "")
    for line in text.splitlines():
        assert not line.startswith("|") or len(re.findall(r"(?<!\\)\|", line)) == 4, line
