"""What is meant by words that an object of Keras does not know: those of earlier versions, slips, bare numbers."""

from collections.abc import Mapping
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.schema.catalog import Entry
from rnacli.schema.reader import Reader
from rnacli.synonyms import ELSEWHERE
from rnacli.words import fill_template, likest_words, list_words, nearest_words, plain_word

MEANT: dict[str, tuple[str, Any]] = {
    "early_stopping": ("patience", 5),
    "reduce_lr_on_plateau": ("patience", 5),
    "model_checkpoint": ("filepath", "best.keras"),
    "tensorboard": ("histogram_freq", 1),
    "discretization": ("num_bins", 10),
}
"""What a bare number is meant for where the first argument is none, and a usual value."""
RENAMED = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "output_dim": "units",
    "p": "rate",
    "init": "kernel_initializer",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "pool_length": "pool_size",
    "border_mode": "padding",
    "subsample": "strides",
    "W_regularizer": "kernel_regularizer",
    "W_constraint": "kernel_constraint",
    "b_regularizer": "bias_regularizer",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
"""Words of earlier Keras versions that tutorials still show."""
GONE = {
    ("optimizer", "decay"): "it was a schedule: learning_rate: {inverse_time_decay: {initial_learning_rate: {rate}, "
    "decay_steps: 1, decay_rate: {value}}}",
    ("optimizer", "schedule_decay"): "leave it out: {entry} has a schedule of its own",
    ("optimizer", "momentum"): "sgd and rmsprop have a momentum; that of adam and its like is beta_1",
    ("callback", "period"): "leave it out: save_freq: epoch saves every epoch",
}
"""Words of earlier versions that no argument of today means, though one looks like them: what to write instead."""
DATASETS = ("sklearn_dataset", "keras_dataset")
"""What stands beside other keys of the file, which may be meant."""
FROM_DATA = {"input_shape", "input_tensor", "input_dim", "batch_input_shape", "input_length"}
"""What a tutorial passes to its first layer and the data already say."""


def unknown_argument(name: str, entry: Entry, given: Mapping[str, Any], path: KeyPath, reader: Reader) -> Any:
    meant = meant_argument(name, entry)
    hint: str
    gone = GONE.get((entry.category, name), "")
    said = ELSEWHERE.get(plain_word(name), "") if entry.category in DATASETS else ""
    hint = fill_template("did you mean {meant:or}?", meant=meant) if meant else said or arguments_of(entry)
    if name in FROM_DATA:
        hint = "leave it out: the shape follows from the data"
    if gone:
        argument = entry.arguments.get("learning_rate")
        rate = given.get("learning_rate", given.get("lr"))
        rate = rate if isinstance(rate, int | float) else argument and argument.default
        hint = fill_template(gone, entry=entry.name, rate=rate, value=given[name])
    return reader.wrong((*path, name), "{entry} has no argument '{name}'", hint, key=True, entry=entry.name, name=name)


def meant_argument(name: str, entry: Entry) -> list[str]:
    """The arguments that an unknown name may have been meant as."""
    if (entry.category, name) in GONE:
        return []
    renamed = RENAMED.get(name, "")
    return [renamed] if renamed in entry.arguments else nearest_words(name, entry.arguments)


def arguments_of(entry: Entry) -> str:
    possible = likest_words("", list(entry.arguments))
    return (
        fill_template("{name} takes {names:.300}", name=entry.name, names=list_words(possible, "and"))
        if possible
        else fill_template("{name} takes no arguments", name=entry.name)
    )
