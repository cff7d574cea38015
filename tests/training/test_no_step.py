"""A network that has taken no step is saved so that Keras loads it without a warning."""

import warnings
from pathlib import Path

import keras
from fixtures import CIRCLES, experiment, without_pictures

from rnacli.training.train import train_network


def test_a_network_of_no_epochs_is_loaded_without_a_warning(tmp_path: Path) -> None:
    text = CIRCLES.replace("epochs: 3", "epochs: 0").replace("{sgd: {learning_rate: 0.1}}", "adam")
    assert "optimizer: adam" in text
    with without_pictures():
        run = train_network(experiment(text), tmp_path / "runs", tmp_path / "cache")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keras.models.load_model(run.path / "model.keras").optimizer.built
