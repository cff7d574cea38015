"""What makes an editor know an experiment file: a line in the file, and the JSON Schema beside it, which it names.

The name is relative, since a file is sent to others and opened on other systems; and a blank would end it in that line.
"""

import functools
import json
from pathlib import Path

from rnacli.experiment.adversarial import SIDES
from rnacli.experiment.config import EXPERIMENT
from rnacli.files import write_file
from rnacli.language import language
from rnacli.schema.json_schema import keras_definitions
from rnacli.schema.layer import KERAS_LAYER
from rnacli.schema.values import Json

SCHEMA_FILE = ".rna-schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"


SCHEMA_ID = "urn:rna:experiment"
"""What the schema is called; an address on no server, since it is for the version that is installed."""


def experiment_schema() -> Json:
    """The JSON Schema (draft 2020-12) of an experiment file, for editors."""
    properties = EXPERIMENT.properties
    # Each layer is checked once, or editors would say all of it twice. Names of networks are layers, if there are any.
    layers = {"items": properties["layers"].pop("items")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "rna experiment",
        "type": "object",
        "properties": properties,
        "required": EXPERIMENT.required,
        "additionalProperties": False,
        "if": {"required": ["networks"]},
        "then": {"properties": {"layers": layers}},
        "else": {"properties": {"layers": {"items": KERAS_LAYER}}},
        "anyOf": [{"required": ["layers"]}, {"required": list(SIDES)}],
        "$defs": keras_definitions(),
    }


def schema_text() -> str:
    """The JSON Schema of an experiment file, on one line, in the reader's language."""
    return text_in(language())


@functools.cache
def text_in(spoken: str) -> str:
    """The schema's text; ``spoken`` is the language that is spoken now."""
    return json.dumps(experiment_schema(), ensure_ascii=False, separators=(",", ":"))


def write_schema(folder: Path) -> None:
    """Write the schema that ``MODELINE`` names, unless this one is there."""
    path, content = folder / SCHEMA_FILE, f"{schema_text()}\n".encode()
    try:
        written = path.read_bytes()
    except OSError:
        written = b""
    if written != content:
        write_file(path, content)


def add_modeline(text: str) -> str:
    """An experiment file with the line below the comments that open it."""
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join([*lines[:first], MODELINE, *lines[first:]])
