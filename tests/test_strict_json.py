"""Plain data from a file, held against Python's own types: as they say, or refused by name."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypedDict

import pytest

from rnacli.strict_json import read_dataclass, read_plain


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0


@dataclass(frozen=True)
class Shape:
    kind: ClassVar[str] = "shape"
    name: str
    points: tuple[Point, ...]
    fill: float | None
    filled: bool
    style: Literal["line", "dots"]
    sizes: dict[str, int]
    pair: tuple[str, int]


SHAPE: dict[str, Any] = {
    "kind": "shape",
    "name": "a",
    "points": [{"x": 1, "y": 2.5}, {"x": 0.5}],
    "fill": None,
    "filled": True,
    "style": "dots",
    "sizes": {"b": 3},
    "pair": ["c", 4],
}


def test_plain_data_become_a_dataclass() -> None:
    expected = Shape("a", (Point(1, 2.5), Point(0.5)), None, True, "dots", {"b": 3}, ("c", 4))
    assert read_dataclass(Shape, SHAPE) == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": 3}, "name is not what it should be"),
        ({"points": "x"}, "points is not what it should be"),
        ({"points": {"x": 1}}, "points is not what it should be"),
        ({"points": [3]}, "points is not what it should be"),
        ({"points": [{"x": True}]}, "x is not what it should be"),
        ({"points": [{"y": 1}]}, "x is missing"),
        ({"fill": "a"}, "fill is not what it should be"),
        ({"fill": float("nan")}, "fill is not finite"),
        ({"filled": 1}, "filled is not what it should be"),
        ({"style": "bars"}, "style is not what it should be"),
        ({"style": []}, "style is not what it should be"),
        ({"sizes": {"b": True}}, "b is not what it should be"),
        ({"sizes": {"b": 3.0}}, "b is not what it should be"),
        ({"sizes": []}, "sizes is not what it should be"),
        ({"pair": ["c"]}, "pair is not what it should be"),
        ({"pair": ["c", "d"]}, "pair is not what it should be"),
    ],
)
def test_what_is_of_another_type_is_refused_by_name(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        read_dataclass(Shape, {**SHAPE, **changes})


@pytest.mark.parametrize("name", [name for name in SHAPE if name != "kind"])
def test_a_field_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is missing$"):
        read_dataclass(Shape, {key: value for key, value in SHAPE.items() if key != name})


@pytest.mark.parametrize("plain", [None, [], 3, "a"])
def test_what_is_no_mapping_is_no_dataclass(plain: Any) -> None:
    with pytest.raises(ValueError, match="it is not what it should be"):
        read_dataclass(Point, plain)


class Note(TypedDict, total=False):
    text: str
    lines: list[int]


def test_a_mapping_of_some_keys_keeps_the_others_and_its_order() -> None:
    plain = {"other": [None], "text": "a", "more": {}}
    assert list(read_plain(Note, plain).items()) == list(plain.items())
    assert read_plain(Note, {}) == {}
    with pytest.raises(ValueError, match="lines is not what it should be"):
        read_plain(Note, {"lines": [1, "2"]})
