"""Numbers in an array of any shape: lists within lists, all of one length at each depth."""

from typing import Any

from rnacli.document.place import KeyPath
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.values import Json, Kind, Number


class NumberArray(Kind):
    """A list of numbers, or of such lists; it is read as tuples within tuples."""

    wanted = "a list of numbers, or of such lists"

    def fits(self, value: Any) -> bool:
        return isinstance(value, list)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        read = self.read_items(value, path, reader)
        if read is not INVALID and shape_of(read) is None:
            message = "expected lists of one length, got lists of several"
            return reader.wrong(path, message, "one list for each row: [[1], [1], [-9]]")
        return read

    def read_items(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not isinstance(value, list):
            return Number().read(value, path, reader)
        if not value:
            return reader.wrong(path, "expected numbers, got an empty list", "[[1], [1], [-9]]")
        items = [self.read_items(item, (*path, i), reader) for i, item in enumerate(value)]
        return INVALID if INVALID in items else tuple(items)

    def gives(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def plain(self, value: Any) -> Any:
        return list(map(self.plain, value)) if isinstance(value, tuple) else value

    def schema(self) -> Json:
        return {"type": "array"}


def shape_of(array: Any) -> tuple[int, ...] | None:
    """The shape of tuples within tuples; ``None`` where they are of several lengths."""
    if not isinstance(array, tuple):
        return ()
    inner = {shape_of(item) for item in array}
    shape = inner.pop() if len(inner) == 1 else None
    return None if shape is None else (len(array), *shape)
