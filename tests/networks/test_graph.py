"""Layers that take others than the one above, merge them, and share weights: as Keras' functional API has them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, ROOT, experiment, one_input, problems_of

from rnacli.document.read import parse_document
from rnacli.engine.tensorflow import keras, start_tensorflow
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, read_config
from rnacli.networks.build import build_network
from rnacli.networks.plan import plan_network

HEAD = "dataset: {sklearn: make_moons}\nloss: mse\n"


@pytest.fixture(scope="module", autouse=True)
def started() -> None:
    start_tensorflow()


def read(layers: str, networks: str = "") -> Config:
    """A file whose layers begin in line 4, or in that after the networks."""
    return read_config(parse_document(f"{HEAD}{networks}layers:\n{layers}", "c.yaml"), ROOT)


def build(config: Config, *shape: int) -> Any:
    plan_network(config, one_input(*shape))
    return build_network(config, one_input(*shape))


def test_a_graph_is_what_a_script_of_its_own_builds() -> None:
    config = read(
        """
  - dense: {units: 4, activation: relu, name: wide}
  - dense: 3
  - dense: {units: 3, from: wide}
  - add: [dense_1, dense_2]
  - concatenate: {from: [add, input, wide], name: all}
  - dense: 1
"""
    )
    network = build(config, 2)
    keras.utils.set_random_seed(0)
    layers, start = keras.layers, keras.Input((2,))
    wide = layers.Dense(4, activation="relu")(start)
    one = layers.Dense(3)(wide)
    joined = layers.Concatenate()([layers.Add()([one, layers.Dense(3)(wide)]), start, wide])
    plain = keras.Model(start, layers.Dense(1)(joined))
    for ours, theirs in zip(network.get_weights(), plain.get_weights(), strict=True):
        assert ours.tobytes() == theirs.tobytes()
    x = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    assert network.predict(x, verbose=0).tobytes() == plain.predict(x, verbose=0).tobytes()
    planned = plan_network(config, one_input(2))
    assert [layer.name for layer in planned] == ["wide", "dense_1", "dense_2", "add", "all", "dense_3"]
    assert [layer.sources for layer in planned[-3:]] == [("dense_1", "dense_2"), ("add", "input", "wide"), ("all",)]
    assert sum(layer.parameters for layer in planned) == network.count_params() == plain.count_params()


def test_a_network_shares_its_weights_but_anew() -> None:
    config = read(
        """
  - encoder: {name: a}
  - encoder: {from: input, name: b}
  - encoder: {from: input, anew: true, name: c}
  - subtract: [a, b]
  - concatenate: [subtract, c]
  - dense: 1
""",
        "networks:\n  encoder:\n    - dense: {units: 2, name: first}\n    - add: [first, input]\n",
    )
    network = build(config, 2)
    assert network.count_params() == 6 + 6 + 5
    assert network.get_layer("encoder").count_params() == 6
    x = np.ones((1, 2), "float32")
    difference = keras.Model(network.input, network.get_layer("subtract").output)
    assert not np.any(difference.predict(x, verbose=0))
    planned = plan_network(config, one_input(2))
    names = ["encoder/first", "encoder/add", "a", "b", "encoder/first", "encoder/add", "c"]
    assert [layer.name for layer in planned][:7] == names
    assert [layer.times for layer in planned][:7] == [2, 2, 1, 1, 1, 1, 1]
    assert sum(layer.parameters for layer in planned) == network.count_params()


@pytest.mark.parametrize(
    "attention", ["attention", "additive_attention", "multi_head_attention: {num_heads: 2, key_dim: 3}"]
)
def test_one_name_is_query_and_value(attention: str) -> None:
    layer = attention if ":" in attention else f"{attention}: {{}}"
    name = attention.partition(":")[0]
    twice = layer.replace("{}", "{from: [input, input]}").replace("3}", "3, from: [input, input]}")
    outputs = [build(read(f"  - {one}\n"), 4, 6)(np.arange(24.0).reshape(1, 4, 6) / 9) for one in (layer, twice)]
    assert outputs[0].shape == (1, 4, 6)
    np.testing.assert_array_equal(*outputs)
    three = layer.replace("{}", "{from: [input, input, input, input]}").replace("3}", "3, from: [a, b, c, d]}")
    (problem,) = problems_of(read, f"  - {three}\n", exit_code=CONFIG)
    assert f"{name} takes 3 inputs at most, got 4" in problem.message


def test_a_file_with_a_graph_is_the_same_after_writing_and_reading() -> None:
    config = read(
        "  - one: input\n  - dense: {units: 2, from: [one]}\n  - maximum: [one, dense]\n",
        "networks: {one: [{dense: 2}]}\n",
    )
    again = read_config(parse_document(dump_config(config), "c.yaml"), ROOT)
    assert again == config
    assert [[source.name for source in spec.sources] for spec in again.layers] == [["input"], ["one"], ["one", "dense"]]


FAULTS: dict[str, tuple[str, int, str, str]] = {
    "unknown": ("  - dense: {units: 2, name: seen}\n  - add: [seen, seem]\n", 5, "'seem'", "did you mean seen?"),
    "twice": ("  - dense: {units: 2, name: a}\n  - dense: {units: 2, name: a}\n", 5, "two layers called 'a'", "name"),
    "below": (
        "  - dense: {units: 2, from: end}\n  - dense: {units: 2, name: end}\n",
        4,
        "end stands below dense",
        "write end above dense",
    ),
    "itself": ("  - dense: {units: 2, from: dense}\n", 4, "what it gives itself", "above"),
    "dead end": (
        "  - dense: {units: 2, name: seen}\n  - dense: {units: 2, from: input}\n",
        4,
        "layer seen leads nowhere",
        "from of a layer below",
    ),
    "no merge": ("  - dense: 2\n  - dense: {units: 3, name: b}\n  - add: [dense, b]\n", 6,
                 "add cannot merge rows of shapes (2,) (dense) and (3,) (b)", "as many units"),
    "one input": ("  - dense: {units: 2, from: [input, input]}\n", 4, "takes one input, got 2", "- concatenate: ["),
    "two inputs": ("  - subtract: [input, input, input]\n", 4, "subtract takes 2 inputs at most, got 3", "leave some"),
    "merge of one": ("  - dense: 2\n  - add\n", 5, "add takes two inputs or more, got one", "add: [one_layer"),
    "dot without axes": ("  - dot: [input, input]\n", 4, "dot needs axes", "dot: {axes: ...}"),
    "no name": ("  - dense: {units: 2, from: {a: b}}\n", 4, "got a mapping", ""),
    "several outputs": ("  - reshape: [2, 1]\n  - lstm: {units: 2, return_state: true}\n", 5, "3 outputs", "_state"),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "line", "message", "hint"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_graph_is_named_at_its_place(layers: str, line: int, message: str, hint: str) -> None:
    (problem,) = problems_of(lambda: build(read(layers), 2), exit_code=CONFIG)
    assert problem.place.startswith(f"c.yaml:{line}:")
    assert message in problem.message
    assert hint in problem.hint


OF_NETWORKS: dict[str, tuple[str, str, int, str, str]] = {
    "unused": ("networks: {e: [{dense: 2}]}\n", "  - dense: 1\n", 3, "network e is not used", "- e in layers"),
    "slip": ("networks: {encoder: [{dense: 2}]}\n", "  - encoder\n  - encodr\n", 6, "called 'encodr'", "encoder?"),
    "itself": ("networks: {e: [e]}\n", "  - e\n", 3, "e contains e, which does not stand above it", "write e above e"),
    "taken": ("networks: {flatten: [{dense: 2}]}\n", "  - flatten\n", 3, "flatten has a meaning", "another name"),
    "taken, and wrong else": ("networks: {dense: [{dense: 2}]}\n", "  - dense\n", 3, "dense has a meaning", "another"),
    "outside": (
        "networks: {e: [{dense: {units: 2, from: a}}]}\n",
        "  - dense: {units: 2, name: a}\n  - e\n",
        3,
        "called 'a'",
        "there are input",
    ),
    "shape": (
        "networks: {e: [{dense: 3}]}\n",
        "  - e\n  - e\n",
        6,
        "network e takes rows of shape (2,), got rows of shape (3,) from e",
        "{anew: true}",
    ),
    "argument": ("networks: {e: [{dense: 3}]}\n", "  - e: {units: 2}\n", 5, "no argument 'units'", "name and anew"),
    "learner": ("networks: {e: [normalization]}\n", "  - e\n", 3, "inside e it cannot", "a layer of its own"),
}  # fmt: skip


@pytest.mark.parametrize(("networks", "layers", "line", "message", "hint"), OF_NETWORKS.values(), ids=OF_NETWORKS)
def test_a_fault_of_a_network_is_named_at_its_place(
    networks: str, layers: str, line: int, message: str, hint: str
) -> None:
    with pytest.raises(RnaError) as caught:
        build(read(layers, networks), 2)
    problem = caught.value.problems[0]
    assert problem.place.startswith(f"c.yaml:{line}:")
    assert message in problem.message
    assert hint in problem.hint


def test_a_layer_that_learns_gets_what_its_branch_gives(tmp_path: Path) -> None:
    """The training rows of one branch, not those of the layer above it."""
    from rnacli.examples.load import load_data
    from rnacli.networks.adapt import adapt_layers

    config = experiment(
        CIRCLES,
        layers=[
            {"rescaling": {"scale": 2, "name": "twice"}},
            {"dense": {"units": 3, "from": "input"}},
            {"normalization": {"from": "twice"}},
            {"concatenate": ["dense", "normalization"]},
            {"dense": {"units": 1, "activation": "sigmoid"}},
        ],
    )
    data = load_data(config, tmp_path)
    learnt = adapt_layers(config, data).layers[2].arguments["mean"]
    x = data.preprocessing.encoder.encode(data.raw("train"))["x"]
    np.testing.assert_allclose(np.ravel(learnt), 2 * x.mean(axis=0), atol=1e-5)
