"""Tables: the rows of one file or of several."""

import dataclasses
import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from rnacli.data.arrays import as_array
from rnacli.data.columns import (
    FEATURE,
    TARGET,
    allowed,
    is_plain_number,
    settle_kinds,
    stated_kind,
    tell_last_total,
    wanted_cells,
)
from rnacli.data.examples import Examples
from rnacli.data.inputs import group_inputs
from rnacli.data.part_words import parts_by_column
from rnacli.data.picture_columns import PictureColumn, read_picture_columns
from rnacli.data.roles import Roles, assign_roles, give_roles
from rnacli.data.section import INPUT, PARTS
from rnacli.data.series import Series, name_rows
from rnacli.data.sources import find_sources, is_streamed, require_same_columns
from rnacli.data.table_keys import TableKeys
from rnacli.data.values import named_texts, order_of, place_of_row, require_numbers, targets_of, usable_rows, weights_of
from rnacli.data.views import Beside, Windows, array_named
from rnacli.data.where import Where
from rnacli.encoders.column import Content, TrainingColumn
from rnacli.encoders.drift import note_drift
from rnacli.encoders.encoder import Encoder
from rnacli.encoders.mixed import APART_KINDS, MixedColumns, apart_of, table_of
from rnacli.encoders.section import TOGETHER
from rnacli.encoders.series import WindowedColumns
from rnacli.encoders.table import Columns, learn_columns
from rnacli.errors import CONFIG, RnaError
from rnacli.pictures.decode import PictureForm
from rnacli.pictures.keys import form_of
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.find import written_at
from rnacli.tables.gather import Mixed, gather_tables
from rnacli.tables.numbers import Marks
from rnacli.tables.source import Source, open_source
from rnacli.tables.table import Table
from rnacli.tasks.task import Task

log = logging.getLogger("rnacli")

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
    require_same_columns(sources, [*roles.features, *roles.apart, *roles.numbers, *roles.texts])
    folder = where.cache / "tables" if is_streamed(data, sources) else None
    if folder is not None and (texts := [name for name in roles.features if stated_kind(data.column(name)) == "text"]):
        raise streamed_texts(texts[0], data, where)
    forms = {name: form_of(data.column(name)) for name in roles.apart}
    starts = list(itertools.accumulate((len(part) for part in others.values()), initial=len(own)))[:-1]
    rows, ends = read_sources(sources, roles, None, folder, forms, where, starts)
    last = len(own)
    for part, of_part in others.items():
        rows.fixed[part] = np.arange(ends[last - 1], ends[last + len(of_part) - 1])
        last += len(of_part)
    return with_windows(rows, data)


def streamed_texts(name: str, data: TableKeys, where: Where) -> RnaError:
    """The error for texts in a table that is to stay on the disk: a vocabulary is learnt in memory."""
    message, hint = "a table with texts ('{name:.40}') is read into memory", "leave stream out"
    if data.stream == "auto":
        message = "this table would take much of the memory, and texts ('{name:.40}') are read into it"
        hint = "stream: false tries it anyway; or fewer rows, or more memory"
    place = str(where.place("dataset", "stream" if data.stream != "auto" else "csv"))
    return RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)


def read_other_table(
    data: TableKeys, path: Path, encoder: Encoder, tasks: Mapping[str, Task], where: Where
) -> Examples:
    """The rows of another file with the columns of a table that was learnt from, of the same kinds.

    How they differ from the training rows is logged. Raises ``RnaError``.
    """
    table, apart = table_of(encoder), apart_of(encoder)
    kinds = {column.name: Content(column.kind, "", column.want) for column in table or ()}
    shown = str(path)
    source = open_source(path, shown, dataclasses.replace(data.form, kept=table.marks if table else None))
    split = type(data.split)(order_by=data.split.order_by if data.window else None)
    bare = dataclasses.replace(data, split=split, sample_weight=None, id=None)
    roles = give_roles(encoder.features, [name for task in tasks.values() for name in task.target_columns], bare, where)
    needed = [*encoder.features, *roles.targets, *filter(None, (split.order_by, data.window_group))]
    require_columns(dict.fromkeys(needed, ""), source.names(), source.form, shown)
    rows = read_sources([source], roles, kinds, None, {column.name: column.form for column in apart}, where)[0]
    if table is None:
        return rows
    values = array_named(rows.x, TOGETHER)
    pieces = (np.arange(start, min(start + CHUNK, len(values))) for start in range(0, len(values), CHUNK))
    note_drift(table, map(values.take, pieces), rows.words)
    return with_windows(rows.recoded(table.lookups(rows.words)), data)


def arrange_series(table: Table, data: TableKeys, order: np.ndarray | None, breaks: Sequence[int]) -> Series | None:
    """What lies before each row, where that is its input; ``breaks``: the rows that go on from no other."""
    if data.window is None:
        return None
    named = named_texts(table, data.window_group)
    groups = np.zeros(len(table), "U1") if named is None else named.astype("U")
    files = np.searchsorted(breaks, np.arange(len(table)), side="right").astype("U")
    return Series.arrange(data.window, data.ahead, len(table), order, np.char.add(np.char.add(files, " "), groups))


def with_windows(rows: Examples, data: TableKeys) -> Examples:
    """Rows of which each has those before it as its input, where the file says so; those without are named.

    Raises ``RnaError`` where no row has any.
    """
    if rows.series is None:
        return rows
    has_past = rows.series.has_past
    usable = has_past if rows.usable is None else rows.usable & has_past
    shown = next(iter(rows.files), "")
    if not usable.any():
        message = "no row has the {window} rows before it that it is to be predicted from: there are {count}"
        hint = "a smaller window" if data.window_group is None else "a smaller window, or longer series"
        raise RnaError(message, place=shown, hint=hint, window=data.window, count=len(rows.y))
    if not has_past.all():
        without = np.flatnonzero(~has_past)
        text = "used only as inputs, because fewer than %d rows are before them: %s"
        log.info(text, rows.series.window + rows.series.horizon - 1, name_rows(without))
    return dataclasses.replace(rows, x=Windows(rows.x, rows.series), usable=usable)


def learn_table(data: TableKeys, rows: Examples, train: np.ndarray, where: Where) -> Encoder:
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
    apart = [name for name in rows.kinds if name not in rows.features]
    groups, inputs = group_inputs([*rows.features, *apart], data, where)
    table = learn_columns(columns, data.defaults, rows.marks, groups) if rows.features else None
    if table is not None:
        require_texts_apart(table, where)
    if table is not None and not apart:
        return table if data.window is None else WindowedColumns(table, data.window)
    learnt = []
    for name in apart:
        kind, options = APART_KINDS[rows.kinds[name].kind], data.column(name)
        seen = train if kind.is_taught(options) else train[:1]
        learnt.append(kind.learn(name, options, array_named(rows.x, name).take(seen), inputs.get(name, "")))
    return MixedColumns(table, learnt)


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


def gather_sources(
    sources: Sequence[Source], roles: Roles, contents: Mapping[str, Content] | None, folder: Path | None
) -> tuple[Table, dict[str, Content], list[int]]:
    """The columns of some files as one table, what each holds, and how many rows there are up to the end of each file.

    ``contents`` says what each column holds, where that is settled; else the columns themselves do. ``folder``: where
    a table goes that is too large for memory. Raises ``RnaError``.
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
    if contents is None:
        tell_last_total(sources[-1], table)
    return table, kinds, ends


def digest_sources(sources: Sequence[Source]) -> dict[str, str]:
    """The SHA-256 of each file. Raises ``RnaError`` where one was written to since it was opened."""
    digests = {source.shown: source.digest for source in sources}
    for source in sources:
        if written_at(source.path) != source.written:
            message = "the file changed while it was read"
            raise RnaError(message, place=source.shown, hint="wait until it is written")
    return digests


def read_sources(
    sources: Sequence[Source],
    roles: Roles,
    contents: Mapping[str, Content] | None,
    folder: Path | None,
    forms: Mapping[str, PictureForm],
    where: Where,
    starts: Sequence[int] = (),
) -> tuple[Examples, list[int]]:
    """The rows of some files, and how many there are up to the end of each; as ``gather_sources`` reads them.

    ``forms``: what the pictures become that cells of the columns apart name. ``starts``: the files whose rows do not go
    on where those of the file before end.
    """
    table, kinds, ends = gather_sources(sources, roles, contents, folder)
    digests = digest_sources(sources)
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
        series=arrange_series(table, roles.data, order, [ends[i - 1] for i in starts]),
    )
    if not roles.targets:
        rows = rows.for_target(INPUT)
    rows.usable = usable_rows(rows, roles.data)
    if roles.data.split.column:
        rows.fixed = parts_by_column(
            table.texts[roles.data.split.column], roles.data.split, sources[0].shown, rows.place_of
        )
    if roles.apart:
        rows = with_pictures(rows, read_picture_columns(table, sources, ends, roles.data, forms, where))
    return rows, ends


def with_pictures(rows: Examples, columns: Mapping[str, PictureColumn]) -> Examples:
    """The rows with pictures beside their other inputs; those that lack one are not used."""
    arrays = {name: column.x for name, column in columns.items()}
    if rows.features:
        arrays = {TOGETHER: rows.x, **arrays}
    bad = np.logical_or.reduce([column.bad for column in columns.values()])
    usable = np.ones(len(bad), bool) if rows.usable is None else rows.usable
    first = next(iter(rows.files), "")
    return dataclasses.replace(
        rows,
        x=next(iter(arrays.values())) if len(arrays) == 1 else Beside(arrays, TOGETHER),
        files=rows.files | {f"{first}: {name}": column.digest for name, column in columns.items()},
        kinds=rows.kinds | {name: Content("image", "as the config says") for name in columns},
        usable=usable & ~bad if bad.any() else rows.usable,
        rejected=tuple(problem for column in columns.values() for problem in column.problems),
    )
