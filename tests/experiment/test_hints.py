"""What newcomers write, and what they are told: the words of Keras, scikit-learn and Spanish, and slips of Python."""

import pytest
from fixtures import experiment, problem_of

from rnacli.schema.catalog import CATEGORIES, entry_names
from rnacli.schema.section import keys
from rnacli.synonyms import ELSEWHERE, SYNONYMS
from rnacli.words import did_you_mean, plain_word

BASE = """\
dataset: {sklearn: load_iris}
layers:
  - dense: {units: 8, activation: relu}
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: adam
"""
FIRST = "  - dense: {units: 8, activation: relu}\n"


@pytest.mark.parametrize(
    ("written", "instead", "hint"),
    [
        ("loss:", "pérdida:", "did you mean loss?"),
        ("layers:", "capas:", "did you mean layers?"),
        ("units: 8", "neuronas: 8", "did you mean units?"),
        ("units: 8, activation: relu", "units: 8, activación: relu", "did you mean activation?"),
        ("activation: relu", "activation: None", "did you mean linear?"),
        ("loss: sparse_categorical_crossentropy", "loss: entropía_cruzada", "did you mean categorical_crossentropy?"),
        ("optimizer: adam", "random_state: 42", "did you mean seed?"),
        ("optimizer: adam", "learning_rate: 0.01", "optimizer: {adam: {learning_rate: 0.01}}"),
        ("optimizer: adam", "validation_split: 0.2", "dataset: {split: {validation: 0.2}}"),
        ("optimizer: adam", "folds: 5", "dataset: {split: {folds: 5}}"),
        ("optimizer: adam", "verbose: 1", "leave it out; rna train --quiet shows less"),
        ("load_iris", "load_iris, test_size: 0.2", "dataset: {split: {test: 0.2}}"),
        ("load_iris", "load_iris, normalize: true", "dataset: {scale: standard}"),
        ("load_iris", "load_iris, split: {random_state: 7}", "did you mean seed?"),
        ("load_iris", "load_iris, split: 0.2", "split: {test: 0.2}"),
        ("load_iris", "load_iris, split: [0.6, 0.2, 0.2]", "split: {train: 0.6, validation: 0.2, test: 0.2}"),
        ("load_iris", "load_iris, split: {test: 0,2}", "write it with a decimal point: 0.2"),
        ("optimizer: adam", "epochs: 5#cinco", "a comment starts with a blank: 5 #"),
        ("optimizer: adam", "optimizer: {name: sgd, learning_rate: 0.1}",
         "write optimizer: {sgd: {learning_rate: 0.1}}"),
        (FIRST, "  - dense: 8\n    activation: relu\n", "write dense: {units: 8, activation: relu}"),
        (FIRST, "  - dense: {units: 8}\n    activation: relu\n", "write dense: {units: 8, activation: relu}"),
        (FIRST, "  - dense: {units: 8}\n    dense: {units: 8}\n", "put '- ' before each of them"),
        (FIRST, "  - type: dense\n    units: 8\n", "write dense: {units: 8}"),
        (FIRST, "  - conv2d: {filters: 8, kernel_size: (3, 3)}\n",
         "a list stands in square brackets, not in round ones: [3, 3]"),
        (FIRST, "  - conv2d:\n      filters: 8\n      kernel_size: (3, 3)\n",
         "a list stands in square brackets: [3, 3]"),
        ("dataset:", "```yaml\ndataset:", "delete the lines with ```"),
        ("  - dense", "  dense", "put '- ' before each of them"),
        ("layers:", "layers: [", "remove that [, and the one that closes it"),
        ("units: 8, activation", "units: 8 activation",
         "a comma between two of them, } at the end; quotes around a text that holds brackets or commas"),
        ("optimizer: adam", "optimizer: [adam, sgd]",
         "write one, not a list; rna tune tries several: "
         "tune: {over: {optimizer: {choice: [adam, sgd]}}}"),
        ("optimizer: adam", "optimizer: {adam: {learning_rate: [0.1, 0.01]}}",
         "write one, not a list; rna tune tries several: "
         "tune: {over: {optimizer.*.learning_rate: {choice: [0.1, 0.01]}}}"),
        ("optimizer: adam", "seed: [0, 1, 2]", "seed: 42; seeds: [0, 1, 2] trains the network with each"),
        ("optimizer: adam", "device: cuda", "device: gpu"),
        ("optimizer: adam", "engine: {device: cuda}", "device: gpu is a key of its own, at the start of a line"),
        ("optimizer: adam", "validation_data: 0.2",
         "dataset: {split: {validation: 0.2}} sets rows aside, and validation_data names the part"),
        ("optimizer: adam", "notes: first try", "write it as a comment: # ...; on a run: rna note latest TEXT"),
        ("load_iris", "load_iris, scale: true",
         "scale: standard; none for no scaling; for pictures of 0 to 255: scale: {rescale: 255}"),
        ("load_iris", "load_iris, split: {stratify: species}",
         "stratify: true keeps the shares of the target's classes"),
        (FIRST, "  - MobileNetV5\n", "did you mean mobilenet_v2?"),
        # Numbers as people write them
        ("optimizer: adam", "epochs: 1.000", "write 1000: a point is the decimal mark"),
        ("optimizer: adam", "epochs: 1,000", "write it without the mark between its digits: 1000"),
        ("optimizer: adam", "epochs: 10.000.000", "write it without the mark between its digits: 10000000"),
        ("optimizer: adam", "epochs: 1_000", "write it without the mark between its digits: 1000"),
        ("optimizer: adam", "epochs: 3,", "remove the , behind it: 3"),
        ("optimizer: adam", "epochs: ٣", "write it with plain signs: 3"),
        ("optimizer: adam", "optimizer: {adam: 1/1000}", "a config does not compute: write 0.001"),
        ("optimizer: adam", "optimizer: {adam: 10^-3}", "a config does not compute: write 0.001"),
        ("optimizer: adam", "optimizer: {adam: 1e−3}", "write it with plain signs: 1e-3"),
        ("optimizer: adam", "optimizer: {adam: '1e-3'}", "remove the quotes: 1e-3"),
        ("units: 8", "units: 2*4", "a config does not compute: write 8"),
        ("units: 8", "units: [8, 8]", "units: 8; each layer is a line of its own: - dense: 8"),
        ("units: 8", "units: [8]", "write it without these brackets: 8"),
        ("units: 8", "units: 8, use_bias: sí", "did you mean true? (in YAML 1.2, sí is a word)"),
        ("units: 8", "units: 8, use_bias: 'False'", "remove the quotes: false"),
        (FIRST, "  - dropout: 50\n", "did you mean 0.5?"),
        (FIRST, "  - dropout: [0.1, 0.2]\n", ""),
        (FIRST, "  - conv2d: {filters: 8, kernel_size: 3x3}\n", "a list stands in square brackets: [3, 3]"),
        # One for another
        ("activation: relu", "activation: [relu]", "write it without these brackets: relu"),
        ("optimizer: adam", "metrics: accuracy, mae", "metrics: [accuracy, mae]"),
        ("optimizer: adam", "metrics: [loss]", "leave it out: the loss is measured anyway"),
        ("optimizer: adam", "optimizer: {adam: {}, sgd: {}}", "keep one of them"),
        ("optimizer: adam", "name: árbol de decisión", "such as árbol-de-decisión"),
        ("optimizer: adam", "Layers: []", "leave it out: layers is given"),
        ("optimizer: adam", "training: {epochs: 3, batch_size: 8}",
         "leave it out, and put epochs and batch_size in its place"),
        ("layers:", "camadas:", "did you mean layers?"),
        (FIRST, "  - Sequential\n", "leave it out: the layers of a file follow one another"),
        (FIRST, "  - dense 8\n", "write - dense: 8"),
        (FIRST, "  - [dense, 8]\n", "write - dense: 8"),
        (FIRST, "  - 8\n", "write - dense: 8"),
        (FIRST, "  -\n", "write it behind the dash, or remove the dash"),
        ("dataset: {sklearn: load_iris}", "dataset: iris", "dataset: {sklearn: load_iris}"),
        ("dataset: {sklearn: load_iris}", "dataset: a.csv", "dataset: {csv: a.csv, target: column_to_predict}"),
        ("dataset: {sklearn: load_iris}", "dataset: {csv: '${HOME}/a.csv', target: y}",
         "variables such as $HOME are not filled in: write the path itself"),
        ("dataset: {sklearn: load_iris}", 'dataset: {csv: "data\\table.csv", target: y}',
         "in double quotes, \\t and \\n are a tab and a new line: use single quotes, or / in the place of \\"),
        ("dataset: {sklearn: load_iris}", 'dataset: {csv: "data\\food.csv", target: y}',
         "use single quotes, or / in the place of \\"),
        # What is no YAML
        (FIRST, "  -dense: 8\n", "write - and a space before each item of a list"),
        (FIRST, "  – dense: 8\n", "write - and a space before each item of a list"),
        ("optimizer: adam", "epochs = 3", "write epochs: 3"),
        ("units: 8, activation: relu", "units=8", "write units: 8"),
        ("optimizer: adam", "optimizer： adam", "use an ordinary colon, and a space behind it"),
        ("optimizer: adam", "model.compile(optimizer='adam')", "a key and its value: loss: mse; a layer: - dense: 8"),
    ],
)  # fmt: skip
def test_what_newcomers_write_is_told_in_the_words_of_the_language(written: str, instead: str, hint: str) -> None:
    assert BASE.count(written)
    assert (
        problem_of(experiment, BASE.replace(written, instead, 1 if written != "  - dense" else 2), exit_code=2).hint
        == hint
    )


def test_a_hint_has_ten_names_at_most() -> None:
    hint = problem_of(experiment, BASE.replace("- dense", "- foo", 1)).hint
    assert hint.count(",") == 9
    assert "dropout" in hint  # of those that are like it
    count = len(entry_names("layer")) + len(entry_names("application")) - 10
    assert hint.endswith(f" and {count} more")
    assert did_you_mean("zzz", "abcdefghij", "{names:and}") == "a, b, c, d, e, f, g, h, i and j"


def test_the_argument_of_another_object_is_named_with_its_way() -> None:
    from rnacli.document.read import parse_document
    from rnacli.experiment.override import apply_override

    problem = problem_of(apply_override, parse_document(BASE, "c.yaml"), "optimizer.learning_rate=0.1")
    assert problem.hint == "--set optimizer.adam.learning_rate=..."


def test_a_name_of_another_kind_is_said_to_be_one() -> None:
    problem = problem_of(experiment, BASE.replace("sparse_categorical_crossentropy", "softmax"))
    assert problem.hint.startswith("softmax is an activation; known: ")
    assert problem.place == "experiment.yaml:5:7"  # under the word, not under its key


def test_a_rate_in_steps_may_be_written_in_whole_numbers() -> None:
    steps = "optimizer: {sgd: {learning_rate: {piecewise_constant_decay: {boundaries: [5], values: [1, 0]}}}}"
    (optimizer,) = experiment(BASE.replace("optimizer: adam", steps)).optimizers.values()
    assert optimizer.arguments["learning_rate"].arguments["values"] == (1.0, 0.0)
    assert all(isinstance(rate, float) for rate in optimizer.arguments["learning_rate"].arguments["values"])


def test_synonyms_stand_for_words_of_the_language() -> None:
    """Each is written as words are compared, and what it stands for is there."""
    from rnacli.data.kinds import KINDS
    from rnacli.data.section import Split
    from rnacli.encoders.section import KINDS_OF_COLUMN, Column
    from rnacli.experiment.config import Config, Engine
    from rnacli.experiment.phase import Phase
    from rnacli.experiment.samples import Samples
    from rnacli.schema.catalog import find_entry

    sections = (Config, Split, Column, Phase, Samples, Engine, *KINDS.values())
    words = {name for section in sections for name in keys(section)}
    words |= {"standard", "none", "mean", "median", "ignore", *KINDS_OF_COLUMN}
    for category in CATEGORIES:
        names = entry_names(category)
        words |= set(names)
        words |= {argument for name in names if (entry := find_entry(category, name)) for argument in entry.arguments}
    assert all(word == plain_word(word) for word in (*SYNONYMS, *ELSEWHERE))
    assert set(SYNONYMS.values()) - words == set()
