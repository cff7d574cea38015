"""What was seen in a table, in words: for the file's first lines, and for people."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnacli.starter.look import Look
from rnacli.words import clean


def opening_lines(look: Look, file: str) -> list[str]:
    """The lines that open the file, which is called ``file``."""
    predicts = f"Predicts {goal_in_words(look)} of {Path(look.source.shown).name}"
    return [
        f"{predicts}.   rna train {shlex.quote(file)}",
        "",
        f"Written by rna init from {look.rows:,} rows, as a start: change what you like, and rna check says",
        "whether it fits together. What each key means: rna schema --markdown",
    ]


SEVERAL = {"multiclass": "classes", "multilabel": "labels", "regression": "numbers"}
"""What several target columns are."""


def goal_in_words(look: Look) -> str:
    first = clean(look.targets[0], 40)
    what = f"column {first}" if first.isdecimal() else first
    if len(look.targets) > 1:
        what = f"{len(look.targets)} {SEVERAL[look.goal.kind]}"
    return f"{what} from {count_nouns(len(look.inputs), 'column')}"


NAMES = {
    "numeric": ("number", "numbers"),
    "boolean": ("yes or no", "yes or no"),
    "categorical": ("category", "categories"),
    "text": ("text", "texts"),
    "words": ("column of many words", "columns of many words"),
    "date": ("date", "dates"),
    "duration": ("duration", "durations"),
    "fraction": ("fraction", "fractions"),
    "image": ("picture", "pictures"),
}
"""What one column of a kind is called, and what several are."""


def data_notes(look: Look) -> Iterator[str]:
    """What was seen, line by line."""
    counts = {kind: sum(column.kind == kind for column in look.inputs) for kind in NAMES}
    kinds = ", ".join(f"{count} {NAMES[kind][count > 1]}" for kind, count in counts.items() if count)
    inputs = count_nouns(len(look.inputs), "input column")
    yield f"{clean(look.source.shown, 300)}: {file_in_words(look)}; {inputs} ({kinds})"
    if gaps := [f"{column.missing:,} in {clean(column.name, 40)}" for column in look.inputs if column.missing]:
        yield f"missing values: {first_words(gaps)}"
    yield f"{first_words([clean(name, 40) for name in look.targets])}: {look.goal.why}: {look.goal.kind}"
    if look.goal.gaps:
        yield f"rows without it: {look.rows - look.goal.rows:,}, left out"
    if look.goal.counts:
        shares = [f"{clean(label, 30)} {show_percent(share)}" for label, share in look.goal.shares.items()]
        yield f"{'classes' if look.goal.has_classes else 'labels'}: {first_words(shares, 8)}"
    for column in look.columns:
        if not column.is_input:
            yield f"left out: {clean(column.name, 40)}: {column.why}"
        elif column.say == column.kind:
            yield f"{clean(column.name, 40)}: {column.why}"


def file_in_words(look: Look) -> str:
    form = look.source.form
    rows = f"{look.rows:,} rows" if look.is_whole else f"{look.rows:,} rows or more"
    if look.source.is_parquet:
        return rows
    between = {",": "commas", ";": "semicolons", "\t": "tabs", "whitespace": "blanks"}
    decimal = ", decimal commas" if form.decimal == "," else ""
    return f"{rows}, {between.get(form.delimiter, repr(form.delimiter))} between the values{decimal}"


def count_nouns(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def first_words(words: Sequence[str], most: int = 5) -> str:
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def show_percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
