"""The same from Python, as in a notebook: a file or a dict is trained, a run is loaded and used.

    import rnacli

    run = rnacli.train("circles.yaml", epochs=50, optimizer__sgd__learning_rate=0.1)
    run.history.plot(y=["loss", "val_loss"])
    run.predict(frame)

Nothing is printed, and nothing exits: what is wrong is an ``RnaError``. A notebook shows how far a training is.
"""

import functools
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml, yaml_flow
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config, read_config
from rnacli.experiment.override import apply_override
from rnacli.files import default_cache
from rnacli.given_rows import SHOWN, Rows, give_rows
from rnacli.runs.find import find_run
from rnacli.runs.folder import Run as RunFolder
from rnacli.runs.record import has_classes

if TYPE_CHECKING:
    import pandas as pd

    from rnacli.bulk.frames import FramePredictor

RUNS = "runs"


def train(
    config: str | Path | Mapping[str, Any],
    *,
    runs: str | Path = RUNS,
    cache: str | Path | None = None,
    offline: bool = False,
    callbacks: Sequence[Any] = (),
    **overrides: Any,
) -> "Run":
    """Train the network of a YAML file, or of a dict of the same content; its run is in a new folder below ``runs``.

    ``overrides`` change single keys, as ``--set`` does; two underscores stand for a dot, as in scikit-learn:
    ``optimizer__sgd__learning_rate=0.1``. ``cache`` keeps downloads (``~/.cache/rna``), ``offline`` makes no new ones.
    ``callbacks``: Keras callbacks that watch. Raises ``RnaError``.
    """
    from rnacli.training.train import train_network

    experiment, downloads = read_experiment(config, overrides), Path(cache or default_cache())
    watching = [*callbacks, *watch_in_notebook(experiment)]
    return Run(train_network(experiment, Path(runs), downloads, watching, offline), downloads)


def watch_in_notebook(experiment: Config) -> list[Any]:
    """The callback that shows a notebook how far training is; elsewhere none."""
    from rnacli.terminal.notebook import NotebookBar, in_notebook

    return [NotebookBar(experiment.name, experiment.epochs)] if in_notebook() else []


def load(run: str | Path, *, runs: str | Path = RUNS, cache: str | Path | None = None) -> "Run":
    """A run by its folder, its name, its experiment's name (the newest) or ``latest``. Raises ``RnaError``."""
    return Run(find_run(str(run), Path(runs)), Path(cache or default_cache()))


def read_experiment(config: str | Path | Mapping[str, Any], overrides: Mapping[str, Any]) -> Config:
    """The experiment in a file or a dict, with keys changed. Raises ``RnaError``."""
    changes = [f"{name.replace('__', '.')}={write_value(value)}" for name, value in overrides.items()]
    if not isinstance(config, Mapping):
        return load_config(Path(config), changes)
    document = parse_document(write_value(dict(config), dump_yaml), "config")
    for change in changes:
        apply_override(document, change)
    return read_config(document, Path())


def write_value(value: Any, write: Any = yaml_flow) -> str:
    """A value as YAML. Raises ``RnaError`` for one that a file cannot hold."""
    try:
        return str(write(plain_value(value)))
    except TypeError as error:
        message, hint = "a config cannot hold this: {error:.200}", "numbers, text, lists and dicts"
        raise RnaError(message, place="config", hint=hint, exit_code=CONFIG, error=error) from None


def plain_value(value: Any) -> Any:
    """A value without tuples, paths and NumPy's numbers, for which a config has other words."""
    if isinstance(value, Mapping):
        return {str(name): plain_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value.item() if hasattr(value, "item") and not isinstance(value, str) else value


class Run:
    """A training and what came of it; ``path`` is its folder, and ``record`` what stands in its ``run.json``."""

    def __init__(self, folder: RunFolder, cache: Path):
        self._folder, self._cache = folder, cache

    @property
    def path(self) -> Path:
        return self._folder.path

    @property
    def record(self) -> Mapping[str, Any]:
        return self._folder.record

    @property
    def results(self) -> Mapping[str, Mapping[str, float]]:
        """Loss and metrics of each part of the rows, as they were measured at the end of training."""
        return dict(self.record.get("results", {}))

    @property
    def scores(self) -> Mapping[str, float]:
        """Scikit-learn's scores of the held-out rows."""
        return dict(self.record.get("scores", {}))

    @functools.cached_property
    def history(self) -> "pd.DataFrame":
        """A row for each epoch, numbered from 1: loss, metrics, and ``val_`` of those where there are such."""
        import pandas as pd

        from rnacli.runs.history import read_columns

        frame = pd.DataFrame(read_columns(self._folder))
        return frame.astype({"epoch": int}).set_index("epoch")

    @functools.cached_property
    def model(self) -> Any:
        """The compiled Keras network with its weights, which takes prepared inputs: ``predict`` prepares them."""
        from rnacli.networks.restore import restore_network
        from rnacli.runs.open import load_run

        return restore_network(load_run(self._folder))

    def predict(self, data: Rows, *, on_error: str = "stop") -> "pd.DataFrame":
        """A row of predictions for each row of ``data``, with the index of a frame.

        ``data``: a frame with the run's columns, in any order; a dict of columns, or of one row; a list of such rows;
        an array of inputs (n, *shape); a picture of Pillow, or a list of them; a list of texts, where a text is the
        only input; or a file. The columns are those of ``rna predict``: the prediction, and probabilities of classes.
        ``on_error="skip"`` leaves bad rows out, and names the file that says why. The digits are those of the command.
        Raises ``RnaError``.
        """
        from rnacli.results.predict import Predictor, predict_rows
        from rnacli.results.prediction_options import PredictionOptions
        from rnacli.runs.open import load_run

        def features() -> Sequence[str]:
            return load_run(self._folder).preprocessing.encoder.features

        text = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            given = give_rows(data, Path(folder), features, on_error == "skip")
            options = PredictionOptions(on_error, given.columns)
            if given.shown == SHOWN:
                Predictor(self._folder, options).predict(given.paths, SHOWN, text)
            else:
                predict_rows(self._folder, given.paths, text, options=options)
        return given.restore(self._read_predictions(text))

    def _read_predictions(self, text: io.StringIO) -> "pd.DataFrame":
        """What the command writes, as a frame: values and probabilities as numbers, all else as text."""
        import pandas as pd

        frame = pd.read_csv(io.StringIO(text.getvalue()), dtype=str, keep_default_na=False)
        return frame.assign(**{name: frame[name].astype(float) for name in map(str, frame) if is_number(self, name)})

    def make_predictor(self, columns: Sequence[str] = (), only: str = "all") -> "FramePredictor":
        """A function from frames to frames of predictions, that Spark, Ray and Dask can send to other processes.

        It gives a row for each row, with the frame's index, and the digits of ``predict``. The columns of the frame
        that ``columns`` names are handed on before the predictions; ``only``: ``all``, ``label`` or ``probabilities``.
        The run's folder must be where those processes see it. Raises ``RnaError``.
        """
        from rnacli.bulk.frames import FramePredictor

        return FramePredictor(self.path, columns, only)

    def evaluate(self, data: "pd.DataFrame | str | Path | None" = None, *, part: str | None = None) -> dict[str, Any]:
        """What ``rna evaluate --json`` says: of the held-out rows, of another ``part``, or of others with a target."""
        from rnacli.results.evaluate import evaluate_run

        if data is None:
            return evaluate_run(self._folder, self._cache, part).plain()
        with tempfile.TemporaryDirectory() as folder:
            given = give_rows(data, Path(folder), tuple)
            return evaluate_run(self._folder, self._cache, part, given.paths[0]).plain()

    def __repr__(self) -> str:
        return f"<Run {self.path.name}: {self.record.get('status', '')}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the run, its figures and its loss."""
        from rnacli.report.run import summarize_run

        return summarize_run(self._folder)


def is_number(run: Run, column: str) -> bool:
    """Whether a column of predictions holds numbers: values or probabilities, not the names of classes, nor ids."""
    outputs = run.record.get("data", {}).get("outputs")
    is_answer = column in outputs if outputs else column.startswith("prediction")
    return column.startswith("probability") or (is_answer and not has_classes(run.record, column))
