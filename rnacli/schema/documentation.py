"""What editors say of Keras' and scikit-learn's objects and of their arguments: a sentence and the page of each.

Our own words where there are any, else the first sentence of Keras (Apache License 2.0) or of scikit-learn (BSD
3-Clause): ``documentation.json`` is made from their docstrings by ``python -m rnacli.schema.generate``. It stands
apart from the catalogue, since reading a file needs none of it.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnacli.language import translate
from rnacli.schema.catalog import Entry
from rnacli.schema.plain_words import ARGUMENTS, OBJECTS, OWN_ARGUMENTS, PARTICULAR


def describe_entry(entry: Entry) -> str:
    """What an object is, and the page that says more."""
    raw = find_documentation(entry)
    own = OBJECTS.get(f"{entry.category}.{entry.name}", "")
    return " ".join(filter(None, (translate(own) + "." if own else raw.get("doc", ""), raw.get("link", ""))))


def describe_argument(entry: Entry, name: str) -> str:
    """What one of its arguments is."""
    own = PARTICULAR.get(f"{entry.category}.{entry.name}.{name}") or ARGUMENTS.get(name, "")
    said = "" if own else find_documentation(entry).get("arguments", {}).get(name, "")
    return said or translate(own or OWN_ARGUMENTS.get(name, ""))


def find_documentation(entry: Entry) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_documentation().get(entry.category, {}).get(entry.name, {})
    return found


@functools.cache
def read_documentation() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("documentation.json").read_bytes())
    return data
