"""The pictures: what is in them, nasty texts and numbers, and the bytes. How they look is for eyes, not for tests."""

import struct
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.text import Text

from rnacli.networks.nodes import Node
from rnacli.plots.confusion_matrix import draw as confusion_matrix
from rnacli.plots.decision_boundary import draw as decision_boundary
from rnacli.plots.decision_boundary import plane_inputs
from rnacli.plots.image_grid import draw as image_grid
from rnacli.plots.importance import draw as importance
from rnacli.plots.learning_curve import draw as learning_curve
from rnacli.plots.network import draw as network
from rnacli.plots.regression_line import draw as regression_line
from rnacli.plots.regression_line import line_inputs
from rnacli.plots.style import png
from rnacli.plots.truth_against_prediction import draw as truth_against_prediction

NASTY = ["$x$", "_foo", "a\nb\x1b[31m", "日本語", "\U0001f9ff", "x" * 300, "", r"\frac{"]


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def legend(figure):
    legends = [*figure.legends, *filter(None, (axes.get_legend() for axes in figure.axes))]
    return [text.get_text() for one in legends for text in one.get_texts()]


def half(rows):
    """A network that says class 1 to the right of 0."""
    return 1 / (1 + np.exp(-np.asarray(rows)[:, :1]))


def thirds(rows):
    power = np.exp(np.stack([rows[:, 0], rows[:, 1], -rows[:, 0] - rows[:, 1]], axis=1))
    return power / power.sum(axis=1, keepdims=True)


def points(n=30, classes=2):
    x = np.random.default_rng(0).normal(size=(n, 2))
    return x, np.arange(n) % classes


def matrix(k):
    return np.arange(k * k).reshape(k, k) + 50 * np.eye(k, dtype=int)


def boundary(predict, x, *others):
    return decision_boundary(predict(plane_inputs(x)), x, *others)


def regression(predict, x, *others):
    return regression_line(predict(line_inputs(x)), x, *others)


def every_kind(words):
    """One figure of each kind, with ``words`` wherever a text from a file goes."""
    x, labels = points(24, len(words))
    history = {words[0]: [2, 1], "val_" + words[0]: [3, 2]}
    share = np.full((3, len(words)), 1 / len(words))
    return [
        learning_curve(history, words[0], words[0], words[1]),
        confusion_matrix(matrix(len(words)), words, words[0]),
        boundary(thirds, x, labels, words, (words[0], words[1]), words[2], labels == 1),
        boundary(half, x, labels % 2, words[:2], (words[0], words[1]), words[2]),
        truth_against_prediction(x[:, 0], x[:, 1], words[0], words[1]),
        regression(half, x[:, :1], x[:, 1], words[0], words[1], words[2]),
        image_grid(np.zeros((3, 4, 4)), [0, 1, 2], share, words, words[0]),
        network(
            [
                Node(f"{i}{word}", word, (i,), 10**i, 10 * i, (f"{i - 1}{words[i - 1]}",) * (i > 0))
                for i, word in enumerate(words)
            ],
            words[0],
        ),
    ]


def test_learning_curve():
    history = {"epoch": [1, 2, 3], "loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7], "accuracy": [0, 0.5, 1]}
    figure = learning_curve(history, "loss", "circles", reference="test")
    (axes,) = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == ("circles", "Epoch", "Loss")
    assert legend(figure) == ["training", "test", "best test: 0.6, epoch 2"]
    training, test, best = axes.lines
    assert list(training.get_ydata()) == [0.9, 0.5, 0.4]
    assert list(test.get_xdata()) == [1, 2, 3]
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (2, 0.6)
    assert list(axes.get_xticks()) == [1, 2, 3]
    assert training.get_linestyle() != test.get_linestyle()
    assert training.get_marker() != test.get_marker()
    assert legend(learning_curve(history, "accuracy")) == ["training"]


@pytest.mark.parametrize(
    ("metric", "best"),
    [("loss", 1), ("mae", 1), ("accuracy", 3), ("AUC", 3), ("f1_score", 3), ("mean_io_u", 3), ("false_positives", 1)],
)
def test_best_epoch_is_the_highest_or_the_lowest(metric, best):
    figure = learning_curve({metric: [0.1, 0.2, 0.3], f"val_{metric}": [0.1, 0.2, 0.3]}, metric)
    assert legend(figure)[-1].endswith(f"epoch {best}")


@pytest.mark.parametrize(
    ("metric", "words"),
    [("mae", "Mean absolute error"), ("sparse_top_k", "Sparse top k"), ("f1_score", "F1 score"), ("_", "_")],
)
def test_metric_in_words(metric, words):
    assert learning_curve({metric: [1, 2]}, metric).axes[0].get_ylabel() == words


def test_accuracy_from_0_to_1_and_noise_not_blown_up():
    low, high = learning_curve({"accuracy": [0.991, 0.992]}, "accuracy").axes[0].get_ylim()
    assert low < 0.95
    assert 0.992 < high < 1.01


def test_one_wild_epoch_leaves_the_others_legible():
    axes = learning_curve({"loss": [5000.0] + [3.0] * 20}, "loss").axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "Loss (logarithmic)"
    assert learning_curve({"loss": [0.7, 0.1, 0.05]}, "loss").axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("n", [0, 1, 2, 15, 30, 150, 1000])
def test_epochs_are_whole_and_those_there_are(n):
    axes = learning_curve({"loss": np.linspace(1, 0, n), "epoch": range(1, n + 1)}, "loss").axes[0]
    ticks = axes.get_xticks()
    assert all(tick == int(tick) and 1 <= tick <= max(n, 1) for tick in ticks)
    assert min(n, 1) <= len(ticks) <= 15
    assert (axes.lines[0].get_marker() not in ("", "None")) == (n <= 40)


def test_not_finite_is_left_out_and_said():
    nan, inf = float("nan"), float("inf")
    figure = learning_curve({"loss": [1, nan, inf, 0.5], "val_loss": [nan, 1, 1e308, None]}, "loss")
    assert "training: 2 of 4 not finite and left out (epoch 2, 3)" in figure.get_supxlabel()
    assert "validation: 3 of 4 not finite and left out (epoch 1, 3, 4)" in figure.get_supxlabel()
    assert legend(figure)[-1] == "best validation: 1, epoch 2"
    nothing = learning_curve({"loss": [nan] * 9, "val_loss": [nan] * 9}, "loss")
    assert "training: 9 of 9 not finite and left out (epoch 1, 2, 3, 4, 5, 6, …)" in nothing.get_supxlabel()
    assert legend(nothing) == ["training", "validation"]


@pytest.mark.parametrize("values", [[0, 0, 0], [-3, -3], [1e38, 1], [1e-320, 1e-310], [1e16, 1e16 + 2], [0.5, 0.5]])
@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_curves_of_odd_numbers(values, metric):
    learning_curve({metric: values, f"val_{metric}": values}, metric)


def test_confusion_matrix():
    figure = confusion_matrix(np.array([[97, 3], [0, 200]]), ["no", "yes"], "Diabetes")
    axes = figure.axes[0]
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == (
        "Diabetes",
        "Predicted class",
        "True class",
    )
    assert [text.get_text() for text in axes.texts] == ["97\n97 %", "3\n3 %", "0", "200\n100 %"]
    assert [text.get_position() for text in axes.texts] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["no", "yes"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no", "yes"]


@pytest.mark.parametrize(("k", "written"), [(1, 1), (3, 9), (10, 100), (40, 1600), (70, 0)])
def test_confusion_matrix_writes_what_can_be_read(k, written):
    figure = confusion_matrix(np.eye(k, dtype=int) * 30, [f"class {i}" for i in range(k)])
    assert len(figure.axes[0].texts) == written
    assert max(figure.get_size_inches()) < 13


def test_confusion_matrix_of_odd_counts():
    figure = confusion_matrix(np.array([[0, 0], [1, 100000]]), ["never", "seen"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "0", "1\n<1 %", "100000\n>99 %"]
    assert confusion_matrix(np.array([[0.5, 1.5], [0, 1]]), "ab").axes[0].texts[0].get_text() == "0.5\n25 %"


def test_decision_boundary_of_two_classes():
    x, labels = points()
    asked = []

    def predict(rows):
        asked.append(rows)
        return half(rows)[:, 0]

    test = np.arange(30) < 10
    figure = boundary(predict, x, labels, ["outer", "inner"], ("x1", "x2"), "circles", test)
    axes, bar = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == ("circles", "x1", "x2")
    assert bar.get_ylabel() == "Predicted probability of inner"
    assert legend(figure) == ["outer", "inner", "training point", "test point", "decision boundary"]
    assert asked[0].shape[1] == 2
    assert (asked[0].min(axis=0) < x.min(axis=0)).all()
    assert (asked[0].max(axis=0) > x.max(axis=0)).all()
    drawn = [c for c in axes.collections if len(c.get_offsets()) > 1]
    assert [len(c.get_offsets()) for c in drawn] == [10, 5, 10, 5]
    assert len({tuple(c.get_edgecolor()[0]) for c in drawn}) == 2  # training and test
    assert len({tuple(c.get_facecolor()[0]) for c in drawn}) == 2  # the classes
    assert len({len(c.get_paths()[0].vertices) for c in drawn}) == 2  # by more than colour


@pytest.mark.parametrize(
    "predict", [half, lambda rows: half(rows)[:, 0], lambda rows: np.hstack([1 - half(rows), half(rows)])]
)
def test_the_answers_of_a_network_come_in_three_shapes(predict):
    axes = boundary(predict, *points(), ["a", "b"], ("x1", "x2"), "").axes[0]
    borders = [one for one in axes.collections if isinstance(one, ContourSet) and not one.filled]
    assert len(borders) == 1
    np.testing.assert_allclose(borders[0].get_paths()[0].vertices[:, 0], 0, atol=1e-3)


def test_decision_boundary_of_three_classes():
    x, labels = points(classes=3)
    figure = boundary(thirds, x, labels, ["_a", "$b$", "c"], ("x1", "x2"), "")
    assert legend(figure) == ["_a", "$b$", "c", "decision boundary"]
    assert len(figure.axes[0].images) == 1


@pytest.mark.parametrize(
    ("x", "labels"),
    [
        ([[1, 2]], [0]),
        ([[1, 2], [1, 2]], [1, 1]),
        ([[0, 0], [np.nan, 1], [3, np.inf]], [0, 1, 1]),
        (np.empty((0, 2)), []),
        ([[0, 0], [1, 1]], [[0.0], [1.0]]),
    ],
)
@pytest.mark.parametrize(
    "predict", [half, thirds, lambda rows: np.full(len(rows), 0.5), lambda rows: rows[:, 0] * np.nan]
)
def test_decision_boundary_of_odd_data(predict, x, labels):
    boundary(predict, np.array(x), np.array(labels), ["only"], ("x1", "x2"), "")


def test_what_is_left_out_of_a_scatter_is_said():
    x = np.array([[0.0, 1], [np.nan, 1], [2, 3]])
    figure = boundary(lambda rows: np.where(rows > 0, np.nan, 0.2)[:, 0], x, [0, 1, 1], "ab", ("", ""), "")
    said = figure.legends[0].get_title().get_text().splitlines()
    assert said[0] == "1 of 3 points not finite and left out"
    assert "answer is not finite" in said[1]
    figure = truth_against_prediction(np.array([1, np.nan]), np.array([1, 2]), "price", "")
    assert figure.get_supxlabel() == "1 of 2 points not finite and left out"


def test_truth_against_prediction():
    figure = truth_against_prediction(np.array([1.0, 2, 3]), np.array([[1.0], [2], [4]]), "price", "Houses")
    (axes,) = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == (
        "Houses",
        "True price",
        "Predicted price",
    )
    assert axes.texts[0].get_text() == "R² 0.500\nMAE 0.3333\nn = 3"
    assert axes.get_xlim() == axes.get_ylim()
    assert list(axes.get_xticks()) == list(axes.get_yticks())
    assert legend(figure) == ["perfect prediction"]


@pytest.mark.parametrize("values", [[], [5.0], [0, 0, 0], [1e9, 1e9 + 1], [np.nan, np.nan]])
def test_regression_of_odd_numbers(values):
    values = np.array(values)
    truth_against_prediction(values, values, "y", "")
    regression(lambda rows: rows, values[:, None], values, "x", "y", "")


def test_regression_line():
    x = np.linspace(0, 1, 20)[:, None]
    figure = regression(lambda rows: 2 * rows, x, x[:, 0], "years", "salary", "Pay")
    (axes,) = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == ("Pay", "years", "salary")
    assert legend(figure) == ["data", "network"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 2 * axes.lines[0].get_xdata())
    assert len(axes.collections[0].get_offsets()) == 20


@pytest.mark.parametrize(
    ("shape", "kind"), [((6, 6), "uint8"), ((6, 6, 1), "float32"), ((6, 6, 3), "uint8"), ((6, 6, 3), "int64")]
)
def test_image_grid(shape, kind):
    images = (np.random.default_rng(0).random((7, *shape)) * (1 if kind == "float32" else 255)).astype(kind)
    chance = np.tile([0.7, 0.2, 0.1], (7, 1))
    figure = image_grid(images, [0, 1, 2, 0, 0, 0, 0], chance, ["bag", "coat", "shoe"], "Clothes", rows=2, columns=3)
    (sheet,) = figure.axes
    pictures = [image.get_array() for image in sheet.images]
    assert len(pictures) == 6
    assert all(picture.min() >= 0 and picture.max() <= 1 for picture in pictures)
    scale = 1 if kind == "float32" else 255
    np.testing.assert_allclose(pictures[4], images[4].reshape(pictures[4].shape) / scale)
    said = texts(figure)
    assert "Clothes" in said
    assert said.count("bag: 70 % (bag)") == 4
    assert "✗ bag: 70 % (coat)" in said
    assert "✗ bag: 70 % (shoe)" in said
    names = [text.get_text() for text in sheet.texts]
    assert names[:6] == ["bag ✓", "coat", "shoe", "bag", "coat ✓", "shoe"]
    frames = [patch for patch in sheet.patches if not patch.get_fill()]
    assert [frame.get_linewidth() > 2 for frame in frames] == [False, True, True, False, False, False]
    grounds_and_bars = [patch.get_width() for patch in sheet.patches if patch.get_fill()]
    shares = np.divide(grounds_and_bars[1::2], grounds_and_bars[::2])
    np.testing.assert_allclose(shares[:3], [0.7, 0.2, 0.1])


def test_image_grid_always_shows_the_true_class():
    chance = np.array([np.linspace(1, 0, 12) / 6])
    figure = image_grid(np.zeros((1, 4, 4)), [11], chance, [f"c{i}" for i in range(12)], "")
    assert [text.get_text() for text in figure.axes[0].texts] == ["c0", "c1", "c2", "c11 ✓"]


@pytest.mark.parametrize(
    "images", [np.full((2, 4, 4), -3.0), np.full((2, 4, 4), np.nan), np.zeros((2, 4, 4), bool), np.zeros((0, 4, 4))]
)
def test_image_grid_of_odd_images(images):
    chance = np.full((len(images), 1), 0.25)  # one sigmoid
    said = texts(image_grid(images, [0] * len(images), chance, ["no", "yes"], ""))
    assert said.count("no: 75 % (no)") == len(images)


def test_drawings_are_ink_on_paper_and_photographs_as_they_are():
    drawing = np.zeros((1, 5, 5), "uint8")
    drawing[0, 2, 2] = 255
    grids = [image_grid(images, [0], np.ones((1, 2)), ["a", "b"], "") for images in (drawing, drawing + 9)]
    assert [grid.axes[0].images[0].get_cmap().name for grid in grids] == ["binary", "gray"]


def test_text_from_files_is_literal():
    for figure in every_kind(NASTY):
        assert not any(text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())
        assert not any(letter in text for text in texts(figure) for letter in "\x1b日\U0001f9ff")
    drawn = boundary(half, *points(), ["$x$", "_foo"], ("$a$", "_b"), "$t$ \\alpha")
    assert legend(drawn) == ["$x$", "_foo", "decision boundary"]
    assert drawn.get_suptitle() == "$t$ \\alpha"
    assert drawn.axes[0].get_xlabel() == "$a$"


@pytest.mark.parametrize("name", ["a", "W" * 200])
def test_titles_and_legends_lie_within_the_picture_and_cover_nothing(name):
    title = f"What is drawn\n{'as_long_as_names_may_be_' * 2} 8-12-1, seed 0, 1,000 test rows, accuracy 0.911"
    names = [f"{i}{name}" for i in range(3)]
    for figure in (
        confusion_matrix(matrix(3), names, title),
        boundary(half, *points(), names[:2], (name, name), title, np.arange(30) < 2),
        importance(np.ones((3, 2)), names, "share of wrong answers", 1000, title),
    ):
        figure.canvas.draw()
        for box in [each.get_window_extent() for each in (figure._suptitle, *figure.legends)]:
            assert box.x0 > 0
            assert box.x1 < figure.bbox.width
            assert not any(box.overlaps(axes.get_tightbbox()) for axes in figure.axes)


@pytest.mark.parametrize("count", [40, 4000])
def test_the_figures_of_a_scatter_are_of_all_rows(count):
    rows = np.arange(count, dtype=float)
    figure = truth_against_prediction(rows, rows + (rows % 2), "price", "")
    assert texts(figure).count(f"R² {1 - 6 / (count**2 - 1):.3f}\nMAE 0.5\nn = {count:,}") == 1
    shown = figure.axes[0].collections[0].get_offsets()
    assert len(shown) == min(count, 2000)
    assert shown[-1].tolist() == [count - 1, count]


def test_classes_stay_apart_when_their_names_cannot():
    names = [label.get_text() for label in confusion_matrix(matrix(2), ["日本", "中国"]).axes[0].get_xticklabels()]
    assert names == ["0 □□", "1 □□"]
    blank = confusion_matrix(matrix(2), ["", "full"]).axes[0].get_yticklabels()
    assert [label.get_text() for label in blank] == ["0 ", "1 full"]
    long = confusion_matrix(matrix(2), ["w" * 90 + "a", "w" * 90 + "b"]).axes[0].get_yticklabels()
    assert len({label.get_text() for label in long}) == 2
    assert all(len(label.get_text()) < 20 for label in long)


@pytest.mark.parametrize("words", [NASTY, [f"{i}" + "W" * 200 for i in range(8)]])
def test_nothing_touches_the_edge_of_the_picture(words):
    for figure in every_kind(words):
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())
        for edge in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
            assert (edge == 255).all()


def test_the_bytes_of_a_picture():
    for one, other in zip(every_kind(list("abc")), every_kind(list("abc")), strict=True):
        contents = [png(figure) for figure in (one, other)]
        assert len(set(contents)) == 1
        assert contents[0].startswith(b"\x89PNG\r\n\x1a\n")
        size = struct.unpack(">II", contents[0][16:24])
        assert size == pytest.approx(120 * one.get_size_inches(), abs=1)
        assert b"tEXt" not in contents[0]


def test_no_pyplot_and_nothing_global():
    code = """
import sys
from rnacli.plots import paint
assert not {"matplotlib", "sklearn", "tensorflow", "keras", "pandas"} & set(sys.modules)
import matplotlib
before = matplotlib.rcParams.copy()
paint.save_figure(paint.learning_curve.draw({"loss": [1, 2]}, "loss"), "png")
assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.rcParams.copy() == before
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
