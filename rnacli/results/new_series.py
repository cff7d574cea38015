"""New rows of a series: each has the rows before it as its input, and so have the rows that are still to come."""

import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnacli.data.columns import read_as, stated_kind
from rnacli.data.series import Series, name_rows
from rnacli.data.table_keys import TableKeys
from rnacli.data.values import order_of
from rnacli.encoders.drift import Drift
from rnacli.encoders.table import Columns
from rnacli.errors import RnaError
from rnacli.tables.gather import gather_tables
from rnacli.tables.source import Source
from rnacli.tables.table import look_up

log = logging.getLogger("rnacli")

SOME = 4096
"""Windows that are predicted at a time."""


class Window(NamedTuple):
    """Some windows: the texts (m,) of the columns beside them, and raw inputs (m, window, columns)."""

    texts: list[np.ndarray]
    x: np.ndarray


def read_windows(
    data: TableKeys, columns: Columns, source: Source, carried: Sequence[str], drift: Drift
) -> Iterator[Window]:
    """A window for each row that has one, in the order of the file, and for what comes after each series.

    The first text is the row, counted from 0 as in ``predictions.csv``; ``next`` is the row after the last one.
    Raises ``RnaError``.
    """
    wants, order_by = dict(columns.wants), data.split.order_by
    if order_by and order_by not in wants:
        wants[order_by] = read_as(stated_kind(data.column(order_by)), data.column(order_by))._replace(missing=False)
    grouped = [data.window_group] if data.window_group else []
    table = gather_tables(source.read(wants, None, kept=[*dict.fromkeys([*carried, *grouped])]))
    values = table.values[:, : len(columns.features)]
    drift.see(values, table.words)
    times = order_of(table, data, source)
    raw = look_up(values, columns.lookups(table.words))
    groups = table.texts[grouped[0]] if grouped else None
    series = Series.arrange(data.window or 1, data.ahead, len(table), times, groups)
    rows, ahead = np.flatnonzero(series.has_past), series.ahead
    if not len(rows) and not ahead:
        message = "the network takes {window} rows to predict one, and the file has {count}"
        raise RnaError(message, place=source.shown, window=series.window, count=len(table))
    without = np.flatnonzero(~series.has_past)
    if len(without):
        text = "not predicted, because fewer than %d rows are before them: %s"
        log.warning(text, series.window + series.horizon - 1, name_rows(without))
    for start in range(0, len(rows), SOME):
        some = rows[start : start + SOME]
        texts = [table.texts[name][some] for name in carried]
        yield Window([some.astype("U").astype(object), *texts], raw[series.past(some)])
    if ahead:
        named = np.array(["next" if step == 1 else f"next {step}" for step, _ in ahead], object)
        last = [past[-1] for _, past in ahead]
        texts = [table.texts[name][last] if name in grouped else np.full(len(last), "") for name in carried]
        yield Window([named, *texts], raw[np.stack([past for _, past in ahead])])
