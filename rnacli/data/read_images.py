"""Pictures from folders: their classes, the part each is of, and the pictures themselves."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnacli.data.class_folders import Contents, divide_folder, list_other_folder, require_class_loss, require_one_test
from rnacli.data.decoded import load_pictures
from rnacli.data.examples import Examples
from rnacli.data.folder_files import Files, digest_folder
from rnacli.data.where import Where
from rnacli.pictures.find import ENDINGS
from rnacli.tasks.task import Task

if TYPE_CHECKING:
    from rnacli.data.images import Images

PICTURES = Contents(
    key="images",
    endings=ENDINGS,
    wanted="expected a folder with a folder of pictures for each class",
    instead="expected a folder with a folder of pictures for each class",
    inside="expected a folder of pictures for each class, such as cats/ and dogs/",
    no_class="'{name:.40}' is no class of the training pictures",
    nothing="there are no pictures in it",
    nothing_hint="",
    class_empty="class '{name:.40}' has no pictures",
    class_hint="add pictures, or remove its folder",
    part_lacks="the %s part has no pictures of %s",
    beside="%s: pictures beside the folders of the classes are not read: %s",
)


def read_folders(data: "Images", where: Where) -> Examples:
    """The pictures of a data set, as pixels; their classes are the folders'. Raises ``RnaError``."""
    if data.target is None:
        require_class_loss(where, "loss: sparse_categorical_crossentropy")
    has_classes = data.label == "folders"
    divided = divide_folder(data.images, data.class_names, PICTURES, where, has_classes)
    files = Files(divided.folder, tuple(divided.names), data.images)
    labels = divided.labels if has_classes else np.empty((len(files), 0))
    digest = digest_folder(divided.folder)
    loaded = load_pictures(files, data.picture_form, data.cache, where.cache, digest, data.unreadable == "skip")
    fixed = divided.rows_of_parts(loaded.kept)
    require_one_test(data.division(fixed), fixed, where)
    return Examples(
        loaded.x,
        labels if loaded.kept is None else labels[loaded.kept],
        targets=("class",),
        classes=divided.classes or None,
        fixed=fixed,
        ids=loaded.files.ids,
        files={data.images: digest},
        line_of=loaded.files.place,
        rejected=tuple(loaded.problems),
    )


def read_other_folder(data: "Images", path: Path, task: Task, where: Where) -> Examples:
    """The pictures of another folder with a folder for each class, by the classes' names. Raises ``RnaError``."""
    has_classes = bool(task.target_columns)
    hint = "rna predict takes pictures without classes"
    listed = list_other_folder(path, task.classes, bool(data.class_names), PICTURES, hint)
    names = [file.relative_to(path).as_posix() for file in listed.files]
    files = Files(path, tuple(names), str(path))
    digest = digest_folder(path)
    loaded = load_pictures(files, data.picture_form, data.cache, where.cache, digest, data.unreadable == "skip")
    labels = np.array([int(task.labels[i]) for i in listed.labels]) if has_classes else np.empty((len(names), 0))
    return Examples(
        loaded.x,
        labels if loaded.kept is None else labels[loaded.kept],
        targets=task.targets,
        ids=loaded.files.ids,
        files={str(path): digest},
        line_of=loaded.files.place,
    )
