"""What scores are called for people: with the class that they are of."""

from rnacli.words import fill_template

ABOUT_POSITIVE = {
    "precision", "recall", "f1", "average_precision", "f1_score", "fbeta_score", "precision_at_recall",
    "recall_at_precision", "sensitivity_at_specificity", "specificity_at_sensitivity", "true_positives",
    "true_negatives", "false_positives", "false_negatives",
}  # fmt: skip
"""Scores that are other ones for the other of two classes."""


def name_score(name: str, positive: str | None) -> str:
    """A score's name for people: ``recall of Enfermo`` where it is of one of two classes."""
    return (
        fill_template("{name} of {positive}", name=name, positive=positive)
        if positive is not None and name in ABOUT_POSITIVE
        else name
    )


OWN_SCORES = ("mean_error", "median_error", "error_99th_percentile")
"""Scores that are none of scikit-learn's: of the errors of rows that are given back."""
