"""``rna tune`` beside Keras Tuner's Hyperband: the neurons and the learning rate of ``configs/mnist_tune.yaml``.

``python search.py [--keras-tuner PYTHON] [--repeat N]``: in turn, each search a process of its own. ``PYTHON`` is one
where keras-tuner and TensorFlow are installed (default: this one). Both sides have the same networks, ranges, pictures,
batches and most epochs of a trial; each proposes its own trials. What is counted are the processor's seconds of the
trials alone, from the first one's beginning to the last one's end. ``mnist.npz`` is in the folder ``RNA_DATA``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RNA_DATA", ROOT.parent / "shared" / "data"))
ROWS, VALIDATION, EPOCHS = 6000, 5000, 4


def search_rna(folder: str) -> dict[str, Any]:
    from rnacli.terminal.startup import import_engine

    import_engine(True)
    from rnacli.experiment.load import load_config
    from rnacli.tuning.tune import tune_network

    class Clock:
        began = spent = 0.0

        def begin(self, search: Any, trainer: Any) -> None:
            self.began = time.process_time()

        def confirming(self, done: int, of: int) -> None: ...
        def close(self) -> None: ...
        def trial(self, outcome: Any) -> None:
            self.spent = time.process_time() - self.began

    clock = Clock()
    found = tune_network(
        load_config(ROOT / "configs" / "mnist_tune.yaml"), Path(folder), Path(folder, "cache"), [clock], offline=True
    )
    best, epochs = found.winner.value(found.goal.name), sum(each.epochs for each in found.outcomes)
    return {"seconds": clock.spent, "trials": len(found.outcomes), "epochs": epochs, "best": best}


def search_keras(folder: str) -> dict[str, Any]:
    import keras
    import keras_tuner
    import numpy as np

    ran = []

    def build(choice: Any) -> Any:
        units, rate = choice.Int("units", 32, 512, step=32), choice.Choice("rate", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
        dense = keras.layers.Dense
        model = keras.Sequential([keras.Input((784,)), dense(units, activation="relu"), dense(10)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
        return model

    keras.utils.set_random_seed(0)
    with np.load(DATA / "mnist.npz") as file:
        x, y = file["x_train"].reshape(-1, 784) / 255.0, file["y_train"]
    rest = slice(-VALIDATION, None)
    tuner = keras_tuner.Hyperband(build, "val_accuracy", max_epochs=EPOCHS, factor=3, seed=0, directory=folder)
    count = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ran.append(epoch))
    began = time.process_time()
    tuner.search(x[:ROWS], y[:ROWS], validation_data=(x[rest], y[rest]), verbose=0, callbacks=[count])
    spent, best = time.process_time() - began, tuner.oracle.get_best_trials()[0].score
    return {"seconds": spent, "trials": len(tuner.oracle.trials), "epochs": len(ran), "best": best}


SIDES = {"rna": search_rna, "keras": search_keras}


def measure(side: str, python: str) -> dict[str, Any]:
    """Search in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "datasets").mkdir()
        Path(folder, "datasets", "mnist.npz").symlink_to((DATA / "mnist.npz").resolve())
        place = {"KERAS_HOME": folder, "RNA_DATA": str(DATA), "TF_CPP_MIN_LOG_LEVEL": "3"}
        place |= {"PYTHONPATH": str(ROOT)} if side == "rna" else {}
        command = [python, __file__, "--side", side, "--folder", folder]
        done = subprocess.run(command, env=os.environ | place, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keras-tuner", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--folder")
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(SIDES[asked.side](asked.folder)))
        return
    if subprocess.run([asked.keras_tuner, "-c", "import keras_tuner"], capture_output=True).returncode:
        sys.exit(f"{asked.keras_tuner} has no keras_tuner: pip install keras-tuner tensorflow, or --keras-tuner PYTHON")
    for _ in range(asked.repeat):
        found = {"rna": measure("rna", sys.executable), "keras": measure("keras", asked.keras_tuner)}
        for side, each in found.items():
            trial, epoch = (each["seconds"] / each[name] for name in ("trials", "epochs"))
            print(
                f"{side:5}  {each['trials']} trials, {each['epochs']} epochs: {each['seconds']:.1f} CPU s, "
                f"{trial:.2f} a trial, {epoch:.2f} an epoch; best {each['best']:.4f}"
            )
        for name in ("trials", "epochs"):
            ours, theirs = (found[side]["seconds"] / found[side][name] for side in ("rna", "keras"))
            print(f"Keras Tuner / rna, of {name}: {theirs / ours:.2f}", flush=True)


if __name__ == "__main__":
    main()
