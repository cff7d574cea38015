"""The picture of a network: what is in it, how its boxes lie, and that a large one stays one that can be looked at."""

import itertools
import random

import pytest
from matplotlib.text import Text

from rnacli.engine.tensorflow import keras
from rnacli.networks.nodes import Node, describe_network
from rnacli.plots.arrange import MOST_BESIDE, MOST_ROWS, PASSING, arrange
from rnacli.plots.network import draw

layers = keras.layers


def edges(nodes: list[Node]) -> set[tuple[str, str]]:
    return {(above, node.name) for node in nodes for above in node.inputs}


# What a network is


def test_a_chain_is_described_from_its_input_on() -> None:
    network = keras.Sequential([
        keras.Input((5,)), layers.Embedding(9, 4, mask_zero=True, name="capa"), layers.Bidirectional(layers.LSTM(3)),
        layers.Dense(2, activation="softmax", trainable=False, name="out"),
    ])  # fmt: skip
    name = network.layers[1].name
    assert describe_network(network, {"capa": "capa á"}) == [
        Node("input", "Input", (5,)),
        Node("capa á", "Embedding", (5, 4), 36, 0, ("input",)),
        Node(name, "Bidirectional(LSTM)", (6,), 192, 0, ("capa á",)),
        Node("out", "Dense, softmax", (2,), 14, 14, (name,)),
    ]


def test_the_branches_of_a_graph_are_its_edges_and_masks_are_none() -> None:
    picture, words = keras.Input((8, 8, 1), name="picture"), keras.Input((5,), name="words")
    before = layers.Conv2D(2, 3, padding="same", activation="relu", name="before")(picture)
    added = layers.Add(name="added")([before, layers.Conv2D(2, 3, padding="same", name="twice")(before)])
    read = layers.LSTM(3, name="read")(layers.Embedding(9, 2, mask_zero=True, name="vectors")(words))
    both = layers.Concatenate(name="both")([layers.Flatten(name="flat")(added), read])
    base = keras.Sequential([keras.Input((131,)), layers.Dense(4, trainable=False), layers.Dense(2)], name="base")
    outputs = [layers.Dense(1, name="price")(base(both)), keras.ops.exp(layers.Dense(1, name="rate")(both))]
    nodes = describe_network(keras.Model([picture, words], outputs), {})
    assert edges(nodes) == {
        ("picture", "before"), ("before", "twice"), ("before", "added"), ("twice", "added"), ("added", "flat"),
        ("words", "vectors"), ("vectors", "read"), ("flat", "both"), ("read", "both"), ("both", "base"),
        ("base", "price"), ("both", "rate"),
    }  # fmt: skip
    (inner,) = [node for node in nodes if node.name == "base"]
    assert (inner.parameters, inner.frozen) == (131 * 4 + 4 + 4 * 2 + 2, 131 * 4 + 4)


def test_a_layer_that_is_used_twice_is_one_box() -> None:
    one, other = keras.Input((3,), name="one"), keras.Input((3,), name="other")
    shared = layers.Dense(2, name="shared")
    nodes = describe_network(keras.Model([one, other], layers.Subtract(name="apart")([shared(one), shared(other)])), {})
    assert edges(nodes) == {("one", "shared"), ("other", "shared"), ("shared", "apart")}


# How it lies


def graph(count: int, seed: int) -> list[Node]:
    """Nodes of which each takes from one to three of the five before it."""
    chance = random.Random(seed)
    nodes = [Node("0", "Input", (2,))]
    for i in range(1, count):
        before = chance.sample([node.name for node in nodes[-5:]], min(len(nodes), chance.choice((1, 1, 2, 3))))
        nodes.append(Node(str(i), "Dense", (2,), i, 0, tuple(before)))
    return nodes


@pytest.mark.parametrize("seed", range(12))
def test_no_box_is_over_another_and_no_line_over_a_box(seed: int) -> None:
    arranged = arrange(graph(8 + 9 * seed, seed))
    assert len(arranged.lines) == len(edges(list(arranged.nodes)))
    boxes = list(arranged.places.values())
    for (x, row), (other_x, other_row) in itertools.combinations(boxes, 2):
        assert row != other_row or abs(x - other_x) > 1 - 1e-9
    for line in arranged.lines:
        assert [row for _, row in line] == list(range(line[0][1], line[-1][1] + 1))
        for x, row in line[1:-1]:
            assert all(other != row or abs(x - box) > (1 + PASSING) / 2 - 1e-9 for box, other in boxes)


@pytest.mark.parametrize("nodes", [
    graph(300, 1),
    [Node("0", "Input", (2,)), *(Node(str(i), "Dense", (2,), i, 0, (str(i - 1),)) for i in range(1, 300))],
    [*(Node(str(i), "Input", (1,)) for i in range(298)), Node("298", "Concatenate", (298,), 0, 0,
                                                           tuple(map(str, range(298)))),
     Node("299", "Dense", (1,), 299, 0, ("298",))],
], ids=["graph", "chain", "inputs"])  # fmt: skip
def test_a_large_network_is_folded_and_nothing_of_it_is_lost(nodes: list[Node]) -> None:
    arranged = arrange(nodes)
    rows = [row for _, row in arranged.places.values()]
    assert max(rows) < MOST_ROWS
    assert max(map(rows.count, rows)) <= MOST_BESIDE
    assert sum(node.parameters for node in arranged.nodes) == sum(node.parameters for node in nodes)
    folded = [int(node.name.split()[0]) for node in arranged.nodes if "more" in node.name]
    assert sum(folded) + len(arranged.nodes) - len(folded) == len(nodes)
    assert {"0", "299"} <= set(arranged.places)


def test_what_is_drawn() -> None:
    nodes = [
        Node("input", "Input", (28, 28)),
        Node("$base$", "Functional", (7,), 1_234_567, 1_000_000, ("input",)),
        Node("dense", "Dense, softmax", (10,), 80, 80, ("$base$",)),
    ]
    figure = draw(nodes, "digits")
    texts = {text.get_text() for text in figure.findobj(Text)} - {""}
    assert texts == {
        "digits: 1,234,647 parameters, 1,000,080 of them frozen",
        "Shapes are those of one row; grey: frozen, training does not change it",
        "input", "(28, 28)", "Input", "$base$", "(7,)", "Functional", "1,000,000 of 1,234,567 frozen",
        "dense", "(10,)", "Dense, softmax", "80 frozen",
    }  # fmt: skip
    faces = [patch.get_linestyle() for patch in figure.axes[0].patches[1:]]
    assert faces == ["solid", "solid", "--"]
