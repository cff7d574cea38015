"""The YAML reader and writer: what is read, where it stands, what is refused and how, what is written."""

import functools
import os
import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from fixtures import costs

from rnacli.document.place import Place
from rnacli.document.read import MAX_DEPTH, Document, load_document, parse_document, parse_value
from rnacli.document.write import WIDTH, dump_yaml
from rnacli.errors import CONFIG, Problem, RnaError

GOOD = """\
# Wine: three kinds, told apart by thirteen measurements.
name: wine
seed: 1
dataset:
  csv: wine.csv
  target: kind
  features: [alcohol, ash, hue]
  split: {test: 0.25, stratify: true}
layers:
  - dense: {units: 16, activation: tanh}
  - dropout: 0.2
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: 1e-3}}
metrics: [accuracy]
epochs: 40
batch_size: 8
"""


def edited(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def problems(raw: bytes | str) -> tuple[Problem, ...]:
    with pytest.raises(RnaError) as caught:
        parse_document(raw, "config.yaml")
    assert caught.value.exit_code == CONFIG
    return caught.value.problems


def refused(raw: bytes | str) -> Problem:
    (problem,) = problems(raw)
    return problem


def same(left: Any, right: Any) -> bool:
    """Equal values, types, order of keys, signs of zero and NaN."""
    return repr(left) == repr(right)


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("+1", 1), ("-1", -1), ("0", 0), ("-0", 0), ("0x1f", 31), ("0o17", 15),
        ("999999999999999999", 10**18 - 1),
        ("1.5", 1.5), ("-.5", -0.5), ("5.", 5.0), ("1e-3", 0.001), ("1E3", 1000.0), ("-1.5e+3", -1500.0),
        ("-0.0", -0.0),
        (".inf", float("inf")), ("-.Inf", float("-inf")), ("+.INF", float("inf")), (".nan", float("nan")),
        ("007.5", 7.5), ("1e-999", 0.0),
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("tRUE", "tRUE"), ("nULL", "nULL"),
        ("010", "010"), ("-01", "-01"), ("00", "00"), ("1_000", "1_000"), ("0b11", "0b11"), ("0X1F", "0X1F"),
        ("-0x1f", "-0x1f"),
        ("12:30", "12:30"), ("1:30:00", "1:30:00"), ("2024-01-31", "2024-01-31"), ("1,5", "1,5"),
        ("20%", "20%"), ("=", "="),
        ("inf", "inf"), ("nan", "nan"), ("e5", "e5"), ("1e", "1e"), (".", "."), ("\n- ", [None]),
        ("1e5 # five", 1e5), ("٣", "٣"),
        ("'1'", "1"), ('"1e-3"', "1e-3"), ("'no'", "no"), ("''", ""), ("'it''s'", "it's"), ("don't", "don't"),
        (r'"\ttab \u00e9 \U0001F600 \ud83d\ude00"', "\ttab é 😀 😀"), ("|\n  a\n  b", "a\nb\n"),
        (">-\n  a\n  b", "a b"),
        ("https://x.org/a?b=1#c", "https://x.org/a?b=1#c"), (r"C:\data", r"C:\data"), ("a\n  b", "a b"),
        ("[a, [1, {b: }]]", ["a", [1, {"b": None}]]), ("[]", []), ("{}", {}), ("{a: b:c}", {"a": "b:c"}),
        ("{a: '“b”'}", {"a": "“b”"}),
    ],
)  # fmt: skip
def test_scalars_of_yaml_1_2(text: str, value: Any) -> None:
    assert same(parse_document(f"key: {text}\n", "c").value, {"key": value})


def test_keys_are_text() -> None:
    text = "1: a\ntrue: b\nno: c\n1e-3: d\n~: e\n'': f\n\"<<\": g\n2024-01-01: h\n日本: i\n"
    assert list(parse_document(text, "c").value) == ["1", "true", "no", "1e-3", "~", "", "<<", "2024-01-01", "日本"]


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r").encode(),
        "---\n" + GOOD + "...\n",
        "%YAML 1.2\n---\n" + GOOD,
    ],
)
def test_forms_of_the_same_file(raw: bytes | str) -> None:
    assert same(parse_document(raw, "c").value, parse_document(GOOD, "c").value)


def test_aliases_are_copies() -> None:
    document = parse_document("a: &x {b: [1]}\nc: *x\nd:\n  - *x\n", "c")
    assert document.value == {"a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}]}
    document.value["c"]["b"].append(2)
    assert document.value["a"] == document.value["d"][0] == {"b": [1]}
    assert str(document.place(("c", "b", 0))) == "c:1:12"
    assert str(document.place(("d", 0, "b"), key=True)) == "c:1:8"
    assert str(document.place(("c",), key=True)) == "c:2:1"


# Places


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places(newline: str) -> None:
    document = parse_document(("\ufeff" + GOOD).replace("\n", newline).encode(), "config.yaml")
    for path, value, key in (
        (("name",), "2:7", "2:1"),
        (("dataset",), "5:3", "4:1"),
        (("dataset", "features", 2), "7:28", "7:28"),
        (("dataset", "split", "stratify"), "8:33", "8:23"),
        (("layers",), "10:3", "9:1"),
        (("layers", 0), "10:5", "10:5"),
        (("layers", 0, "dense", "activation"), "10:36", "10:24"),
        (("layers", 1, "dropout"), "11:14", "11:5"),
        (("optimizer", "adam", "learning_rate"), "14:35", "14:20"),
    ):
        assert str(document.place(path)) == f"config.yaml:{value}"
        assert str(document.place(path, key=True)) == f"config.yaml:{key}"
    assert set(document.places) == {(), *document.keys}


def test_place_of_what_is_not_there_is_that_of_what_is_around_it() -> None:
    document = parse_document(GOOD, "config.yaml")
    assert document.place(("dataset", "id")) == document.places[("dataset",)]
    assert document.place(("dataset", "id", 3), key=True) == document.keys[("dataset",)]
    assert document.place(("callbacks",)) == document.places[()] == Place("config.yaml", 2, 1)
    assert document.place(("callbacks",), key=True) == Place("config.yaml")
    assert Document({}, {}, {}, "x").place(("a",)) == Place("x")


def test_place_as_text() -> None:
    assert str(Place("c.yaml", 13, 5)) == "c.yaml:13:5"
    assert str(Place("c.yaml", 13)) == "c.yaml:13"
    assert str(Place("c.yaml")) == "c.yaml"


# What is refused. The names are those of the bad cases where there is one.

REFUSED: dict[str, tuple[str | bytes, str, str]] = {
    "Y01-tab-indent": (edited("  csv: wine.csv", "\tcsv: wine.csv"), "5:1", "a tab|spaces"),
    "tab-behind-value": (edited("seed: 1", "seed: 1\t# one"), "3:8", "a tab|spaces"),
    "tab-behind-colon": (edited("seed: 1", "seed:\t1"), "3:6", "a tab|spaces"),
    "Y02-unclosed-list": (edited("ash, hue]", "ash, hue"), "7:13", "the [|line 7|not closed|with ]"),
    "unclosed-mapping": (edited("activation: tanh}", "activation: tanh"), "10:12", "{|not closed|}"),
    "unclosed-at-the-end": (GOOD + "classes: [a,", "18:10", "[|not closed"),
    "unclosed-nested": (GOOD + "classes: [a, {b: 1}, [c]\n", "18:10", "[|not closed"),
    "missing-comma": (edited("{units: 16, ", "{units: 16, name: 'a' "), "10:34", "comma or }|column 12"),
    "wrong-bracket": (edited("ash, hue]", "ash, hue}"), "7:31", "comma or ]|column 13"),
    "two-commas": (edited("ash, hue", "ash,, hue"), "7:27", "missing before ,"),
    "bracket-too-many": (edited("ash, hue]", "ash, hue]]"), "7:32", "follows a value"),
    "Y04-duplicate-top-key": (GOOD + "seed: 8\n", "18:1", "seed|twice|line 3"),
    "Y05-duplicate-nested-key": (edited("  split", "  target: hue\n  split"), "8:3", "dataset.target|twice|line 6"),
    "Y06-duplicate-flow-key": (edited("tanh}", "tanh, units: 9}"), "10:42", "layers.0.dense.units|twice|line 10"),
    "Y10-top-text": ("hello world\n", "1:1", "a config starts with keys"),
    "top-list": ("- a\n- b\n", "1:1", "a config starts with keys"),
    "top-number": ("\n  12\n", "2:3", "a config starts with keys"),
    "top-glued": ("epochs:3\n", "1:8", "space|colon"),
    "Y11-two-documents": (GOOD + "---\nname: second\n", "18:1", "document|---"),
    "document-end": (GOOD + "...\nname: second\n", "19:1", "does not fit"),
    "Y13-unknown-tag": (edited("seed: 1", "seed: !secret 1"), "3:7", "seed|tag|!secret"),
    "python-tag": (edited("seed: 1", "seed: !!python/name:os.system"), "3:7", "seed|tag|!!python/name:os.system"),
    "standard-tag": (edited("seed: 1", "seed: !!str 1"), "3:7", "seed|tag|!!str"),
    "tag-on-a-list": (edited("[accuracy]", "!!set {accuracy}"), "15:10", "metrics|tag|!!set"),
    "undefined-tag-handle": (edited("seed: 1", "seed: !e!x 1"), "3:7", "cannot start with !|quotes"),
    "Y16-self-alias": (edited("[accuracy]", "&m [accuracy, *m]"), "15:24", "metrics.1|alias|*m"),
    "unknown-alias": (edited("target: kind", "target: *kind"), "6:11", "dataset.target|*kind|&kind|quotes"),
    "anchor-twice": (
        edited("epochs: 40\nbatch_size: 8", "epochs: &n 40\nbatch_size: &n 8"),
        "17:13",
        "batch_size|&n|twice",
    ),
    "glob": (edited("csv: wine.csv", "csv: *.csv"), "5:8", "cannot start with *|quotes"),
    "ampersand": (edited("name: wine", "name: & co"), "2:7", "cannot start with &|quotes"),
    "at-sign": (edited("name: wine", "name: @wine"), "2:7", "cannot start with @|quotes"),
    "backtick": (edited("name: wine", "name: `wine`"), "2:7", "cannot start with `|quotes"),
    "percent": (edited("name: wine", "name: %wine"), "2:7", "cannot start with %|quotes"),
    "greater": (edited("seed: 1", "seed: > 1"), "3:7", "cannot start with >|quotes"),
    "comma": (edited("seed: 1", "seed: ,"), "3:7", "before ,|quotes"),
    "merge-key": (edited("  target", "  <<: {id: 1}\n  target"), "6:3", "dataset|merge|<<"),
    "merge-key-in-braces": (edited("{units: 16", "{<<: *x, units: 16"), "10:13", "layers.0.dense|merge"),
    "Y22-escape-char": (edited("name: wine", "name: wi\x1b[31mne"), "2:9", r"\x1b|U+001B"),
    "c1-character": (edited("name: wine", "name: wi\x9b31mne"), "2:9", r"\x9b|U+009B"),
    "next-line": (edited("name: wine", "name: wi\x85ne"), "2:9", r"\x85|U+0085"),
    "nul": (edited("name: wine", "name: wi\0ne").encode(), "2:9", r"\x00"),
    "bidi": (edited("name: wine", "name: \u202ewine"), "2:7", "right-to-left override|U+202E"),
    "bidi-in-comment": (edited("Wine:", "Wine\u2066:"), "1:7", "left-to-right isolate|U+2066"),
    "line-separator": (edited("name: wine", "name: wi\u2028ne"), "2:9", "line separator|U+2028"),
    "zero-width-space": (edited("seed: 1", "se\u200bed: 1"), "3:3", "zero width space|U+200B"),
    "mark-in-the-middle": (edited("seed: 1", "\ufeffseed: 1"), "3:1", "U+FEFF"),
    "lone-surrogate": (edited("name: wine", "name: wi\udce9ne"), "2:9", r"\udce9"),
    "Y24-list-key": (GOOD + "[a, b]: 1\n", "18:1", "key|plain text"),
    "mapping-key": (GOOD + "? {a: b}\n: 1\n", "18:3", "key|plain text"),
    "alias-key": (edited("name: wine", "name: &w wine") + "*w : 1\n", "18:1", "key|plain text"),
    "anchor-on-key": (edited("seed: 1", "&s seed: 1"), "3:1", "key|plain text"),
    "no-key": (edited("seed: 1", ": 1"), "3:1", "key is missing"),
    "no-key-in-braces": (edited("{units: 16", "{: 16"), "10:13", "key is missing"),
    "no-key-behind-question-mark": (edited("seed: 1", "?\n: 1"), "3:2", "key is missing"),
    "no-colon-in-braces": (edited("{units: 16", "{units 16"), "10:13", "layers.0.dense|colon|units 16"),
    "no-space-in-braces": (edited("{units: 16", "{units:16"), "10:13", "layers.0.dense|space|colon|units:16"),
    "Y25-merge-conflict": (
        edited("seed: 1", "<<<<<<< HEAD\nseed: 1\n=======\nseed: 2\n>>>>>>> b"),
        "3:1",
        "git|<<<<<<< HEAD",
    ),
    "half-a-conflict": (edited("seed: 1", "seed: 2\n>>>>>>> b"), "4:1", "git|>>>>>>> b"),
    "conflict-in-a-list": (edited("ash, hue]", "\n=======\nash, hue]"), "8:1", "git"),
    "Y26-smart-quotes": (edited("seed: 1", "seed: “1”"), "3:7", "seed|quote|“"),
    "smart-quoted-key": (edited("seed: 1", "‘seed’: 1"), "3:1", "quote|‘"),
    "Y27-no-space-after-colon": (edited("epochs: 40", "epochs:40"), "16:8", "space|colon"),
    "no-space-in-first-key": (edited("csv: wine.csv", "csv:wine.csv"), "5:7", "space|colon"),
    "no-space-in-item": (edited("- dropout: 0.2", "- dropout:0.2\n    name: x"), "11:13", "space|colon"),
    "no-colon": (edited("epochs: 40", "epochs 40"), "16:1", "colon|epochs 40"),
    "no-colon-in-item": (
        edited("dense: {units: 16, activation: tanh}", "dense\n      units: 16"),
        "10:5",
        "colon|dense",
    ),
    "nbsp-behind-colon": (edited("epochs: 40", "epochs:\u00a040"), "16:8", "no-break space|U+00A0"),
    "nbsp-behind-value": (edited("epochs: 40", "epochs: 40\u00a0"), "16:9", "epochs|no-break space|U+00A0"),
    "Y28-nbsp-indent": (edited("  csv", "\u00a0\u00a0csv"), "5:1", "no-break space|U+00A0"),
    "nbsp-among-spaces": (edited("  csv", " \u00a0csv"), "5:2", "no-break space|U+00A0"),
    "ideographic-indent": (edited("  csv", "\u3000csv"), "5:1", "ideographic space|U+3000"),
    "Y32-escaped-control": (edited("name: wine", r'name: "a\x1b]0;pwned\x07b"'), "2:7", r"name|\x1b"),
    "escaped-c1": (edited("name: wine", r'name: "a\x9bb"'), "2:7", r"name|\x9b"),
    "escaped-bidi": (edited("[accuracy]", r'["a\u202eb"]'), "15:11", "metrics.0|U+202E"),
    "escaped-control-in-key": (edited("seed: 1", r'"se\x00ed": 1'), "3:1", r"se\x00ed"),
    "escaped-surrogate": (edited("name: wine", r'name: "\ud83d"'), "2:7", r"name|\ud83d"),
    "escape-of-nothing": (edited("name: wine", r'name: "\UFFFFFFFF"'), "2:10", "escape"),
    "windows-path": (edited("csv: wine.csv", r'csv: "C:\data\wine.csv"'), "5:12", "backslash|single quotes"),
    "windows-users": (edited("csv: wine.csv", r'csv: "C:\Users\wine.csv"'), "5:13", "backslash|single quotes"),
    "unclosed-quote": (GOOD + "note: 'a\n", "18:7", "quote|never closed"),
    "quote-closed-late": (edited("name: wine\nseed: 1", "name: 'wine\nseed: '1'"), "2:7", "quote|line 3"),
    "behind-a-quote-of-two-lines": (edited("name: wine\nseed: 1", "name: 'wi\n  ne'\nseed 1"), "4:1", "colon|seed 1"),
    "apostrophe": (edited("name: wine", "name: 'wine's'"), "2:13", "follows a value|twice"),
    "text-behind-quote": (edited("name: wine", 'name: "wine" 2'), "2:14", "follows a value|quotes"),
    "second-colon": (edited("name: wine", "name: wine: red"), "2:11", "second colon|quotes|braces"),
    "second-colon-in-item": (edited("- dropout: 0.2", "- dropout: rate: 0.2"), "11:18", "second colon|braces"),
    "indented-too-far": (edited("seed: 1", "  seed: 1"), "3:3", "line 2|same column"),
    "indented-behind-comment": (edited("wine\nseed: 1", "wine # red\n  seed: 1"), "3:3", "same column"),
    "indented-too-little": (edited("  target: kind", " target: kind"), "6:2", "same column"),
    "indented-item": (edited("  - dropout", " - dropout"), "11:2", "same column"),
    "item-in-mapping": (edited("  - dropout", "- dropout"), "11:1", "same column"),
    "item-behind-key": (edited("layers:\n  - ", "layers: - "), "9:9", "list item|line of its own"),
    "key-of-2000": ("x" * 2000 + ": 1\n", "1:2001", "does not follow a key"),
    "T30-int-5000-digits": (edited("seed: 1", "seed: " + "9" * 5000), "3:7", "seed|18 digits|99999…"),
    "int-19-digits": (edited("seed: 1", "seed: 1" + "0" * 18), "3:7", "seed|18 digits"),
    "hex-too-long": (edited("seed: 1", "seed: 0xffffffffffffffff"), "3:7", "seed|18 digits"),
    "number-too-large": (edited("1e-3", "1e999"), "14:35", "optimizer.adam.learning_rate|1e999|too large"),
    "Y18-nesting": ("name: " + "[" * 51 + "]" * 51, "1:57", "50 levels"),
    "Y19-latin1": (edited("# Wine", "# caf\u00e9").encode("latin-1"), "1:6", "0xe9|é|UTF-8"),
    "Y20-utf16": (GOOD.encode("utf-16"), "1:1", "UTF-16|UTF-8"),
    "utf16-big": (b"\xfe\xff" + GOOD.encode("utf-16-be"), "1:1", "UTF-16|UTF-8"),
    "Y31-binary": (b"\x89PNG\r\n\x1a\n\0\1\2\3", "1:1", "binary|UTF-8"),
    "binary-later": (b"name: a\r\nPK\3\4\0\xff", "2:6", "binary|UTF-8"),
    "surrogate-bytes": (b"name: a\xed\xa0\x80b", "1:8", "0xed|UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    raw, place, mention = REFUSED[case]
    problem = refused(raw)
    shown = f"{problem} {problem.hint}"
    assert problem.place == f"config.yaml:{place}", shown
    for words in mention.split("|"):
        assert words in shown, shown
    assert shown.isprintable(), shown
    assert len(shown) < 300


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("Y26-smart-quotes", "seed: the typographic quote “ would be part of the text"),
        ("Y27-no-space-after-colon", "a space is missing after the colon"),
        ("nbsp-behind-colon", "a space is missing after the colon: a no-break space (U+00A0) is none"),
        ("no-key-behind-question-mark", "a key is missing before the colon"),
        ("Y16-self-alias", "metrics.1: the alias *m stands inside the value that it repeats"),
        ("number-too-large", "optimizer.adam.learning_rate: the number 1e999 is too large"),
    ],
)
def test_a_message_says_the_key_and_no_more_than_is_wrong(case: str, message: str) -> None:
    assert refused(REFUSED[case][0]).message == message


@pytest.mark.parametrize("text", ["", "# nothing\n# here\n", "---\n", "\n \n", "~\n", "\ufeff"])
def test_empty(text: str) -> None:
    problem = refused(text)
    assert problem.place == "config.yaml"
    assert "empty" in problem.message


def test_every_duplicate_is_reported() -> None:
    found = problems(edited("epochs: 40", "seed: 2\nepochs: {a: 1, a: 2}\nseed: 3"))
    assert [(p.place, p.message) for p in found] == [
        ("config.yaml:16:1", "seed: given twice, first on line 3"),
        ("config.yaml:17:16", "epochs.a: given twice, first on line 17"),
        ("config.yaml:18:1", "seed: given twice, first on line 3"),
    ]
    assert len(problems("a: 1\n" * 500)) == 20


def test_pyyamls_wording_is_never_shown() -> None:
    """Every message is ours: broken copies of the good file name a place in it and speak of none of PyYAML's terms."""
    chance = random.Random(5)
    pieces = [*"\t:-[]{},'\"#&*!|>%@`?\\\n ", ": ", "- ", "\n  ", "---\n", "? ", "<<: ", '"\\U', "é", "\u00a0", "“"]
    jargon = ("scalar", "token", "node", "simple key", "flow", "block", "stream", "expected", "found", "<", "while")
    for _ in range(600):
        text = GOOD
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(pieces) + text[at + chance.choice((0, 0, 1, 2)) :]
        try:
            document = parse_document(text, "c")
        except RnaError as error:
            lines = text.split("\n")
            for problem in error.problems:
                _, line, column = problem.place.split(":")
                assert 1 <= int(line) <= len(lines), text
                assert 1 <= int(column) <= len(lines[int(line) - 1]) + 1, text
                message = problem.message.split("'")[0]
                assert "<<" in text or not any(word in message for word in jargon), (message, text)
        else:
            assert same(parse_document(dump_yaml(document.value), "c").value, document.value)


# Limits

LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
BOMBS = {
    "Y14-billion-laughs": LAUGHS + GOOD,
    "laughs-as-mappings": LAUGHS.replace("[", "{x: [").replace("]", "]}"),
    "laughs-on-one-line": "a: [" + LAUGHS.replace("\n", ", ") + "]\n",
    "aliases-in-depth": "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 500)),
    "merge-keys": "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i}\n  <<: [{f'*a{i - 1}, ' * 10}]\n" for i in range(1, 12)),
    "Y18-deep-nesting": "name: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "deep-mappings": "a: " + "{a: " * 10_000,
    "deep-items": "a:\n" + "- " * 10_000,
    "deep-keys": "? " * 10_000,
    "deep-lines": "".join(" " * i + "a:\n" for i in range(1000)),
    "Y23-two-megabytes": GOOD + "# " + "x" * (2 << 20) + "\n",
    "many-values": "a: [" + "1," * 400_000 + "]\n",
    "one-quote": "a: '" + "x" * 900_000,
    "backslashes": 'a: "' + "\\" * 900_001,
    "long-number": "a: " + "9" * 900_000,
    "long-tag": "a: !" + "x" * 900_000,
    "long-anchor": "a: *" + "x" * 900_000,
}


@functools.cache
def usual_cost() -> float:
    """Of a long file that is read."""
    (cost,) = costs(lambda: parse_document("a: [" + "1," * 10_000 + "]", "c"), repeats=2)
    return cost


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_are_refused_at_once(case: str) -> None:
    """Within a few times of what a long file takes that is read."""
    found: list[Problem] = []
    (cost,) = costs(lambda: found.append(refused(BOMBS[case].encode())), repeats=1)
    assert cost < 10 * usual_cost()
    (problem,) = found
    assert len(f"{problem}{problem.hint}") < 300


@pytest.mark.parametrize("case", ["Y14-billion-laughs", "Y18-deep-nesting", "Y23-two-megabytes"])
def test_bombs_take_little_memory(case: str) -> None:
    raw = BOMBS[case].encode()
    tracemalloc.start()
    refused(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30e6


def test_what_is_within_the_limits_is_read() -> None:
    nested = "a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert dump_yaml(parse_document(nested, "c").value)
    assert len(parse_document("a: [" + "1," * 19_998 + "]", "c").value["a"]) == 19_998
    assert "20,000" in refused("a: [" + "1," * 19_999 + "]").message
    assert parse_document(GOOD + "#" * (1_000_000 - len(GOOD)), "c").value["seed"] == 1
    assert "1 MB" in refused(GOOD + "#" * (1_000_001 - len(GOOD))).message
    assert parse_document("a: " + "1" * 18, "c").value == {"a": int("1" * 18)}


def test_an_ordinary_config_is_read_fast() -> None:
    """About as fast as by PyYAML's own loader."""
    ours, plain = costs(
        lambda: [parse_document(GOOD, "c") for _ in range(30)],
        lambda: [yaml.load(GOOD, yaml.SafeLoader) for _ in range(30)],
    )
    assert ours < 5 * plain


# Files


def test_load(tmp_path: Path) -> None:
    file = tmp_path / "wine.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_document(file).value == parse_document(GOOD, "c").value
    assert str(load_document(file).place(("seed",))) == f"{file}:3:7"
    assert str(load_document(file, "my.yaml").place(("seed",))) == "my.yaml:3:7"
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    assert load_document(link).value["name"] == "wine"


def load_refused(path: Path, shown: str | None = None) -> Problem:
    with pytest.raises(RnaError) as caught:
        load_document(path, shown)
    assert caught.value.exit_code == CONFIG
    (problem,) = caught.value.problems
    return problem


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:  # Y29
    (tmp_path / "config.yaml").write_text(GOOD)
    (tmp_path / "config.csv").write_text("a")
    problem = load_refused(tmp_path / "confg.yaml", "confg.yaml")
    assert problem.message == "there is no file confg.yaml"
    assert problem.hint == "did you mean config.yaml?"
    assert load_refused(tmp_path / "x").hint == "that folder holds config.yaml"
    assert "there is no folder" in load_refused(tmp_path / "y" / "config.yaml").hint
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert "gone" not in load_refused(tmp_path / "gone.yaml").hint.partition("?")[0].partition("holds")[0]


def test_folder(tmp_path: Path) -> None:  # Y30
    assert "no .yaml file" in load_refused(tmp_path).hint
    for name in ("b.yml", "a.yaml", "c.csv"):
        (tmp_path / name).write_text(GOOD)
    problem = load_refused(tmp_path, "here")
    assert problem.message == "here is a folder, not a config file"
    assert problem.hint == "that folder holds a.yaml, b.yml"
    (tmp_path / "run.json").touch()
    assert load_refused(tmp_path, "here/").hint.startswith("its config is here/config.yaml; rna train --resume here ")


def test_special_and_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "pipe" in load_refused(tmp_path / "fifo").message
    assert "device" in load_refused(Path("/dev/zero")).message
    assert "cannot be read" in load_refused(Path("a\0b")).message
    file = tmp_path / "locked.yaml"
    file.write_text(GOOD)
    assert "cannot be read" in load_refused(file / "inside.yaml").message

    def locked(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    assert load_refused(file, "locked.yaml").message == "locked.yaml cannot be read: Permission denied"


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as stream:
        stream.truncate(1 << 33)
    assert "1 MB" in load_refused(file).message


def test_names_of_files_are_shown_escaped(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.yaml").write_text("a: 1\na: 2\n")
    problem = load_refused(tmp_path / "a\x1b[31m.yaml")
    assert problem.place.endswith(r"a\x1b[31m.yaml:2:1")
    assert load_refused(tmp_path / "a\x1b[32m.yaml").hint == r"did you mean a\x1b[31m.yaml?"


# One value of the command line


@pytest.mark.parametrize(
    ("text", "value"),
    [("", ""), ("  ", ""), ("0.1", 0.1), ("1e-3", 0.001), (" no ", "no"), ("full", "full"), ("null", None),
     ("~", None), ("true", True),
     ("[a, 1]", ["a", 1]), ("{sgd: {momentum: 0.9}}", {"sgd": {"momentum": 0.9}}), ("a: 1", {"a": 1}), ("'#1'",
     "#1"), ("a#b", "a#b"),
     ("010", "010"), ("-1", -1), ("12:30", "12:30"), (r"C:\x", r"C:\x"), ("https://a.b/c", "https://a.b/c"),
     ("it's", "it's")],
)  # fmt: skip
def test_parse_value(text: str, value: Any) -> None:
    assert same(parse_value(text, "--set x"), value)


@pytest.mark.parametrize(
    ("text", "mention"),
    [("[1, 2", "not closed"), ("{a: 1, a: 2}", "twice"), ("*.csv", "quotes"), ("#1", "comment"), ("a #b",
     "comment"), ("a: 1 # b", "comment"),
     ("!!python/name:os.system", "tag"), ("a: b: c", "second colon"), ("1\n---\n2", "document"),
     ("a\x1b", r"\x1b"), ("9" * 5000, "18 digits"),
     ("“a”", "“"), ("\udce9", r"\udce9"), ("[" * 60, "50 levels"), ("x" * 1_000_001, "1 MB"),
     ('"\\x1b"', r"\x1b"), (",", "quotes"),
     ("\tx", "tab"), ("{a:1}", "space"), ("1e999", "too large")],
)  # fmt: skip
def test_parse_value_refuses_what_parse_does(text: str, mention: str) -> None:
    with pytest.raises(RnaError) as caught:
        parse_value(text, "--set x")
    (problem,) = caught.value.problems
    assert (caught.value.exit_code, problem.place) == (CONFIG, "--set x")
    assert mention in f"{problem.message} {problem.hint}"


# Writing


def test_dump_reads_like_a_config_written_by_hand() -> None:
    value = {
        "name": "iris",
        "dataset": {
            "csv": "../data/iris flowers.csv",
            "delimiter": ";",
            "features": ["sepal length (cm)", "petal_width"],
            "split": {"test": 0.2, "stratify": True},
            "columns": {},
        },
        "layers": [
            "flatten",
            {"dense": {"units": 4, "activation": "tanh", "kernel_regularizer": {"l2": 1e-5}}},
            {"bidirectional": {"layer": {"lstm": {"units": 4}}}},
            {"dropout": 0.5},
        ],
        "optimizer": {"adam": {"learning_rate": {"exponential_decay": {"decay_steps": 100, "decay_rate": 0.9}}}},
        "classes": [f"a rather long name, number {i}" for i in range(4)],
        "epochs": None,
        "no": "no",
    }
    assert (
        dump_yaml(value)
        == """\
name: iris
dataset:
  csv: ../data/iris flowers.csv
  delimiter: ";"
  features: [sepal length (cm), petal_width]
  split: {test: 0.2, stratify: true}
  columns: {}
layers:
  - flatten
  - dense: {units: 4, activation: tanh, kernel_regularizer: {l2: 1.0e-05}}
  - bidirectional:
      layer: {lstm: {units: 4}}
  - dropout: 0.5
optimizer:
  adam:
    learning_rate: {exponential_decay: {decay_steps: 100, decay_rate: 0.9}}
classes:
  - "a rather long name, number 0"
  - "a rather long name, number 1"
  - "a rather long name, number 2"
  - "a rather long name, number 3"
epochs: null
"no": "no"
"""
    )


NASTY = [
    "", " ", "a ", " a", "a  b", "~", "null", "Null", "true", "FALSE", "yes", "No", "on", "OFF", "y", "N", "nan",
    ".nan", ".inf", "-.INF", "1", "-1", "+1", "010", "0x1f", "0o17", "0b1", "1_000", "1e-3", "1e5", "1.", ".5",
    "-.5e3", "12:30", "1:30:00", "2024-01-31", "2001-12-14t21:59:43.10-05:00", "<<", "=", "-", "- a", "--- a",
    "---", "...", "?", "? a", ":", "a:", "a: b", ": a", "a:b", "a :b", "#", "# a", "a #b", "a#b", "&a", "*a", "!a",
    "!!str a", "|", ">", "%a", "@a", "`a`", "'", '"', "''", '"a"', "it's", "\\", "\\n", "C:\\x", "[", "]", "[a]",
    "{", "}", "{a: b}", "a, b", ",", "a,b", "${name}", "https://a.b/c?d=e#f", "https://a.b:80/c", "./a", "../a",
    "/", "a/", "\n", "a\nb", "\na\n", "a\n\n  b\n", "\t", "\ta", "a\tb", "\r", "a\r\nb", "é", "日本 語", "😀",
    "a\u00a0b", "\u00a0", "\u3000a", "“a”", "«", "\u200b", "a\u2028b", "\u2029", "\ufeffa", "\u2060", "\ufffe",
    "\uffff", "\U0010ffff", "\U0001ffff", "\u0301", "²", "٣", "a" * 300, "word " * 60, "x" * 2000, "<<<<<<< HEAD",
    "=======", "a\n=======\nb", ">>>>>>>", "|||||||", "_", "_1", "a-", "a.", "(", "(a)", "a%", "%",
]  # fmt: skip


def random_value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth < 5 and kind < 0.25:
        return [random_value(chance, depth + 1) for _ in range(chance.randrange(5))]
    if depth < 5 and kind < 0.5:
        return {random_text(chance): random_value(chance, depth + 1) for _ in range(chance.randrange(5))}
    return chance.choice((random_text, random_float, random_other))(chance)


def random_text(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return chance.choice(NASTY)
    letters = "abcxyzTN_ .-+/%()0123456789eE:,#'\"\\[]{}&*!|>@`?=~<$\n\t\ré日😀\u00a0\u2028\u200b\ufeff"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(12)))


def random_float(chance: random.Random) -> float:
    if chance.random() < 0.3:
        return chance.choice(
            (
                0.0,
                -0.0,
                1e-7,
                1e22,
                5e-324,
                1.7976931348623157e308,
                float("inf"),
                float("-inf"),
                float("nan"),
                0.1,
                100.0,
            )
        )
    (value,) = struct.unpack("<d", chance.randbytes(8))
    return float(value)


def random_other(chance: random.Random) -> Any:
    return chance.choice((None, True, False, 0, -1, chance.randrange(-(10**18) + 1, 10**18), chance.randrange(1000)))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_dumped_is_read_back(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        value = {random_text(chance): random_value(chance) for _ in range(chance.randrange(6))}
        text = dump_yaml(value)
        assert text.endswith("\n")
        assert same(parse_document(text, "c").value, value), text
        assert same(parse_value(text, "c"), value), text
        assert same(yaml.safe_load(text), value), text  # a reader of YAML 1.1 sees the same values


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_are_read_back_anywhere(text: str) -> None:
    for value in (
        {"a": text},
        {text: 1},
        {"a": [text, {text: text}]},
        {"a": {"b": {text: {"c": [text]}}}},
        {"a": [[text], [text]]},
    ):
        assert same(parse_document(dump_yaml(value), "c").value, value)
        assert same(yaml.safe_load(dump_yaml(value)), value)
    assert same(parse_value(dump_yaml(text), "c"), text)


def test_dump_keeps_to_the_width_and_to_unicode() -> None:
    text = dump_yaml(
        {
            "a": [{"dense": {f"argument_{i}": i / 7 for i in range(n)}} for n in range(12)],
            "b": list(range(200)),
            "ñ": "日本",
        }
    )
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.endswith("ñ: 日本\n")


@pytest.mark.parametrize("value", ["a\x1bb", "\x00", "\x9b", "a\u202eb", "\ud83d", 10**18, -(10**18)])
def test_dump_refuses_what_could_not_be_read_back(value: Any) -> None:
    with pytest.raises(RnaError, match="a config cannot hold") as caught:
        dump_yaml({"a": [value]})
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("value", [{"a": (1, 2)}, {"a": b"x"}, {1.5: {2: object()}}, {"a": {1}}])
def test_dump_takes_plain_data_only(value: Any) -> None:
    with pytest.raises(TypeError):
        dump_yaml(value)
