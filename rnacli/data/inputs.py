"""Which columns of a table are which input of the network, where the file says so."""

import fnmatch
from collections.abc import Mapping, Sequence

from rnacli.data.table_keys import TableKeys
from rnacli.data.where import Where
from rnacli.document.place import Place
from rnacli.errors import CONFIG, RnaError
from rnacli.words import did_you_mean, first_of

REST = "rest"
"""What stands for all columns that no other input has."""
Given = Mapping[str, str | Sequence[str]]


def group_columns(given: Given | None, features: Sequence[str], where: Where) -> dict[str, tuple[str, ...]]:
    """Input -> its columns, each of the ``features`` in one of them; empty where they are not grouped.

    Raises ``RnaError``.
    """
    if given is None:
        return {}
    groups: dict[str, tuple[str, ...]] = {}
    rest = [name for name, columns in given.items() if columns == REST and REST not in features]
    taken: dict[str, str] = {}
    for name, columns in given.items():
        if name in rest:
            groups[name] = ()
            continue
        groups[name] = expand_names([columns] if isinstance(columns, str) else columns, features)
        for i, column in enumerate(groups[name]):
            place = where.place("dataset", "inputs", name, *(() if isinstance(columns, str) else (i,)))
            require_feature(column, name, features, taken, place)
            taken[column] = name
    left = tuple(column for column in features if column not in taken)
    at = where.place("dataset", "inputs", *rest[-1:])
    if len(rest) > 1 or (rest and not left):
        message = "{names:and} both have the rest" if len(rest) > 1 else "no columns are left for {names:and}"
        raise RnaError(message, place=str(at), hint="remove one", exit_code=CONFIG, names=rest[:2])
    if left and not rest:
        raise RnaError(
            "no input has {columns:.300}",
            place=str(at),
            hint="{name}: rest for all of them, or leave them out: columns: {column: ignore}",
            exit_code=CONFIG,
            columns=first_of(left),
            name="others",
        )
    return {name: left if name in rest else columns for name, columns in groups.items()}


def group_inputs(
    features: Sequence[str], data: TableKeys, where: Where
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The columns of each input, where they are grouped; and, of columns that are arrays, the input that each is.

    Those that no input names, and that are not of the rest, are inputs by their own names. Raises ``RnaError``.
    """
    if data.inputs is None:
        return {}, {}
    apart = {name for name in features if data.column(name).apart}
    given = {name: [columns] if isinstance(columns, str) else columns for name, columns in data.inputs.items()}
    named = {column for columns in given.values() for column in expand_names(columns, features)}
    groups = group_columns(data.inputs, [name for name in features if name not in apart - named], where)
    for name, columns in groups.items():
        if len(columns) > 1 and (pictures := [column for column in columns if column in apart]):
            raise RnaError(
                "{name} would join the pictures of '{column:.40}' with other columns",
                place=str(where.place("dataset", "inputs", name)),
                hint="an input of its own for {column:.40}",
                exit_code=CONFIG,
                name=name,
                column=pictures[0],
            )
    own = {columns[0]: name for name, columns in groups.items() if columns[0] in apart}
    return {name: columns for name, columns in groups.items() if columns[0] not in apart}, own


def expand_names(given: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Names, and in the place of a pattern such as ``Class*`` the columns that match it."""
    expanded: dict[str, None] = {}
    for name in given:
        matching = [] if name in names or "*" not in name else fnmatch.filter(names, name)
        expanded |= dict.fromkeys(matching or [name])
    return tuple(expanded)


def require_feature(column: str, name: str, features: Sequence[str], taken: Mapping[str, str], place: Place) -> None:
    """A column of an input must be one of the ``features``, and of no other input. Raises ``RnaError``."""
    if column not in features:
        hint = did_you_mean(column, features, "columns: {names:and}")
        message = "{name} has the column '{column:.40}', which is not among the inputs"
    elif column in taken:
        hint, message = "remove one", "column '{column:.40}' is in {other} and in {name}"
    else:
        return
    other = taken.get(column, "")
    raise RnaError(message, place=str(place), hint=hint, exit_code=CONFIG, name=name, column=column, other=other)
