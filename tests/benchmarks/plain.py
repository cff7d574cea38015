"""The benchmarks' jobs as a tutorial writes them in plain Keras, nothing tuned; the last line is JSON.

``python plain.py JOB [EPOCHS]`` with circles, pima, mnist_logits, fashion_512, fashion_cnn, pictures, dogs_cats or
dogs_cats_augmented;
``python plain.py predict MODEL CSV OUT [BATCH]``; ``python plain.py evaluate MODEL CSV``;
``python plain.py table CSV [EPOCHS]`` trains on a CSV.
The data files are in the folder ``RNA_DATA``. Imports are inside the jobs, because they are timed.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()
DATA = Path(os.environ.get("RNA_DATA", Path(__file__).parents[3] / "shared" / "data"))
seconds: dict[str, float] = {}


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 3)


def circles(epochs: int = 30) -> dict[str, Any]:
    with timed("importing"):
        import keras
        from sklearn.datasets import make_circles
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

    keras.utils.set_random_seed(0)
    x, y = make_circles(n_samples=1000, factor=0.3, noise=0.07, random_state=0)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(2, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="sgd", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=epochs, batch_size=5, verbose=0)
    return finished(model, epochs, test=(x_test, y_test))


def pima(epochs: int = 150) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import pandas as pd
        from sklearn.model_selection import train_test_split

    keras.utils.set_random_seed(42)
    data = pd.read_csv(DATA / "tabular" / "clean-pima-indians-diabetes.csv")
    x, y = data.drop("8", axis=1), data["8"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(12, activation="relu"),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=epochs, batch_size=10, verbose=0)
    return finished(model, epochs, train=(x_train, y_train), test=(x_test, y_test))


def mnist_logits(epochs: int = 5) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import numpy as np

    keras.utils.set_random_seed(42)
    with np.load(DATA / "mnist.npz") as file:
        x_train, y_train, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    x_train, x_test = x_train / 255.0, x_test / 255.0
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=epochs, verbose=0)
    return finished(model, epochs, test=(x_test, y_test))


def fashion_512(epochs: int = 10) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    x_train, y_train, x_test, y_test = fashion()
    x_valid, y_valid, x_train, y_train = x_train[:10000], y_train[:10000], x_train[10000:], y_train[10000:]
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=epochs, batch_size=128, validation_data=(x_valid, y_valid), verbose=0)
    return finished(model, epochs, test=(x_test, y_test))


def fashion_cnn(epochs: int = 2) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    x_train, y_train, x_test, y_test = fashion()
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(32, 5, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 5, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=epochs, batch_size=64, verbose=0)
    return finished(model, epochs, test=(x_test, y_test))


def pictures(epochs: int = 1) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    train, test = pictures_of("train"), pictures_of("test")
    model = keras.Sequential(
        [
            keras.Input((100, 100, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.AveragePooling2D(10),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(1e-4), metrics=["accuracy"])
    with timed("fitting"):
        model.fit(train, epochs=epochs, verbose=0)
    return finished(model, epochs, test=(test, None))


def dogs_cats(epochs: int = 30) -> dict[str, Any]:
    return photographs(epochs, 1e-4, augmented=False)


def dogs_cats_augmented(epochs: int = 40) -> dict[str, Any]:
    return photographs(epochs, 3e-4, augmented=True)


def photographs(epochs: int, rate: float, augmented: bool) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    train, validation, test = map(pictures_of, ("train", "validation", "test"))
    augment = [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(0.11, fill_mode="nearest"),
        keras.layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
        keras.layers.RandomZoom(0.2, fill_mode="nearest"),
    ]
    blocks = [
        layer
        for filters in (32, 64, 128, 128)
        for layer in (keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D())
    ]
    model = keras.Sequential(
        [
            keras.Input((100, 100, 3)),
            *(augment if augmented else []),
            keras.layers.Rescaling(1 / 255),
            *blocks,
            keras.layers.Flatten(),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(rate), metrics=["accuracy"])
    with timed("fitting"):
        model.fit(train, epochs=epochs, validation_data=validation, verbose=0)
    return finished(model, epochs, test=(test, None))


def pictures_of(part: str) -> Any:
    """The pictures of dogs and cats of a part, as a tutorial reads them."""
    import keras

    with contextlib.redirect_stdout(sys.stderr):  # it prints counts
        return keras.utils.image_dataset_from_directory(
            DATA / "images" / "dogs-cats" / part, label_mode="binary", image_size=(100, 100), batch_size=20
        )


def fashion() -> tuple[Any, Any, Any, Any]:
    import numpy as np

    with np.load(DATA / "fashion_mnist.npz") as file:
        x_train, y_train, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    return (x_train / 255).astype("float32"), y_train, (x_test / 255).astype("float32"), y_test


def finished(model: Any, epochs: int, **parts: tuple[Any, Any]) -> dict[str, Any]:
    """What a tutorial ends with: loss and accuracy on each of the ``parts``."""
    measured = {part: model.evaluate(x, y, verbose=0, return_dict=True) for part, (x, y) in parts.items()}
    return {"epochs": epochs, "parameters": model.count_params(), "metrics": measured}


def predict(path: str, source: str, output: str, batch: str = "32") -> dict[str, Any]:
    with timed("importing"):
        import keras
        import pandas as pd

    model = keras.models.load_model(path)
    x = pd.read_csv(source).to_numpy("float32")
    outputs = model.predict(x, batch_size=int(batch), verbose=0)
    pd.DataFrame(outputs, columns=[f"p{i}" for i in range(outputs.shape[1])]).to_csv(output, index=False)
    return {"rows": len(outputs)}


def evaluate(path: str, source: str) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import pandas as pd

    model = keras.models.load_model(path)
    data = pd.read_csv(source)
    x, y = data.drop("label", axis=1).to_numpy("float32"), data["label"]
    return {"rows": len(x), "metrics": {"file": model.evaluate(x, y, verbose=0, return_dict=True)}}


def table(source: str, epochs: str = "1") -> dict[str, Any]:
    with timed("importing"):
        import keras
        import pandas as pd
        from sklearn.model_selection import train_test_split

    keras.utils.set_random_seed(0)
    data = pd.read_csv(source)
    x, y = data.drop("label", axis=1), data["label"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            keras.layers.Dense(12, activation="relu"),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=int(epochs), batch_size=1024, verbose=0)
    return finished(model, int(epochs), test=(x_test, y_test))


TRAINING = {
    "circles": circles,
    "pima": pima,
    "mnist_logits": mnist_logits,
    "fashion_512": fashion_512,
    "fashion_cnn": fashion_cnn,
    "pictures": pictures,
    "dogs_cats": dogs_cats,
    "dogs_cats_augmented": dogs_cats_augmented,
}


def main() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    job, *arguments = sys.argv[1:]
    if job in TRAINING:
        result = TRAINING[job](*map(int, arguments))
    else:
        result = {"predict": predict, "evaluate": evaluate, "table": table}[job](*arguments)
    seconds["in_all"] = round(time.perf_counter() - BEGAN, 3)
    print(json.dumps({"job": job, "seconds": seconds, **result}))


if __name__ == "__main__":
    main()
