"""What Keras refuses, said so that it can be mended."""

from pathlib import Path
from typing import Any

import pytest
from fixtures import one_input, problem_of

from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.experiment.load import read_config
from rnacli.networks.keras_errors import explain_refusal
from rnacli.networks.plan import plan_network
from rnacli.schema.catalog import entry_names, find_entry

NDIM = "Input 0 with name 'None' of layer 'x' is incompatible with the layer: expected min_ndim={}, found ndim=2. Full"
REQUIRED = {"integer": 2, "integers": 2, "number": 0.5, "numbers": 0.5, "text": "x", "boolean": True, "list": [2]} | {
    "integer_list": [0],
    "number_list": [0.5],
}
REQUIRED |= {"layer": {"dense": 2}, "layers": [{"dense": 2}], "activation": "relu", "any": 2}


def plan(layers: list[Any], shape: tuple[int, ...]) -> Any:
    plain = {"dataset": {"sklearn": "make_moons"}, "loss": "mse", "layers": layers}
    return plan_network(read_config(parse_document(dump_yaml(plain), "c.yaml"), Path()), one_input(*shape))


def refused(layers: list[Any], shape: tuple[int, ...]) -> tuple[Problem, ...]:
    """What is wrong with the layers, if anything is."""
    try:
        plan(layers, shape)
    except RnaError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("name", "said", "shape", "before", "message", "hint"),
    [
        ("conv2d", NDIM.format(4), (4,), "", "(height, width, channels), and gets rows of shape (4,)", "for tables"),
        ("conv2d", NDIM.format(4), (8, 8), "", "(8, 8)", "- reshape: [8, 8, 1]"),
        ("conv2d", NDIM.format(4), (64,), "flatten", "(64,)", "flatten belongs behind conv2d"),
        ("lstm", NDIM.format(3), (3,), "lstm", "(steps, features)", "return_sequences: true"),
        ("lstm", NDIM.format(3), (3,), "dense", "(steps, features)", "- reshape: [3, 1]"),
        ("repeat_vector", NDIM.format(2), (3, 2), "", "(features)", "- flatten before it"),
        ("conv3d", NDIM.format(5), (4,), "", "4 dimensions", "reshape"),
        ("conv1d", "Kernel shape must, but received kernel of shape (2, 1, 2)", (8, 8, 1), "", "(8, 8, 1)", "conv2d"),
        ("add", "A merge layer should be called on a list of inputs. Received: x", (4,), "", "got one", "from: ["),
        ("max_pooling2d", "Computed output size would be zero", (8, 8, 1), "", "larger than", "padding: same"),
        ("reshape", "The total size of the tensor must be unchanged. Received: input_shape=(8,), target_shape=(3, 3)",
         (8,), "", "hold 8 numbers", "(3, 3) would hold 9"),
        ("bidirectional", "<class 'x'> could not be deserialized properly.", None, "", "cannot hold", "lstm, gru or"),
        ("dense", "Exception encountered when calling Dense.call(). \x1b[1mNo `units`\x1b[0m Arguments received by x:",
         None, "", "dense: No units", ""),
        ("center_crop", "a list of rank-1 with size 3 (unbatched) or 4 (batched).", (4,), "", "(height,", "pictures"),
        ("time_distributed", "`TimeDistributed` should be passed an `input_shape` with at least 3 dimensions", (4,), "",
         "(steps, features)", "- reshape: [4, 1]"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_mend(
    name: str, said: str, shape: tuple[int, ...] | None, before: str, message: str, hint: str
) -> None:
    found = explain_refusal(name, ValueError(said), shape, before)
    assert message in found[0]
    assert hint in found[1]


@pytest.mark.parametrize("shape", [(4,), (8, 8, 1), (6, 3)])
def test_no_layer_is_refused_in_keras_own_words_for_shapes(shape: tuple[int, ...]) -> None:
    for name in entry_names("layer"):
        entry = find_entry("layer", name)
        assert entry is not None
        needed = [argument for argument in entry.arguments.values() if argument.required]
        given = {argument.name: (*argument.choices, REQUIRED.get(argument.type, 2))[0] for argument in needed}
        for problem in refused([{name: given}], shape):
            assert problem.place.startswith("c.yaml:")
            for word in ("ndim", "Exception", "\x1b", "\n", "`", "Received: input", "object at 0x"):
                assert word not in problem.message, problem


@pytest.mark.parametrize("name", ["softmax", "layer_normalization", "unit_normalization", "batch_normalization"])
@pytest.mark.parametrize("axis", [0, 3, -3])
def test_an_axis_that_rows_do_not_have_is_refused(name: str, axis: int) -> None:
    """Keras would fail in the first step, and axis 0 is that of the batch."""
    problem = problem_of(plan, [{name: {"axis": axis}}], (4, 5), exit_code=CONFIG)
    assert f"axis {axis} is not one of rows of shape (4, 5)" in problem.message
    assert "1 to 2" in problem.hint


def test_two_layers_of_one_name_are_refused_at_the_second() -> None:
    named = {"dense": {"units": 2, "name": "same"}}
    problem = problem_of(plan, [named, {"dense": 3}, named], (4,), exit_code=CONFIG)
    assert "two layers called 'same'" in problem.message
