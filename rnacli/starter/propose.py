"""An experiment file inferred from a table: what is to be predicted, from which columns, and a network for it."""

import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnacli.document.comments import dump_commented, keep_unchanged
from rnacli.document.read import parse_document
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.load import default_name, read_config
from rnacli.experiment.override import apply_override
from rnacli.starter.compose import compose_experiment
from rnacli.starter.look import Look, look_at_table
from rnacli.starter.notes import data_notes, opening_lines
from rnacli.tables.csv.no_text import OtherEncoding
from rnacli.tasks.form import TASK_KINDS
from rnacli.words import did_you_mean, fill_template


@dataclass(frozen=True)
class Proposal:
    """The file's text, and what was seen in the data, for people."""

    text: str
    notes: tuple[str, ...]


def propose_experiment(
    data: str,
    targets: Sequence[str],
    output: Path,
    cache_folder: Path,
    task: str = "auto",
    overrides: Sequence[str] = (),
    offline: bool = False,
) -> Proposal:
    """An experiment for the table ``data`` (a file, a pattern or a URL) that is to be written to ``output``.

    ``targets``: names or patterns, or several with commas between them. ``overrides``: ``key=value`` for the file;
    ``offline``: nothing is downloaded. Raises ``RnaError`` that says which option is wanted.
    """
    if task not in ("auto", *TASK_KINDS):
        hint = did_you_mean(task, ["auto", *TASK_KINDS], "one of {names:or}")
        raise RnaError("there is no task called '{task}'", place="--task", hint=hint, exit_code=CONFIG, task=task)
    look, encoding = look_in_encoding(data, targets, cache_folder, task, overrides, offline)
    value, comments = compose_experiment(look, relative_name(data, output.parent), default_name(output.stem))
    if encoding:
        comments.beside["dataset", "encoding"] = encoding
    opening = opening_lines(look, output.name)
    document = parse_document(dump_commented(value, comments, opening), str(output))
    for override in overrides:
        apply_override(document, override)
    changed = copy.deepcopy(document.value)
    read_config(document, output.parent)
    comments = keep_unchanged(comments, value, changed)
    if "class_weight" in changed:
        comments.above.clear()
    return Proposal(dump_commented(changed, comments, opening), (*filter(None, [encoding]), *data_notes(look)))


def look_in_encoding(
    data: str, targets: Sequence[str], cache_folder: Path, task: str, overrides: Sequence[str], offline: bool
) -> tuple[Look, str]:
    """The table, in the encoding that its first letters beyond UTF-8 show where it is not; and what is said of that."""
    try:
        return look_at_table(data, targets, cache_folder, task, overrides, offline), ""
    except OtherEncoding as error:
        if not error.other:
            raise
        overrides = [*overrides, f"dataset.encoding={error.other}"]
        said = fill_template("not UTF-8; {encoding} reads '{word}'", encoding=error.other, word=error.word)
        return look_at_table(data, targets, cache_folder, task, overrides, offline), said


def relative_name(data: str, folder: Path) -> str:
    """What a file in ``folder`` calls the data: a relative path with slashes, on every system."""
    if "://" in data:
        return data
    path = Path(data).expanduser()
    try:
        name = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return path.absolute().as_posix()
    return f"./{name}" if name.startswith("~") else name
