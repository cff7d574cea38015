"""A network that has learnt which token comes next writes: one token after the other, many in one execution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import tf
from rnacli.experiment.config import Config
from rnacli.experiment.graph import trace_sources
from rnacli.schema.keras_object import KerasSpec

RECURRENT = ("gru", "lstm", "simple_rnn")
"""Layers that hand a state on from place to place."""
EACH_PLACE = (
    "activation", "add", "alpha_dropout", "average", "dense", "dropout", "elu", "embedding", "gaussian_dropout",
    "gaussian_noise", "identity", "leaky_relu", "maximum", "minimum", "multiply", "relu", "rescaling",
    "spatial_dropout1d", "subtract",
)  # fmt: skip
"""Layers that make of each place something by itself."""
LAST_AXIS = ("batch_normalization", "concatenate", "layer_normalization", "rms_normalization", "softmax")
"""Layers that do so along the last axis."""
CHUNK = 64
"""Tokens that are written in one execution: what is written comes as it is made."""


@dataclass(frozen=True)
class Wish:
    """How a text is drawn. ``seed`` and ``number``: another text for each pair.

    ``temperature``: what the logits are divided by; 0 takes the likeliest token. ``top_k``: how many of the likeliest
    are drawn from; 0: all.
    """

    temperature: float = 0.5
    seed: int = 0
    number: int = 0
    top_k: int = 0


class Writer:
    """Writes with a network of ``count`` tokens, whose weights may change between texts.

    Where all layers that mix places are recurrent, their states are handed on from token to token; if not, the network
    looks at the last ``window`` tokens each time. The token at a place is that of the greatest logit with Gumbel's
    noise (Maddison and others, "A* Sampling", 2014), which is a function of seed, number and place alone.
    ``banned``: tokens that are never written. ``from_logits``: the outputs are no probabilities.
    """

    def __init__(
        self, network: Any, config: Config, window: int, count: int, from_logits: bool, banned: Sequence[int] = ()
    ):
        self.network, self.window, self.count, self.from_logits = network, window, count, from_logits
        self.layers, self.sources = config.layers, trace_sources(config.layers)
        self.keras_layers = [network.get_layer(name) for name in config.keras_names]
        self.is_stepwise = all(map(goes_stepwise, config.layers)) and list(config.outputs.values()) == [
            len(config.layers) - 1
        ]
        self.mask = np.zeros(count, "float32")
        self.mask[list(banned)] = -np.inf
        self.read_tokens = tf.function(self.trace_read, autograph=False)
        self.write_tokens = tf.function(self.trace_write, autograph=False)

    def write(self, prompt: np.ndarray, length: int, wish: Wish) -> Iterator[np.ndarray]:
        """``length`` tokens that follow those of a ``prompt`` (m,), m at least 1: some at a time."""
        key = tf.constant([wish.seed, wish.number << 32], tf.int64)
        top = tf.constant(min(wish.top_k or self.count, self.count))
        temperature = tf.constant(wish.temperature, tf.float32)
        if not self.is_stepwise:
            prompt = prompt[-self.window :]
        state = self.read_tokens(tf.constant(prompt, tf.int32))
        for start in range(0, length, CHUNK):
            place = tf.constant(start, tf.int64)
            written, state = self.write_tokens(state, key, place, temperature, top)
            yield np.asarray(written)[: length - start]

    # In a graph

    def trace_read(self, prompt: Any) -> Any:
        """The state behind a prompt (m,): the logits (count,) of the next token, and what they come from."""
        state = (tf.zeros(self.count), self.blank())
        begin = tf.zeros((), tf.int32)
        _, state = tf.while_loop(
            lambda i, _: i < tf.shape(prompt)[0], lambda i, now: (i + 1, self.step(prompt[i], now[1])), (begin, state)
        )
        return state

    def trace_write(self, state: Any, key: Any, place: Any, temperature: Any, top: Any) -> Any:
        """``CHUNK`` tokens from a ``place`` on, and the state behind them."""

        def body(i: Any, now: Any, written: Any) -> Any:
            token = self.draw(now[0], key + tf.stack([0, place + tf.cast(i, tf.int64)]), temperature, top)
            return i + 1, self.step(token, now[1]), written.write(i, token)

        written = tf.TensorArray(tf.int32, CHUNK)
        _, state, written = tf.while_loop(
            lambda i, *_: i < CHUNK, body, (tf.zeros((), tf.int32), state, written)
        )  # fmt: skip
        return written.stack(), state

    def draw(self, logits: Any, key: Any, temperature: Any, top: Any) -> Any:
        """A token by its logits (count,)."""
        least = tf.math.top_k(logits, top)[0][-1]
        logits = tf.where(logits < least, -np.inf, logits)
        uniform = tf.random.stateless_uniform((self.count,), key, minval=np.finfo("float32").tiny)
        drawn = logits / tf.maximum(temperature, 1e-6) - tf.math.log(-tf.math.log(uniform))
        return tf.argmax(tf.where(temperature > 0, drawn, logits), output_type=tf.int32)

    def step(self, token: Any, before: Any) -> Any:
        """The logits (count,) behind one more token, and what they come from."""
        outputs, before = self.pass_on(token, before) if self.is_stepwise else self.look_back(token, before)
        outputs = tf.cast(outputs, tf.float32)
        return tf.ensure_shape(
            (outputs if self.from_logits else tf.math.log(outputs)) + self.mask, (self.count,)
        ), before

    def blank(self) -> Any:
        """What there is before the first token."""
        if not self.is_stepwise:
            return tf.zeros((1, self.window), tf.int32), tf.zeros((), tf.int32)
        recurrent = [
            layer for layer, spec in zip(self.keras_layers, self.layers, strict=True) if spec.name in RECURRENT
        ]
        return tuple(tuple(layer.cell.get_initial_state(batch_size=1)) for layer in recurrent)

    def pass_on(self, token: Any, before: Any) -> Any:
        """The outputs (count,) for one token, where recurrent layers begin with the states ``before``."""
        states = iter(before)
        after: list[Any] = []
        made: list[Any] = []
        for spec, layer, sources in zip(self.layers, self.keras_layers, self.sources, strict=True):
            start = tf.reshape(token, (1, 1))
            taken = [made[source] if isinstance(source, int) else start for source in sources] or [start]
            if spec.name in RECURRENT:
                output, state = layer.cell(taken[0][:, 0], list(next(states)), training=False)
                after.append(tuple(state))
                made.append(output[:, None])
            else:
                made.append(layer(taken if len(taken) > 1 else taken[0]))
        return made[-1][0, 0], tuple(after)

    def look_back(self, token: Any, before: Any) -> Any:
        """The outputs (count,) behind the last tokens; ``before``: these (1, window), and how many they are."""
        tokens, filled = before
        is_full = filled >= self.window
        tokens = tf.where(is_full, tf.roll(tokens, -1, axis=1), tokens)
        last = tf.minimum(filled, self.window - 1)
        tokens = tf.tensor_scatter_nd_update(tokens, tf.stack([[0, last]]), tf.reshape(token, (1,)))
        return self.network(tokens, training=False)[0, last], (tokens, tf.minimum(filled + 1, self.window))


def goes_stepwise(spec: KerasSpec) -> bool:
    """Whether a layer can be called place by place."""
    if spec.name in RECURRENT:
        return bool(spec.arguments["return_sequences"])
    return spec.name in EACH_PLACE or (spec.name in LAST_AXIS and spec.arguments["axis"] == -1)
