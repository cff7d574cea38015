"""What a file says of windows, against what it says of the parts."""

from rnacli.data.section import PARTS, Part
from rnacli.data.table_keys import TableKeys
from rnacli.document.place import KeyPath
from rnacli.schema.reader import Reader
from rnacli.words import fill_template

STRETCHES = "split: {order_by: a_column, test: 0.2}, or split: {test: {last: 0.2}} where the file is in order"


def check_windows(data: TableKeys, path: KeyPath, reader: Reader) -> None:
    """Parts must be stretches: rows near one another share most of their windows."""
    split = data.split
    if data.window is None:
        for key in ("horizon", "window_group"):
            if getattr(data, key) is not None:
                reader.wrong((*path, key), "it is for windows, and there is no window", "window: 24 beside it")
        return
    if split.stratify:
        message = "the parts of a series are rows that follow one another, and are not drawn by class"
        reader.wrong((*path, "split", "stratify"), message, "stratify: false")
    if split.group and split.group != data.window_group:
        message = "rows of several groups share their windows"
        reader.wrong((*path, "split", "group"), message, "window_group: {group}, or order_by", group=split.group)
    if split.order_by or split.group or split.column:
        return
    drawn = [name for name in PARTS if isinstance(part := getattr(split, name), Part) and not part.end]
    if drawn or split.folds:
        message = "rows that are drawn for {part} have neighbours in training, with nearly the same window"
        part = drawn[-1] if drawn else "folds"
        reader.wrong(
            (*path, "split", part),
            message,
            STRETCHES,
            part="folds" if not drawn else fill_template("the {part} part", part=part),
        )
