"""Letters that were read in a wrong encoding are named, with what they were; words that only look so are not."""

import logging
import re
from pathlib import Path

import pytest

from rnacli.tables.csv.text import Format
from rnacli.tables.csv.wrong_letters import find_wrong
from rnacli.tables.source import open_source

WORDS = ("España", "CÓRDOBA", "ESPAÑA", "Ávila", "città", "¿qué?", "“hola”", "20€", "Łódź", "İzmir")


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
@pytest.mark.parametrize("word", WORDS)
def test_a_word_read_wrongly_is_known_with_its_line(word: str, codec: str) -> None:
    read = "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in word.encode())
    wrong = find_wrong(f"x,y\n1,2\n{read},3\n", "utf-8")
    assert wrong is not None
    assert (wrong.line, wrong.word, wrong.meant) == (3, read, word)
    code = re.search(r"text(\.encode\('[a-z0-9-]+'\)\.decode\('utf-8'\))$", wrong.hint)
    assert code is None or eval(f"{read!r}{code[1]}") == word  # noqa: S307
    assert code is not None or "\x81" in read or "\x9d" in read  # which Windows does not write


@pytest.mark.parametrize(
    "word", ["AMANHÃ…", "IRMû", "CAFÉ–BAR", "TVÅ…", "Âge", "São Paulo", "Ä–Ö", "â”—", "MÃE", *WORDS]
)
def test_a_word_that_is_meant_so_is_left_alone(word: str) -> None:
    assert find_wrong(f"x,y\n{word},3\n", "utf-8") is None


@pytest.mark.parametrize(
    ("written", "stated", "hint"),
    [("utf-8", "latin-1", "encoding: utf-8"), ("cp1252", "iso-8859-1", "encoding: cp1252"), ("utf-8", "utf-8", "")],
)
def test_an_encoding_that_is_stated_wrongly_is_told_where_the_file_shows_it(
    written: str, stated: str, hint: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "d.csv").write_text("x,precio\n1,“5 €” año\n", encoding=written)
    with caplog.at_level(logging.WARNING):
        open_source(tmp_path / "d.csv", "d.csv", Format(encoding=stated))
    assert [record.getMessage().startswith("d.csv:2: ") for record in caplog.records] == [True] * bool(hint)
    assert hint in caplog.text


@pytest.mark.parametrize(
    ("content", "word"),
    [("M\ufffdlaga", "M\ufffdlaga"), ("Aï¿½o", "Aï¿½o"), ("Málaga", ""), (b"M\xe1laga", "")],
)
def test_a_letter_that_was_lost_before_is_told_and_one_of_another_encoding_is_not(
    content: str | bytes, word: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cell = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "d.csv").write_bytes(b"x,city\n1,Madrid\n2," + cell + b"\n")
    with caplog.at_level(logging.WARNING):
        open_source(tmp_path / "d.csv", "d.csv", Format())
    assert [record.getMessage().partition(" has lost")[0] for record in caplog.records] == [
        f"d.csv:3: '{word}'"
    ] * bool(word)
