"""From specs to Keras: every object builds or is refused with its place, planning allocates nothing, seeds decide."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, by_output, experiment, one_input, problem_of, some_slow, without_pictures

from rnacli.commands.weights import load_weights
from rnacli.engine.tensorflow import keras, start_tensorflow, tf
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.networks.build import build_metric, build_network, compile_arguments, compile_network
from rnacli.networks.instantiate import MODULES, instantiate
from rnacli.networks.learners import adapts
from rnacli.networks.plan import plan_network
from rnacli.networks.weights import get_weights, name_variables, set_weights
from rnacli.runs.find import open_run
from rnacli.runs.history import read_history
from rnacli.runs.weights import dump_arrays, read_weights
from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.generate import OWN
from rnacli.tasks.classes import Classes
from rnacli.tasks.form import Form
from rnacli.tasks.task import Task
from rnacli.training.train import train_network


def pair(activation: str) -> Task:
    """Two classes."""
    return Classes(Form("binary", "binary", activation), ("y",), ("0", "1"), ("0", "1"))


BINARY, LOGITS = pair("none"), pair("sigmoid")


@pytest.fixture(scope="module", autouse=True)
def started() -> None:
    start_tensorflow()


def layered(*layers: Any, text: str = CIRCLES, **changes: Any) -> Config:
    return experiment(text, layers=list(layers), **changes)


def made(config: Config, shape: tuple[int, ...]) -> Any:
    """The network, planned first, as commands do it."""
    plan_network(config, one_input(*shape))
    return build_network(config, one_input(*shape))


NETWORKS: dict[str, tuple[tuple[int, ...], tuple[Any, ...]]] = {
    "dense": ((3,), ({"dense": 4}, {"dropout": 0.5}, "batch_normalization", {"dense": 1})),
    "grey images": ((8, 8), ("flatten", {"dense": {"units": 10, "activation": "softmax"}})),
    "convolutions": (
        (8, 8, 3),
        ({"conv2d": {"filters": 4, "kernel_size": 3}}, {"max_pooling2d": 2}, "flatten", {"dense": 2}),
    ),
    "recurrent": ((6, 2), ({"bidirectional": {"layer": {"lstm": 3}}}, {"dense": 1})),
    "words": ((5,), ({"embedding": {"input_dim": 20, "output_dim": 4}}, "global_average_pooling1d", {"dense": 1})),
    "padded words": ((5,), (
        {"embedding": {"input_dim": 20, "output_dim": 4, "mask_zero": True}},
        {"bidirectional": {"layer": {"gru": {"units": 3, "return_sequences": True}}}}, {"dropout": 0.2},
        "global_average_pooling1d", {"dense": 1},
    )),
    "masked steps": ((6, 2), ("masking", {"time_distributed": {"layer": {"dense": 3}}}, {"lstm": 2}, {"dense": 1})),
    "separate activations": ((3,), ({"dense": 4}, {"leaky_relu": 0.2}, {"dense": 2}, "softmax")),
    "steps": ((6, 4), ({"time_distributed": {"layer": {"dense": 3}}}, "layer_normalization", "flatten", {"dense": 1})),
}  # fmt: skip


@pytest.mark.parametrize(("shape", "layers"), NETWORKS.values(), ids=NETWORKS)
def test_a_plan_is_what_is_built(shape: tuple[int, ...], layers: tuple[Any, ...]) -> None:
    config = layered(*layers)
    planned, built = plan_network(config, one_input(*shape)), build_network(config, one_input(*shape))
    assert type(built) is keras.Sequential
    assert [layer.name for layer in planned] == [layer.name for layer in built.layers]
    assert [layer.kind for layer in planned] == [type(layer).__name__ for layer in built.layers]
    assert [layer.shape for layer in planned] == [tuple(layer.output.shape[1:]) for layer in built.layers]
    assert sum(layer.parameters for layer in planned) == built.count_params()
    assert built(np.zeros((2, *shape), "float32")).shape[0] == 2


def test_layers_are_named_as_in_a_script_of_their_own_in_every_network() -> None:
    config = layered({"dense": 4}, {"dense": 3}, "flatten", {"dense": {"units": 2, "name": "out"}}, {"dense": 1})
    for _ in range(2):
        assert [layer.name for layer in made(config, (2,)).layers] == ["dense", "dense_1", "flatten", "out", "dense_3"]


@pytest.mark.parametrize(
    "name", ["capa/oculta ñ", *(pytest.param(name, marks=pytest.mark.slow) for name in ("a/b", "_ñ", "層"))]
)
def test_any_name_can_be_trained_and_the_user_keeps_it(name: str, tmp_path: Path) -> None:
    named, decay = {"name": name}, {"initial_learning_rate": 0.1, "decay_steps": 9}
    config = experiment(
        CIRCLES,
        tmp_path,
        layers=[
            {"dense": {"units": 4, **named}},
            {"reshape": [2, 2]},
            {"bidirectional": {"layer": {"lstm": {"units": 2, **named}}, "name": f"{name} 2"}},
            {"dense": {"units": 1, "activation": "sigmoid"}},
        ],
        optimizer={"sgd": {"learning_rate": {"cosine_decay": {**decay, **named}}, **named}},
        loss={"binary_crossentropy": named},
        metrics=[{"binary_accuracy": named}],
        epochs=1,
    )
    config = dataclasses.replace(config, name=re.sub(r"\W", "-", f"{name}_ñ").lstrip("-_"))
    with without_pictures():
        run = train_network(config, tmp_path / "runs", tmp_path)
    assert name in read_history(run, open_run(run.path).config())
    assert {path.split("/")[0] for path in load_weights(open_run(run.path))} >= {name.split("/")[0], "dense_1"}
    assert plan_network(config, one_input(2))[0].name == name


def test_two_layers_whose_plain_names_are_alike_are_two_layers() -> None:
    names = ["capa á", "capa a", "capa_a"]
    config = layered(*({"dense": {"units": 2, "name": name}} for name in names), {"dense": 1})
    assert [layer.name for layer in plan_network(config, one_input(2))] == [*names, "dense_3"]
    assert [layer.name for layer in made(config, (2,)).layers] == ["capa_a", "capa_a_1", "capa_a_2", "dense_3"]


def test_a_network_is_called_after_the_experiment() -> None:
    assert made(layered({"dense": 1}, name="my.net-1"), (2,)).name == "my.net-1"


SHAPES = ((8,), (2000,), (8, 4), (8, 8, 3), (4, 8, 8, 3), (4, 4, 8, 8, 3), (600, 1))
ARGUMENTS: dict[str, Any] = {
    "units": 4, "filters": 4, "kernel_size": 2, "input_dim": 10, "output_dim": 3, "num_heads": 2, "key_dim": 2,
    "head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1, "layer": {"lstm": 2}, "target_shape": [8, -1],
    "dims": [1], "n": 3, "num_bins": 3, "num_tokens": 12, "height": 6, "width": 6, "rate": 0.5, "stddev": 0.1,
    "factor": 1, "output_shape": [8, 3], "equation": "abc,cd->abd", "cropping": 1, "value_range": [0, 1], "scale": 2,
    "output_size": 2, "pool_size": 2, "activation": "relu", "max_number": 3, "height_factor": 0.1,
    "width_factor": 0.1, "layers": [{"random_flip": "horizontal"}], "cell": {"lstm_cell": 2},
    "cells": [{"gru_cell": 2}], "axes": 1, "target_height": 4, "target_width": 4,
}  # fmt: skip
OTHERS: dict[str, Any] = {
    "embedding": {"input_dim": 10},
    "reversible_embedding": {"input_dim": 300},
    "discretization": {"num_bins": 3},
    "group_normalization": {"groups": 1},
    "spectral_normalization": {"layer": {"dense": 2}},
    "random_crop": {"height": 8, "width": 8},
}
SEVERAL_INPUTS = {
    "add", "average", "concatenate", "dot", "gru_cell", "hashed_crossing", "lstm_cell", "maximum", "minimum",
    "multiply", "simple_rnn_cell", "stacked_rnn_cells", "subtract",
}  # fmt: skip
OF_SOME_SHAPES = {"softmax"}
"""Rows of five dimensions, which TensorFlow has no softmax of, still end a step."""
NEVER = {"equalization", "string_lookup", "text_vectorization"}
"""Layers that take words, or that this Keras loses the way at."""


@pytest.mark.parametrize("name", entry_names("layer"))
def test_every_layer_of_one_input_is_planned_and_others_are_refused_with_their_place(name: str) -> None:
    entry = find_entry("layer", name)
    assert entry is not None
    needed = [argument.name for argument in entry.arguments.values() if argument.required]
    spec = {name: {needs: ARGUMENTS[needs] for needs in needed} | OTHERS.get(name, {})}
    planned, refusal = 0, RnaError("")
    for shape in SHAPES:
        try:
            planned += len(plan_network(layered(spec), one_input(*shape)))
        except RnaError as error:
            refusal = error
    assert bool(planned) == (name not in SEVERAL_INPUTS | NEVER), str(refusal)
    if not planned:
        assert refusal.exit_code == CONFIG
        assert refusal.problems[0].place.startswith("experiment.yaml:4:")


@pytest.mark.parametrize("name", some_slow(sorted({*entry_names("layer")} - OF_SOME_SHAPES), 4))
def test_every_layer_that_is_planned_takes_a_step(name: str) -> None:
    """What is looked up is 0 or 1."""
    entry = find_entry("layer", name)
    assert entry is not None
    needed = [argument.name for argument in entry.arguments.values() if argument.required]
    spec = {name: {needs: ARGUMENTS[needs] for needs in needed} | OTHERS.get(name, {})}
    for shape in SHAPES:
        try:
            config = layered(spec, "flatten", {"dense": {"units": 1}}, loss="mse")
            plan_network(config, one_input(*shape))
        except RnaError:
            continue
        if any(map(adapts, config.layers)):
            continue
        network = build_network(config, one_input(*shape))
        network.compile(optimizer="sgd", loss="mse")
        x = np.random.default_rng(0).integers(0, 2, (5, *shape)).astype("float32")
        rows = tf.data.Dataset.from_tensor_slices((x, x.reshape(5, -1)[:, :1]))
        network.fit(rows.batch(3), verbose=0, shuffle=False)
        assert network.predict(rows.batch(5), verbose=0).shape == (5, 1)


@pytest.mark.parametrize(
    ("layer", "shape", "said", "hint"),
    [
        ("random_flip", (3,), "wants rows of shape (height, width, channels)", "dense is the layer for tables"),
        ("random_flip", (8, 8), "wants rows of shape (height, width, channels)", "- reshape: [8, 8, 1]"),
        ({"time_distributed": {"layer": "random_flip"}}, (4, 8), "random_flip wants rows", "dense is the layer"),
        ({"pipeline": {"layers": ["random_invert", "random_flip"]}}, (8,), "random_invert wants rows", "tables"),
        ({"resizing": {"height": 2, "width": 2}}, (8,), "(height, width, channels)", "tables"),
        ({"adaptive_max_pooling2d": 2}, (8, 4), "(height, width, channels)", "- reshape: [8, 4, 1]"),
        ({"category_encoding": 4}, (8, 4), "wants rows of shape (features)", "- flatten before it"),
        ({"rnn": {"cell": {"lstm_cell": 2}}}, (8, 8, 3), "(steps, features)", "- reshape"),
        ({"random_hue": 0.1}, (8, 8, 1), "expects pictures of 3 channels", "leave it out"),
        ("mel_spectrogram", (8,), "expects rows of more than 1024 numbers", "a smaller fft_length"),
        ({"random_crop": {"height": 4, "width": 4}}, (8, 8, 3), "crops in training only", "center_crop"),
        ("equalization", (8, 8, 3), "this version of Keras", "leave it out"),
        ({"einsum_dense": {"equation": "abc,cd->abd", "output_shape": [8, 3]}}, (8, 8, 3), "(steps, features)", ""),
    ],
)
def test_a_layer_that_would_end_the_first_step_is_refused_before(
    layer: Any, shape: tuple[int, ...], said: str, hint: str
) -> None:
    config = layered(layer, "flatten", {"dense": 1})
    problem = problem_of(plan_network, config, one_input(*shape), exit_code=CONFIG)
    assert said in problem.message
    assert hint in problem.hint
    assert problem.place.startswith("experiment.yaml:")


def nameless(made: Any) -> dict[str, Any]:
    return {key: value for key, value in made.get_config().items() if key != "name"}


@pytest.mark.parametrize("category", ["loss", "optimizer", "metric"])
def test_every_object_is_made_as_keras_makes_it(category: str) -> None:
    for name in {*entry_names(category)} - {*OWN.get(category, ())}:
        entry = find_entry(category, name)
        assert entry is not None
        if any(argument.required for argument in entry.arguments.values()):
            continue
        text = experiment(CIRCLES, **{"metric": {"metrics": [name]}}.get(category, {category: name}))
        spec = text.metrics[0] if category == "metric" else getattr(text, category)
        (head,) = text.heads.values()
        if entry.target in ("accuracy", "crossentropy"):
            assert build_metric(spec, head, BINARY) == entry.target
            continue
        plain = getattr(MODULES[category], entry.target)()
        found = build_metric(spec, head, BINARY) if category == "metric" else instantiate(spec)
        assert type(found) is type(plain), name
        assert nameless(found) == nameless(plain), name


def test_arguments_reach_keras_nested() -> None:
    config = layered(
        {"dense": {"units": 2, "kernel_regularizer": {"l2": 0.5}, "bias_initializer": {"constant": 3}}},
        optimizer={"sgd": {"learning_rate": {"exponential_decay": {
            "initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 0.5}}, "momentum": 0.9}},
    )  # fmt: skip
    (layer,) = made(config, (2,)).layers
    assert float(layer.kernel_regularizer.l2) == 0.5
    assert layer.bias.numpy().tolist() == [3, 3]
    optimizer = instantiate(config.optimizer)
    assert optimizer.momentum == 0.9
    assert float(optimizer._learning_rate(2)) == 0.25


# Planning


def test_planning_draws_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(self: Any, *arguments: Any, **more: Any) -> Any:
        raise AssertionError("a weight is made")

    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", draw)
    (layer,) = plan_network(layered({"dense": 1000}), one_input(50))
    assert layer.parameters == 51_000


def test_a_network_that_no_machine_can_hold_is_refused_at_its_largest_layer() -> None:
    config = layered({"dense": 3}, {"dense": 10**12}, {"dense": 1})
    problem = problem_of(made, config, (2,), exit_code=CONFIG)
    assert "parameters" in problem.message
    assert problem.place == str(config.layers[1].place)


def test_what_was_planned_is_never_made_later() -> None:
    with pytest.raises(RnaError):
        made(layered({"dense": 10**12}), (2,))
    with keras.StatelessScope():
        pass  # Keras makes here whatever waits to be made
    network = made(layered({"dense": 3}), (2,))
    assert network.layers[0].name == "dense"
    assert keras.backend.standardize_dtype(network.layers[0].kernel.dtype) == "float32"


@pytest.mark.parametrize(
    ("layers", "shape", "bad", "said"),
    [
        (({"dense": 3}, {"conv2d": {"filters": 2, "kernel_size": 3}}), (2,), 1, "conv2d"),
        (({"dense": 3}, {"reshape": [7]}), (2,), 1, "reshape"),
        (({"conv2d": {"filters": 2, "kernel_size": 9}}, "flatten"), (8, 8, 1), 0, "conv2d"),
        (("flatten", "add"), (2,), 1, "add"),
        (({"dense": 3}, {"max_pooling2d": 2}), (2,), 1, "max_pooling2d"),
        (({"dense": {"units": 3, "name": "same"}}, {"dense": {"units": 3, "name": "same"}}), (2,), 1, "same"),
        (({"dense": {"units": 3, "name": "dense_1"}}, {"dense": 3}, {"dense": 1}), (2,), 1, "dense_1"),
        (({"dense": {"units": 3, "dtype": "float99"}},), (2,), 0, "float99"),
    ],
)
def test_layers_that_keras_refuses_are_refused_at_their_place(
    layers: tuple[Any, ...], shape: tuple[int, ...], bad: int, said: str
) -> None:
    lines = "".join(f"  - {flow(layer)}\n" for layer in layers)
    head, _, rest = CIRCLES.partition("  - dense: {units: 4")
    text = head + lines + rest[rest.index("loss:") :]
    problem = problem_of(lambda: made(experiment(text), shape), exit_code=CONFIG)
    assert problem.place.startswith(f"experiment.yaml:{4 + bad}:")
    assert said in problem.message
    assert "\n" not in problem.message


def flow(value: Any) -> str:
    """A layer on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(item)}" for name, item in value.items()) + "}"
    return str(value)


def test_an_object_that_keras_refuses_is_refused_at_its_place() -> None:
    config = experiment(IRIS, optimizer={"sgd": {"learning_rate": 0.1, "clipnorm": 1, "clipvalue": 1}})
    problem = problem_of(compile_arguments, config, BINARY, exit_code=CONFIG)
    assert problem.place == str(config.optimizer.place)
    assert problem.message.startswith("sgd: ")


# Precision


@pytest.fixture
def mixed() -> Iterator[str]:
    start_tensorflow(precision="mixed_bfloat16")
    yield "mixed_bfloat16"
    start_tensorflow()


def test_with_mixed_precision_the_last_layer_alone_computes_in_float32(mixed: str) -> None:
    network = made(layered({"dense": 4}, {"dense": 3}, {"dense": 1}, precision=mixed), (2,))
    assert [layer.compute_dtype for layer in network.layers] == ["bfloat16", "bfloat16", "float32"]
    assert {weight.dtype for weight in network.weights} == {"float32"}
    assert keras.backend.standardize_dtype(network(np.zeros((1, 2), "float32")).dtype) == "float32"


def test_a_type_that_the_file_names_is_kept(mixed: str) -> None:
    network = made(layered({"dense": {"units": 1, "dtype": "float64"}}, precision=mixed), (2,))
    assert network.layers[0].compute_dtype == "float64"


# Metrics


def accuracy(outputs: list[float], truth: list[int], task: Task, **changes: Any) -> float:
    """What ``accuracy`` says of a network's outputs."""
    config = experiment(CIRCLES, **changes)
    network = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    compile_network(network, config, by_output(config, task))
    x, y = np.array(outputs, "float32")[:, None], np.array(truth, "float32")[:, None]
    return float(network.evaluate(x, y, verbose=0, return_dict=True)["accuracy"])


OUTPUTS, TRUTH = [-2.0, -0.1, 0.2, 0.4, 0.6, 3.0], [0, 0, 1, 1, 1, 1]


def test_accuracy_of_logits_counts_from_0() -> None:
    layers, loss = [{"dense": 1}], {"binary_crossentropy": {"from_logits": True}}
    assert accuracy(OUTPUTS, TRUTH, LOGITS, layers=layers, loss=loss) == 1


def test_accuracy_of_margins_counts_from_0() -> None:
    layers = [{"dense": {"units": 1, "activation": "tanh"}}]
    task = pair("margin")
    assert accuracy([-0.9, -0.1, 0.2, 0.4], [0, 0, 1, 1], task, layers=layers, loss="hinge") == 1


def test_accuracy_of_probabilities_counts_from_a_half() -> None:
    assert accuracy([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1], BINARY) == 1
    assert accuracy([0.1, 0.4, 0.6, 0.9], [0, 1, 1, 1], BINARY) == 0.75


def test_metrics_keep_the_names_of_the_file() -> None:
    config = experiment(CIRCLES, metrics=["acc", "MeanSquaredError", {"auc": {"name": "area"}}])
    network = made(config, (2,))
    compile_network(network, config, by_output(config, BINARY))
    logs = network.evaluate(np.zeros((4, 2)), np.array([[0], [1], [0], [1]]), verbose=0, return_dict=True)
    assert set(logs) == {"loss", "acc", "mean_squared_error", "area"}


# Weights and seeds


def test_weights_of_one_network_make_another_the_same() -> None:
    layers = [{"dense": 4}, "batch_normalization", {"bidirectional": {"layer": {"gru": 2}}}, {"dense": 1}]
    layers.insert(1, {"reshape": [2, 2]})
    first, second = (made(experiment(CIRCLES, layers=layers, seed=seed), (3,)) for seed in (1, 2))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    assert not np.allclose(first(x), second(x))
    arrays = get_weights(first)
    assert len(arrays) == len(first.weights)
    set_weights(second, {name: array.copy() for name, array in arrays.items()})
    np.testing.assert_array_equal(first(x), second(x))


def test_weights_of_a_file_fit_the_network_that_they_came_from(tmp_path: Path) -> None:
    network, other = (made(layered({"dense": 4}, {"dense": 1}, seed=seed), (3,)) for seed in (1, 2))
    (tmp_path / "weights.npz").write_bytes(dump_arrays(get_weights(network)))
    expected = {name: (tuple(weight.shape), weight.dtype) for name, weight in name_variables(other).items()}
    set_weights(other, read_weights(tmp_path / "weights.npz", expected))
    for mine, theirs in zip(network.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("seed", [0, 7, 4294967295])
def test_initial_weights_are_those_of_a_plain_script(seed: int) -> None:
    config = layered({"dense": {"units": 5, "activation": "tanh"}}, {"dropout": 0.3},
                     {"dense": {"units": 3, "kernel_initializer": "he_normal"}}, {"dense": 1}, seed=seed)  # fmt: skip
    network = made(config, (4,))
    keras.utils.set_random_seed(seed)
    script = keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(5, activation="tanh"), keras.layers.Dropout(0.3),
        keras.layers.Dense(3, kernel_initializer="he_normal"), keras.layers.Dense(1),
    ])  # fmt: skip
    for mine, theirs in zip(network.get_weights(), script.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_another_seed_gives_other_weights() -> None:
    first, second = (made(layered({"dense": 4}, seed=seed), (3,)).get_weights()[0] for seed in (1, 2))
    assert not np.allclose(first, second)
