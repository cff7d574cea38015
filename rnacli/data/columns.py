"""What the columns of a table are read as, and what they are found to hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnacli.data.roles import Roles
from rnacli.data.table_keys import TableKeys
from rnacli.document.write import name_hint
from rnacli.encoders.kind_of import Found, infer_kind
from rnacli.encoders.section import Column
from rnacli.encoders.table import COLUMN_KINDS
from rnacli.errors import DATA, Problem, RnaError
from rnacli.tables.cells import Want, word_number
from rnacli.tables.csv.faults import FILL_HINT, Mend
from rnacli.tables.gather import count_words, replace_words
from rnacli.tables.source import Source
from rnacli.tables.table import Table

FEATURE = Mend(
    "if its words are categories: columns: {{column}: categorical}; to leave it out: columns: {{column}: ignore}",
    "leave the column out with columns: {{column}: ignore}, or fill it",
)
TARGET = Mend(
    "for classes: loss: sparse_categorical_crossentropy, and softmax in a last layer with one unit for each class",
    FILL_HINT,
)


def wanted_cells(roles: Roles, known: Mapping[str, tuple[str, str]] | None) -> dict[str, Want]:
    """How each column is read, inputs first."""
    data = roles.data
    wants = {}
    for name in roles.features:
        column = data.column(name)
        kind = known[name][0] if known else stated_kind(column)
        wants[name] = allowed(name, read_as(kind, column), data)
    for name in roles.numbers:
        wants[name] = Want("number", name in roles.targets and drops(name, data))
    for name in roles.texts:
        optional = name in (data.id, data.split.group) or (
            name in roles.targets and (drops(name, data) or bool(data.label_separator))
        )
        wants[name] = Want("text", optional, data.column(name).strip)
    if data.split.order_by and data.split.order_by not in wants:
        wants[data.split.order_by] = Want("any", missing=False)
    return wants


def read_as(kind: str, column: Column) -> Want:
    """How the cells of a kind of column are read; ``auto``: as whatever they are."""
    return COLUMN_KINDS[kind].read_as(column) if kind in COLUMN_KINDS else Want("any", strip=column.strip)


def stated_kind(column: Column) -> str:
    """The kind that the config gives a column, by name or by what only one kind has."""
    if column.kind != "auto":
        return column.kind
    return next((kind for kind in reversed(COLUMN_KINDS) if COLUMN_KINDS[kind].is_asked(column)), "auto")


def allowed(name: str, want: Want, data: TableKeys) -> Want:
    """A column whose missing values are an error is read so."""
    return want._replace(missing=want.missing and data.fill_of(name) != "error")


def drops(name: str, data: TableKeys) -> bool:
    """Whether rows without a value in a column are left out."""
    return data.fill_of(name) == "drop"


def settle_kinds(
    table: Table, roles: Roles, sources: Sequence[Source], wants: Mapping[str, Want]
) -> dict[str, tuple[str, str]]:
    """What each input column holds, and why; words that mean numbers become those, in place. Raises ``RnaError``."""
    kinds: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    faulty: dict[str, Want] = {}
    shown = sources[0].shown
    for name in roles.features:
        column = roles.data.column(name)
        stated = stated_kind(column)
        has_words = name in table.words
        values = table.values[:, table.columns.index(name)]
        if stated != "auto":
            kinds[name] = (stated, "as the config says")
            continue
        if not has_words:
            empty = np.isnan(values).all()
            found = Found("empty", "") if empty else Found("numeric", "numbers")
        else:
            found = infer_kind(table.words[name], count_words(table, name), sources[0].form.decimal)
        if found.kind == "faulty":
            faulty[name] = wants[name]._replace(kind="number")
        elif found.kind == "text":
            problems.append(too_many(name, found.why, len(values), shown))
        elif found.kind == "empty":
            hint = name_hint(name, "leave it out: columns: {{column}: ignore}")
            problems.append(Problem("column '{name:.40}': every value is missing", shown, hint, name=name))
        kinds[name] = (found.kind, found.why)
        if found.kind in ("boolean", "date"):
            want = read_as(found.kind, column)
            replace_words(table, name, [word_number(word, want, ".") for word in table.words[name]])
    if faulty:
        read_again(sources, faulty)
    if problems:
        raise RnaError.of(problems, DATA)
    return kinds


def read_again(sources: Sequence[Source], faulty: Mapping[str, Want]) -> None:
    """Raise the ``RnaError`` that names each word among numbers."""
    for source in sources:
        for _ in source.read(faulty, None, dict.fromkeys(faulty, FEATURE)):
            pass


def too_many(name: str, why: str, rows: int, shown: str) -> Problem:
    return Problem(
        "column '{name:.40}' has {why:.300} in {rows:,} rows: too many to be categories",
        shown,
        name_hint(
            name,
            "columns: {{column}: ignore} leaves it out; {{column}: {encode: embedding}} learns a vector for each; "
            "{{column}: {min_count: 10}} groups the rare ones",
        ),
        name=name,
        why=why,
        rows=rows,
    )
