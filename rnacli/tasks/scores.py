"""Scikit-learn's scores: numbers, classes and labels as arrays in, figures by their names out."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


MOST_PAIRED = 1000
"""Classes of which each is compared with each other: the counts of 20,000 would be 3 GB."""


def score_values(truth: "np.ndarray", predicted: "np.ndarray", targets: Sequence[str]) -> dict[str, float]:
    """MAE, MSE, RMSE and R2 over (n, targets), targets counted alike; of several targets, MAE and R2 of each too."""
    import numpy as np
    from sklearn import metrics

    several = targets if len(targets) > 1 else ()
    if not np.isfinite(predicted).all():
        each = [f"{score}_{target}" for target in several for score in ("mae", "r2")]
        return dict.fromkeys(["mae", "mse", "rmse", "r2", *each], math.nan)
    scores = {
        "mae": float(metrics.mean_absolute_error(truth, predicted)),
        "mse": float(metrics.mean_squared_error(truth, predicted)),
        "rmse": float(metrics.root_mean_squared_error(truth, predicted)),
        "r2": float(metrics.r2_score(truth, predicted)) if len(truth) > 1 else math.nan,
    }
    for i, target in enumerate(several):
        own = truth[:, i], predicted[:, i]
        scores[f"mae_{target}"] = float(metrics.mean_absolute_error(*own))
        scores[f"r2_{target}"] = float(metrics.r2_score(*own)) if len(truth) > 1 else math.nan
    return scores


def score_classes(truth: "np.ndarray", predicted: "np.ndarray", probabilities: "np.ndarray | None") -> dict[str, float]:
    """Scores of class indices (n,) and probabilities (n, classes); ``None``: there are none of the two classes.

    ``balanced_accuracy`` is the mean recall of the classes that have rows. Where every class has some, there are also
    the area under the ROC curve (of several classes: one against the others) and, of two classes, Matthews'
    correlation coefficient and the average precision.
    """
    import numpy as np
    from sklearn import metrics

    classes, present = 2 if probabilities is None else probabilities.shape[1], np.unique(truth)
    recalls = metrics.recall_score(truth, predicted, labels=present, average="macro", zero_division=0)
    scores = {"accuracy": float(metrics.accuracy_score(truth, predicted)), "balanced_accuracy": float(recalls)}
    if classes == 2:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, predicted, average="binary", zero_division=0
        )
        scores |= {"precision": float(precision), "recall": float(recall), "f1": float(f1)}
    else:
        every = range(classes)
        scores["f1_macro"] = float(metrics.f1_score(truth, predicted, labels=every, average="macro", zero_division=0))
    if probabilities is None:
        if len(present) == classes:
            scores["matthews_corrcoef"] = float(metrics.matthews_corrcoef(truth, predicted))
    elif len(present) == classes <= MOST_PAIRED and np.isfinite(probabilities).all():
        sums = probabilities.sum(axis=1, keepdims=True)
        shares = probabilities[:, 1] if classes == 2 else probabilities / np.where(sums == 0, 1, sums)
        scores["roc_auc"] = float(metrics.roc_auc_score(truth, shares, multi_class="ovr"))
        if classes == 2:
            scores["matthews_corrcoef"] = float(metrics.matthews_corrcoef(truth, predicted))
            scores["average_precision"] = float(metrics.average_precision_score(truth, shares))
    return scores


def score_labels(
    truth: "np.ndarray", predicted: "np.ndarray", probabilities: "np.ndarray", rated: list[dict[str, Any]]
) -> dict[str, float]:
    """Scores of labels, all (n, labels), ``truth`` and ``predicted`` 0 or 1; ``rated`` is what ``per_class`` gives.

    F1 over all labels and as their mean, the share of rows that are right in full, that of wrong labels, and how high
    the true labels stand among all by their probability (label ranking average precision).
    """
    import numpy as np
    from sklearn import metrics

    scores = {
        "f1_micro": float(metrics.f1_score(truth.ravel(), predicted.ravel(), zero_division=0)),
        "f1_macro": float(np.mean([figures["f1"] for figures in rated])),
        "subset_accuracy": float((truth == predicted).all(axis=1).mean()),
        "hamming_loss": float((truth != predicted).mean()),
    }
    if np.isfinite(probabilities).all():
        scores["lrap"] = float(metrics.label_ranking_average_precision_score(truth, probabilities))
    return scores


def score_errors(errors: "np.ndarray") -> dict[str, float]:
    """The mean, the median and the 99th percentile of the errors (n,) of rows."""
    import numpy as np

    middle, high = np.percentile(errors, [50, 99])
    return {"mean_error": float(errors.mean()), "median_error": float(middle), "error_99th_percentile": float(high)}


def score_each_class(truth: "np.ndarray", predicted: "np.ndarray", classes: Sequence[str]) -> list[dict[str, Any]]:
    """Precision, recall, F1 and rows of each class (n,) or each label (n, labels)."""
    from sklearn import metrics

    # One column of labels is two classes to scikit-learn, of which the label is the second.
    labels = [1] if truth.shape[1:] == (1,) else range(len(classes))
    figures = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    return [
        {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "rows": int(n)}
        for name, p, r, f, n in zip(classes, *figures, strict=True)
    ]


def count_confusion(truth: "np.ndarray", predicted: "np.ndarray", classes: int) -> "np.ndarray":
    """How many rows of each true class (rows) are predicted as each class (columns); of very many classes, nothing."""
    import numpy as np
    from sklearn import metrics

    if classes > MOST_PAIRED:
        return np.zeros((0, 0), "int64")
    return metrics.confusion_matrix(truth, predicted, labels=range(classes))  # type: ignore[no-any-return]
