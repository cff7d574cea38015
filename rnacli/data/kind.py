"""What a kind of data set is to the rest of the house."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rnacli.data.section import MISSING_WORDS, Split
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import Rescale
from rnacli.pictures.find import ENDINGS
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import Reader

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder
    from rnacli.pictures.decode import PictureForm
    from rnacli.tables.csv.text import Format
    from rnacli.tasks.task import Task


class DataSet:
    """A data set as a file describes it: a frozen dataclass of its keys, in a file of this folder for each kind.

    What stands here holds for arrays; a kind says what is otherwise with it.
    """

    FILES: ClassVar[tuple[str, ...]] = ()
    """The keys that name files."""
    FOLDERS: ClassVar[tuple[str, ...]] = ()
    """The keys that name folders."""
    HAS_COLUMNS: ClassVar[bool] = False
    """Whether examples are rows with named columns, by which they can be divided."""
    IS_WHOLE: ClassVar[bool] = False
    """Whether the examples are all that there are: none need be held out."""
    MAY_BRING_TEST: ClassVar[bool] = False
    """Whether the source may have a test set of its own."""
    MAY_BRING_VALIDATION: ClassVar[bool] = False
    """Whether the source may have a validation set of its own."""
    own_test = ""
    """What has a test set of its own for certain."""
    TASK: ClassVar[str] = ""
    """The kind of task that all its targets are for; empty: loss, last layer and targets say it together."""
    IS_TEXT: ClassVar[bool] = False
    """Whether the data are one running text, of which the next token is predicted."""
    scale: str | Rescale
    class_names: tuple[str, ...] | None
    positive: str | None = None
    augment: Sequence[KerasSpec] = ()
    window: int | None = None
    split: Split

    ENDINGS: ClassVar[Collection[str]] = ENDINGS
    """How the files of its folders end."""

    @property
    def separator(self) -> str:
        """What stands between several labels in one target; empty where each has one."""
        return ""

    @property
    def carried(self) -> Sequence[str]:
        """Columns that predictions carry."""
        return ()

    @property
    def set_aside(self) -> Collection[str]:
        """Columns that the file itself keeps from the network: nobody has to be told that it has no use for them."""
        split = self.split
        return {name for name in (split.column, split.group, split.order_by) if name}

    @property
    def stays_on_disk(self) -> bool:
        """Whether the examples are larger than memory, as the file says."""
        return False

    @property
    def form(self) -> "Format":
        """How a CSV of such examples is written."""
        from rnacli.tables.csv.text import Format

        return Format("auto", "auto", "auto", missing=MISSING_WORDS)

    @property
    def has_tokens(self) -> bool:
        """Whether an input may be numbers of words, as far as the file says it."""
        return False

    @property
    def may_validate(self) -> bool:
        """Whether there may be a validation part, as far as the file says."""
        may = self.split.validation is not None or self.split.column or self.MAY_BRING_VALIDATION
        return bool(may and not self.split.train_on_validation)

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        """What the keys at ``path`` say about one another; what is wrong is told to the ``reader``."""

    def division(self, fixed: "Mapping[str, np.ndarray]") -> Split:
        """How the rows are divided where the source itself decides the parts ``fixed``."""
        return self.split

    @property
    def target_names(self) -> tuple[str, ...] | None:
        """What the targets are called, as far as the file says it; ``None``: the data say it."""
        return None

    @property
    def for_one_output(self) -> list[str]:
        """The keys that the file gives, and that say something of the target of a network of one output."""
        keys = ("positive", "class_names", "label_separator")
        return [key for key in keys if getattr(self, key, None) is not None]

    @property
    def input_names(self) -> Sequence[str] | None:
        """What the inputs of the network may be called, as far as the file says it; ``None``: the data say it."""
        return ("x",)

    def target_scales(self, names: Sequence[str]) -> Sequence[str | Rescale]:
        """The scale of each target; empty where none is scaled."""
        return ()

    @property
    def augmentation(self) -> "Mapping[str, Sequence[KerasSpec]]":
        """The layers that change training pictures, of each input that has some."""
        return {"x": self.augment} if self.augment else {}

    @property
    def scales_pixels(self) -> bool:
        """Whether pixels are scaled before the network has them."""
        return self.scale != "none"

    def read(self, where: Where) -> "Examples":
        """The examples, as they are. Raises ``RnaError``."""
        raise NotImplementedError

    def learn(self, rows: "Examples", train: "np.ndarray", where: Where) -> "Encoder":
        """What the training examples (indices ``train``) teach of the inputs. Raises ``RnaError``."""
        from rnacli.encoders.arrays import Arrays
        from rnacli.encoders.scale import Scale, is_learnt

        x = rows.x.take(train if is_learnt(self.scale) else train[:1])
        return Arrays.learn(x, self.scale) if x.dtype.names else Scale.learn(x, rows.features, self.scale)

    @property
    def picture_form(self) -> "PictureForm":
        """What each picture becomes, where examples are pictures."""
        raise NotImplementedError

    def list_pictures(self, paths: Sequence[Path]) -> tuple[str, ...] | None:
        """The pictures that paths of new files and folders mean; ``None`` where examples are no pictures.

        Raises ``RnaError``.
        """
        return None

    def list_new(self, paths: Sequence[Path]) -> list[Path] | None:
        """The files of texts that paths of new files and folders mean; ``None`` where examples are no such files.

        Raises ``RnaError``.
        """
        return None

    def read_other(self, path: Path, encoder: "Encoder", tasks: "Mapping[str, Task]", where: Where) -> "Examples":
        """Examples with targets from another file, for the tasks of each output. Raises ``RnaError``."""
        from rnacli.data.other_arrays import read_other_arrays

        return read_other_arrays(path, encoder, tasks)


def move_files(dataset: DataSet, plain: dict[str, Any], move: Callable[[str], str]) -> None:
    """Let the names of files in a data set's plain data, but URLs, go through ``move``."""
    split = plain.get("split", {})
    # Beside a column, a part's text is its word in that column.
    parts = () if split.get("column") else ("train", "validation", "test")
    for section, keys in ((plain, (*dataset.FILES, *dataset.FOLDERS)), (split, parts)):
        for key in keys:
            if isinstance(section.get(key), str) and "://" not in section[key]:
                section[key] = move(section[key])


def data_files(dataset: DataSet) -> list[str]:
    """The files that a data set names, or patterns of such; not those behind URLs."""
    names = [getattr(dataset, key) for key in dataset.FILES]
    names += [getattr(dataset.split, part) for part in ("train", "validation", "test")]
    return [name for name in names if isinstance(name, str) and "://" not in name]


def data_folders(dataset: DataSet) -> list[str]:
    """The folders that a data set names."""
    return [getattr(dataset, key) for key in dataset.FOLDERS]
