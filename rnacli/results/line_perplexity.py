"""How well a network foresees each line of a text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from rnacli.data.read_text import read_text
from rnacli.encoders.vocabulary import Tokens
from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.networks.restore import restore_network
from rnacli.results.new_examples import Chunk, Input
from rnacli.results.numpy_answers import Forward
from rnacli.results.outputs import keras_answers
from rnacli.results.prediction_csv import Block
from rnacli.results.prediction_options import PredictionOptions
from rnacli.results.texts import prompt_problem, tokens_of
from rnacli.runs.open import TrainedRun
from rnacli.tables.rejected import Rejected

AT_ONCE = 512
"""Lines that are looked at at a time."""
WINDOWS = 32
"""Windows whose outputs are in memory at a time."""
COLUMN = "perplexity"


def open_lines(opened: TrainedRun, path: Path, shown: str, options: PredictionOptions, skipped: Rejected) -> Input:
    """The lines of a text, each a row of tokens; blank ones are none. Raises ``RnaError``."""
    if options.columns or options.layer:
        option = "--columns" if options.columns else "--layer"
        raise RnaError("{option} is for tables, and this is a text", exit_code=CONFIG, option=option)
    tokens = tokens_of(opened.preprocessing)
    lines = read_text(path, shown, opened.config.dataset.form.encoding).split("\n")
    return Input(chunk_lines(tokens, lines, shown, options.on_error == "skip", skipped), ["line", "tokens"], None)


def chunk_lines(tokens: Tokens, lines: Sequence[str], shown: str, skips: bool, skipped: Rejected) -> Iterator[Chunk]:
    """The number (from 1) and the tokens of each line, some lines at a time. Raises ``RnaError``."""
    numbers: list[str] = []
    rows: list[np.ndarray] = []
    for i, line in enumerate(lines, 1):
        row = tokens.read(line)
        if len(row) and (row < 0).any():
            problem = prompt_problem(tokens, line, f"{shown}:{i}")
            if problem and not skips:
                raise RnaError.of([problem], DATA)
            skipped.add(i, problem.message if problem else "", line, [])
        elif len(row):
            numbers.append(str(i))
            rows.append(row)
        if len(rows) == AT_ONCE or (i == len(lines) and rows):
            table = np.empty(len(rows), object)
            table[:] = rows
            yield Chunk([np.array(numbers), np.array([str(len(row)) for row in rows])], table)
            numbers, rows = [], []


def line_answers(opened: TrainedRun) -> tuple[list[str], Callable[[np.ndarray], list[Block]]]:
    """The column of perplexities, and what gives them of rows (m,) of tokens."""
    network = restore_network(opened)
    forward = keras_answers(opened.config, network, opened.preprocessing.encoder)
    return [COLUMN], lambda rows: [Block([], find_perplexities(rows, opened.preprocessing, forward)[:, None])]


def find_perplexities(rows: np.ndarray, preprocessing: Preprocessing, forward: Forward) -> np.ndarray:
    """The perplexity (m,) of each row of tokens, which begins a line and is looked at window by window.

    It is exp of the mean of -log p over its tokens. Without ends of lines in the vocabulary, the first token is only
    what others follow; of a single one nothing can be said (NaN).
    """
    tokens, ((output, task),) = tokens_of(preprocessing), preprocessing.tasks.items()
    begun = [tokens.numbers["\n"]] if "\n" in tokens.numbers else []
    x, y, owners = cut_windows(rows, begun, tokens.window)
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for start in range(0, len(x), WINDOWS):
        some = slice(start, start + WINDOWS)
        outputs = np.asarray(forward(x[some])[output], "float64")
        if task.form.activation == "softmax":
            highest = outputs.max(axis=-1, keepdims=True)
            logs = outputs - highest - np.log(np.exp(outputs - highest).sum(axis=-1, keepdims=True))
        else:
            logs = np.log(np.maximum(outputs, np.finfo("float64").tiny))
        present = y[some] >= 0
        lost = -np.take_along_axis(logs, np.maximum(y[some], 0)[..., None], axis=-1)[..., 0] * present
        np.add.at(total, owners[some], lost.sum(axis=1))
        np.add.at(count, owners[some], present.sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.exp(np.minimum(total / count, 700.0))


def cut_windows(rows: Iterable[np.ndarray], begun: Sequence[int], window: int) -> tuple[np.ndarray, ...]:
    """Inputs and targets (k, window) of some rows of tokens, -1 for a target that is none, and whose each is (k,)."""
    pieces: list[np.ndarray] = []
    owners: list[int] = []
    for i, row in enumerate(rows):
        whole = np.concatenate([np.array(begun, "int32"), row])
        for start in range(0, max(len(whole) - 1, 0), window):
            pieces.append(whole[start : start + window + 1])
            owners.append(i)
    table = np.full((len(pieces), window + 1), -1, "int32")
    for line, piece in zip(table, pieces, strict=True):
        line[: len(piece)] = piece
    return np.maximum(table[:, :-1], 0), table[:, 1:], np.array(owners, "int64")
