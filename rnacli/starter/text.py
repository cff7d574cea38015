"""An experiment file for a text, of which a network learns to write on."""

import copy
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.data.read_text import read_text
from rnacli.document.comments import Comments, dump_commented, keep_unchanged
from rnacli.document.read import parse_document
from rnacli.errors import RnaError
from rnacli.experiment.load import default_name, read_config
from rnacli.experiment.override import apply_override
from rnacli.starter.propose import Proposal, relative_name
from rnacli.tables.csv.no_text import OtherEncoding
from rnacli.tables.csv.sniff import has_columns
from rnacli.words import clean, fill_template

ENDING = ".txt"
FEWEST = 300
"""Characters that three parts need."""
LONG = 500_000
"""Characters of which windows need not overlap."""
STEPS = 1500
"""Steps of training in which a network begins to write words."""
LOOKED_AT = 1 << 16
"""Characters that tell a text from a table."""


def is_running_text(data: str) -> bool:
    """Whether a file holds sentences, and not the columns of a table."""
    path = Path(data).expanduser()
    if path.suffix.lower() != ENDING or not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return not has_columns(file.read(LOOKED_AT).removeprefix("\ufeff"))


def propose_for_text(data: str, output: Path, overrides: Sequence[str] = ()) -> Proposal:
    """An experiment for the file ``data``, to be written to ``output``. Raises ``RnaError``."""
    path, encoding = Path(data).expanduser(), "utf-8"
    try:
        text = read_text(path, data, encoding)
    except OtherEncoding as error:
        if not error.other:
            raise
        encoding = error.other
        text = read_text(path, data, encoding)
    if len(text) < FEWEST:
        message, hint = "a text of {count:,} characters is too short to learn from", "at least {fewest:,} characters"
        raise RnaError(message, place=data, hint=hint, count=len(text), fewest=FEWEST)
    value, comments = compose_text(relative_name(data, output.parent), default_name(output.stem), text, encoding)
    quoted = shlex.quote(output.name)
    written = "Written by rna init from {count:,} characters, as a start: change what you like, and"
    after = "After training: rna generate latest --temperature 0.5 --prompt {prompt}"
    opening = [
        fill_template("Writes on as {name:.100} does.   rna train {quote}", name=path.name, quote=quoted),
        "",
        fill_template(written, count=len(text)),
        "rna check says whether it fits together. What each key means: rna schema --markdown",
        fill_template(after, prompt=shlex.quote(begin(text))),
    ]
    document = parse_document(dump_commented(value, comments, opening), str(output))
    for override in overrides:
        apply_override(document, override)
    changed = copy.deepcopy(document.value)
    read_config(document, output.parent)
    said = "{data}: a text of {count:,} characters, {different:,} different ones"
    note = fill_template(said, data=clean(data, 300), count=len(text), different=len(set(text)))
    return Proposal(dump_commented(changed, keep_unchanged(comments, value, changed), opening), (note,))


def compose_text(file: str, name: str, text: str, encoding: str) -> tuple[dict[str, Any], Comments]:
    """The experiment as plain data, and the comments on its keys."""
    comments = Comments()
    window = min(100, max(10, len(text) // 40))
    stride = window if len(text) >= LONG else max(1, window // 10)
    batch = 64 if len(text) >= LONG / 10 else 16
    steps = max(1, round(0.8 * len(text) / stride / batch))
    dataset: dict[str, Any] = {"text": file}
    if encoding != "utf-8":
        dataset["encoding"] = encoding
        comments.beside["dataset", "encoding"] = "not UTF-8"
    dataset |= {"tokens": "characters", "window": window, "stride": stride, "split": {"validation": 0.1, "test": 0.1}}
    comments.beside["dataset", "tokens"] = "or words: for a long text"
    comments.beside["dataset", "window"] = "what the network sees; at each letter it learns the next one"
    comments.beside["dataset", "stride"] = "from one window to the next; smaller: more of them, which overlap more"
    comments.beside["dataset", "split"] = "stretches at the end"
    layers = [
        {"embedding": {"output_dim": 32}},
        {"lstm": {"units": 128, "return_sequences": True}},
        {"dropout": 0.2},
        {"dense": {}},
    ]
    comments.beside["layers", 0] = "a vector for each letter, which is learnt"
    comments.beside["layers", 1] = "units: how much it remembers; 256 write better, and take longer"
    comments.beside["layers", 3] = "one unit for each letter: how likely it is the next one"
    comments.beside["callbacks",] = (
        "when val_loss has not fallen for 10 epochs; without it, a short text is learnt by heart"
    )
    comments.beside["samples",] = "what it writes on the way: the folder samples of the run"
    epochs = max(3, min(200, STEPS // steps))
    return {
        "name": name,
        "dataset": dataset,
        "layers": layers,
        "loss": {"sparse_categorical_crossentropy": {"from_logits": True}},
        "optimizer": {"adam": {"learning_rate": 0.003}},
        "metrics": ["accuracy"],
        "epochs": epochs,
        "batch_size": batch,
        "callbacks": [{"early_stopping": {"patience": 10, "restore_best_weights": True}}],
        "samples": {"every": max(1, epochs // 10), "prompt": begin(text), "length": 200},
    }, comments


def begin(text: str) -> str:
    """The first words of a text, to write on from."""
    return " ".join(text.split()[:3])[:40]
