"""What an editor is told: each name once, what everything is, and snippets that a file can have."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures import ROOT
from language_server import VARIABLE, Editor, find_server

from rnacli.document.place import Place
from rnacli.document.read import parse_document
from rnacli.errors import RnaError
from rnacli.experiment.editor import (
    MODELINE,
    SCHEMA_FILE,
    SCHEMA_ID,
    add_modeline,
    experiment_schema,
    write_schema,
)
from rnacli.experiment.load import read_config
from rnacli.experiment.templates import templates_folder
from rnacli.schema.catalog import CATEGORIES, entry_names, find_entry
from rnacli.schema.docstrings import summarize, summarize_argument
from rnacli.schema.documentation import describe_argument, describe_entry
from rnacli.schema.keras_object import KerasObject, argument_kind
from rnacli.schema.reader import Reader
from rnacli.schema.snippets import sample_value

SCHEMA = experiment_schema()
ENTRIES = [entry for each in CATEGORIES for name in entry_names(each) if (entry := find_entry(each, name))]
OBJECTS = [each for each in CATEGORIES if not each.endswith("_dataset")]


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(inner)


def unchanged(snippet: str) -> str:
    """What a snippet leaves in the file if nothing in it is changed."""
    filled = re.sub(r"\$\{\d+:((?:\\\}|[^}])*)\}", lambda found: found[1], snippet)
    return re.sub(r"\$\d", "", filled).replace("\\}", "}")


def problems_of(read: Any, value: str) -> list[str]:
    reader = Reader(lambda path, key: Place("snippet"))
    read(parse_document(f"value: {value}\n", "snippet").value["value"], ("value",), reader)
    return [str(problem) for problem in reader.problems]


def test_every_object_and_every_argument_is_explained_in_one_line() -> None:
    objects = {f"{entry.category}.{entry.name}": describe_entry(entry) for entry in ENTRIES}
    arguments = {
        f"{entry.category}.{entry.name}.{name}": describe_argument(entry, name)
        for entry in ENTRIES
        for name in entry.arguments
    }
    assert not [name for name, said in {**objects, **arguments}.items() if len(said) < 7 or "\n" in said]
    no_page = {
        name for name, said in objects.items() if not re.search(r" https://(keras\.io|scikit-learn\.org)/", said)
    }
    assert no_page == {"metric.accuracy", "loss.perceptron", "activation.heaviside", "activation.sign"}


def test_sentences_of_docstrings_are_cut_where_they_end() -> None:
    assert summarize("Additive attention, a.k.a. Bahdanau's. It is old.") == "Additive attention, a.k.a. Bahdanau's."
    assert summarize("1D convolution (e.g.\n  in time).\n\nMore.") == "1D convolution (e.g. in time)."
    assert summarize_argument("Float. If set, `x` decays.\nDefaults to `0.1`.") == "If set, x decays."
    assert (
        summarize_argument("(Optional) The [axis of all the rows](https://a.b/c). Rest.") == "The axis of all the rows."
    )
    assert len(summarize("word " * 100)) <= 200


def test_what_is_proposed_in_one_place_has_different_labels_and_says_what_it_is() -> None:
    """A word as itself, with arguments as a snippet of a longer label; never ``relu`` and ``Relu``."""
    count = 0
    for part in parts(SCHEMA):
        here = [part, *(each for each in part.get("anyOf", ()) if isinstance(each, dict))]
        words = [str(each["const"]) for each in here if "const" in each]
        snippets = [snippet for each in here for snippet in each.get("defaultSnippets", ())]
        labels = [*words, *(snippet["label"] for snippet in snippets)]
        spelt = Counter(re.sub(r"[^a-z0-9{,}]", "", label.lower()) for label in labels)
        assert not [label for label, times in spelt.items() if times > 1]
        assert all(snippet["description"] for snippet in snippets)
        count += len(labels)
    assert count > 3000


@pytest.mark.parametrize("category", OBJECTS)
def test_every_name_is_proposed_with_a_value_that_a_file_can_have(category: str) -> None:
    forms = SCHEMA["$defs"][category]["anyOf"]
    snippets = [snippet for form in forms for snippet in form.get("defaultSnippets", ())]
    words = {form["const"] for form in forms if "const" in form}
    assert words | {snippet["label"].partition(":")[0] for snippet in snippets} == set(entry_names(category))
    for snippet in snippets:
        ((name, value),) = snippet["body"].items()
        assert not problems_of(KerasObject(category).read, f"{{{name}: {unchanged(value)}}}")


def test_every_argument_is_proposed_with_a_value_that_it_can_have() -> None:
    for entry in ENTRIES:
        for name, argument in entry.arguments.items():
            wrong = problems_of(argument_kind(argument).read, sample_value(argument))
            assert not wrong, f"{entry.category}.{entry.name}.{name}"


def test_the_schema_has_a_name_and_init_writes_the_line_that_refers_to_it(tmp_path: Path) -> None:
    assert SCHEMA["$id"] == SCHEMA_ID
    assert add_modeline("# a\n#\n# b\nname: x\n") == f"# a\n#\n# b\n{MODELINE}\nname: x\n"
    assert add_modeline("name: x\n") == f"{MODELINE}\nname: x\n"
    assert MODELINE.endswith(f"={SCHEMA_FILE}")
    assert not re.search(r"[\s/\\]", SCHEMA_FILE)
    write_schema(tmp_path)
    written = (tmp_path / SCHEMA_FILE).stat().st_mtime_ns
    write_schema(tmp_path)
    assert (tmp_path / SCHEMA_FILE).stat().st_mtime_ns == written
    (tmp_path / SCHEMA_FILE).write_text("of an older version")
    write_schema(tmp_path)
    assert (tmp_path / SCHEMA_FILE).read_text("utf-8").startswith('{"$schema":')


# The server itself

LEAST = "dataset: {sklearn: make_moons}\nloss: mse\n"
LAYERS = LEAST + "layers:\n"
REST = "layers: [{dense: {units: 1, activation: sigmoid}}]\nloss: binary_crossentropy\n"
DATA = REST + "dataset: {sklearn: make_moons}\n"
PLACES = {
    "a layer": (LAYERS + "  - |\n", {"flatten", "dense: {units, activation}"}),
    "a layer that is begun": (LAYERS + "  - de|\n", {"dense: {units, activation}"}),
    "a layer in braces": (LAYERS + "  - {d|}\n", {"dense: {units, activation}"}),
    "arguments in braces": (LAYERS + "  - dense: {|}\n", {"units", "activation"}),
    "more arguments in braces": (LAYERS + "  - dense: {units: 3, act|}\n", {"activation", "use_bias"}),
    "arguments below": (LAYERS + "  - dense:\n      |\n", {"units", "activation"}),
    "an activation": (LAYERS + "  - dense: {units: 1, activation: |}\n", {"relu", "tanh"}),
    "an optimizer": (DATA + "optimizer: |\n", {"adam", "sgd: {learning_rate, momentum}"}),
    "an optimizer in braces": (DATA + "optimizer: {|}\n", {"adam: {learning_rate}"}),
    "an unclosed brace": (DATA + "optimizer: {adam: {|\n", {"learning_rate", "beta_1"}),
    "a loss": ("dataset: {sklearn: make_moons}\nloss: |\n", {"mean_squared_error", "hinge"}),
    "a metric": (DATA + "metrics:\n  - |\n", {"accuracy", "auc"}),
    "a callback": (DATA + "callbacks:\n  - |\n", {"early_stopping: {patience, restore_best_weights}"}),
    "data": (REST + "dataset:\n  |\n", {"csv", "sklearn", "images"}),
    "data in braces": (REST + "dataset: {|}\n", {"csv", "sklearn", "images"}),
    "arguments of data": (REST + "dataset:\n  sklearn: make_moons\n  |\n", {"noise", "n_samples", "split"}),
    "the split": (REST + "dataset:\n  sklearn: make_moons\n  split: {|}\n", {"test", "validation"}),
    "the top level": (DATA + "|\n", {"epochs", "optimizer"}),
}
HOVERS = {
    LAYERS + "  - den|se: {units: 1}\n": "neurons that each see all inputs",
    LAYERS + "  - dense: {un|its: 1}\n": "how many neurons",
    LAYERS + "  - dense: {units: 1, activation: re|lu}\n": "the sum where it is above zero",
    LAYERS + "  - flat|ten\n": "in one row",
    LAYERS + "  - Flat|ten\n": "in one row",
    LAYERS + "  - leaky_relu: {negative_slope|: 0.1}\n": "slope",
    "optimizer: ad|am\n": "a good first choice",
    "optimizer: {ad|am: {learning_rate: 0.1}}\n": "a good first choice",
    "optimizer: {adam: {learning|_rate: 0.1}}\n": "how far each step goes",
    "loss: m|se\n": "the mean of the squared errors",
    "metrics: [accur|acy]\n": "the share of rows that are right",
    "callbacks: [early_sto|pping: {patience: 3}]\n": "has not become better",
    "dataset: {sklearn: make_m|oons}\n": "interleaving half circles",
    "dataset: {sklearn: make_moons, noi|se: 0.1}\n": "standard deviation of the noise",
    "epo|chs: 3\n": "times through the training rows",
}
WRONG = {
    LEAST + "layers: [{dense: 1}]\nepohcs: 3\n": "4: Property epohcs is not allowed.",
    LAYERS + "  - dence: 3\n": '4: Value must be "activity_regularization"',
    LAYERS + "  - dense: {units: 1, lr: 1}\n": "4: Property lr is not allowed.",
    LAYERS + "  - lstm: {activation: relu}\n": '4: Missing property "units".',
    LAYERS + "  - dense: {units: 1, activation: softmux}\n": '4: Value must be "celu"',
    LAYERS + "  - dropout: 1.5\n": "4: dropout does not take this value",
    DATA + "epochs: -1\n": "4: Value is below the minimum of 0.",
    REST + "dataset: {sklearn: make_moon}\n": '3: Value must be "load_breast_cancer"',
    REST + "dataset: {sklearn: make_moons, factor: 3}\n": "3: Value is not accepted.",
    REST + "dataset: {csv: a.csv}\n": '3: Missing property "target".',
    DATA + "optimizer: {adam: {lr: 1}}\n": "4: Property lr is not allowed.",
    DATA + "metrics: [acuracy]\n": '4: Value must be "accuracy"',
}


@pytest.mark.slow
@pytest.mark.skipif(not find_server(), reason=f"yaml-language-server is neither on PATH nor named by {VARIABLE}")
def test_the_language_server_says_of_each_file_and_place_what_it_should(tmp_path: Path) -> None:
    """Over all shipped files no mark; over mistakes the right ones; each proposal once and valid; what is hovered."""
    write_schema(tmp_path)
    with Editor(find_server(), tmp_path) as editor:
        for path in sorted(templates_folder().glob("*.yaml")):
            assert not editor.check(add_modeline(path.read_text("utf-8"))), path.name
        for text, message in WRONG.items():
            marked = editor.check(f"{MODELINE}\n{text}")
            line, _, rest = message.partition(":")
            assert "".join(marked).startswith(f"{int(line) + 1}:{rest}"), (text, marked)
        for text, said in HOVERS.items():
            shown = editor.hover(f"{MODELINE}\n{text}")
            assert said in shown, (text, shown)
            assert "||" not in shown
        for place, (text, wanted) in PLACES.items():
            require_proposals(editor, place, text, wanted)


def require_proposals(editor: Editor, place: str, text: str, wanted: set[str]) -> None:
    """What is proposed has labels of its own, and each snippet of objects gives a file that can be read."""
    items = editor.complete(f"{MODELINE}\n{text}")
    labels = [item["label"] for item in items]
    assert len(set(labels)) == len(labels), place
    assert wanted <= set(labels), (place, labels)
    aliases = {"Dense", "Adam", "ReLU", "Flatten", "MeanSquaredError", "mse"}
    assert not aliases & {label.partition(":")[0] for label in labels}, place
    for item in items:
        if "{" in item["label"] or (place.endswith("in braces") and "$1" not in item["insertText"]):
            require_readable(place, text, item)


def require_readable(place: str, text: str, item: dict[str, Any]) -> None:
    """A file into which a proposal is put is valid YAML, and nothing in it is wrong but what is still to come."""
    lines = f"{MODELINE}\n{text.replace('|', '')}".split("\n")
    start, end = item["textEdit"]["range"]["start"], item["textEdit"]["range"]["end"]
    line = lines[start["line"]]
    put = unchanged(item["textEdit"]["newText"])
    lines[start["line"]] = line[: start["character"]] + put + line[end["character"] :]
    changed = "\n".join(lines)
    wrong = []
    try:
        read_config(parse_document(changed, "c.yaml"), ROOT)
    except RnaError as error:
        wrong = [str(problem) for problem in error.problems if not TO_COME.search(str(problem))]
    assert not wrong, (place, item["label"], changed, wrong)


TO_COME = re.compile("needs units|is missing|must say|takes two inputs|no validation rows|keeps none")
"""What is wrong with a file that is only begun: other arguments, a target, a layer to merge with."""
