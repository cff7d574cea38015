"""A text, of which the network learns what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rnacli.data.kind import DataSet
from rnacli.data.section import PARTS, Part, Split, SplitKind
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import ONE_LINE, Choice, Nullable, Text, whole_number

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder
    from rnacli.tables.csv.text import Format
    from rnacli.tasks.task import Task

MOST_WORDS = 20_000


@dataclass(frozen=True)
class TextFile(DataSet):
    """A text, cut into windows of tokens."""

    text: str = key(Text("a file or an https URL", ONE_LINE), "a file of text, relative to this file; or an https URL")
    sha256: str | None = key(
        Nullable(Text("64 hexadecimal digits", "[0-9a-f]{64}")), "what the file's SHA-256 must be", default=None
    )
    encoding: str = key(Text(), "the file's encoding", default="utf-8")
    tokens: str = key(
        Choice(("characters", "words")), "what the text is made of: the network gives one after the other",
        default="characters",
    )  # fmt: skip
    max_tokens: int | None = key(
        Nullable(whole_number(2)),
        "how many different words there are at most, the rarer ones being one; default: 20000",
        default=None,
    )
    window: int = key(
        whole_number(1, 1_000_000),
        "how many tokens the network sees; at each of them it learns the next one",
        default=100,
    )
    stride: int | None = key(
        Nullable(whole_number(1)),
        "how far from one window to the next; 1: they overlap as far as they can; default: `window`, one behind the "
        "other",
        default=None,
    )
    split: Split = key(
        SplitKind(),
        "which stretches of the text are for training, validation and test: the test part is the last one, and before "
        "it lies the validation part",
        default=Split(test=Part(0.05), validation=Part(0.05)),
    )

    FILES = ("text",)
    TASK = "tokens"
    IS_TEXT: ClassVar[bool] = True
    scale = "none"
    class_names = None

    @property
    def has_tokens(self) -> bool:
        return True

    @property
    def step(self) -> int:
        """How far it is from one window to the next."""
        return self.stride or self.window

    @property
    def form(self) -> "Format":
        """How other texts are written."""
        from rnacli.tables.csv.text import Format

        return Format(encoding=self.encoding)

    @property
    def most_tokens(self) -> int:
        """How many different tokens there are at most, where they are words."""
        return self.max_tokens or MOST_WORDS

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        if self.max_tokens is not None and self.tokens == "characters":
            message, hint = "all characters of the training text are tokens", "remove it, or tokens: words"
            reader.wrong((*path, "max_tokens"), message, hint)
        for part in PARTS:
            if isinstance(getattr(self.split, part), str):
                message = "the parts of a text are stretches of it"
                hint = "{part}: 0.05; rna evaluate RUN --data FILE measures another text"
                reader.wrong((*path, "split", part), message, hint, part=part)
        for name in ("folds", "fold", "stratify", "seed"):
            if getattr(self.split, name):
                message = "the parts of a text are stretches of it, which are not drawn"
                reader.wrong((*path, "split", name), message, "remove {name}", name=name)

    def division(self, fixed: "Mapping[str, np.ndarray]") -> Split:
        return Split()

    def read(self, where: Where) -> "Examples":
        from rnacli.data.read_text import read_stretches

        return read_stretches(self, where)

    def learn(self, rows: "Examples", train: "np.ndarray", where: Where) -> "Encoder":
        from rnacli.encoders.vocabulary import Tokens

        return Tokens(self.tokens, rows.classes or (), self.window)

    def read_other(self, path: Path, encoder: "Encoder", tasks: "Mapping[str, Task]", where: Where) -> "Examples":
        from rnacli.data.read_text import read_other_text

        return read_other_text(self, path, encoder)
