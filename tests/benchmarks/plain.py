"""The benchmarks' jobs as a tutorial writes them in plain Keras, nothing tuned; the last line is JSON.

``python plain.py JOB [EPOCHS]`` with a name of ``TRAINING``;
``python plain.py predict MODEL CSV OUT [BATCH]``; ``python plain.py evaluate MODEL CSV``;
``python plain.py table CSV [EPOCHS]`` trains on a CSV; ``python plain.py generate MODEL LETTERS OUT`` writes a text.
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


def convolutions(keras: Any) -> list[Any]:
    """The tutorial's layers for grey pictures of 28 x 28 in ten classes."""
    return [
        keras.layers.Conv2D(32, 5, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 5, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]


def mnist_cnn(epochs: int = 5) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import numpy as np

    keras.utils.set_random_seed(0)
    with np.load(DATA / "mnist.npz") as file:
        x_train, x_test = ((file[name][..., None] / 255).astype("float32") for name in ("x_train", "x_test"))
        y_train, y_test = (keras.utils.to_categorical(file[name]) for name in ("y_train", "y_test"))
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *convolutions(keras),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
    with timed("fitting"):
        model.fit(x_train, y_train, epochs=epochs, batch_size=100, verbose=0)
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
            *convolutions(keras),
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


def features(epochs: int = 20) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    train, validation, test = (pictures_of(part, 32) for part in ("train", "validation", "test"))
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.trainable = False
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Flatten()(base(keras.applications.vgg16.preprocess_input(inputs)))
    x = keras.layers.Dense(256, activation="relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(1e-4), metrics=["accuracy"])
    with timed("fitting"):
        model.fit(train, epochs=epochs, validation_data=validation, verbose=0)
    return finished(model, epochs, test=(test, None))


def pictures_of(part: str, size: int = 100) -> Any:
    """The pictures of dogs and cats of a part, as a tutorial reads them."""
    import keras

    with contextlib.redirect_stdout(sys.stderr):  # it prints counts
        return keras.utils.image_dataset_from_directory(
            DATA / "images" / "dogs-cats" / part, label_mode="binary", image_size=(size, size), batch_size=20
        )


def functional(epochs: int = 20) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import numpy as np
        import pandas as pd
        from sklearn.model_selection import train_test_split

    keras.utils.set_random_seed(0)
    table = pd.read_csv(DATA / "tabular" / "california-housing.csv")
    table["total_bedrooms"] = table["total_bedrooms"].fillna(table["total_bedrooms"].median())
    coasts, coast = np.unique(table.pop("ocean_proximity"), return_inverse=True)
    price, values = table.pop("median_house_value").to_numpy("float32"), table.to_numpy("float32")
    rows = train_test_split(np.arange(len(table)), test_size=0.2, random_state=0)
    price, values = ((each - each[rows[0]].mean(axis=0)) / each[rows[0]].std(axis=0) for each in (price, values))
    dense = keras.layers.Dense
    place, house = keras.Input((2,), name="place"), keras.Input((values.shape[1] - 2,), name="house")
    where = dense(64, activation="relu")(dense(64, activation="relu")(place))
    both = keras.layers.Concatenate()([where, dense(32, activation="relu")(house)])
    outputs = {
        "price": dense(1, name="price")(dense(64, activation="relu")(both)),
        "coast": dense(len(coasts), activation="softmax", name="coast")(where),
    }
    model = keras.Model([place, house], outputs)
    model.compile(
        "adam",
        {"price": "mse", "coast": "sparse_categorical_crossentropy"},
        metrics={"price": ["mae"], "coast": ["accuracy"]},
        loss_weights={"price": 1.0, "coast": 0.2},
    )
    (x, y), test = (
        ({"place": values[part, :2], "house": values[part, 2:]}, {"price": price[part], "coast": coast[part]})
        for part in rows
    )
    with timed("fitting"):
        model.fit(x, y, epochs=epochs, batch_size=128, verbose=0)
    return finished(model, epochs, test=test)


def text(epochs: int = 5) -> dict[str, Any]:
    with timed("importing"):
        import keras

    keras.utils.set_random_seed(0)
    letters, codes = shakespeare()
    first, last = (int(len(codes) * share) for share in (0.9, 0.95))
    train, validation, test = (
        (
            part[: (len(part) - 1) // 100 * 100].reshape(-1, 100),
            part[1:][: (len(part) - 1) // 100 * 100].reshape(-1, 100),
        )
        for part in (codes[:first], codes[first:last], codes[last:])
    )
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(len(letters), 64),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.Dense(len(letters)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss, metrics=["accuracy"])
    with timed("fitting"):
        model.fit(*train, epochs=epochs, batch_size=64, validation_data=validation, verbose=0)
    return finished(model, epochs, test=test)


def shakespeare() -> tuple[list[str], Any]:
    """The letters that there are, and the text as numbers of theirs."""
    import numpy as np

    text = (DATA / "text" / "tinyshakespeare.txt").read_text("utf-8")
    letters = sorted(set(text))
    return letters, np.array([letters.index(letter) for letter in text], "int32")


def gan(epochs: int = 1) -> dict[str, Any]:
    with timed("importing"):
        import keras
        import numpy as np
        import tensorflow as tf

    keras.utils.set_random_seed(0)
    with np.load(DATA / "mnist.npz") as file:
        real = (file["x_train"][:2560, ..., None] / 127.5 - 1).astype("float32")
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(3136, use_bias=False),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(32, 5, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.01),
            layers.Conv2DTranspose(16, 5, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.01),
            layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, strides=2, padding="same"),
            layers.LeakyReLU(0.01),
            layers.Conv2D(64, 5, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.01),
            layers.Conv2D(128, 5, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(0.01),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    optimizers = [keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4)]
    for optimizer, network in zip(optimizers, (generator, discriminator), strict=True):
        optimizer.build(network.trainable_variables)

    @tf.function
    def step(some: Any) -> tuple[Any, Any]:
        with tf.GradientTape(persistent=True) as tape:
            made = generator(tf.random.normal((len(some), 100)), training=True)
            on_real, on_made = discriminator(some, training=True), discriminator(made, training=True)
            g_loss = entropy(tf.ones_like(on_made), on_made)
            d_loss = entropy(tf.ones_like(on_real), on_real) + entropy(tf.zeros_like(on_made), on_made)
        for loss, network, optimizer in zip((g_loss, d_loss), (generator, discriminator), optimizers, strict=True):
            weights = network.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return g_loss, d_loss

    batches = tf.data.Dataset.from_tensor_slices(real).shuffle(len(real)).batch(256)
    losses: tuple[Any, Any] = (0, 0)
    with timed("fitting"):
        for _ in range(epochs):
            for some in batches:
                losses = step(some)
    metrics = dict(zip(("generator_loss", "discriminator_loss"), map(float, losses), strict=True))
    return {
        "epochs": epochs,
        "parameters": generator.count_params() + discriminator.count_params(),
        "metrics": {"train": metrics},
    }


def generate(path: str, length: str, output: str) -> dict[str, Any]:
    """A text, a letter at a time, as the book writes it: the state is kept, and one call gives one letter."""
    with timed("importing"):
        import keras
        import numpy as np

    letters, _ = shakespeare()
    trained = keras.models.load_model(path)
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(1, 1), dtype="int32"),
            keras.layers.Embedding(len(letters), 64),
            keras.layers.LSTM(128, return_sequences=True, stateful=True),
            keras.layers.Dense(len(letters)),
        ]
    )
    model.set_weights(trained.get_weights())
    random, text = np.random.default_rng(0), "ROMEO:"
    for letter in text:
        logits = model.predict(np.array([[letters.index(letter)]]), verbose=0)
    for _ in range(int(length)):
        scores = logits[0, 0].astype("float64") / 0.5
        chances = np.exp(scores - scores.max())
        code = random.choice(len(letters), p=chances / chances.sum())
        text += letters[code]
        logits = model.predict(np.array([[code]]), verbose=0)
    Path(output).write_text(text, "utf-8")
    return {"letters": int(length)}


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
    "mnist_cnn": mnist_cnn,
    "fashion_512": fashion_512,
    "fashion_cnn": fashion_cnn,
    "pictures": pictures,
    "dogs_cats": dogs_cats,
    "dogs_cats_augmented": dogs_cats_augmented,
    "features": features,
    "functional": functional,
    "text": text,
    "gan": gan,
}


def main() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    job, *arguments = sys.argv[1:]
    if job in TRAINING:
        result = TRAINING[job](*map(int, arguments))
    else:
        result = {"predict": predict, "evaluate": evaluate, "table": table, "generate": generate}[job](*arguments)
    seconds["in_all"] = round(time.perf_counter() - BEGAN, 3)
    print(json.dumps({"job": job, "seconds": seconds, **result}))


if __name__ == "__main__":
    main()
