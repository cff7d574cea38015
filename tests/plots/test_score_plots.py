"""The pictures of scores: what is in them, against scikit-learn; odd numbers, nasty texts, a million rows."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fixtures import costs
from matplotlib.text import Text
from sklearn import calibration as sklearn_calibration
from sklearn import linear_model, metrics

from rnacli.plots.calibration import draw as calibration
from rnacli.plots.calibration import wilson
from rnacli.plots.label_scores import draw as label_scores
from rnacli.plots.precision_recall import draw as precision_recall
from rnacli.plots.residuals import draw as residuals
from rnacli.plots.roc_curve import draw as roc_curve
from rnacli.plots.style import png, thinned
from rnacli.plots.threshold_curve import draw as threshold_curve

NASTY = ["$x$", "_foo", "a\nb\x1b[31m", "日本語", "\U0001f9ff", "x" * 300, "", r"\frac{"]
WIDE = [f"{i}" + "W" * 200 for i in range(8)]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def notes(figure):
    return figure.legends[0].get_title().get_text().splitlines()


def sample(n=300, seed=0):
    """Rows of two classes and scores that tell them apart to a degree."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.3).astype(int)
    return truth, 1 / (1 + np.exp(1.5 - 2 * truth - rng.normal(size=n)))


def every_kind(words):
    """One figure of each kind, with ``words`` wherever a text from a file goes."""
    truth, scores = sample(60)
    share = np.linspace(0, 1, len(words))
    return [
        roc_curve(truth, scores, words[0], words[1], 0.5),
        precision_recall(truth, scores, words[0], words[1], 0.5),
        calibration(truth, scores, words[0], words[1]),
        residuals(truth, scores, words[0], words[1]),
        label_scores(words, share, share, share, 1000 * share, words[0]),
        threshold_curve(share, dict.fromkeys(words, share), 0.4, words[0]),
    ]


def test_roc_curve():
    truth, scores = sample()
    figure = roc_curve(truth, scores, "Pima", "diabetes", 0.3)
    (axes,) = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel()) == ("Pima", "False positive rate (false alarms)")
    assert axes.get_ylabel() == "True positive rate (recall)"
    chance, curve, point = axes.lines
    assert chance.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert (curve.get_xydata()[0] == 0).all()
    assert (curve.get_xydata()[-1] == 1).all()
    assert metrics.auc(*curve.get_data()) == pytest.approx(metrics.roc_auc_score(truth, scores), abs=2e-3)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(truth, scores > 0.3)
    assert point.get_xydata().ravel() == pytest.approx([fp / (fp + tn), tp / (tp + fn)])
    area = metrics.roc_auc_score(truth, scores)
    assert legend(figure) == [
        f"network: area {area:.3f}",
        "chance: area 0.5",
        f"threshold 0.3: true positive rate {tp / (tp + fn):.3f}, false positive rate {fp / (fp + tn):.3f}",
    ]
    assert notes(figure) == [f"Positive class: diabetes, {truth.sum()} of 300 rows"]


def test_precision_recall():
    truth, scores = sample()
    figure = precision_recall(truth, scores, "Pima", "diabetes", 0.4)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Recall (share that is found)", "Precision (share that is right)")
    curve, chance, point = axes.lines
    precision = metrics.precision_score(truth, scores > 0.4)
    recall = metrics.recall_score(truth, scores > 0.4)
    assert point.get_xydata().ravel() == pytest.approx([recall, precision])
    assert chance.get_ydata() == pytest.approx(truth.mean())
    assert curve.get_drawstyle() == "steps-post"
    average = metrics.average_precision_score(truth, scores)
    across, up = curve.get_data()
    assert -np.sum(np.diff(across) * up[:-1]) == pytest.approx(average, abs=5e-3)
    assert legend(figure) == [
        f"network: average precision {average:.3f}",
        f"chance: base rate {truth.mean():.3f}",
        f"threshold 0.4: precision {precision:.3f}, recall {recall:.3f}",
    ]


def test_a_row_counts_as_positive_above_the_threshold_as_where_classes_are_predicted():
    figure = roc_curve([0, 1, 1], [0.5, 0.5, 0.6], "", "yes", 0.5)
    assert figure.axes[0].lines[-1].get_xydata().tolist() == [[0, 0.5]]


def test_calibration():
    truth, scores = sample(2000)
    figure = calibration(truth, scores, "Pima", "diabetes")
    axes, strip = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_ylabel()) == ("Pima", "Share that is diabetes")
    assert (strip.get_xlabel(), strip.get_ylabel()) == ("Predicted probability of diabetes", "Rows")
    perfect, curve = axes.lines
    assert perfect.get_xydata().tolist() == [[0, 0], [1, 1]]
    seen, said = sklearn_calibration.calibration_curve(truth, scores, n_bins=10)
    np.testing.assert_allclose(curve.get_data(), [said, seen])
    counts = np.histogram(scores, np.linspace(0, 1, 11))[0]
    error = np.average(np.abs(seen - said), weights=counts[counts > 0])
    brier = metrics.brier_score_loss(truth, scores)
    assert notes(figure) == [f"Brier score {brier:.4f}, expected calibration error {error:.4f}, n = 2,000"]
    assert legend(figure) == ["network, in bins of 0.1", "95 % interval of the share", "perfect calibration"]
    bars = [patch.get_height() for patch in strip.patches]
    assert bars == np.histogram(scores, np.linspace(0, 1, 21))[0].tolist()


def test_the_intervals_of_a_calibration_are_wilsons():
    low, high = wilson(np.array([0.2, 0.0]), np.array([20, 10]))
    np.testing.assert_allclose(low, [0.0807, 0], atol=1e-4)  # R: prop.test(4, 20, correct = FALSE)
    np.testing.assert_allclose(high, [0.4160, 0.2775], atol=1e-4)
    axes = calibration([1, 0, 0, 0, 0] * 4, [0.5] * 20, "", "").axes[0]
    np.testing.assert_allclose(axes.collections[0].get_segments()[0], [[0.5, 0.0807], [0.5, 0.4160]], atol=1e-4)


def test_residuals():
    truth, predicted = np.array([1.0, 2, 3, 4]), np.array([[1.5], [2], [2], [4.5]])
    figure = residuals(truth, predicted, "price", "Houses")
    axes, side = figure.axes
    assert figure.get_suptitle() == "Houses"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Predicted price", "Residual (predicted − true)")
    assert axes.collections[0].get_offsets().tolist() == [[1.5, 0.5], [2, 0], [2, -1], [4.5, 0.5]]
    assert axes.lines[0].get_ydata() == [0, 0]
    assert side.get_xlabel() == "Rows"
    assert side.get_ylim() == axes.get_ylim()
    assert sum(patch.get_width() for patch in side.patches) == 4
    assert [
        patch.get_width() for patch in side.patches if patch.get_y() < 0.5 < patch.get_y() + patch.get_height()
    ] == [2]
    said = "Residuals: mean 0, standard deviation 0.6124, n = 4. Dashed: a perfect prediction"
    assert figure.get_supxlabel() == said


def test_label_scores():
    figure = label_scores(["b", "a", "c"], [1, 0.5, 0], [0.2, 0.5, 0], [1 / 3, 0.5, 0], [5, 1200, 0], "Yeast")
    (axes,) = figure.axes
    (right,) = axes.child_axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), right.get_ylabel()) == ("Yeast", "Score", "Rows")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a", "c"]
    assert [label.get_text() for label in right.get_yticklabels()] == ["5", "1,200", "0"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first is at the top
    assert legend(figure) == ["F1", "precision", "recall"]
    assert [bar.get_width() for bar in axes.patches] == [1 / 3, 0.5, 0]
    precision, recall = axes.lines
    assert precision.get_xdata().tolist() == [1, 0.5, 0]
    assert recall.get_xdata().tolist() == [0.2, 0.5, 0]
    for line in (precision, recall):
        assert np.round(line.get_ydata()).tolist() == [0, 1, 2]
    assert precision.get_marker() != recall.get_marker()
    assert precision.get_ydata()[1] != recall.get_ydata()[1]  # equal scores do not hide one another


def test_of_many_labels_those_with_the_most_rows_are_shown_in_the_order_given():
    share = np.linspace(0, 1, 100)
    rows = np.arange(100) % 50  # 10 to 49 twice, that is 80: the later half of them
    figure = label_scores([f"l{i}" for i in range(100)], share, share, share, rows, "")
    axes = figure.axes[0]
    kept = [i for i in range(100) if i % 50 >= 30]
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"l{i}" for i in kept]
    assert [bar.get_width() for bar in axes.patches] == share[kept].tolist()
    assert notes(figure) == ["The 40 of 100 with the most rows"]
    assert max(figure.get_size_inches()) < 13
    assert notes(label_scores("abc", *np.ones((4, 3)), "")) == []


def test_threshold_curve():
    thresholds = np.array([0.9, 0.1, 0.5])
    values = {"f1": [0.3, 0.6, 0.8], "balanced_accuracy": [0.5, np.nan, 0.7]}
    figure = threshold_curve(thresholds, values, 0.3, "Pima")
    (axes,) = figure.axes
    assert (axes.figure.get_suptitle(), axes.get_xlabel(), axes.get_ylabel()) == ("Pima", "Threshold", "Metric")
    chosen, f1, f1_point, accuracy, _ = axes.lines
    assert chosen.get_xdata() == [0.3, 0.3]
    assert f1.get_xydata().tolist() == [[0.1, 0.6], [0.5, 0.8], [0.9, 0.3]]
    assert f1_point.get_xydata().ravel() == pytest.approx([0.3, 0.7])
    np.testing.assert_equal(accuracy.get_ydata(), [np.nan, 0.7, 0.5])
    assert f1.get_linestyle() != accuracy.get_linestyle()
    assert notes(figure) == ["At the chosen threshold, 0.3:"]
    assert legend(figure) == ["f1 0.700", "balanced accuracy"]  # between nothing and something: nothing to say


@pytest.mark.parametrize("chosen", [0.0, 1.0, 2.0])
def test_the_chosen_threshold_is_in_the_picture_and_has_no_scores_beyond_the_curve(chosen):
    figure = threshold_curve(np.array([0.0, 1.0]), {"f1": np.array([0.25, 0.5])}, chosen, "")
    low, high = figure.axes[0].get_xlim()
    assert low < chosen < high
    assert legend(figure) == [{0: "f1 0.250", 1: "f1 0.500", 2: "f1"}[chosen]]


def test_one_class_alone_has_no_roc_curve_and_that_is_said():
    for truth in ([1], [0, 0], [1, 1, 1]):
        figure = roc_curve(truth, np.full(len(truth), 0.4), "", "yes", 0.5)
        assert notes(figure)[-1] == "No curve: it takes rows of both classes"
        assert legend(figure) == ["chance: area 0.5"]
    figure = precision_recall([0, 0], [0.2, 0.8], "", "yes", 0.5)
    assert notes(figure)[-1] == "No curve: it takes rows of the positive class"
    assert not figure.axes[0].lines
    figure = precision_recall([1, 1], [0.2, 0.4], "", "yes", 0.5)
    assert notes(figure)[-1] == "No score is above the threshold 0.5"
    assert legend(figure) == ["network: average precision 1.000", "chance: base rate 1.000"]


@pytest.mark.parametrize(
    ("n", "value"),
    [
        (0, 0.5),
        (2, 0.5),
        *((n, value) for n in (1, 3) for value in (0.0, 0.1, 0.5, 1.0, np.nan, -3.0, 7.0, 1e99, np.inf)),
    ],
)
def test_odd_scores(n, value):
    truth, scores = np.arange(n) % 2, np.full((n, 1), value)
    for draw in (roc_curve, precision_recall):
        draw(truth, scores, "", "yes", 0.5)
    axes, strip = calibration(truth, scores, "", "yes").axes
    kept = n if abs(value) < 1e100 else 0
    assert sum(patch.get_height() for patch in strip.patches) == kept
    assert all((segment >= 0).all() and (segment <= 1).all() for c in axes.collections for segment in c.get_segments())


def test_what_is_left_out_or_changed_is_said():
    lost = "1 of 3 points not finite and left out"
    truth, scores = [0, 1, 1], [0.2, np.nan, 0.9]
    assert notes(roc_curve(truth, scores, "", "yes", 0.5)) == ["Positive class: yes, 1 of 2 rows", lost]
    assert lost in notes(precision_recall(truth, scores, "", "yes", 0.5))
    assert lost in notes(calibration(truth, scores, "", "yes"))
    assert lost in residuals(truth, scores, "y", "").get_supxlabel()
    figure = calibration([0, 1, 1], [-0.1, 0.5, 1.2], "", "yes")
    assert notes(figure)[-1] == "2 of 3 scores below 0 or above 1: taken as 0 or 1"
    figure = label_scores("ab", [np.nan, 1], [1, 1], [np.inf, 1], [1, 2], "")
    assert notes(figure) == ["2 of 6 scores not finite and left out"]


@pytest.mark.parametrize("values", [[], [5.0], [0, 0, 0], [1e9, 1e9 + 1], [np.nan, np.nan], [1e99, -1e99], [1e16, 1]])
def test_residuals_of_odd_numbers(values):
    values = np.array(values)
    for truth in (values, values[::-1], np.zeros(len(values))):
        _, side = residuals(truth, values, "y", "").axes
        assert sum(patch.get_width() for patch in side.patches) == np.isfinite(values).sum()


def test_thresholds_and_labels_of_odd_numbers():
    none = np.empty(0)
    label_scores([], none, none, none, none, "")
    label_scores(["a"], [np.nan], [np.nan], [np.nan], [0], "")
    for values in (none, np.array([0.5]), np.full(3, np.nan), np.full(3, 1e308), np.array([-1e9, 0, 1e9])):
        threshold_curve(np.linspace(0, 1, len(values)), {"": values, "cost": values}, 0.5, "")
    threshold_curve(none, {}, 0.5, "")


def test_many_rows_are_drawn_thinly_and_soon():
    def draw(truth, scores):
        for figure in (
            roc_curve(truth, scores, "", "yes", 0.5),
            precision_recall(truth, scores, "", "yes", 0.5),
            calibration(truth, scores, "", "yes"),
            residuals(truth, scores, "y", ""),
            threshold_curve(np.sort(scores), {"f1": np.sort(scores)}, 0.5, ""),
        ):
            figure.canvas.draw()
            assert all(len(line.get_xdata()) < 20_000 for axes in figure.axes for line in axes.lines)
            assert all(len(c.get_offsets()) <= 5000 for axes in figure.axes for c in axes.collections)

    truth, scores = sample(200_000)
    quarter, whole = costs(lambda: draw(truth[::4], scores[::4]), lambda: draw(truth, scores), repeats=2)
    assert whole < 10 * quarter
    figure = residuals(truth, scores, "y", "")
    assert figure.get_supxlabel().endswith("5,000 of the 200,000 points drawn, all of them counted at the side")
    assert sum(patch.get_width() for patch in figure.axes[1].patches) == 200_000


def test_a_thinned_line_is_the_same_to_the_eye():
    across = np.linspace(0, 2, 100_001)
    up = np.where(across < 1, 50 * across**2, -20)
    up[30_000] = 90  # one spike
    thin = thinned(across, up)
    assert len(thin[0]) < 5000
    assert (thin[0][0], thin[0][-1]) == (0, 2)
    assert thin[1].max() == 90
    np.testing.assert_allclose(np.interp(across[:29_900], *thin), up[:29_900], atol=0.1)
    gap = thinned(np.arange(4.0), np.array([1, np.nan, np.nan, 1]))
    assert np.isnan(gap[1]).any()


def test_real_networks_scores_agree_with_scikit_learn(data_dir):
    pima = pd.read_csv(data_dir / "tabular" / "clean-pima-indians-diabetes.csv").to_numpy()
    x, y = pima[:, :-1], pima[:, -1].astype(int)
    scores = linear_model.LogisticRegression().fit(x[:500], y[:500]).predict_proba(x[500:])[:, 1]
    figure = roc_curve(y[500:], scores, "Pima", "1", 0.5)
    assert legend(figure)[0] == f"network: area {metrics.roc_auc_score(y[500:], scores):.3f}"
    assert 0.8 < metrics.auc(*figure.axes[0].lines[1].get_data()) < 0.95
    figure = precision_recall(y[500:], scores, "Pima", "1", 0.5)
    assert legend(figure)[0] == f"network: average precision {metrics.average_precision_score(y[500:], scores):.3f}"


def test_text_from_files_is_literal():
    for figure in every_kind(NASTY):
        assert not any(text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())
        texts = [text.get_text() for text in figure.findobj(Text)]
        assert not any(letter in text for text in texts for letter in "\x1b日\U0001f9ff")
    assert "Positive class: $x$, 1 of 2 rows" in notes(roc_curve([0, 1], [0, 1], "", "$x$", 0.5))
    figure = threshold_curve(np.array([0, 1]), {"_foo": np.array([0, 1])}, 1, "")
    assert legend(figure) == ["foo 1.000"]


@pytest.mark.parametrize("words", [NASTY, WIDE])
def test_nothing_touches_the_edge_of_the_picture_or_the_legend(words):
    for figure in every_kind(words):
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())
        for edge in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
            assert (edge == 255).all()
        for box in [one.get_window_extent() for one in figure.legends]:
            assert all(not box.overlaps(axes.get_tightbbox()) for axes in figure.axes)


def test_the_same_picture_gives_the_same_bytes():
    for one, other in zip(every_kind(list("abc")), every_kind(list("abc")), strict=True):
        assert png(one) == png(other)
    assert png(one) == png(other)  # again


def test_no_pyplot_and_nothing_global(tmp_path):
    code = """
import sys
from rnacli.plots import label_scores, roc_curve
assert not {"matplotlib", "sklearn"} & set(sys.modules)
import matplotlib
before = matplotlib.rcParams.copy()
roc_curve.draw([0, 1, 1], [0.1, 0.4, 0.2], "t", "yes", 0.3).savefig(sys.argv[1])
label_scores.draw("ab", [0, 1], [0, 1], [0, 1], [3, 4], "t")
assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.rcParams.copy() == before
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(tmp_path / "a.png")], check=True)
