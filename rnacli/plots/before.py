"""The picture of the data, drawn before training: whoever waits can open it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.helper import begin_aside
from rnacli.plots import data as picture
from rnacli.plots.make_views import make_views
from rnacli.plots.paint import write_data_pictures
from rnacli.results.evaluate import Evaluation
from rnacli.results.numpy_answers import no_answers


def begin_data_pictures(config: Config, data: Data, network: Any, folder: Path) -> Callable[[], list[str]]:
    """Begin to draw the data into ``folder``; gives a function that gives the names of the files, once.

    They are those of ``plots/data.py`` that would be drawn after training, to the last byte. None where one fails: it
    is drawn with the others then, and said.
    """
    if config.sides:
        return list
    views = make_views(config, data, network, no_answers, expect_evaluation(data))
    wanted: list[tuple[str, dict[str, Any]]] = []
    try:
        for view in views:
            drawings = picture.values(view).get("data", [])[:1]
            wanted += [(f"{view.folder}/data.png" if view.folder else "data.png", each) for each in drawings]
    except Exception:
        return list
    return begin_aside(write_data_pictures, str(folder), wanted)


def expect_evaluation(data: Data) -> Evaluation:
    """What an evaluation says before there is one: the outputs and their classes."""
    none, tasks = np.empty(0), data.tasks
    first, *others = (
        Evaluation(
            data.held_out, 0, {}, {}, none, none, none,
            classes=task.classes,
            confusion=none if task.form.has_classes else None,
            output=name if len(tasks) > 1 else "",
        )
        for name, task in tasks.items()
    )  # fmt: skip
    return Evaluation(**{**vars(first), "others": others})
