"""From the file's layers to a compiled Keras model, with Keras' own words and defaults."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.networks.augment import attach_augmentation
from rnacli.networks.instantiate import instantiate, refused_by_keras, root_name
from rnacli.networks.learners import adapts, require_learnable
from rnacli.networks.masks import require_mask_fits
from rnacli.networks.ranks import require_rows
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.task import Task
from rnacli.words import ascii_name, distinct_names


def make_inputs(inputs: Mapping[str, InputSpec]) -> dict[str, Any]:
    """The inputs of a network, by name; the only one has Keras' own name."""
    if len(inputs) == 1:
        ((name, spec),) = inputs.items()
        return {name: keras.Input(spec.shape, dtype=spec.dtype)}
    names = distinct_names(map(ascii_name, inputs))
    return {
        name: keras.Input(spec.shape, dtype=spec.dtype, name=unique)
        for (name, spec), unique in zip(inputs.items(), names, strict=True)
    }


def embed_inputs(inputs: Mapping[str, InputSpec], tensors: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """The layers of embedded inputs, and all inputs as one row of numbers."""
    embedded = {name: spec for name, spec in inputs.items() if spec.categories}
    names = distinct_names(f"embedding_{ascii_name(name)}" for name in embedded)
    layers = [
        keras.layers.Embedding(spec.categories, spec.dimensions, name=name)
        for spec, name in zip(embedded.values(), names, strict=True)
    ]
    parts = [tensors[name] for name in inputs if name not in embedded]
    parts += [layer(tensors[name]) for layer, name in zip(layers, embedded, strict=True)]
    return layers, keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


def build_layers(config: Config, inputs: Mapping[str, InputSpec], tensors: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """The network's layers, each built on the one before, and the outputs that they give for the inputs' ``tensors``.

    With mixed precision the last layer computes in float32, as Keras' guide asks for.
    """
    built, flow = embed_inputs(inputs, tensors)
    names = config.layer_names
    changing = [layer.name for layer in built]
    for i, (spec, name, plain) in enumerate(zip(config.layers, names, config.keras_names, strict=True)):
        more = {"name": plain}
        if config.precision != "float32" and "dtype" not in spec.given and "dtype" in spec.entry.arguments:
            is_last = i == len(config.layers) - 1
            more["dtype"] = "float32" if is_last and config.precision.startswith("mixed") else config.precision
        layer = instantiate(spec, **more)
        if name in names[:i] or plain in (other.name for other in built):
            message = "there are two layers called '{name}'"
            raise RnaError(message, place=str(spec.place), hint="name them differently", exit_code=CONFIG, name=name)
        require_learnable(spec, changing)
        shape, before = tuple(flow.shape[1:]), config.layers[i - 1].name if i else ""
        require_rows(spec, shape, before, [other.name for other in config.layers[i + 1 :]])
        require_mask_fits(spec, flow)
        try:
            given, flow = flow, layer(flow)
        except Exception as error:
            raise refused_by_keras(spec, error, shape, before) from None
        if flow is given:  # and has lost where it came from
            message, hint = "{name} cannot be within a network in this version of Keras", "leave it out"
            raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=spec.name)
        built.append(layer)
        if layer.weights and layer.trainable and not adapts(spec):
            changing.append(layer.name)
    return built, flow


def build_network(config: Config, inputs: Mapping[str, InputSpec]) -> Any:
    """The network that was planned, not yet compiled: a plain Keras model, its weights drawn from the seed.

    It is a ``keras.Sequential`` but where columns are embedded. ``keras.utils.set_random_seed`` is called right before,
    as a script would.
    """
    keras.utils.set_random_seed(config.seed)
    tensors, name = make_inputs(inputs), root_name(config.name)
    built, outputs = build_layers(config, inputs, tensors)
    if any(spec.categories for spec in inputs.values()):
        return keras.Model(pack(tensors), outputs, name=name)
    return keras.Sequential([*tensors.values(), *built], name=name)


def build_in_float64(config: Config, inputs: Mapping[str, InputSpec], network: Any) -> Any:
    """A copy of a network, with its weights, that computes in float64."""
    keras.config.set_dtype_policy("float64")  # of layers within layers
    try:
        copy = build_network(dataclasses.replace(config, precision="float64"), inputs)
    finally:
        keras.config.set_dtype_policy("float32")
    copy.set_weights(network.get_weights())
    return copy


def compile_network(model: Any, config: Config, task: Task) -> None:
    """Compile with the file's optimizer, loss and metrics.

    Evaluation and prediction run without XLA: it would compile anew for each size of the last batch.
    """
    model.compile(**compile_arguments(config, task), jit_compile=False)
    attach_augmentation(model, config.dataset.augment, config.seed)


def compile_arguments(config: Config, task: Task) -> dict[str, Any]:
    """What ``compile`` takes. Raises ``RnaError`` for what Keras refuses."""
    optimizer = instantiate(config.optimizer)
    if config.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return {
        "optimizer": optimizer,
        "loss": instantiate(config.head.loss),
        "metrics": [build_metric(spec, config, task) for spec in config.metrics or ()],
    }


def build_metric(spec: KerasSpec, config: Config, task: Task) -> Any:
    """A metric under its name in the file, so that history columns are the same in every run.

    ``accuracy`` of a two-class network that gives logits counts from 0, not from 0.5: Keras' own choice would be
    wrong there.
    """
    if spec.name == "accuracy" and (threshold := task.accuracy_threshold(config.head)) is not None:
        return keras.metrics.BinaryAccuracy(name=spec.logged, threshold=threshold)
    if spec.entry.target in ("accuracy", "crossentropy"):
        return spec.logged
    return instantiate(spec, **({} if "name" in spec.given else {"name": spec.logged}))
