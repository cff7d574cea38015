"""What is shown of a network while it is trained."""

from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import key
from rnacli.schema.values import Json, Kind, whole_number


@dataclass(frozen=True)
class GridKind(Kind):
    """Rows and columns of a grid of pictures."""

    wanted = "rows and columns, such as [10, 10],"

    def fits(self, value: Any) -> bool:
        return isinstance(value, list)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value) or len(value) != 2:
            return self.refuse(value, path, reader)
        sizes = [whole_number(1, 100).read(size, (*path, i), reader) for i, size in enumerate(value)]
        return INVALID if INVALID in sizes else tuple(sizes)

    def gives(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def plain(self, value: Any) -> Any:
        return list(value)

    def schema(self) -> Json:
        return {"type": "array", "items": whole_number(1, 100).schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Samples:
    """What is shown of a training while it goes on: `samples/epoch-005.png`, and all of them in `plots/samples.gif`."""

    every: int = key(whole_number(1), "epochs from one to the next", default=1)
    grid: tuple[int, int] = key(GridKind(), "rows and columns of pictures, always of the same noise", default=(8, 8))
