"""Pictures in folders: a folder for each class, or such folders for training, validation and test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnacli.data.class_keys import DRAWN, check_class_names, class_names_key
from rnacli.data.kind import DataSet
from rnacli.data.section import PARTS, Split, SplitKind, positive_key, target_key
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.pictures.augment import augment_key
from rnacli.pictures.keys import (
    CROPPED_OR_PADDED,
    cache_key,
    color_key,
    crop_key,
    form_of,
    interpolation_key,
    pad_key,
    size_key,
    unreadable_key,
)
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import ONE_LINE, Choice, Text

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder
    from rnacli.pictures.decode import PictureForm
    from rnacli.tasks.task import Task


@dataclass(frozen=True)
class Images(DataSet):
    """Folders of pictures, one for each class."""

    images: str = key(
        Text("a folder", ONE_LINE),
        "a folder with a folder of pictures for each class, or with `train`, `validation` and `test` folders of such; "
        "relative to this file",
    )
    image_size: int | tuple[int, int] = size_key()
    color_mode: str = color_key()
    interpolation: str = interpolation_key()
    crop_to_aspect_ratio: bool = crop_key()
    pad_to_aspect_ratio: bool = pad_key()
    augment: tuple[KerasSpec, ...] = augment_key()
    label: str = key(
        Choice(("folders", "none")),
        "what a picture's class is: the folder that it is in; `none`: pictures without classes, for `target: input`",
        default="folders",
    )
    target: str | None = target_key()
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    cache: str = cache_key()
    unreadable: str = unreadable_key()
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(
        SplitKind(),
        "which rows are for training, validation and test; default: as the folders say, else a fifth of each class is "
        "the test part",
        default=DRAWN,
    )

    FOLDERS = ("images",)
    MAY_BRING_TEST = True
    MAY_BRING_VALIDATION = True

    @property
    def picture_form(self) -> "PictureForm":
        """What every picture becomes."""
        return form_of(self)

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            reader.wrong((*path, "pad_to_aspect_ratio"), *CROPPED_OR_PADDED)
        if self.label == "none":
            if self.target is None:
                message, hint = "pictures without classes have nothing to predict", "target: input beside it"
                reader.wrong((*path, "label"), message, hint)
            for name in ("class_names", "positive"):
                if getattr(self, name) is not None:
                    message = "the pictures have no classes: label is none"
                    reader.wrong((*path, name), message, "remove {name}, or remove label", name=name)
            if self.split.stratify and self.split != DRAWN:
                message, hint = "the pictures have no classes: label is none", "remove stratify"
                reader.wrong((*path, "split", "stratify"), message, hint)
        check_class_names(self.class_names or (), path, reader)
        for part in PARTS:
            if isinstance(getattr(self.split, part), str):
                message = "a part of pictures is a folder called {part} beside train, in the folder images"
                reader.wrong((*path, "split", part), message, "move the pictures there, and remove {part}", part=part)

    def division(self, fixed: "Mapping[str, np.ndarray]") -> Split:
        if self.split != DRAWN:
            return self.split
        return Split() if fixed else DRAWN if self.label == "folders" else Split(test=DRAWN.test)

    def read(self, where: Where) -> "Examples":
        from rnacli.data.read_images import read_folders

        return read_folders(self, where).for_target(self.target)

    def list_pictures(self, paths: Sequence[Path]) -> tuple[str, ...]:
        from rnacli.data.new_pictures import list_new_pictures

        return list_new_pictures(paths)

    def read_other(self, path: Path, encoder: "Encoder", tasks: "Mapping[str, Task]", where: Where) -> "Examples":
        from rnacli.data.read_images import read_other_folder

        (task,) = tasks.values()
        return read_other_folder(self, path, task, where)
