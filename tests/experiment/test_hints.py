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
         "write one, not a list; to compare several, train with each"),
        ("optimizer: adam", "optimizer: {adam: {learning_rate: [0.1, 0.01]}}",
         "write one, not a list; to compare several, train with each"),
        ("optimizer: adam", "seed: [0, 1, 2]", "seed: 42; to compare several, train with each: --set seed=1"),
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
