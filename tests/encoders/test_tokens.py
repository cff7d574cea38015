"""Texts as whole numbers, and back."""

import json

import numpy as np
import pytest

from rnacli.encoders.kinds import dump_encoder, load_encoder
from rnacli.encoders.vocabulary import (
    UNKNOWN,
    Tokens,
    cut_words,
    learn_tokens,
    load_tokens,
    name_characters,
    number_pieces,
    plain_text,
)


def learnt(text: str, level: str = "characters", most: int = 100) -> Tokens:
    return learn_tokens(*number_pieces(plain_text(text), level), level, most, 4)


def test_characters_are_numbered_in_their_order_and_others_are_none() -> None:
    tokens = learnt("la niña\r\nla ñ\r")
    assert tokens.vocabulary == tuple(sorted(set("la niña\n")))
    numbers = tokens.read("añ€\U0001f600")
    assert numbers.dtype == np.int32
    assert numbers.tolist() == [tokens.vocabulary.index("a"), tokens.vocabulary.index("ñ"), -1, -1]
    assert tokens.write(numbers[:2].tolist()) == "añ"


def test_a_character_in_two_spellings_is_one() -> None:
    assert learnt("an\u0303o").vocabulary == ("a", "o", "ñ")


def test_of_words_the_frequent_ones_are_known() -> None:
    tokens = learnt("b b b a a c, c d", "words", most=4)
    assert tokens.vocabulary == (UNKNOWN, "b", "a", "c")
    assert tokens.read("d a [UNK] zz").tolist() == [0, 2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "text",
    [
        "En un lugar de la Mancha, de cuyo nombre no quiero acordarme.",
        "¿Qué gigantes? —dijo Sancho—".replace("—", ""),
        "don't stop (ever)!\nNow: go.",
    ],
)
def test_words_come_back_with_blanks_where_they_belong(text: str) -> None:
    tokens = learnt(text, "words")
    numbers = tokens.read(text).tolist()
    assert tokens.write(numbers) == text
    first = tokens.write(numbers[:3])
    assert first + tokens.write(numbers[3:], tokens.vocabulary[numbers[2]]) == text


def test_a_word_without_an_end_is_many() -> None:
    assert [len(word) for word in cut_words("x" * 120)] == [50, 50, 20]


@pytest.mark.parametrize("level", ["characters", "words"])
def test_a_text_is_numbered_in_blocks(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    text = "uno dos\U0001f600 tres dos " * 20
    whole = learnt(text, level, 4)
    monkeypatch.setattr("rnacli.encoders.vocabulary.BLOCK", 7)
    assert learnt(text, level, 4).vocabulary == whole.vocabulary
    expected = [whole.numbers.get(piece, 0) for piece in (cut_words(text) if level == "words" else text)]
    assert whole.read(text).tolist() == expected


def test_they_are_kept_as_json() -> None:
    for tokens in (learnt("hola\t\U0001f600\u202e"), learnt("uno dos, tres", "words")):
        again = load_encoder(json.loads(json.dumps(dump_encoder(tokens))))
        assert isinstance(again, Tokens)
        assert (again.level, again.window, again.vocabulary) == (tokens.level, tokens.window, tokens.vocabulary)


@pytest.mark.parametrize(
    "changes",
    [
        {"vocabulary": ["b", "a"]}, {"vocabulary": ["a", "a"]}, {"vocabulary": ["a", "bc"]}, {"vocabulary": ["a"]},
        {"tokens": "syllables"}, {"window": 0}, {"tokens": "words"},
    ],
)  # fmt: skip
def test_what_no_training_gives_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="fit together"):
        load_tokens({"tokens": "characters", "window": 3, "vocabulary": ["a", "b"]} | changes)


def test_what_cannot_be_seen_is_named() -> None:
    assert name_characters("ñ\u200f\n") == "'ñ', right-to-left mark and U+000A"
    assert name_characters("abcdefg").endswith("and 2 more")
