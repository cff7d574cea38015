"""A run's predictions as a function of a data frame: what Spark, Ray and Dask call for each piece of a large table."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rnacli.errors import CONFIG, RnaError
from rnacli.results.carried import check_names, passed_columns
from rnacli.results.new_examples import table_chunks
from rnacli.results.predict import Predictor
from rnacli.results.prediction_csv import CERTAIN, Block, prediction_columns, rejected_path, written_tasks
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import open_run
from rnacli.tables.find import written_at
from rnacli.tables.parquet import FrameSource
from rnacli.tables.rejected import Rejected

SHOWN = "the frame"
"""What a frame is called in messages."""


class FramePredictor:
    """From a frame with the run's columns to a frame of predictions, a row for each, with the same index.

    It can be pickled: the run's folder and the options travel, and each process opens the run once; so the folder must
    be where they see it. A row gets the same digits in any frame, and those of ``rna predict`` for a Parquet file.
    ``columns`` of the frame are handed on as they are, before the predictions. Raises ``RnaError``.
    """

    def __init__(self, run: str | Path, columns: Sequence[str] = (), only: str = "all"):
        self.run, self.columns = str(Path(run).absolute()), tuple(columns)
        self.options = PredictionOptions(only=only)

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        predictor = open_once(self.run, self.options, written_at(Path(self.run) / "run.json"))
        names = prediction_columns(predictor.opened.preprocessing, self.options.only)
        source = open_frame(predictor, frame)
        passed = passed_columns(self.columns, source.names())
        check_names(passed, names)
        columns = predicted_columns(predictor, source) if len(frame) else empty_columns(predictor)
        kept = frame.set_axis(source.names(), axis=1)[passed]
        return kept.assign(**dict(zip(names, columns, strict=True)))

    @property
    def schema(self) -> str:
        """The columns of predictions and their types as Spark has them; the types of ``columns`` only Spark knows."""
        predictor = open_once(self.run, self.options, written_at(Path(self.run) / "run.json"))
        names = prediction_columns(predictor.opened.preprocessing, self.options.only)
        kinds = ["double" if each.dtype.kind == "f" else "string" for each in empty_columns(predictor)]
        return ", ".join(f"`{name}` {kind}" for name, kind in zip(names, kinds, strict=True))


@functools.lru_cache(maxsize=4)
def open_once(run: str, options: PredictionOptions, written: tuple[int, int]) -> Predictor:
    """The run in a folder, whose ``run.json`` was ``written`` so. Raises ``RnaError`` for one that takes no rows."""
    predictor = Predictor(open_run(Path(run)), options)
    data, encoder = predictor.opened.config.dataset, predictor.opened.preprocessing.encoder
    if data.IS_TEXT or data.list_pictures([]) is not None or data.window is not None or not encoder.features:
        message = "this network does not take the rows of a table one by one"
        raise RnaError(message, place=run, hint="rna predict takes its files whole", exit_code=CONFIG)
    return predictor


def open_frame(predictor: Predictor, frame: pd.DataFrame) -> FrameSource:
    """A frame as a table with the run's columns. Raises ``RnaError``."""
    return FrameSource(frame, SHOWN, predictor.opened.config.dataset.form)


def predicted_columns(predictor: Predictor, source: Any) -> list[Any]:
    """The columns of predictions for the rows of a frame. Raises ``RnaError``."""
    from rnacli.data.picture_columns import CheckedPictures

    preprocessing, cells = predictor.opened.preprocessing, predictor.cells[1]
    pictures: Mapping[str, Any] = {c.name: CheckedPictures(Path(), c.form) for c in preprocessing.apart}
    nothing = Rejected(rejected_path(Path(SHOWN), Path(SHOWN)))
    chunks = table_chunks(preprocessing, source, (), None, predictor.options, nothing, pictures)
    pieces = [columns_of(cells(chunk.x)) for chunk in chunks]
    return [pd.concat(same, ignore_index=True).array for same in zip(*pieces, strict=True)]


def columns_of(blocks: Sequence[Block]) -> list[pd.Series]:
    """Texts, and numbers with the digits that a CSV of them has."""
    columns: list[pd.Series] = []
    for texts, numbers, forms in blocks:
        every = forms or [CERTAIN] * numbers.shape[1]
        columns += [pd.Series(list(each), dtype="str") for each in texts]
        columns += [
            pd.Series([float(form % value) for value in column], dtype="float64")
            for form, column in zip(every, np.asarray(numbers).T.tolist(), strict=True)
        ]
    return columns


def empty_columns(predictor: Predictor) -> list[Any]:
    """The columns of no rows, of the right types: classes are named, all else are numbers."""
    only = predictor.options.only
    return [
        pd.Series([], dtype="str" if task.classes and not name.startswith("probability") else "float64").array
        for task in written_tasks(predictor.opened.preprocessing, only).values()
        for name in task.columns(only)
    ]
