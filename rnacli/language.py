"""The reader's language: English, or Spanish where ``RNA_LANG`` or the system's ``LC_ALL``, ``LC_MESSAGES``, ``LANG``
says so.

Messages are written in English where they arise. Spanish is a list of pairs in ``locale/es``, English -> Spanish,
looked up where a template is filled. Names of the config's language, of Keras, of options and files are the same in
both, and numbers keep the point of the data.
"""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("en", "es")
VARIABLES = ("RNA_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set decides."""


def language() -> str:
    """``en`` or ``es``."""
    said = next(filter(None, map(os.environ.get, VARIABLES)), "")
    return "es" if said[:2].lower() == "es" and not said[2:3].isalpha() else "en"


def choose_language(name: str) -> None:
    """Speak the language ``name`` from now on, in the processes that this one starts as well."""
    os.environ["RNA_LANG"] = name


@functools.cache
def read_catalogue(name: str) -> Mapping[str, str]:
    """English -> the language ``name``; empty for English, which has no list."""
    pairs: dict[str, str] = {}
    for file in sorted((Path(__file__).parent / "locale" / name).glob("*.json")):
        pairs |= json.loads(file.read_bytes())
    return pairs


def translate(text: str) -> str:
    """A text of ours, or a template with its fields, in the reader's language; any other text as it is."""
    spoken = language()
    return text if spoken == "en" else read_catalogue(spoken).get(text, text)
