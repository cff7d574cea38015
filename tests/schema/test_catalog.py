"""The catalogue against the installed Keras and scikit-learn: nothing missing, nothing wrong, and read once."""

import json
import math
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from rnacli.schema import catalog, generate
from rnacli.schema.catalog import CATEGORIES, REQUIRED, Argument, Entry, entry_names, find_entry, find_refusal
from rnacli.schema.generate import _parameters, build_catalog, catalog_text
from rnacli.words import plain_name

SHIPPED = Path(catalog.__file__).with_name("catalog.json")
REGENERATE = "run: python -m rnacli.schema.generate"
KERAS = tuple(category for category in CATEGORIES if category in generate.KERAS)
ENTRIES = [
    entry
    for category in CATEGORIES
    for name in entry_names(category)
    if (entry := find_entry(category, name)) is not None
]

PLAUSIBLE: dict[str, Any] = {
    "activation": "relu",
    "boundaries": [100],
    "cell": "lstm_cell",
    "cells": ["lstm_cell", "gru_cell"],
    "dims": [2, 1],
    "equation": "ab,bc->ac",
    "factor": 1,
    "filepath": "best.keras",
    "layer": "lstm",
    "layers": ["dense"],
    "target_class_ids": [0],
    "target_shape": [2, 2],
    "values": [0.1, 0.01],
}
"""For arguments without a default; of a number, any within its bounds."""
TOGETHER: dict[str, dict[str, Any]] = {
    "auc.num_labels": {"multi_label": True},
    "discretization": {"num_bins": 4},
    "embedding": {"input_dim": 2},
    "group_query_attention.num_query_heads": {"num_key_value_heads": 1},
    "hashing.dtype": {"output_mode": "one_hot"},
    "reversible_embedding": {"input_dim": 2},
    "stft_spectrogram.fft_length": {"frame_length": 1},
}
"""What an entry, or one of its arguments, also needs."""


@pytest.fixture(scope="module")
def keras() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, while it is imported
        import keras

    return keras


def entry_of(category: str, name: str) -> Entry:
    entry = find_entry(category, name)
    assert entry is not None, f"no {category} {name}"
    return entry


def fits(argument: Argument, value: Any) -> bool:
    """Whether the catalogue allows that value, read as the config reads it."""
    if value is None:
        return argument.nullable
    if argument.type in ("integers", "numbers", "integer_list", "number_list") and isinstance(value, list):
        return all(fits(argument, item) for item in value)
    if argument.type in ("activation", "initializer", "regularizer", "constraint"):
        return isinstance(value, str) and find_entry(argument.type, value) is not None
    if argument.type in ("integer", "integers", "integer_list", "number", "numbers", "number_list", "learning_rate"):
        return (
            isinstance(value, int if argument.type.startswith("integer") else int | float)
            and not isinstance(value, bool)
            and (argument.minimum is None or value >= argument.minimum)
            and (argument.maximum is None or value <= argument.maximum)
            and (argument.above is None or value > argument.above)
            and (argument.below is None or value < argument.below)
        )
    kinds = {"boolean": bool, "text": str, "list": list, "layers": list, "layer": str}
    return isinstance(value, kinds.get(argument.type, object)) and (not argument.choices or value in argument.choices)


def bounds(argument: Argument) -> list[float]:
    every = (argument.minimum, argument.maximum, argument.above, argument.below)
    return [bound for bound in every if bound is not None]


def plausible(argument: Argument) -> Any:
    if argument.name in PLAUSIBLE:
        return PLAUSIBLE[argument.name]
    return next(value for value in (2, 0.5, [2], "a") if fits(argument, value))


def built(keras: Any, argument: Argument, value: Any) -> Any:
    """A value of a file as Keras wants it: floats for numbers, objects for names of layers."""
    if argument.type == "layers":
        return [layer(keras, name) for name in value]
    if argument.type == "layer" and value is not None:
        return layer(keras, value)
    return float(value) if argument.type in ("number", "learning_rate") and value is not None else value


def layer(keras: Any, name: str) -> Any:
    return make(keras, entry_of("layer", name), {})


def make(keras: Any, entry: Entry, given: dict[str, Any], defaults: bool = False) -> Any:
    """The Keras object with what it needs and ``given``; ``defaults``: with every default spelt out."""
    values: dict[str, Any] = {}
    for name, argument in entry.arguments.items():
        if argument.required:
            values[name] = plausible(argument)
        elif defaults:
            values[name] = argument.default
    values.update(TOGETHER.get(entry.name, {}))
    for name in given:
        values.update(TOGETHER.get(f"{entry.name}.{name}", {}))
    values.update(given)
    module = keras
    for part in generate.KERAS[entry.category][0].split("."):
        module = getattr(module, part)
    return getattr(module, entry.target)(
        **{
            name: built(keras, entry.arguments[name], value)
            for name, value in values.items()
            if not entry.arguments[name].call
        }
    )


def constructed() -> list[Entry]:
    # Activations are functions, and the metric `accuracy` is a word of compile's.
    own = {"accuracy", *generate.OWN["loss"]}
    return [e for e in ENTRIES if e.category in KERAS and e.category != "activation" and e.target not in own]


def test_the_shipped_catalogue_is_that_of_the_installed_versions(keras: Any) -> None:
    made = build_catalog()
    shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))
    versions = f"{REGENERATE} (shipped: {shipped['versions']}, installed: {made['versions']})"
    for part in ("entries", "refused"):
        for category in CATEGORIES:
            ours, theirs = shipped[part][category], json.loads(json.dumps(made[part][category]))
            differing = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
            assert not differing, f"{category}: {differing}; {versions}"
    if shipped["versions"] == made["versions"]:
        assert SHIPPED.read_text(encoding="utf-8") == catalog_text(made), REGENERATE


@pytest.mark.parametrize(
    ("category", "written", "name", "target"),
    [
        ("layer", "MaxPooling2D", "max_pooling2d", "MaxPooling2D"),
        ("layer", "max_pooling_2d", "max_pooling2d", "MaxPooling2D"),
        ("layer", "max-pooling2d", "max_pooling2d", "MaxPooling2D"),
        ("layer", "MaxPool2D", "max_pooling2d", "MaxPooling2D"),
        ("layer", "Convolution2D", "conv2d", "Conv2D"),
        ("layer", "conv_2d_transpose", "conv2d_transpose", "Conv2DTranspose"),
        ("layer", "ConvLSTM2D", "conv_lstm2d", "ConvLSTM2D"),
        ("layer", "LSTM", "lstm", "LSTM"),
        ("layer", "lstm_cell", "lstm_cell", "LSTMCell"),
        ("layer", "SimpleRNN", "simple_rnn", "SimpleRNN"),
        ("layer", "ReLU", "relu", "ReLU"),
        ("layer", "LeakyReLU", "leaky_relu", "LeakyReLU"),
        ("layer", "PReLU", "prelu", "PReLU"),
        ("layer", "batch normalization", "batch_normalization", "BatchNormalization"),
        ("layer", "grouped_query_attention", "group_query_attention", "GroupQueryAttention"),
        ("optimizer", "SGD", "sgd", "SGD"),
        ("optimizer", "RMSprop", "rmsprop", "RMSprop"),
        ("optimizer", "AdamW", "adamw", "AdamW"),
        ("schedule", "CosineDecay", "cosine_decay", "CosineDecay"),
        ("loss", "mse", "mean_squared_error", "MeanSquaredError"),
        ("loss", "BCE", "binary_crossentropy", "BinaryCrossentropy"),
        ("loss", "kld", "kl_divergence", "KLDivergence"),
        ("loss", "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        ("loss", "logcosh", "log_cosh", "LogCosh"),
        ("metric", "acc", "accuracy", "accuracy"),
        ("metric", "Accuracy", "accuracy", "accuracy"),
        ("metric", "MAE", "mean_absolute_error", "MeanAbsoluteError"),
        ("metric", "rmse", "root_mean_squared_error", "RootMeanSquaredError"),
        ("metric", "MeanIoU", "mean_iou", "MeanIoU"),
        ("metric", "logcosh", "log_cosh_error", "LogCoshError"),
        ("metric", "F1Score", "f1_score", "F1Score"),
        ("metric", "AUC", "auc", "AUC"),
        ("initializer", "HeNormal", "he_normal", "HeNormal"),
        ("initializer", "uniform", "random_uniform", "RandomUniform"),
        ("initializer", "Zeros", "zeros", "Zeros"),
        ("regularizer", "L1L2", "l1_l2", "L1L2"),
        ("regularizer", "l2", "l2", "L2"),
        ("constraint", "NonNeg", "non_neg", "NonNeg"),
        ("activation", "swish", "silu", "silu"),
        ("activation", "ReLU", "relu", "relu"),
        ("callback", "ReduceLROnPlateau", "reduce_lr_on_plateau", "ReduceLROnPlateau"),
        ("callback", "TensorBoard", "tensorboard", "TensorBoard"),
        ("callback", "terminate_on_nan", "terminate_on_nan", "TerminateOnNaN"),
        ("sklearn_dataset", "make_circles", "make_circles", "make_circles"),
        ("keras_dataset", "FashionMNIST", "fashion_mnist", "fashion_mnist"),
    ],
)
def test_a_name_is_found_however_it_is_written(category: str, written: str, name: str, target: str) -> None:
    entry = entry_of(category, written)
    assert (entry.category, entry.name, entry.target) == (category, name, target)


@pytest.mark.parametrize("category", CATEGORIES)
def test_names_are_sorted_and_no_spelling_means_two_things(category: str) -> None:
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    entries = data["entries"][category]
    spellings = [plain_name(word) for name in entries for word in (name, *entries[name].get("aliases", ()))]
    spellings += [plain_name(name) for name in data["refused"][category]]
    assert len(spellings) == len(set(spellings))
    assert entry_names(category) == sorted(entries)
    assert all(name == name.lower() for name in entries)


def test_unknown_names_are_neither_found_nor_refused() -> None:
    assert find_entry("layer", "dence") is None
    assert find_refusal("layer", "dence") is None
    assert find_refusal("layer", "dense") is None


def test_arguments_are_those_of_the_signature() -> None:
    arguments = entry_of("layer", "dense").arguments
    assert list(arguments)[:3] == ["units", "activation", "use_bias"]
    assert list(arguments)[-3:] == ["name", "dtype", "trainable"]
    assert arguments["units"] == Argument("units", "integer", minimum=1)
    assert arguments["units"].required
    assert arguments["activation"] == Argument("activation", "activation", None, nullable=True)
    assert entry_of("layer", "conv2d").arguments["strides"] == Argument("strides", "integers", [1, 1], minimum=1)
    assert entry_of("optimizer", "adam").arguments["clipnorm"] == Argument("clipnorm", "number", None, True, above=0)
    assert entry_of("optimizer", "adam").arguments["learning_rate"].type == "learning_rate"
    assert entry_of("keras_dataset", "cifar100").arguments["label_mode"].choices == ("fine", "coarse")
    assert list(entry_of("sklearn_dataset", "load_iris").arguments) == []
    factor = entry_of("sklearn_dataset", "make_circles").arguments["factor"]
    assert factor == Argument("factor", "number", 0.8, minimum=0, below=1)


@pytest.mark.parametrize(
    ("category", "name", "first"),
    [
        ("layer", "dense", "units"),
        ("layer", "dropout", "rate"),
        ("layer", "bidirectional", "layer"),
        ("layer", "add", None),
        ("regularizer", "l2", "l2"),
        ("callback", "model_checkpoint", "filepath"),
        ("sklearn_dataset", "make_moons", "n_samples"),
        ("activation", "relu", None),
    ],
)
def test_the_first_argument_is_what_a_bare_value_gives(category: str, name: str, first: str | None) -> None:
    argument = entry_of(category, name).first
    assert (argument.name if argument else None) == first


@pytest.mark.parametrize(
    ("category", "name", "why"),
    [
        ("layer", "lambda", "run code from the file"),
        ("layer", "Torch_Module_Wrapper", "foreign model"),
        ("layer", "input_layer", "follows from the dataset"),
        ("optimizer", "loss_scale_optimizer", "precision"),
        ("metric", "crossentropy", "binary_crossentropy"),
        ("callback", "LearningRateScheduler", "schedule"),
        ("callback", "csv_logger", "history.csv"),
        ("callback", "backup_and_restore", "--resume"),
        ("activation", "prelu", "layer of its own"),
        ("sklearn_dataset", "fetch_openml", "load_* and make_* only"),
        ("sklearn_dataset", "make_biclusters", "target"),
    ],
)
def test_a_refusal_names_the_thing_and_says_why(category: str, name: str, why: str) -> None:
    refusal = find_refusal(category, name)
    assert refusal is not None
    assert refusal.startswith(name)
    assert why in refusal
    assert find_entry(category, name) is None


def test_all_that_keras_exports_is_offered_or_refused(keras: Any) -> None:
    for category in KERAS:
        module = keras
        for part in generate.KERAS[category][0].split("."):
            module = getattr(module, part)
        classes = [name for name, member in vars(module).items() if isinstance(member, type) and name != "InputSpec"]
        missing = [n for n in classes if not find_entry(category, n) and not find_refusal(category, n)]
        assert not missing, f"{category}: {missing}"


def test_reading_needs_neither_keras_nor_numpy_and_opens_one_file_once() -> None:
    code = (
        "import sys; from rnacli.schema import catalog; opened = [];"
        "sys.addaudithook(lambda event, about: opened.append(about[0]) if event == 'open' else None);"
        "assert catalog.find_entry('layer', 'Dense'); assert catalog.find_entry('loss', 'mse');"
        "heavy = {'keras', 'tensorflow', 'numpy', 'sklearn', 'pandas'} & {*sys.modules};"
        "assert not heavy, heavy; print(*opened, sep='\\n')"
    )
    command, where = [sys.executable, "-c", code], Path(catalog.__file__).parents[2]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=True)
    assert [Path(line).name for line in done.stdout.splitlines()] == ["catalog.json"]


@pytest.mark.parametrize("category", CATEGORIES)
def test_defaults_and_choices_are_plain_and_fit_their_own_type(category: str) -> None:
    for entry in ENTRIES:
        for argument in entry.arguments.values():
            if entry.category != category:
                continue
            where = f"{entry.name}.{argument.name}"
            assert argument.required or fits(argument, argument.default), where
            assert argument.default is REQUIRED or json.dumps(argument.default), where
            assert argument.type == "text" or not argument.choices, where
            assert all(map(math.isfinite, bounds(argument))), where
            assert not bounds(argument) or argument.type.startswith(("integer", "number", "learning_rate")), where


def test_a_vocabulary_is_never_a_path() -> None:
    for name in ("string_lookup", "integer_lookup", "text_vectorization"):
        assert entry_of("layer", name).arguments["vocabulary"].type == "list"


@pytest.mark.parametrize("category", [category for category in KERAS if category != "activation"])
def test_every_entry_can_be_made(keras: Any, category: str) -> None:
    for entry in constructed():
        if entry.category == category:
            make(keras, entry, {})
            make(keras, entry, {}, defaults=True)


def test_layers_take_the_arguments_of_every_layer(keras: Any) -> None:
    given = {"name": "mine", "dtype": "float32", "trainable": False, "activity_regularizer": "l2"}
    for entry in constructed():
        if entry.category == "layer":
            made = make(keras, entry, {name: value for name, value in given.items() if name in entry.arguments})
            assert made.name == "mine", entry.name
            assert made.trainable is ("trainable" not in entry.arguments), entry.name
            # Multi-head attention hands the regularizer to the layers that it makes.
            kept = made.activity_regularizer is not None or entry.name == "multi_head_attention"
            assert kept or "activity_regularizer" not in entry.arguments, entry.name


def test_keras_takes_what_the_catalogue_allows(keras: Any) -> None:
    for entry in constructed():
        for argument in entry.arguments.values():
            allowed: list[Any] = [bound for bound in (argument.minimum, argument.maximum) if bound is not None]
            allowed += argument.choices
            if argument.nullable and argument.default is not None:
                allowed.append(None)
            if argument.type.endswith("_list"):  # of one length with another argument
                allowed = [] if entry.category == "schedule" else [[value] for value in allowed]
            for value in allowed:
                try:
                    make(keras, entry, {argument.name: value})
                except Exception as error:
                    pytest.fail(f"{entry.category} {entry.name}, {argument.name} {value!r}: {error}")


@pytest.mark.parametrize(
    ("category", "name", "argument", "value"),
    [
        ("layer", "dropout", "rate", 1.5),
        ("layer", "dropout", "rate", -0.1),
        ("layer", "gaussian_noise", "stddev", 1.5),
        ("layer", "dense", "units", 0),
        ("layer", "conv2d", "filters", -1),
        ("layer", "conv2d", "padding", "causal"),
        ("layer", "conv2d", "kernel_size", [3, 0]),
        ("layer", "embedding", "input_dim", 0),
        ("layer", "leaky_relu", "negative_slope", -1),
        ("layer", "random_zoom", "height_factor", -1),
        ("layer", "random_brightness", "factor", 1.5),
        ("layer", "random_posterization", "factor", 9),
        ("layer", "string_lookup", "max_tokens", 1),
        ("layer", "category_encoding", "output_mode", "int"),
        ("optimizer", "sgd", "momentum", 1.5),
        ("optimizer", "lion", "beta_1", 0),
        ("optimizer", "ftrl", "learning_rate_power", 1),
        ("optimizer", "adam", "gradient_accumulation_steps", 1),
        ("optimizer", "adamw", "weight_decay", None),
        ("schedule", "exponential_decay", "decay_steps", 0),
        ("loss", "mean_squared_error", "reduction", "average"),
        ("loss", "categorical_generalized_cross_entropy", "q", 1),
        ("metric", "auc", "num_thresholds", 1),
        ("metric", "f1_score", "average", "samples"),
        ("metric", "fbeta_score", "beta", 0),
        ("metric", "precision", "thresholds", 1.5),
        ("metric", "precision_at_recall", "recall", 1.1),
        ("initializer", "variance_scaling", "scale", 0),
        ("initializer", "variance_scaling", "mode", "fan"),
        ("regularizer", "l2", "l2", -1),
        ("callback", "reduce_lr_on_plateau", "factor", 1),
    ],
)
def test_what_the_catalogue_forbids_keras_forbids(
    keras: Any, category: str, name: str, argument: str, value: Any
) -> None:
    entry = entry_of(category, name)
    assert not fits(entry.arguments[argument], value)
    with pytest.raises(ValueError):  # noqa: PT011 - each class has words of its own
        make(keras, entry, {argument: value})


def test_activations_are_functions_of_one_tensor(keras: Any) -> None:
    x = keras.ops.ones((2, 4))
    for name in {*entry_names("activation")} - {*generate.OWN["activation"]}:
        entry = entry_of("activation", name)
        assert entry.arguments == {}
        assert keras.activations.get(entry.target) is getattr(keras.activations, entry.target)
        assert getattr(keras.activations, entry.target)(x).shape[0] == 2


def test_sklearn_data_sets_are_rows_and_their_target() -> None:
    import sklearn.datasets

    for name in entry_names("sklearn_dataset"):
        arguments = entry_of("sklearn_dataset", name).arguments
        assert not any(argument.required for argument in arguments.values())
        values = {key: argument.default for key, argument in arguments.items()}
        if "center_box" in values:
            values["center_box"] = tuple(values["center_box"])
        whole = {"return_X_y": True} if name.startswith("load_") else {}
        x, y = getattr(sklearn.datasets, name)(**values, **whole)
        assert x.ndim >= 2, name
        assert len(x) == len(y), name


def test_keras_data_sets_have_their_loader(keras: Any) -> None:
    for name in entry_names("keras_dataset"):
        parameters = _parameters(getattr(keras.datasets, name).load_data)
        assert set(entry_of("keras_dataset", name).arguments) <= set(parameters)
