"""Real messages: the shipped networks on texts beside scikit-learn's, on the same rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import ROOT
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from rnacli.experiment.load import load_config
from rnacli.training.train import train_network


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sms_spam", "sms_spam_words"])
def test_spam_is_found_as_well_as_by_scikit_learn(
    name: str, data_dir: Path, cache_dir: Path, tmp_path: Path, plain: None
) -> None:
    run = train_network(load_config(ROOT / "configs" / f"{name}.yaml"), tmp_path, cache_dir)
    table = pd.read_csv(data_dir / "text" / "sms-spam.csv", keep_default_na=False)
    split, predictions = pd.read_csv(run.path / "split.csv"), pd.read_csv(run.path / "predictions.csv")
    train, test = (split.row[split.part == part].to_numpy() for part in ("train", "test"))
    is_spam = np.asarray(table.Category == "spam")
    np.testing.assert_array_equal(predictions.truth == "spam", is_spam[test])
    vectorizer = TfidfVectorizer()
    classifier = LogisticRegression().fit(vectorizer.fit_transform(table.Message[train]), is_spam[train])
    theirs = f1_score(is_spam[test], classifier.predict(vectorizer.transform(table.Message[test])))
    ours = f1_score(is_spam[test], predictions.prediction == "spam")
    assert ours >= 0.93
    assert ours >= theirs - 0.01
