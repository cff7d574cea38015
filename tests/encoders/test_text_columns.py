"""Columns of texts: what a word is, in any script, and what texts become, beside Keras' own reading of them."""

import json
from typing import Any

import numpy as np
import pytest
from fixtures import problem_of

from rnacli.encoders.column import TrainingColumn
from rnacli.encoders.columns.text import Text
from rnacli.encoders.drift import Drift
from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.kinds import dump_encoder, load_encoder
from rnacli.encoders.section import Column, Defaults
from rnacli.encoders.table import Columns
from rnacli.encoders.tokens import Reading
from rnacli.errors import CONFIG
from rnacli.tables.cells import Want
from rnacli.tables.table import look_up

NAN = float("nan")
USUAL = "lower_and_strip_punctuation"


def learn(texts: list[str | None], fill: str = "auto", **keys: Any) -> Text:
    """What texts teach, the missing ones ``None``; each is a row."""
    words = list(dict.fromkeys(text for text in texts if text is not None))
    values = np.array([NAN if text is None else words.index(text) for text in texts])
    column = TrainingColumn("t", "text", values, words, Column(kind="text", **keys), "place", Want("words"))
    return Text.learn(column, Defaults(fill, "standard"))


def encoded(column: Text, *texts: str | None) -> np.ndarray:
    """What some texts become, as a table would have them."""
    columns, words = Columns([column]), list(dict.fromkeys(text for text in texts if text is not None))
    values = np.array([[NAN if text is None else words.index(text)] for text in texts])
    return columns.encode(look_up(values, columns.lookups({"t": words})))["t"]


# What a word is


@pytest.mark.parametrize(
    ("standardize", "text", "words"),
    [
        (USUAL, "¿Qué ÁRBOL? ¡árbol, a\u0301rbol!", ["qué", "árbol", "árbol", "árbol"]),
        (USUAL, "don't «stop» – it’s $5.00 (50%)", ["dont", "stop", "its", "500", "50"]),
        (USUAL, "STRASSE Straße ΟΔΟΣ οδος", ["strasse", "strasse", "οδοσ", "οδοσ"]),
        (USUAL, "a\x00b\u200f שלום\u200e c\ud800d\ufeff", ["ab", "שלום", "cd"]),  # what is not seen
        (USUAL, "one\u00a0two\u3000three\x85four\tfive\nsix", ["one", "two", "three", "four", "five", "six"]),
        (USUAL, "£1000 now 😀", ["£1000", "now", "😀"]),
        ("lower", "Wow!! A.B", ["wow!!", "a.b"]),
        ("strip_punctuation", "Wow!! A.B", ["Wow", "AB"]),
        (None, "Wow!! A.B\x00", ["Wow!!", "A.B"]),
        (USUAL, " \n!? ", []),
        (USUAL, f"{'a' * 100} {'b' * 101}", ["a" * 100, ""]),
    ],
)
def test_words_are_those_of_a_person(standardize: str | None, text: str, words: list[str]) -> None:
    assert Reading(standardize, "whitespace", (1,))(text) == words


def test_characters_and_neighbours_are_tokens_too() -> None:
    assert Reading(USUAL, "character", (1,))("¡Añ ñ") == ["a", "ñ", " ", "ñ"]
    assert Reading(USUAL, "whitespace", (1, 2))("a b, c") == ["a", "b", "c", "a b", "b c"]
    assert Reading(USUAL, "whitespace", (3,))("a b c d") == ["a b c", "b c d"]
    assert Reading(USUAL, "whitespace", (2,))(f"a {'b' * 101} c d") == ["", "", "c d"]
    assert Reading(USUAL, "character", (2,))("abc") == ["ab", "bc"]
    assert Reading(USUAL, "|", (1,))("Action| Sci-Fi ||New  York|C++") == ["action", "sci-fi", "new york", "c++"]
    assert Reading(None, ",", (1,))("['a b', \"C\"]") == ["a b", "C"]


# What is learnt


def test_the_most_frequent_words_come_first_and_ties_in_the_order_of_letters() -> None:
    column = learn(["c b a", "b a", "d d d", "b a", None])
    assert column.words == ("a", "b", "d", "c")
    assert column.length == 3
    assert learn(["c b a", "b a", "d d d", "b a"], max_tokens=4).words == ("a", "b")
    assert learn(["c b a", "b a"], max_tokens=4, output_mode="count").words == ("a", "b", "c")


def test_most_texts_are_not_cut() -> None:
    texts: list[str | None] = [" ".join("a" * n) for n in range(1, 21)]
    assert learn(texts).length == 20  # the 95th percentile, not between two lengths
    assert learn([*texts[:10] * 5, texts[19]]).length == 10
    assert learn(texts, output_sequence_length=4).length == 4


def test_numbers_of_words_are_padded_and_cut_at_the_end() -> None:
    column = learn(["b a", "a"], output_sequence_length=3)
    assert column.own_input == InputSpec((3,), "int32", tokens=4)
    rows = encoded(column, "A, b!", "b z b a a", "?!", None, "a")
    assert rows.dtype == np.int32
    # A text without a word is one unknown word: a mask leaves something of it.
    assert rows.tolist() == [[2, 3, 0], [3, 1, 3], [1, 0, 0], [1, 0, 0], [2, 0, 0]]


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
@pytest.mark.parametrize("ngrams", [None, 2])
def test_how_often_words_are_there_is_as_keras_has_it(mode: str, ngrams: int | None) -> None:
    from rnacli.engine.tensorflow import keras

    texts = ["the cat sat on the mat", "the dog sat", "the cat and the dog", "sat the cat the"]
    column = learn([*texts], output_mode=mode, ngrams=ngrams, max_tokens=5 if ngrams is None else 60)
    layer = keras.layers.TextVectorization(max_tokens=len(column.words) + 1, output_mode=mode, ngrams=ngrams)
    layer.adapt(texts)
    ours, theirs = encoded(column, *texts, "new the the"), np.asarray(layer([*texts, "new the the"]))
    places = [["[UNK]", *column.words].index(word) for word in layer.get_vocabulary()]  # Keras' ties are in no order
    np.testing.assert_allclose(ours[:, places], theirs, rtol=1e-6)
    assert ours.dtype == np.float32


def test_numbers_of_words_are_as_keras_has_them_where_letters_are_ascii() -> None:
    from rnacli.engine.tensorflow import keras

    texts = ["To be, or not to be!", "that is: the question.", "be"]
    column = learn([*texts])
    layer = keras.layers.TextVectorization(output_sequence_length=column.length, vocabulary=[*column.words])
    np.testing.assert_array_equal(encoded(column, *texts, "new is"), np.asarray(layer([*texts, "new is"])))


def test_what_is_learnt_is_kept_as_words() -> None:
    for keys in ({}, {"output_mode": "tf_idf", "ngrams": (1, 2)}, {"standardize": None, "split": "character"}):
        column = learn(["b ñ", "a\u200fB"], indicator=True, **keys)  # type: ignore[arg-type]
        plain = json.loads(json.dumps(dump_encoder(Columns([column]))))
        assert load_encoder(plain).learnt == (column,)  # type: ignore[attr-defined]
        assert set(plain["columns"][0]["words"]) == set(column.words)


@pytest.mark.parametrize(
    "change",
    [
        {"words": ["a", "a"]}, {"words": []}, {"length": 0}, {"length": 10**9}, {"output_mode": "int64"},
        {"output_mode": "count"}, {"split": "line"}, {"ngrams": [0]}, {"ngrams": []}, {"fill": 2.0}, {"idf": [1.0]},
        {"standardize": "upper"},
    ],
)  # fmt: skip
def test_words_that_do_not_fit_together_are_refused(change: dict[str, Any]) -> None:
    plain = json.loads(json.dumps(dump_encoder(Columns([learn(["a b c"])]))))
    plain["columns"][0] |= change
    plain["shape"] = [plain["columns"][0]["length"]]
    with pytest.raises(ValueError, match="fit together"):
        load_encoder(plain)


def test_texts_beside_other_columns_are_an_input_of_their_own() -> None:
    one, other = learn(["a b"], indicator=True), learn(["x"], output_mode="count")
    columns = Columns([one, Text(**{**vars(other), "name": "u"})])
    values = np.array([[0.0, 0], [NAN, 1], [1, NAN]])
    raw = look_up(values, columns.lookups({"t": ["b", "a a a"], "u": ["x", "x x y"]}))
    assert raw.shape == (3, *columns.raw_shape)
    arrays = {name: rows.tolist() for name, rows in columns.encode(raw).items()}
    assert arrays == {
        "columns": [[0], [1], [0]], "t": [[3, 0], [1, 0], [2, 2]], "u": [[0, 1], [1, 2], [1, 0]],
    }  # fmt: skip


# What is refused, and what is said


def test_texts_without_a_word_teach_nothing() -> None:
    problem = problem_of(lambda: learn(["!!", "…", "a" * 101]), exit_code=CONFIG)
    assert "no training text has a word of at most 100 characters" in problem.message
    assert "{kind: text, standardize: lower}" in problem.hint
    assert "has no value in any training row" in problem_of(lambda: learn([None, None])).message


@pytest.mark.parametrize("fill", ["median", "mean", "most_frequent", 2.0])
def test_texts_have_no_mean(fill: Any) -> None:
    words, place = ["a"], "place"
    column = TrainingColumn("t", "text", np.zeros(1), words, Column(kind="text", fill=fill), place, Want("words"))
    problem = problem_of(lambda: Text.learn(column, Defaults("auto", "standard")), exit_code=CONFIG)
    assert "holds texts" in problem.message
    assert learn(["a"], fill=fill).fill == 0  # said of all columns, it is for others


def test_a_missing_text_is_an_error_where_the_file_says_so() -> None:
    assert learn(["a"], fill="error").want.missing is False
    assert learn(["a"]).want.missing is True


def test_unknown_words_are_counted_and_named() -> None:
    drift = Drift(Columns([learn(["a b", "b"])]))
    drift.see(np.array([[0.0], [1], [1], [NAN]]), {"t": ["a zz", "B yy xx", "never read"]})
    drift.see(np.array([[0.0]]), {"t": ["a"]})
    assert drift.notes() == [
        "t: 5 of 9 words are unknown: 'zz', 'yy', 'xx'",
        "t: 1 of 5 rows has no value; taken as a text of one unknown word",
    ]


def test_a_text_of_a_million_letters_is_read_up_to_there(caplog: pytest.LogCaptureFixture) -> None:
    column = learn(["a " * 600_000 + "end", "b" * 2_000_000, "c"])
    assert column.words == ("a", "c")
    assert "2 training rows have more than 1,000,000 characters" in caplog.text
