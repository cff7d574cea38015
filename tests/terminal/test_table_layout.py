"""Tables: columns of whole words at any width, of letters that take two columns too; letters that a stream lacks."""

import pytest

from rnacli.terminal.plain_letters import PLAIN_LETTERS
from rnacli.terminal.tables import count_columns, lay_out_table

NAMES = ["", "number", "x", "a text of words"]
ROWS = [[f"run {i}", f"{i * 1000:,}", f"{0.5 * i:.4f}", "añ 日本" if i == 3 else "-"] for i in range(12)]


@pytest.mark.parametrize("room", [20, 24, 40, 60, 80])
def test_words_stay_whole_and_lines_fit(room: int) -> None:
    lines = lay_out_table(NAMES, ROWS, left=(0, 3), room=room).splitlines()
    assert max(map(count_columns, lines)) <= room
    words = [word for line in lines for word in line.split()]
    assert {"11,000", "5.5000", "number", "words", "日本"} <= {*words}
    assert [words.count("0.5000"), words.count("3,000")] == [1, 1]


def test_columns_that_do_not_fit_follow_beside_the_first_one() -> None:
    text = lay_out_table(["", "one", "two", "three"], [["loss", "0.1234", "0.2345", "0.3456"]], (0,), 24, False)
    assert text.splitlines() == [
        "",
        "           one      two",
        " ----------------------",
        " loss   0.1234   0.2345",
        "",
        "         three",
        " -------------",
        " loss   0.3456",
        "",
    ]


def test_spanish_can_be_read_in_ascii() -> None:
    text = "¿quiso decir «época» o el año e\u0301l? 日 ▁"
    assert text.encode("ascii", PLAIN_LETTERS).decode() == 'quiso decir "epoca" o el ano el? \\u65e5 \\u2581'
    assert "época 日".encode("cp1252", PLAIN_LETTERS).decode("cp1252") == "época \\u65e5"
