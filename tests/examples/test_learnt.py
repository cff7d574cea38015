"""What is learnt from the training rows: scale, classes and their order, kept as JSON and read back to the bit."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import (
    CIRCLES,
    IRIS,
    PRICES,
    beside_one_another,
    by_output,
    experiment,
    names_of,
    only_task,
    problem_of,
    raw_inputs,
    rows_of,
)
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from rnacli.data.examples import Examples
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.learnt import Preprocessing, fit_preprocessing, load_preprocessing
from rnacli.examples.load import Data, load_data
from rnacli.tasks.form import Form

BINARY = Form("binary", "binary", "none")
INTEGER = Form("multiclass", "integer", "none")
ONE_HOT = Form("multiclass", "one_hot", "none")
NUMBERS = Form("regression", "values", "none")

RANDOM = np.random.default_rng(7)
TABLE = RANDOM.normal(50, [1e-3, 1, 1e6], (40, 3))
GREY = RANDOM.integers(0, 256, (12, 6, 5), dtype=np.uint8)
COLOUR = RANDOM.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)


def fit(rows: Examples, scale: Any = "none", train: Any = None, kind: Form = BINARY, text: str = "") -> Preprocessing:
    made = experiment(text or CIRCLES, dataset={"sklearn": "make_moons", "scale": scale})
    return fit_preprocessing(
        rows, np.arange(len(rows.x)) if train is None else np.asarray(train), made, by_output(made, kind)
    )


def labels(y: Any, kind: Form = INTEGER, **more: Any) -> Preprocessing:
    return fit(rows_of(np.zeros((len(y), 2)), y, **more), kind=kind, text=IRIS)


# Inputs


@pytest.mark.parametrize("train", [range(40), range(5, 25)])
@pytest.mark.parametrize(("scale", "scaler"), [("standard", StandardScaler), ("minmax", MinMaxScaler)])
def test_columns_are_scaled_as_scikit_learn_does_it(scale: str, scaler: Any, train: range) -> None:
    learnt = fit(rows_of(TABLE, np.arange(40) % 2), scale, train)
    wanted = scaler().fit(TABLE[train]).transform(TABLE)
    assert beside_one_another(learnt, TABLE).dtype == np.float32
    np.testing.assert_allclose(beside_one_another(learnt, TABLE), wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("x", [TABLE, GREY, COLOUR], ids=["table", "grey", "colour"])
def test_only_training_rows_are_learnt_from(scale: str, x: np.ndarray) -> None:
    poisoned = x.copy()
    poisoned[8:] = 200 if x.dtype == np.uint8 else 1e30
    y = np.arange(len(x)) % 2
    first, second = (fit(rows_of(each, y), scale, range(8)) for each in (x, poisoned))
    assert first.dump() == second.dump()
    np.testing.assert_array_equal(beside_one_another(first, x[:8]), beside_one_another(second, poisoned[:8]))


def test_the_order_of_the_training_rows_does_not_matter_for_minmax() -> None:
    rows = rows_of(TABLE, np.arange(40) % 2)
    assert fit(rows, "minmax", range(9)).dump() == fit(rows, "minmax", range(8, -1, -1)).dump()


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_a_constant_column_becomes_zero_and_not_nan(scale: str) -> None:
    x = np.array([[3.0, 1], [3, 2], [3, 3]])
    assert beside_one_another(fit(rows_of(x, [0, 1, 0]), scale), x)[:, 0].tolist() == [0, 0, 0]


def test_no_scale_leaves_numbers_as_they_are() -> None:
    np.testing.assert_array_equal(
        beside_one_another(fit(rows_of(TABLE, np.arange(40) % 2)), TABLE), TABLE.astype("float32")
    )


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "uint64", "float16", "float32", "float64", "bool"])
@pytest.mark.parametrize("scale", ["none", {"rescale": 255}, "standard", "minmax"])
def test_inputs_of_every_type_become_float32(dtype: str, scale: Any) -> None:
    x = np.array([[0, 1], [1, 1], [1, 0]], dtype)
    learnt = fit(rows_of(x, [0, 1, 0]), scale)
    assert beside_one_another(learnt, x).dtype == np.float32
    np.testing.assert_allclose(
        beside_one_another(learnt, x), beside_one_another(learnt, x.astype("float64")), rtol=1e-6
    )


def test_pixels_are_divided_as_the_tutorials_do() -> None:
    for images in (GREY, COLOUR):
        learnt = fit(rows_of(images, np.arange(12) % 2), {"rescale": 255})
        np.testing.assert_array_equal(beside_one_another(learnt, images), images.astype("float32") / 255)


def test_grey_images_have_one_scale_and_colour_images_one_for_each_channel() -> None:
    grey = fit(rows_of(GREY, np.arange(12) % 2), "standard")
    assert grey.encoder.offset.shape == ()
    np.testing.assert_allclose(beside_one_another(grey, GREY), (GREY - GREY.mean()) / GREY.std(), rtol=1e-5)
    colour = fit(rows_of(COLOUR, np.arange(12) % 2), "minmax")
    low, high = COLOUR.min(axis=(0, 1, 2)), COLOUR.max(axis=(0, 1, 2))
    assert colour.encoder.offset.shape == (3,)
    np.testing.assert_allclose(
        beside_one_another(colour, COLOUR), (COLOUR - low.astype(float)) / (high - low), rtol=1e-5
    )


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_volumes_can_be_scaled(scale: str) -> None:
    x = RANDOM.normal(size=(6, 2, 3, 4, 2))
    scaled = beside_one_another(fit(rows_of(x, np.arange(6) % 2), scale), x)
    assert scaled.shape == x.shape
    assert np.isfinite(scaled).all()


def test_large_numbers_keep_their_differences() -> None:
    x = 1e9 + np.arange(8.0).reshape(4, 2)
    scaled = beside_one_another(fit(rows_of(x, [0, 1, 0, 1]), "minmax"), x)
    np.testing.assert_allclose(scaled[:, 0], [0, 1 / 3, 2 / 3, 1], rtol=1e-6)


# Targets


@pytest.mark.parametrize(
    ("y", "known", "indices"),
    [
        ([1, 2, 3, 1], ("1", "2", "3"), [0, 1, 2, 0]),
        ([0.0, 1.0, 2.0], ("0", "1", "2"), [0, 1, 2]),
        ([10, 9, -1], ("-1", "9", "10"), [2, 1, 0]),
        ([0.5, -0.5, 1.5], ("-0.5", "0.5", "1.5"), [1, 0, 2]),
        (["b", "a", "c"], ("a", "b", "c"), [1, 0, 2]),
        (["10", "9", "8"], ("8", "9", "10"), [2, 1, 0]),
        (["1.0", "1", "3"], ("1", "3"), [0, 0, 1]),
        (["1", "x", "10"], ("1", "10", "x"), [0, 2, 1]),
        ([" yes", "no ", "maybe"], ("maybe", "no", "yes"), [2, 1, 0]),
        (["ñu", "ä", "日本"], ("ä", "ñu", "日本"), [1, 0, 2]),
        (["1_0", "2_0", "3_0"], ("1_0", "2_0", "3_0"), [0, 1, 2]),
        (["nan", "inf", "x"], ("inf", "nan", "x"), [1, 0, 2]),
        (np.array([2, 0, 1], np.uint8), ("0", "1", "2"), [2, 0, 1]),
    ],
)  # fmt: skip
def test_labels_are_ordered_as_numbers_or_as_words(y: Any, known: tuple[str, ...], indices: list[int]) -> None:
    learnt = labels(y)
    assert only_task(learnt).labels == only_task(learnt).classes == known
    assert only_task(learnt).truth(np.asarray(y)).tolist() == indices
    encoded = only_task(learnt).encode(np.asarray(y))
    assert encoded.dtype == np.int32
    assert encoded.tolist() == indices


@pytest.mark.parametrize("y", [[0.0, 1.0, 1.0], [0, 1, 1], ["no", "yes", "yes"], [-1, 1, 1], [False, True, True]])
def test_two_classes_are_a_column_of_0_and_1(y: list[Any]) -> None:
    encoded = only_task(labels(y, BINARY)).encode(np.asarray(y))
    assert encoded.dtype == np.float32
    assert encoded.tolist() == [[0], [1], [1]]


def test_one_hot_has_a_column_for_each_class() -> None:
    learnt = labels([3, 1, 2], ONE_HOT)
    assert only_task(learnt).encode(np.array([1, 3])).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_labels_are_known_in_whatever_type_they_come() -> None:
    learnt = labels([1, 2, 3])
    for same in ([3, 1], [3.0, 1.0], ["3", "1"], ["3.0", " 1"], np.array([3, 1], np.uint8)):
        assert only_task(learnt).encode(np.asarray(same)).tolist() == [2, 0]


def test_numbers_are_kept_as_columns() -> None:
    for y in ([1.5, 2.5], [[1.5, 3], [2.5, 4]]):
        learnt = fit(rows_of(np.zeros((2, 2)), y), kind=NUMBERS)
        assert only_task(learnt).labels == only_task(learnt).classes == ()
        np.testing.assert_array_equal(only_task(learnt).encode(np.asarray(y)), np.reshape(y, (2, -1)).astype("float32"))


def test_a_label_that_training_did_not_have_is_named_with_its_row() -> None:
    problem = problem_of(only_task(labels(["cat", "dog", "cow"])).encode, np.array(["cat", "dgo"]))
    assert "'dgo' (row 2)" in problem.message
    assert "dog" in problem.hint


def test_classes_of_the_whole_table_are_known_also_without_training_rows() -> None:
    rows = rows_of(np.zeros((4, 2)), ["a", "b", "a", "c"])
    assert only_task(fit(rows, train=[0, 1], kind=INTEGER, text=IRIS)).labels == ("a", "b", "c")


def test_a_source_that_knows_its_classes_names_them() -> None:
    learnt = labels([0, 2, 0], classes=("zero", "one", "two"))
    assert only_task(learnt).labels == ("0", "1", "2")
    assert only_task(learnt).classes == ("zero", "one", "two")
    assert only_task(learnt).encode(np.array([2])).tolist() == [2]


def test_class_names_of_the_file_stand_in_the_order_of_the_labels() -> None:
    rows = rows_of(np.zeros((3, 2)), [3, 1, 2])
    dataset = {"sklearn": "make_moons", "class_names": ["one", "two", "three"]}
    made = experiment(IRIS, dataset=dataset)
    learnt = fit_preprocessing(rows, np.arange(3), made, by_output(made, INTEGER))
    assert (only_task(learnt).labels, only_task(learnt).classes) == (("1", "2", "3"), ("one", "two", "three"))


@pytest.mark.parametrize(
    ("y", "kind", "said"),
    [
        ([1, 1, 1], INTEGER, "only one class, '1'"),
        ([1, 2, 3], BINARY, "is for 2 classes"),
        (np.arange(60) / 7, INTEGER, "these are not classes"),
        (np.arange(3000) // 2, INTEGER, "1500 different values"),
    ],
)
def test_what_is_no_set_of_classes_is_refused(y: Any, kind: Form, said: str) -> None:
    assert said in problem_of(labels, y, kind).message


def test_class_names_that_are_too_few_are_refused_at_their_place() -> None:
    made = experiment(IRIS, dataset={"sklearn": "make_moons", "class_names": ["a", "b"]})
    problem = problem_of(
        fit_preprocessing,
        rows_of(np.zeros((3, 2)), [3, 1, 2]),
        np.arange(3),
        made,
        by_output(made, INTEGER),
        exit_code=CONFIG,
    )
    assert "2 names" in problem.message
    assert "3 classes" in problem.message


# Tables


PEOPLE = """\
age,city,member,since,code,income,score
31,Oslo,yes,2021-05-01,x1,10.5,1
,Bergen,no,2022-06-02T10:30,x2,20,2
52,Oslo,,,x1,30.25,4
40,,yes,2020-01-31,x3,12,8
"""


def people(folder: Path, **keys: Any) -> Data:
    """Two numbers to predict from a table with a column of every kind."""
    (folder / "people.csv").write_text(PEOPLE)
    text = PRICES.replace("dense: 1", "dense: 2")
    columns = {"code": {"encode": "embedding"}, "age": {"indicator": True}}
    dataset_keys = {"csv": "people.csv", "target": ["income", "score"], "columns": columns, "split": {}, **keys}
    return load_data(experiment(text, folder, dataset=dataset_keys), folder / "cache")


def test_a_table_gives_every_bit_back_from_its_file(tmp_path: Path) -> None:
    data = people(tmp_path)
    learnt = data.preprocessing
    again = load_preprocessing(learnt.dump(), "preprocessing.json", ["y"])
    assert again.dump() == learnt.dump()
    assert (again.shape, again.encoder.features) == (learnt.shape, learnt.encoder.features)
    assert again.encoder.inputs == learnt.encoder.inputs
    assert names_of(again) == names_of(learnt)
    assert names_of(again)[-1] == "code"
    assert again.columns is not None
    assert learnt.columns is not None
    assert again.columns.learnt == learnt.columns.learnt
    assert (
        beside_one_another(again, raw_inputs(data.rows)).tobytes()
        == beside_one_another(learnt, raw_inputs(data.rows)).tobytes()
    )


def test_words_are_learnt_indices_after_adoption(tmp_path: Path) -> None:
    data = people(tmp_path)
    assert data.rows.words == {}
    city = raw_inputs(data.rows)[:, data.rows.features.index("city")]
    np.testing.assert_array_equal(city, [1, 0, 1, np.nan])


def test_values_to_predict_can_be_scaled_and_come_back(tmp_path: Path) -> None:
    plain = people(tmp_path).preprocessing
    assert only_task(plain).keep().offset == [0, 0]
    assert only_task(plain).keep().divisor == [1, 1]
    data = people(tmp_path, columns={"income": {"scale": "standard"}, "score": {"scale": "minmax"}})
    learnt, y = data.preprocessing, data.rows.y
    wanted = np.c_[StandardScaler().fit_transform(y[:, :1]), MinMaxScaler().fit_transform(y[:, 1:])]
    np.testing.assert_allclose(only_task(learnt).encode(y), wanted, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(only_task(learnt).read(only_task(learnt).encode(y)).predicted, y, rtol=1e-6)
    again = load_preprocessing(learnt.dump(), "p", ["y"])
    np.testing.assert_array_equal(only_task(again).read(wanted).predicted, only_task(learnt).read(wanted).predicted)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("inputs", "columns"), []), (("inputs", "columns"), {}), (("inputs", "columns"), None),
        (("inputs", "columns", 0), None), (("inputs", "columns", 0, "divisor"), 0.0),
        (("inputs", "columns", 0, "fill"), float("nan")), (("inputs", "columns", 0, "name"), "other"),
        (("inputs", "columns", 0, "indicator"), False), (("inputs", "columns", 1, "words"), ["Oslo"]),
        (("inputs", "columns", 1, "encode_as"), "ordinal"), (("inputs", "columns", 3, "parts"), ["year"]),
        (("inputs", "shape"), [3]), (("inputs", "features"), ["age"]), (("inputs", "offset"), [1.0, 2.0]),
        (("targets", "offset"), [0.0]), (("targets", "offset"), [float("inf")] * 2), (("targets",
        "divisor"), [1.0, 0.0]),
        (("targets", "divisor"), "x"), (("targets", "divisor"), None), (("targets", "threshold"), 0), (("targets",
        "threshold"), 1.5),
        (("targets", "threshold"), float("nan")), (("targets", "threshold"), "x"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_refused_by_name(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    plain = json.loads(people(tmp_path).preprocessing.dump())
    inner = plain
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    problem = problem_of(load_preprocessing, json.dumps(plain).encode(), "runs/x/preprocessing.json", ["y"])
    assert problem.place == "runs/x/preprocessing.json"
    assert "damaged" in problem.message


def read_with_a_flipped_bit(content: bytes, times: int, seed: int) -> Iterator[Preprocessing]:
    """What is read of a file, each time with another of its bits flipped, where it is not refused."""
    random = np.random.default_rng(seed)
    for position, bit in zip(random.integers(len(content), size=times), random.integers(8, size=times), strict=True):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        with contextlib.suppress(RnaError):
            yield load_preprocessing(bytes(flipped), "p", ["y"])


def test_a_table_with_a_flipped_bit_is_refused_or_still_finite(tmp_path: Path) -> None:
    data = people(tmp_path)
    for learnt in read_with_a_flipped_bit(data.preprocessing.dump(), 500, seed=2):
        assert beside_one_another(learnt, raw_inputs(data.rows)).shape == (4, *learnt.shape)


# As a file


@pytest.mark.parametrize("scale", ["standard", "minmax", "none", {"rescale": 255}])
@pytest.mark.parametrize("x", [TABLE, GREY, COLOUR], ids=["table", "grey", "colour"])
def test_a_file_gives_every_bit_back(x: np.ndarray, scale: Any) -> None:
    learnt = fit(rows_of(x, np.arange(len(x)) % 2), scale)
    again = load_preprocessing(learnt.dump(), "preprocessing.json", ["y"])
    assert again.dump() == learnt.dump()
    assert again.encoder.offset.tobytes() == learnt.encoder.offset.tobytes()
    assert again.encoder.divisor.tobytes() == learnt.encoder.divisor.tobytes()
    assert (again.shape, again.encoder.features) == (learnt.shape, learnt.encoder.features)
    assert only_task(again).form == only_task(learnt).form
    assert only_task(again).keep() == only_task(learnt).keep()
    assert beside_one_another(again, x).tobytes() == beside_one_another(learnt, x).tobytes()


def test_names_of_every_kind_survive_the_file() -> None:
    names = ("años\n", '"x"', "日本", "\\", "\u2028")
    rows = rows_of(np.zeros((4, 5)), ["a b", "ñ", "\ttab", '"'], features=names, targets=("clase ñ",))
    learnt = fit(rows, kind=INTEGER, text=IRIS)
    again = load_preprocessing(learnt.dump(), "p", ["y"])
    assert (again.encoder.features, only_task(again).targets, only_task(again).labels, only_task(again).classes) == (
        names, ("clase ñ",), only_task(learnt).labels, only_task(learnt).classes
    )  # fmt: skip


def test_the_file_is_plain_json_without_nan() -> None:
    learnt = fit(rows_of(TABLE, np.arange(40) % 2), "standard")
    plain = json.loads(learnt.dump(), parse_constant=lambda word: pytest.fail(word))
    assert plain["inputs"]["features"] == ["a", "b", "c"]
    assert plain["targets"]["classes"] == ["0", "1"]


def damaged(**changes: Any) -> bytes:
    plain = json.loads(fit(rows_of(TABLE, np.arange(40) % 2), "standard").dump())
    for path, value in changes.items():
        *above, last = path.split("__")
        inner = plain
        for step in above:
            inner = inner[step]
        if value is KeyError:
            del inner[last]
        else:
            inner[last] = value
    return json.dumps(plain).encode()


def test_the_sound_file_is_read() -> None:
    assert load_preprocessing(damaged(), "p", ["y"]).encoder.features == ("a", "b", "c")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"3", b'"x"', b"{}", b"\xff\xfe", b"\x80abc", b"[" * 100_000, b'{"inputs": 1}',
        damaged(inputs=KeyError), damaged(inputs__shape=KeyError), damaged(task__kind=KeyError),
        damaged(inputs__shape=["x"]), damaged(inputs__shape=3), damaged(inputs__shape=None),
        damaged(inputs__shape=[]), damaged(inputs__shape=[2]), damaged(inputs__shape=[-3]),
        damaged(inputs__shape=[float("inf")]), damaged(inputs__shape=[float("nan")]),
        damaged(inputs__shape=[], inputs__offset=0, inputs__divisor=1), damaged().replace(b"[3]", b"[1e400]"),
        damaged(inputs__offset=[1, 2]), damaged(inputs__offset=[1, [2], 3]), damaged(inputs__offset="abc"),
        damaged(inputs__offset=[1, None, 3]), damaged(inputs__offset=[1, float("nan"), 3]),
        damaged(inputs__divisor=[1, 0, 3]), damaged(inputs__divisor=[1, float("inf"), 3]), damaged(inputs__divisor={}),
        damaged(inputs__offset=["a", "b", "c"]), damaged(inputs__features=["a"]), damaged(inputs__features=None),
        damaged(targets__labels=["0"]), damaged(targets__classes=["0", "1", "2"]), damaged(targets__names=7),
        damaged(task__kind="unknown"), damaged(task__encoding="x"), damaged(task__activation="__import__('os')"),
        damaged(task__more="x"), damaged(task=[]), damaged(task="binary"),
        damaged(targets__labels=["0", "1", "2"], targets__classes=["0", "1", "2"]),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(RnaError) as caught:
        load_preprocessing(content, "runs/x/preprocessing.json", ["y"])
    assert caught.value.problems[0].place == "runs/x/preprocessing.json"
    assert "damaged" in caught.value.problems[0].message


def test_a_file_with_a_flipped_bit_is_refused_or_still_finite() -> None:
    content = fit(rows_of(TABLE, np.arange(40) % 2), "standard").dump()
    for learnt in read_with_a_flipped_bit(content, 400, seed=1):
        assert np.isfinite(learnt.encoder.offset).all()
        assert np.isfinite(learnt.encoder.divisor).all()
        assert learnt.encoder.divisor.all()
