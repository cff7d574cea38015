"""What each measure and each picture says, in a sentence."""

import re
from collections.abc import Collection

from rnacli.runs.record import OF_DATA
from rnacli.words import fill_template

MEANINGS = {
    "loss": "what training minimises; only losses of one kind can be compared",
    "accuracy": "the share of rows that get the right class",
    "binary_accuracy": "the share of rows that get the right class",
    "categorical_accuracy": "the share of rows that get the right class",
    "sparse_categorical_accuracy": "the share of rows that get the right class",
    "balanced_accuracy": "the mean of each class' share of right rows: rare classes count as much as frequent ones",
    "precision": "of the rows predicted as the positive class, the share that is of it",
    "recall": "of the rows of the positive class, the share that is predicted as such",
    "f1": "precision and recall in one number (their harmonic mean): 1 is best",
    "f1_macro": "the mean of each class' F1: 1 is best",
    "f1_micro": "F1 over all labels of all rows: 1 is best",
    "roc_auc": "how often a row of the class gets a larger probability than one of another: 0.5 is chance, 1 is best",
    "average_precision": "the mean precision over all thresholds: 1 is best",
    "matthews_corrcoef": "how well truth and prediction agree: 0 is chance, 1 is best",
    "subset_accuracy": "the share of rows whose labels are all right",
    "hamming_loss": "the share of labels that are wrong: 0 is best",
    "lrap": "how high the true labels stand among all by their probability: 1 is best",
    "mae": "the mean distance from the truth",
    "mean_absolute_error": "the mean distance from the truth",
    "mse": "the mean squared distance from the truth: large errors count more",
    "mean_squared_error": "the mean squared distance from the truth: large errors count more",
    "rmse": "the root of the mean squared distance, in the units of the target",
    "r2": "the share of the target's variance that is explained: 0 is as good as always the mean, 1 is best",
    "mape": "the mean distance from the truth in percent of it",
    "perplexity": "as if the network guessed among so many tokens: 1 is best",
}
"""A sentence for each measure, in the words of scikit-learn's and Keras' documentation."""

PICTURES = {
    "loss": "The loss after each epoch: where the two curves part, the network learns its training rows by heart",
    "confusion_matrix": "Each true class against the class that was predicted: right rows stand on the diagonal",
    "roc": "True against false positives for every threshold: the nearer to the upper left, the better",
    "precision_recall": "Precision against recall for every threshold: the nearer to the upper right, the better",
    "calibration": "Predicted probabilities against how often they come true: on the diagonal they can be trusted",
    "decision_boundary": "What the network answers at every place of the plane, with the rows as points",
    "network": "The layers, their shapes and parameters",
    "prediction": "Predicted against true values: on the diagonal they are equal",
    "residuals": "The errors against the predictions: they should show no pattern",
    "images": "Pictures with their true and their predicted class",
    "labels": "Scores of each label: precision, recall and the F1 that joins them",
    "errors": "How large the errors of single rows are: those far to the right are the odd ones",
    "curve": "The rows as points, and what the network answers along the line",
    "reconstructions": "Pictures above, and what the network gives back of them below",
    "worst_reconstructions": "The pictures that the network gives back worst",
    "generated": "Examples that the network has made",
    "samples": "What the network makes of the same noise, from epoch to epoch",
    "losses": "The losses of generator and discriminator: neither falls for ever",
    "real_and_fake": "How real examples look to the discriminator: at 0.5 it cannot tell them apart",
    "augmented": "One picture as augmentation changes it",
    "filters": "What the filters of the first layer look like",
    "threshold": "Scores for every threshold",
    "explanation": "Which pixels the decisions rest on",
    "worst_errors": "The pictures that are most wrong",
    "series": "Truth and prediction through the time",
    "weights": "The weights of the first layer: what each of its units takes from the inputs",
    "data": "The data before training: how many rows each class has, and how the columns are distributed",
    "importance": "How much worse the answers get where a column's values are dealt anew to the rows",
    "boundary": "What the network answered at every place of the plane, from epoch to epoch",
}
"""What a picture shows, by the name of its file."""


def explain_measure(name: str, outputs: Collection[str] = ()) -> str:
    """What a measure says, of the network or of one of its ``outputs``; nothing of one that is not listed."""
    for output in outputs:
        name = name.removeprefix(f"{output}_")
    if name.endswith(OF_DATA):
        said = explain_measure(name.removesuffix(OF_DATA))
        return (
            fill_template(
                "{said:.300}; here in the units of the target, which is scaled for the network",
                said=fill_template(said),
            )
            if said
            else ""
        )
    first = name.partition("_")[0] if name.startswith(("mae_", "r2_")) else ""
    return fill_template(MEANINGS.get(name, MEANINGS.get(first, "")))


def explain_picture(path: str, measures: Collection[str] = ()) -> str:
    """What a picture shows, by its path without ending; ``measures``: those that have a value after each epoch."""
    stem = path.rpartition("/")[2]
    about = PICTURES.get(stem) or PICTURES.get(re.sub(r"_\d+$", "", stem))  # the second target's is prediction_2
    if about:
        return fill_template(about)
    words = stem.replace("_", " ")
    return fill_template("{metric} after each epoch", metric=words) if stem in measures else words
