"""Tables: the rows of one file or of several."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from rnacli.data.arrays import as_array
from rnacli.data.columns import FEATURE, TARGET, allowed, is_plain_number, settle_kinds, stated_kind, wanted_cells
from rnacli.data.examples import Examples
from rnacli.data.inputs import group_columns
from rnacli.data.part_words import parts_by_column
from rnacli.data.roles import Roles, assign_roles, give_roles
from rnacli.data.section import PARTS
from rnacli.data.sources import find_sources, is_streamed, require_same_columns
from rnacli.data.table_keys import TableKeys
from rnacli.data.values import named_texts, order_of, place_of_row, require_numbers, targets_of, usable_rows, weights_of
from rnacli.data.where import Where
from rnacli.encoders.column import Content, TrainingColumn
from rnacli.encoders.drift import note_drift
from rnacli.encoders.encoder import Encoder
from rnacli.encoders.table import Columns, learn_columns
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.find import written_at
from rnacli.tables.gather import Mixed, gather_tables
from rnacli.tables.numbers import Marks
from rnacli.tables.source import Source, open_source
from rnacli.tables.table import Table
from rnacli.tasks.task import Task

CHUNK = 65_536
"""Rows that are read at a time where a table goes to a file."""


def read_table(data: TableKeys, where: Where) -> Examples:
    """The rows of a table, with those of a second file after them. Raises ``RnaError``."""
    own = find_sources(data, where)
    roles = assign_roles(require_same_columns(own), data, where, own[0])
    seconds = {part: name for part in PARTS if isinstance(name := getattr(data.split, part), str)}
    others = {
        part: find_sources(dataclasses.replace(data, csv=name, sha256=None), where, part)
        for part, name in seconds.items()
    }
    sources = [*own, *(source for part in others.values() for source in part)]
    require_same_columns(sources, [*roles.features, *roles.numbers, *roles.texts])
    folder = where.cache / "tables" if is_streamed(data, sources) else None
    if folder is not None and (texts := [name for name in roles.features if stated_kind(data.column(name)) == "text"]):
        raise streamed_texts(texts[0], data, where)
    rows, ends = read_sources(sources, roles, None, folder)
    last = len(own)
    for part, of_part in others.items():
        rows.fixed[part] = np.arange(ends[last - 1], ends[last + len(of_part) - 1])
        last += len(of_part)
    return rows


def streamed_texts(name: str, data: TableKeys, where: Where) -> RnaError:
    """The error for texts in a table that is to stay on the disk: a vocabulary is learnt in memory."""
    message, hint = "a table with texts ('{name:.40}') is read into memory", "leave stream out"
    if data.stream == "auto":
        message = "this table would take much of the memory, and texts ('{name:.40}') are read into it"
        hint = "stream: false tries it all the same; or fewer rows, or more memory"
    place = str(where.place("dataset", "stream" if data.stream != "auto" else "csv"))
    return RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)


def read_other_table(
    data: TableKeys, path: Path, encoder: Encoder, tasks: Mapping[str, Task], where: Where
) -> Examples:
    """The rows of another file with the columns of a table that was learnt from, of the same kinds.

    How they differ from the training rows is logged. Raises ``RnaError``.
    """
    if not isinstance(encoder, Columns):
        raise TypeError("a table has columns")
    kinds = {column.name: Content(column.kind, "", column.want) for column in encoder}
    shown = str(path)
    source = open_source(path, shown, dataclasses.replace(data.form, kept=encoder.marks))
    bare = dataclasses.replace(data, split=type(data.split)(), sample_weight=None, id=None)
    roles = give_roles(encoder.features, [name for task in tasks.values() for name in task.targets], bare, where)
    require_columns(dict.fromkeys([*roles.features, *roles.targets], ""), source.names(), source.form, shown)
    rows = read_sources([source], roles, kinds, None)[0]
    pieces = (np.arange(start, min(start + CHUNK, len(rows.x))) for start in range(0, len(rows.x), CHUNK))
    note_drift(encoder, map(rows.x.take, pieces), rows.words)
    return rows.recoded(encoder.lookups(rows.words))


def learn_table(data: TableKeys, rows: Examples, train: np.ndarray, where: Where) -> Columns:
    """What the training rows (indices ``train``) teach of each input column. Raises ``RnaError``."""
    columns = (
        TrainingColumn(
            name,
            rows.kinds[name].kind,
            rows.column(j, train),
            rows.words.get(name, ()),
            data.column(name),
            str(where.place("dataset", "columns", name)),
            rows.kinds[name].want,
        )
        for j, name in enumerate(rows.features)
    )
    groups = group_columns(data.inputs, rows.features, where)
    learnt = learn_columns(columns, data.defaults, rows.marks, groups)
    require_texts_apart(learnt, where)
    return learnt


def require_texts_apart(columns: Columns, where: Where) -> None:
    """Numbers of words are no quantities, and join no others in an input. Raises ``RnaError``."""
    for name, spec in columns.inputs.items():
        if spec.tokens and len(columns.groups.get(spec.group, ())) > 1:
            raise RnaError(
                "input {group} joins the words of '{name:.40}' with other columns",
                place=str(where.place("dataset", "inputs", spec.group)),
                hint="an input of its own for '{name:.40}', or output_mode: tf_idf in its column",
                exit_code=CONFIG,
                group=spec.group,
                name=name,
            )


def read_sources(
    sources: Sequence[Source], roles: Roles, contents: Mapping[str, Content] | None, folder: Path | None
) -> tuple[Examples, list[int]]:
    """The rows of some files, and how many there are up to the end of each.

    ``contents`` says what each column holds, where that is settled; else the columns themselves do.
    """
    wants = wanted_cells(roles, contents)
    mends = {**dict.fromkeys(roles.features, FEATURE), **dict.fromkeys(roles.targets, TARGET)}
    kinds: dict[str, Content] = dict(contents) if contents else {}
    judged: set[str] = set()
    if folder is not None and contents is None:
        # What columns hold is judged by the first rows, since the others are read only once.
        head = gather_tables([next(sources[0].read(wants, CHUNK, mends))])
        kinds = settle_kinds(head, roles, sources, wants)
        judged = {name for name, held in kinds.items() if wants[name].kind == "any" and is_plain_number(held.want)}
        wants |= {name: allowed(name, kinds[name].want, roles.data) for name in kinds.keys() - judged}
    chunk = None if folder is None else CHUNK
    ends: list[int] = []

    def pieces() -> Iterator[Table]:
        rows = 0
        for source in sources:
            for piece in source.read(wants, chunk, mends):
                require_numbers(piece, judged & piece.words.keys(), source, kinds)
                rows += len(piece)
                yield piece
            ends.append(rows)

    try:
        table = gather_tables(pieces(), folder)
    except Mixed as mixed:
        wants = {**wants, **{name: wants[name]._replace(kind="words") for name in mixed.columns}}
        ends.clear()
        table = gather_tables(pieces(), folder)
    if not kinds:
        kinds = settle_kinds(table, roles, sources, wants)
    digests = {source.shown: source.digest for source in sources}
    for source in sources:
        if written_at(source.path) != source.written:
            message = "the file changed while it was read"
            raise RnaError(message, place=source.shown, hint="wait until it is written")
    width = len(roles.features)
    order = order_of(table, roles.data, sources[0])
    rows = Examples(
        as_array(table.values[:, :width]),
        targets_of(table, roles, sources[0].form.written),
        roles.features,
        roles.targets,
        files=digests,
        ids=named_texts(table, roles.data.id),
        words={name: words for name, words in table.words.items() if name in roles.features},
        kinds=kinds,
        groups=named_texts(table, roles.data.split.group),
        order=order,
        weights=weights_of(table, roles.data, sources[0]),
        marks=Marks(sources[0].form.decimal, sources[0].form.thousands),
        line_of=lambda row: place_of_row(sources, ends, row),
    )
    rows.usable = usable_rows(rows, roles.data)
    if roles.data.split.column:
        rows.fixed = parts_by_column(
            table.texts[roles.data.split.column], roles.data.split, sources[0].shown, rows.place_of
        )
    return rows, ends
