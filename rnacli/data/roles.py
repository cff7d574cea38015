"""Which columns of a table are for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from rnacli.data.inputs import expand_names, group_inputs
from rnacli.data.section import INPUT
from rnacli.data.table_keys import TableKeys
from rnacli.data.where import Where
from rnacli.document.write import name_hint
from rnacli.encoders.section import TOGETHER, Constant
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.csv.shape import ROW_NUMBERS
from rnacli.tables.source import Source


@dataclass(frozen=True)
class Roles:
    """Which columns are for what; no targets where the input itself is the target.

    ``worded``: the targets that are read as words, since the loss is for classes.

    ``apart``: inputs that are arrays, such as pictures, by what their cells name.
    ``labels``: those that are classes for sure, whose words that are numbers keep their spelling. ``by_output``: each
    target is for an output of its own.
    """

    features: tuple[str, ...]
    targets: tuple[str, ...]
    data: TableKeys
    worded: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    by_output: bool = False
    apart: tuple[str, ...] = ()

    def stands_for(self, name: str) -> str | None:
        """What a blank means in a target, where the file says it; of several targets of one output, none does."""
        fill = self.data.column(name).fill
        if isinstance(fill, str) or fill is None or not (self.by_output or len(self.targets) == 1):
            return None
        return fill.constant if isinstance(fill, Constant) else spelled(fill)

    @property
    def texts(self) -> list[str]:
        """The columns that are read as text."""
        named = (self.data.id, self.data.split.column, self.data.split.group, self.data.window_group)
        return list(dict.fromkeys([*self.worded, *filter(None, named)]))

    @property
    def numbers(self) -> list[str]:
        """The columns that are read as numbers and are no inputs."""
        numbers = [name for name in self.targets if name not in self.worded]
        return list(dict.fromkeys([*numbers, *filter(None, [self.data.sample_weight])]))


def spelled(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def assign_roles(names: Sequence[str], data: TableKeys, where: Where, source: Source) -> Roles:
    """Which columns are for what. Raises ``RnaError`` for a column that is not there, or that is two things."""
    given = (data.target,) if isinstance(data.target, str) else data.target
    targets = () if data.target == INPUT and INPUT not in names else expand_names(given, names)
    split = data.split
    named = tuple(filter(None, (data.id, split.column, split.group, data.window_group)))
    apart = {*targets, *named, *filter(None, (data.sample_weight, split.order_by))}
    ignored = {name for name, column in data.columns.items() if column.kind == "ignore"}
    if data.id and data.column(data.id).apart:  # the path of a picture names its row
        apart.discard(data.id)
    rest = tuple(name for name in names if name not in apart | ignored and not ROW_NUMBERS.fullmatch(name))
    features = rest if data.features is None else expand_names(data.features, names)
    require_columns(wanted_columns(data, where, targets, features), names, source.form, source.shown)
    place = str(where.place("dataset", "features"))
    for i, name in enumerate(data.features or ()):
        if name in (data.features or ())[:i]:
            at = str(where.place("dataset", "features", i))
            raise RnaError("{name} appears twice", place=at, hint="remove one", exit_code=CONFIG, name=name)
    roles = give_roles(features, targets, data, where)
    if both := set(targets if data.window is None else roles.worded) & set(features):
        message, hint = (
            "{name} is the target and a feature",
            "remove it from features: the network would be given the answer",
        )
        if data.window is not None:
            message = "the past of {name} may be an input where it is a number, and it is predicted as classes"
            hint = "remove it from features"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=min(both))
    if naming := {name for name in {*named} & set(features) if not (name == data.id and data.column(name).apart)}:
        message, hint = "{name} names or divides the rows, and is a feature", "remove it from features"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=min(naming))
    features = tuple(name for name in features if name not in ignored)
    require_apart(features, data, where)
    if not features:
        raise RnaError("no columns are left for the inputs", place=source.shown)
    group_inputs(features, data, where)  # whose mistakes are named before anything is read
    return give_roles(features, targets, data, where)


def wanted_columns(data: TableKeys, where: Where, targets: Sequence[str], features: Sequence[str]) -> dict[str, str]:
    """Each column that the config names, with the place of its name."""
    wanted = {name: str(where.place("dataset", "columns", name)) for name in data.columns}
    if data.features is not None:
        places = {name: str(where.place("dataset", "features", i)) for i, name in enumerate(data.features)}
        wanted |= {name: places.get(name, str(where.place("dataset", "features"))) for name in features}
    wanted |= {name: str(where.place("dataset", "target")) for name in targets}
    for key in ("id", "sample_weight", "window_group"):
        if name := getattr(data, key):
            wanted[name] = str(where.place("dataset", key))
    for key in ("column", "group", "order_by"):
        if name := getattr(data.split, key):
            wanted[name] = str(where.place("dataset", "split", key))
    return wanted


def give_roles(features: Sequence[str], targets: Sequence[str], data: TableKeys, where: Where) -> Roles:
    """Inputs and targets with how the targets are read: several of one output are numbers."""
    by_output = len(where.heads) > 1
    heads = {name: where.head_of(name) for name in targets} if by_output or len(targets) == 1 else {}
    separated = bool(data.label_separator) and not by_output
    worded = [name for name, head in heads.items() if separated or head is None or not head.predicts_numbers]
    labels = [name for name, head in heads.items() if head is None or head.predicts_classes]
    beside = tuple(name for name in features if not data.column(name).apart)
    apart = tuple(name for name in features if data.column(name).apart)
    return Roles(beside, tuple(targets), data, tuple(worded), tuple(labels), by_output, apart)


def require_apart(features: Sequence[str], data: TableKeys, where: Where) -> None:
    """Refuse a column of arrays that is no input, or whose name others have. Raises ``RnaError``."""
    for name, column in data.columns.items():
        place = str(where.place("dataset", "columns", name))
        if column.apart and name not in features and data.features is None:
            message, hint = "{name} is not an input, and pictures must be inputs", "remove it here"
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)
        if column.apart and data.window is not None:
            message = "{name} holds pictures, and a window is of numbers and words"
            hint = name_hint(name, "columns: {{column}: ignore}")
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)
        if column.apart and name == TOGETHER and len(features) > 1:
            message, hint = "the other columns together are called '{name}'", "call the column of pictures otherwise"
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)
