"""A network that writes: the same as one look at the whole text, token after token."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from fixtures import experiment

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.networks.build import build_network
from rnacli.networks.writer import CHUNK, Wish, Writer

COUNT, WINDOW = 7, 12
BASE = """\
name: writer
seed: 4
dataset: {text: poem.txt, window: 12}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
layers: []
"""
END = [{"dense": {"units": COUNT, "kernel_initializer": {"random_normal": {"stddev": 1.0}}}}]
EMBEDDING = {
    "embedding": {"input_dim": COUNT, "output_dim": 8, "embeddings_initializer": {"random_normal": {"stddev": 1.0}}}
}
RECURRENT: Mapping[str, list[Any]] = {
    "lstm": [EMBEDDING, {"lstm": {"units": 9, "return_sequences": True}}, {"dropout": 0.5}],
    "two layers and a way past them": [
        {"embedding": {**EMBEDDING["embedding"], "name": "one"}},
        {"gru": {"units": 8, "return_sequences": True, "reset_after": False}},
        {"layer_normalization": {}},
        {"simple_rnn": {"units": 8, "return_sequences": True, "name": "two"}},
        {"add": {"from": ["one", "two"]}},
        {"batch_normalization": {}},
    ],
}
ATTENTION = [
    EMBEDDING,
    {"einsum_dense": {"equation": "abc,cd->abd", "output_shape": [WINDOW, 8], "bias_axes": "bd",
                      "bias_initializer": {"random_normal": {"stddev": 1.0}}, "name": "places"}},
    {"multi_head_attention": {"num_heads": 2, "key_dim": 4, "use_causal_mask": True, "name": "seen"}},
    {"add": {"from": ["places", "seen"]}},
]  # fmt: skip


def config_of(layers: list[Any], **changes: Any) -> Config:
    return experiment(BASE, layers=[*layers, *END], **changes)


def writer_of(layers: list[Any], **changes: Any) -> tuple[Any, Writer]:
    config = config_of(layers, **changes)
    network = build_network(config, {"x": InputSpec((WINDOW,), "int32", tokens=COUNT)})
    return network, Writer(network, config, WINDOW, COUNT, next(iter(config.heads.values())).from_logits)


def written(writer: Writer, prompt: list[int], length: int, **wish: Any) -> list[int]:
    return np.concatenate([*writer.write(np.array(prompt), length, Wish(**wish))]).tolist()


PROMPT = [1, 2, 3, 4]


@pytest.mark.parametrize("name", RECURRENT)
def test_states_that_are_handed_on_equal_one_look_at_the_whole(name: str) -> None:
    network, writer = writer_of(RECURRENT[name])
    assert writer.is_stepwise
    tokens = np.random.default_rng(0).integers(0, COUNT, WINDOW)
    whole = np.asarray(network(tokens[None], training=False))[0]
    for i in (1, 5, WINDOW):
        logits, _ = writer.read_tokens(tokens[:i].astype("int32"))
        np.testing.assert_allclose(logits, whole[i - 1], atol=1e-5)


def greedy(network: Any, prompt: list[int], length: int) -> list[int]:
    """The likeliest token behind the last of the window, again and again: what the book does."""
    tokens = list(prompt)
    for _ in range(length):
        seen = tokens[-WINDOW:]
        outputs = np.asarray(network(np.array([seen + [0] * (WINDOW - len(seen))]), training=False))
        tokens.append(int(outputs[0, len(seen) - 1].argmax()))
    return tokens[len(prompt) :]


def test_attention_looks_at_the_last_window_each_time() -> None:
    network, writer = writer_of(ATTENTION)
    assert not writer.is_stepwise
    expected = greedy(network, PROMPT, 30)
    assert len(set(expected)) > 1
    assert written(writer, PROMPT, 30, temperature=0.0) == expected
    assert written(writer, [6, 5] * 20 + PROMPT, 5, temperature=0.0) == greedy(network, [6, 5] * 20 + PROMPT, 5)


def test_attention_sees_nothing_behind_a_place_and_loads_in_plain_keras(tmp_path: Any) -> None:
    network, _ = writer_of(ATTENTION)
    network.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    one = np.random.default_rng(0).integers(0, COUNT, (1, WINDOW))
    other = np.concatenate([one[:, :7], (one[:, 7:] + 1) % COUNT], axis=1)
    first, second = (np.asarray(again(tokens, training=False)) for tokens in (one, other))
    np.testing.assert_array_equal(first[:, :7], second[:, :7])
    assert np.abs(first[:, 7:] - second[:, 7:]).max() > 0.1


def test_a_text_is_a_function_of_seed_and_number_alone() -> None:
    _, writer = writer_of(RECURRENT["lstm"])
    text = written(writer, PROMPT, CHUNK + 20, temperature=1.0, seed=3)
    assert written(writer, PROMPT, CHUNK + 20, temperature=1.0, seed=3) == text
    assert written(writer, PROMPT, 20, temperature=1.0, seed=3) == text[:20]
    assert written(writer, PROMPT, 40, temperature=1.0, seed=4) != text[:40]
    assert written(writer, PROMPT, 40, temperature=1.0, seed=3, number=1) != text[:40]
    assert written(writer, PROMPT, 40, temperature=0.0, seed=1) == written(writer, PROMPT, 40, temperature=0.0, seed=2)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    """Without anything before that counts, each place is a draw from the same chances."""
    layers = [{"embedding": {"input_dim": COUNT, "output_dim": 1, "embeddings_initializer": "ones"}}]
    network, writer = writer_of(layers)
    logits = np.asarray(network(np.zeros((1, WINDOW), int)))[0, 0].astype("float64")
    for temperature, top in ((1.0, 0), (2.0, 3)):
        kept = logits if not top else np.where(logits >= np.sort(logits)[-top], logits, -np.inf)
        chances = np.exp(kept / temperature) / np.exp(kept / temperature).sum()
        drawn = written(writer, PROMPT, 20_000, temperature=temperature, seed=8, top_k=top)
        shares = np.bincount(drawn, minlength=COUNT) / 20_000
        np.testing.assert_allclose(shares, chances, atol=0.015)
        assert ((shares > 0) == (chances > 1e-4)).all()


def test_probabilities_are_taken_for_what_they_are() -> None:
    loss = "sparse_categorical_crossentropy"
    logits, by_logits = writer_of(RECURRENT["lstm"])
    config = experiment(BASE, layers=[*RECURRENT["lstm"], *END, "softmax"], loss=loss)
    network = build_network(config, {"x": InputSpec((WINDOW,), "int32", tokens=COUNT)})
    network.set_weights(logits.get_weights())
    writer = Writer(network, config, WINDOW, COUNT, False)
    assert written(writer, PROMPT, 30, temperature=0.7) == written(by_logits, PROMPT, 30, temperature=0.7)


def test_what_is_banned_is_never_written() -> None:
    config = config_of(RECURRENT["lstm"])
    network = build_network(config, {"x": InputSpec((WINDOW,), "int32", tokens=COUNT)})
    assert 0 in written(Writer(network, config, WINDOW, COUNT, True), PROMPT, 200, temperature=3.0)
    assert 0 not in written(Writer(network, config, WINDOW, COUNT, True, [0]), PROMPT, 200, temperature=3.0)
