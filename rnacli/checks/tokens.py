"""Layers that would show a network the tokens that it is to predict."""

from collections.abc import Iterator, Sequence

from rnacli.encoders.vocabulary import plain_text
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan
from rnacli.results.texts import prompt_problem, tokens_of
from rnacli.schema.keras_object import KerasSpec

ATTENTION = ("additive_attention", "attention", "group_query_attention", "multi_head_attention")
CONVOLUTIONS = ("conv1d", "separable_conv1d", "depthwise_conv1d", "average_pooling1d", "max_pooling1d")


def foresight_problems(config: Config, data: Data, layers: Sequence[LayerPlan]) -> list[Problem]:
    """Layers that look ahead, and a last one that has not a place for each token of the window."""
    if not config.dataset.IS_TEXT:
        return []
    problems = [problem for spec in config.every_layer for problem in look_ahead(spec)]
    problems += sample_problems(config, data)
    shapes = {layer.name: layer.shape for layer in layers}
    window = data.rows.x.shape[0]
    for name, i in config.outputs.items():
        if len(shapes[name]) == 2 and shapes[name][0] != window:
            message = "a window has {window} places, and the last layer gives {places}: each is to say what comes next"
            place = str(config.layers[i].place)
            hint = "padding: causal, strides: 1 and no pooling keep the places"
            problems.append(Problem(message, place, hint, window=window, places=shapes[name][0] or 0))
    return problems


def look_ahead(spec: KerasSpec) -> Iterator[Problem]:
    """Why a layer sees what comes behind a place."""
    message = "{name} looks at the tokens behind each place, and the next one is what it is to predict"
    hint = ""
    if spec.name == "bidirectional":
        hint = "write the layer within it alone"
    elif spec.arguments.get("go_backwards"):
        hint = "go_backwards: false"
    elif spec.name in ATTENTION and not spec.arguments["use_causal_mask"]:
        hint = "use_causal_mask: true"
    elif spec.name in CONVOLUTIONS and spec.arguments.get("padding") == "same":
        hint = "padding: causal, in conv1d"
    if hint:
        yield Problem(message, str(spec.place), hint, name=spec.name)


def sample_problems(config: Config, data: Data) -> list[Problem]:
    """A prompt of samples that the vocabulary lacks."""
    if config.samples is None or not config.samples.prompt:
        return []
    place = str(config.place("samples", "prompt"))
    wrong = prompt_problem(tokens_of(data.preprocessing), plain_text(config.samples.prompt), place)
    return [wrong] if wrong else []
