"""The texts of the source that the Spanish list lacks, as JSON to fill in, and a way to put them into the list.

``python tests/locale/missing.py > new.json`` lists them, each with an empty translation; ``null`` there says that
nobody reads it. ``python tests/locale/missing.py new.json`` puts what is filled in into ``rnacli/locale/es``, by
folder, and takes out what the source no longer has.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from collect import PACKAGE, collect

LISTS = PACKAGE / "locale" / "es"
APART = Path(__file__).parent / "apart.json"
"""Literals that look like texts, and that nobody reads."""


def read_lists() -> dict[str, dict[str, str]]:
    """The translations of each file, by its name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(LISTS.glob("*.json"))}


def read_apart() -> list[str]:
    apart: list[str] = json.loads(APART.read_text("utf-8"))
    return apart


def file_of(place: str) -> str:
    """The list for a text that stands at ``place``: that of its folder."""
    return place.split("/")[0] if "/" in place else "root" if place else "typer"


def list_missing() -> dict[str, str]:
    """The texts that are neither translated nor apart, in the order of the source, and where they stand."""
    listed = {text for pairs in read_lists().values() for text in pairs} | set(read_apart())
    return {text: place for text, place in collect().items() if text not in listed}


def list_stale() -> list[str]:
    """What is translated or apart, and no longer in the source."""
    texts = collect()
    return [text for pairs in [*read_lists().values(), read_apart()] for text in pairs if text not in texts]


def put(filled: dict[str, str | None]) -> None:
    """Add translations to the lists of their folders, and take out what is stale."""
    texts, lists, apart = collect(), read_lists(), read_apart()
    listed = {text: spanish for pairs in lists.values() for text, spanish in pairs.items()}
    listed |= {text: spanish for text, spanish in filled.items() if spanish}
    apart += [text for text, spanish in filled.items() if spanish is None]
    files: dict[str, dict[str, str]] = {}
    for text, place in texts.items():
        if text in listed:
            files.setdefault(file_of(place), {})[text] = listed[text]
    for path in LISTS.glob("*.json"):
        path.unlink()
    for name, pairs in files.items():
        write(LISTS / f"{name}.json", pairs)
    write(APART, sorted(set(apart) & set(texts)))


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        put(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    else:
        print(json.dumps(dict.fromkeys(list_missing(), ""), ensure_ascii=False, indent=0))
