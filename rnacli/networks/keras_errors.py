"""What Keras says when it refuses a layer or an argument, in words that say what to mend."""

import math
import re
from collections.abc import Sequence

from rnacli.words import fill_template, list_words

Shape = tuple[int | None, ...]

AXES = {1: "(features)", 2: "(steps, features)", 3: "(height, width, channels)"}
"""What the rows of a layer's inputs are, by their number of dimensions."""
RECURRENT = ("lstm", "gru", "simple_rnn")
IMAGES = r"rank 3 \(single image\)|size 3 \(unbatched\)"
SEVERAL = r"on a list of|list/tuple of|missing a required argument: '(states|value|hidden_states)'"


def explain_refusal(name: str, error: Exception, shape: Shape | None = None, before: str = "") -> tuple[str, str]:
    """A message and a hint for the refusal of the layer (or other object) ``name``.

    ``shape`` is that of the rows which the layer gets, from the layer ``before`` it; ``None`` while it is made.
    """
    said = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).split())
    said = re.sub(r"^Exception encountered when calling \w+\.call\(\)\. ", "", said).split(" Arguments received by")[0]
    rank = re.search(r"expected (?:min_)?ndim=(\d+), found|with at least (\d+) dimensions", said)
    if shape is not None:
        if rank:
            return wrong_rank(name, int(rank[1] or rank[2]) - 1, shape, before)
        if re.search(IMAGES, said):
            return wrong_rank(name, 3, shape, before)
        if re.search(SEVERAL, said):
            return fill_template(
                "{name} takes several inputs, got one", name=name
            ), f"{name}: {{from: [one_layer, another_layer]}}"
        if "size would be" in said:
            hint = "smaller windows, padding: same, or fewer layers that shrink their inputs"
            return fill_template(
                "{name} has a window that is larger than what it gets: rows of shape {shape}", name=name, shape=shape
            ), hint
        if target := re.search(r"must be unchanged.*target_shape=(\(.*?\))", said):
            return wrong_size(name, shape, target[1])
        if "kernel of shape" in said or "index out of range" in said:
            digit = re.search(r"([123])d\b", name)
            return wrong_rank(name, int(digit[1]) + 1 if digit else 0, shape, before)
    if "could not be deserialized" in said or "state_size" in said:
        fitting = list_words([f"{layer}_cell" for layer in RECURRENT] if name == "rnn" else RECURRENT)
        return fill_template("{name} cannot hold that layer", name=name), fill_template(
            "{fitting} can be used there", fitting=fitting
        )
    gets = fill_template("it gets rows of shape {shape}", shape=shape) if shape is not None else ""
    least = re.search(r"size must be at least (\d+)x(\d+)", said)
    mend = f"image_size: [{least[1]}, {least[2]}]" if least else gets
    return fill_template("{name}: {said:.300}", name=name, said=said.replace("`", "")), mend


def explain_merge(name: str, shapes: Sequence[Shape], names: Sequence[str]) -> tuple[str, str]:
    """What to say where a layer cannot merge rows of ``shapes``, from what has these ``names``; and a hint."""
    rows = list_words([f"{shape} ({source})" for shape, source in zip(shapes, names, strict=True)], "and")
    hint = "rows of one shape: a dense layer of as many units above it"
    if len({len(shape) for shape in shapes}) > 1:
        hint = "rows of one shape: flatten or reshape above it"
    elif name == "concatenate":
        hint = "rows that are alike but in the axis along which they are joined"
    elif name == "dot":
        hint = "axes: the two along which the rows are as long"
    elif len(shapes[0]) == 3:
        hint = "padding: same where one was made smaller; conv2d with kernel_size: 1 where channels differ"
    elif "attention" in name:
        hint = "rows of (steps, features), with as many features"
    return fill_template("{name} cannot merge rows of shapes {rows:.300}", name=name, rows=rows), hint


def wrong_rank(name: str, wanted: int, shape: Shape, before: str) -> tuple[str, str]:
    """Rows with too few or too many dimensions; ``wanted`` is 0 where that is not known."""
    got = len(shape)
    if wanted in AXES:
        message = fill_template(
            "{name} wants rows of shape {axes}, and gets rows of shape {shape}",
            name=name,
            axes=AXES[wanted],
            shape=shape,
        )
    elif wanted:
        message = fill_template(
            "{name} wants rows of {wanted} dimensions, and gets rows of shape {shape}",
            name=name,
            wanted=wanted,
            shape=shape,
        )
    else:
        message = fill_template("{name} does not take rows of shape {shape}", name=name, shape=shape)
    if wanted == 1:
        hint = "- flatten before it"
    elif before == "flatten":
        hint = fill_template("flatten belongs behind {name}", name=name)
    elif wanted == 2 and got == 1 and before in RECURRENT:
        hint = fill_template("return_sequences: true in the {before} before it hands on every step", before=before)
    elif wanted == 3 and got == 1:
        hint = "dense is the layer for tables; pictures in a table: - reshape: [height, width, channels] before it"
    elif got == 3 and "1d" in name:
        hint = fill_template("{name} is the one for pictures", name=name.replace("1d", "2d"))
    elif wanted == got + 1:
        hint = fill_template(
            "- reshape: [{sizes}, 1] before it adds a dimension", sizes=", ".join(str(n or "?") for n in shape)
        )
    else:
        hint = "- reshape before it gives rows another shape" if wanted else ""
    return message, hint


def wrong_size(name: str, shape: Shape, target: str) -> tuple[str, str]:
    """A new shape that does not hold as many numbers."""
    numbers, wanted = math.prod(n or 1 for n in shape), [int(n) for n in re.findall(r"-?\d+", target)]
    message = fill_template(
        "{name} to {target:.300} does not fit: rows of shape {shape} hold {numbers} numbers",
        name=name,
        target=target,
        shape=shape,
        numbers=numbers,
    )
    return message, "" if -1 in wanted else fill_template(
        "{target:.300} would hold {count}", target=target, count=math.prod(wanted)
    )
