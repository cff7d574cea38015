"""How text from files is made safe to show, and what a misspelt word may have meant."""

import errno

import pytest
from templates import fields_of, find_sentences

from rnacli.errors import Problem, RnaError, system_error
from rnacli.schema.catalog import entry_names
from rnacli.words import clean, did_you_mean, fill_template, nearest_words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"), ("two\nlines", r"two\x0alines"), ("\u202eabc", r"\u202eabc"), (3, "3"),
        ("x" * 100, "x" * 79 + "…"), (ValueError("bad"), "bad"), (None, "None"), ("año", "año"), ("\ud800", r"\ud800"),
    ],
)  # fmt: skip
def test_what_is_shown_is_one_line_without_controls(value: object, shown: str) -> None:
    assert clean(value) == shown


@pytest.mark.parametrize(
    ("category", "word", "meant"),
    [
        ("optimizer", "adma", ["adam"]), ("layer", "dence", ["dense"]), ("activation", "rleu", ["relu"]),
        ("layer", "conv", ["conv1d", "conv2d", "conv3d"]), ("layer", "Max-Poolin2D", ["max_pooling2d"]),
        ("loss", "sparse_categorical_crossentropi", ["sparse_categorical_crossentropy"]), ("layer", "quantum", []),
        ("layer", "", []), ("layer", "x" * 100_000, []),
    ],
)  # fmt: skip
def test_a_misspelt_word_has_a_nearest_one(category: str, word: str, meant: list[str]) -> None:
    assert nearest_words(word, entry_names(category)) == meant


def test_several_that_are_as_near_are_all_named() -> None:
    assert did_you_mean("conv", ["conv1d", "conv2d", "dense"]) == "did you mean conv1d or conv2d?"
    assert did_you_mean("zebra", ["conv1d"]) == ""


@pytest.mark.parametrize(
    ("template", "values", "sentence"),
    [
        ("no {what} called '{name}'", {"what": "layer", "name": "a\x1b"}, r"no layer called 'a\x1b'"),
        ("{name:.5} {name}", {"name": "x" * 90}, f"{'x' * 4}… {'x' * 79}…"),
        ("{a:and}; {b:or}", {"a": ["x", "y", "z\n"], "b": ("p", "q")}, r"x, y and z\x0a; p or q"),
        ("got {a!r} and {b!r}", {"a": "1", "b": [1]}, "got '1' and a list"),
        ("{count:,} rows of {shape}, {share:.3g}", {"count": 1200, "shape": (2, 3), "share": 1 / 3},
         "1,200 rows of (2, 3), 0.333"),
        ("columns: {{name}: {kind: ignore}}", {"name": "{age}"}, "columns: {{age}: {kind: ignore}}"),
        ("{unknown} {name:%d}", {}, "{unknown} {name:%d}"), (fill_template("{a}", b=1), {"a": 2}, "{a}"),
    ],
)  # fmt: skip
def test_a_template_takes_its_values_safely(template: str, values: dict[str, object], sentence: str) -> None:
    assert fill_template(template, **values) == sentence


def test_whatever_a_problem_is_given_is_safe_to_show() -> None:
    problem = Problem("a\x1b{name}", "b\x1b", "c\x1b", name="{hint}\r")
    assert (problem.message, problem.place, problem.hint) == (r"a\x1b{hint}\x0d", r"b\x1b", r"c\x1b")


def test_every_sentence_is_a_template_whose_values_are_given() -> None:
    """So that no value is shown as it is, and that the sentences can be listed, and translated."""
    told = list(find_sentences())
    assert len({sentence for said in told for sentence in said.sentences}) > 300
    for said in told:
        assert not said.others, f"{said.place} puts sentences together: {said.others}"
        if said.values is not None:
            asked = {field for sentence in said.sentences for field in fields_of(sentence)} - {"epoch"}  # of Keras
            assert asked <= said.values, said


def test_an_error_is_its_problems() -> None:
    error = RnaError("wrong", place="a.yaml:3", hint="mend it", exit_code=2)
    assert str(error) == "a.yaml:3: wrong"
    assert RnaError.of([*error.problems, *error.problems], 1).exit_code == 1


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), "a.csv: no space left on the device", "free"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "a: permission denied", "rights"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a"), "a: No such file or directory", ""),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
            "No usable temp",
            "TMPDIR",
        ),
        (OSError("a library's own words\x1b"), "a library's own words\\x1b", ""),
    ],
)
def test_what_the_system_refuses_is_said_with_its_file(error: OSError, message: str, hint: str) -> None:
    found = system_error(error)
    assert str(found).startswith(message)
    assert hint in found.problems[0].hint
