"""Texts: their stretches, the windows in them, and what is wrong with files that are none."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of

from rnacli.data.views import TokenWindows
from rnacli.engine.feed import WindowRows, feed_part
from rnacli.errors import CONFIG
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config

TEXT = """\
name: text
dataset: {text: poem.txt, window: 10}
layers: [{embedding: {output_dim: 4}}, {gru: {units: 4, return_sequences: true}}, {dense: {}}]
loss: {sparse_categorical_crossentropy: {from_logits: true}}
"""
VERSE = "the quick brown fox jumps over the lazy dog\n"


def config_of(folder: Path, content: str | bytes, **keys: Any) -> Config:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / "poem.txt").write_bytes(data)
    return experiment(TEXT, folder, dataset={"text": "poem.txt", "window": 10} | keys)


def read(folder: Path, content: str | bytes, **keys: Any) -> Data:
    return load_data(config_of(folder, content, **keys), folder)


@pytest.mark.parametrize("stride", [None, 1, 3, 11])
def test_windows_are_views_that_stay_in_their_stretch(tmp_path: Path, stride: int | None) -> None:
    data = read(tmp_path, VERSE * 30, stride=stride, split={"validation": 0.2, "test": {"last": 300}})
    x, step = data.rows.x, stride or 10
    assert isinstance(x, TokenWindows)
    assert np.shares_memory(data.rows.y, x.steps)
    assert np.shares_memory(data.targets("train", "dense"), x.steps)
    ends = {"train": (0, 1320 - 300 - 264), "validation": (1320 - 300 - 264, 1020), "test": (1020, 1320)}
    for part, (first, last) in ends.items():
        starts = data.parts[part] * step
        assert (np.diff(starts) == step).all()
        assert first - step < starts[0] <= first
        # The stretch behind begins with a window, and nothing of it is in this one.
        stop = starts[-1] + 11
        assert last - step - 10 < stop <= last
        raw, y = data.raw(part), data.encoded_targets(part)["dense"]
        np.testing.assert_array_equal(raw[:, 1:], y[:, :-1])
        np.testing.assert_array_equal(raw[:, 0], x.steps[starts])
        rows = feed_part(data, part)
        assert isinstance(rows, WindowRows)
        inputs, targets = rows.gather(np.array([len(starts) - 1, 0]))
        np.testing.assert_array_equal(inputs, raw[[-1, 0]])
        np.testing.assert_array_equal(targets, y[[-1, 0]])


def test_each_token_but_the_first_is_predicted_once(tmp_path: Path) -> None:
    data = read(tmp_path, VERSE * 30, split={})
    assert data.encoded_targets("train")["dense"].ravel().tolist() == data.rows.x.steps[1:1311].tolist()


def test_the_vocabulary_is_that_of_the_training_stretch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = VERSE * 30 + "the €uro " + VERSE * 2
    with caplog.at_level(logging.INFO):
        data = read(tmp_path, text, split={"test": {"last": 97}})
    assert data.rows.classes == tuple(sorted(set(VERSE)))
    whole = (97 + 9 - 11) // 10 + 1
    assert whole - 2 <= len(data.parts["test"]) < whole
    assert (data.rows.x.take(data.parts["test"]) >= 0).all()
    assert "of the test part are left out: they hold characters that the training text lacks: '€'" in caplog.text
    assert "different ones in the training part" in caplog.text


def test_rare_words_are_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        data = read(tmp_path, VERSE * 30 + "zebra " * 40, tokens="words", max_tokens=5, split={"test": {"last": 40}})
    assert data.rows.classes == ("[UNK]", "the", "\n", "brown", "dog")
    assert "40 of 40 words are not in the vocabulary (test part)" in caplog.text


LACKS = VERSE * 30 + "ŋ" * 60
WRONG = {
    "empty": ("", {}, "there is no text in it"),
    "blank words": (" \t " * 90, {"tokens": "words"}, "there is no text in it"),
    "one character": ("a", {}, "the text has 1 character, and a window with what comes next takes 11"),
    "shorter than a window": ("hello hell", {}, "the text has 10 characters"),
    "a part that is shorter": (VERSE * 5, {"split": {"test": 4}}, "the test part has 10 characters"),
    "over and over": ("a" * 900, {}, "one character only, 'a': nothing can be learnt"),
    "one word": ("hola " * 900, {"tokens": "words"}, "one word only, 'hola': nothing can be learnt"),
    "no blanks": ("x" * 90_000, {"tokens": "words"}, "nothing can be learnt"),
    "NUL": (VERSE * 9 + "\0" + VERSE * 9, {}, "a NUL byte stands here"),
    "half a character": (VERSE.encode() * 9 + b"\xed\xa0\x80" + VERSE.encode() * 9, {}, "not utf-8 text: byte 0xed"),
    "binary": (bytes(range(256)) * 9, {}, "a NUL byte stands here|not utf-8 text"),
    "UTF-16": ((VERSE * 30).encode("utf-16"), {}, "this is UTF-16 text, or no text at all"),
    "no encoding": (VERSE, {"encoding": "klingon"}, "there is no encoding called 'klingon'"),
    "no text encoding": (VERSE, {"encoding": "rot13"}, "there is no encoding called 'rot13'"),
    "another alphabet": (LACKS, {"split": {"test": {"last": 60}}}, "each window of the test part holds a character"),
    "a folder": (VERSE, {"text": "."}, "expected a file of text, got a folder"),
    "not there": (VERSE, {"text": "poen.txt"}, "no such file"),
    "another SHA-256": (VERSE, {"sha256": "0" * 64}, "its SHA-256 is not the one"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_text_to_learn_from_is_refused(tmp_path: Path, case: str) -> None:
    content, keys, message = WRONG[case]
    problem = problem_of(lambda: read(tmp_path, content, **keys))  # type: ignore[arg-type]
    assert any(words in problem.message for words in message.split("|"))


@pytest.mark.parametrize(
    "content", [("\u200fشكرا abc\u202e " * 90), VERSE.replace("\n", "\r\n") * 30, "\ufeff" + VERSE * 30]
)
def test_marks_and_ends_of_lines_are_no_mistakes(tmp_path: Path, content: str) -> None:
    vocabulary = read(tmp_path, content).rows.classes or ()
    assert not {"\r", "\ufeff"} & set(vocabulary)


def test_keys_that_divide_otherwise_are_refused(tmp_path: Path) -> None:
    split = {"test": "other.txt", "validation": 0.1, "stratify": True, "seed": 3}
    problems = problems_of(lambda: config_of(tmp_path, VERSE, split=split, max_tokens=9), exit_code=CONFIG)
    assert {problem.message.partition(":")[0] for problem in problems} == {
        f"dataset.{name}" for name in ("split.test", "split.stratify", "split.seed", "max_tokens")
    }
    assert any("rna evaluate RUN --data FILE" in problem.hint for problem in problems)
