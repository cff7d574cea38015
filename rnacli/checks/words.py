"""Numbers of words that a layer would take for quantities."""

from rnacli.document.write import name_hint
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import MOVING, trace_numbers
from rnacli.networks.vocabulary import LOOK_UP, OF_ANY, taken_inputs
from rnacli.schema.layer import NETWORK

KNOW_WORDS = (*LOOK_UP, *OF_ANY, *MOVING, "masking")
"""Layers that do not count with what they get."""


def word_doubts(config: Config, data: Data) -> list[Problem]:
    """Layers that count with the numbers of words."""
    inputs, doubts = data.preprocessing.encoder.inputs, []
    texts = {column.name for column in data.preprocessing.columns or ()}
    for i, spec in enumerate(config.layers):
        if spec.name in KNOW_WORDS or spec.entry.category == NETWORK:
            continue
        sources = [source for source in trace_numbers(config.layers, i) if isinstance(source, str)]
        name = next((name for each in sources for name in taken_inputs(inputs, each) if inputs[name].tokens), None)
        if name is not None:
            message = "{name} counts with the numbers of words, and word 100 is not ten times word 10"
            hint = "embedding: {output_dim: 32} above it"
            if name in texts:
                hint += name_hint(name, "; or columns: {{column}: {kind: text, output_mode: tf_idf}}")
            doubts.append(Problem(message, str(spec.place), hint, name=spec.name))
    return doubts
