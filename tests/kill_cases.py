"""Small experiments of every kind of training, for ``kill.py``, and the files that they are trained on."""

from pathlib import Path

import numpy as np

DENSE = """\
name: dense
seed: 5
dataset: {sklearn: make_moons, n_samples: 300, noise: 0.2, split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 16, activation: relu}
  - batch_normalization
  - dropout: 0.3
  - gaussian_noise: 0.05
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.02}}
metrics: [accuracy]
threshold: f1
epochs: 14
batch_size: 16
callbacks:
  - early_stopping: {monitor: val_loss, patience: 5, restore_best_weights: true}
  - reduce_lr_on_plateau: {monitor: val_loss, patience: 1, factor: 0.5, cooldown: 1}
checkpoint: {every: 1}
engine: {fuse: true}
"""
IMAGES = """\
name: images
seed: 6
dataset:
  images: digits
  image_size: 8
  color_mode: grayscale
  augment:
    - random_translation: {height_factor: 0.1, width_factor: 0.1}
    - random_rotation: 0.05
  split: {test: 0.2, validation: 0.2}
  scale: {rescale: 255}
layers:
  - random_flip: horizontal
  - conv_2d: {filters: 4, kernel_size: 3, activation: relu}
  - batch_normalization
  - max_pooling_2d: 2
  - flatten
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {sgd: {learning_rate: 0.05, momentum: 0.9}}
metrics: [accuracy]
epochs: 8
batch_size: 32
callbacks:
  - early_stopping: {monitor: val_loss, patience: 3, restore_best_weights: true}
  - reduce_lr_on_plateau: {monitor: val_loss, patience: 1, cooldown: 2}
checkpoint: {every: 1}
engine: {fuse: true}
"""
TEXT = """\
name: text
seed: 7
dataset: {text: poem.txt, window: 12, split: {test: 0.1, validation: 0.1}}
layers:
  - embedding: {output_dim: 8}
  - lstm: {units: 12, return_sequences: true, dropout: 0.1}
  - dropout: 0.2
  - dense: {}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
optimizer: {adam: 0.02}
epochs: 3
batch_size: 32
samples: {every: 2, prompt: "en", temperature: [0, 0.8], length: 70}
checkpoint: {every: 1}
"""
GAN = """\
name: gan
seed: 7
dataset:
  images: digits
  image_size: 8
  color_mode: grayscale
  augment:
    - random_translation: {height_factor: 0.1, width_factor: 0.1}
  split: {test: 0.2, validation: 0.2}
  scale: {rescale: 127.5, offset: -1}
noise: 5
generator:
  - dense: {units: 32, use_bias: false}
  - reshape: [4, 4, 2]
  - batch_normalization
  - leaky_relu: 0.1
  - conv2d_transpose: {filters: 1, kernel_size: 3, strides: 2, padding: same, activation: tanh}
discriminator:
  - conv2d: {filters: 4, kernel_size: 3, strides: 2, padding: same}
  - batch_normalization
  - leaky_relu: 0.1
  - dropout: 0.2
  - flatten
  - dense: 1
loss: {binary_crossentropy: {from_logits: true}}
optimizer: {generator: {adam: 1e-3}, discriminator: {sgd: {learning_rate: 0.01, momentum: 0.9}}}
epochs: 8
batch_size: 32
samples: {every: 1, grid: [2, 2]}
checkpoint: {every: 1}
engine: {fuse: true}
"""
SERIES = """\
name: series
seed: 3
dataset:
  csv: stations.csv
  target: level
  features: [level, rain, kind]
  window: 6
  window_group: station
  columns: {level: {scale: standard}, kind: categorical}
  split: {order_by: hour, validation: 0.1, test: 0.2}
layers:
  - lstm: {units: 8, dropout: 0.2, recurrent_dropout: 0.1, return_sequences: true}
  - gru: 6
  - dense: 1
loss: mse
optimizer: {rmsprop: 0.01}
metrics: [mae]
epochs: 4
batch_size: 32
checkpoint: {every: 1}
"""
WORDS = """\
name: words
seed: 4
dataset:
  csv: messages.csv
  target: kind
  columns: {text: {kind: text, max_tokens: 40}}
  split: {test: 0.2, validation: 0.2, stratify: true}
layers:
  - embedding: {output_dim: 6, mask_zero: true}
  - bidirectional: {layer: {lstm: {units: 5, dropout: 0.2}}}
  - dropout: 0.3
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: 0.02}
metrics: [accuracy]
threshold: f1
epochs: 4
batch_size: 16
checkpoint: {every: 1}
"""
TOLD = """\
name: told
seed: 7
dataset:
  images: digits
  image_size: 8
  color_mode: grayscale
  split: {test: 0.2}
  scale: {rescale: 127.5, offset: -1}
noise: 5
generator:
  - concatenate: [noise, label]
  - dense: {units: 32, activation: relu}
  - batch_normalization
  - dense: {units: 64, activation: tanh}
  - reshape: [8, 8, 1]
discriminator:
  - dense: {units: 64, from: label}
  - reshape: {target_shape: [8, 8, 1], name: plane}
  - concatenate: [x, plane]
  - conv2d: {filters: 4, kernel_size: 3, strides: 2, padding: same}
  - leaky_relu: 0.1
  - dropout: 0.2
  - flatten
  - dense: 1
loss: {binary_crossentropy: {from_logits: true}}
optimizer: {adam: {learning_rate: 1e-3, beta_1: 0.5}}
epochs: 6
batch_size: 32
samples: {every: 1, grid: [10, 2]}
checkpoint: {every: 1}
"""
PHASES = """\
name: phases
seed: 8
dataset:
  images: digits
  image_size: 32
  split: {test: 0.2, validation: 0.2}
layers:
  - mobilenet: {weights: null, alpha: 0.25, pooling: avg, trainable: false}
  - dropout: 0.3
  - dense: {units: 10, activation: softmax}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
phases:
  - {epochs: 3, optimizer: {adam: 0.01}}
  - {epochs: 3, optimizer: {sgd: {learning_rate: 0.01, momentum: 0.9}}, unfreeze: {mobilenet: conv_dw_13}}
batch_size: 32
checkpoint: {every: 1}
"""
GRAPH = """\
name: graph
seed: 4
dataset:
  csv: houses.csv
  target: [price, coast]
  inputs: {place: [east, north], house: rest}
  columns: {price: {scale: standard}}
  split: {test: 0.25, validation: 0.2}
layers:
  - dense: {units: 8, activation: relu, from: place, name: where}
  - dense: {units: 4, from: house}
  - dropout: 0.2
  - concatenate: [where, dropout]
  - dense: {units: 1, name: price}
  - dense: {units: 3, activation: softmax, name: coast, from: where}
loss: {price: mse, coast: sparse_categorical_crossentropy}
loss_weights: {coast: 0.5}
metrics: {price: [mae], coast: [accuracy]}
optimizer: {adam: 0.02}
epochs: 6
batch_size: 16
checkpoint: {every: 1}
"""
SEEDS = """\
name: seeds
seed: 5
seeds: 20
dataset: {sklearn: load_iris, split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 8, activation: relu}
  - batch_normalization
  - dropout: 0.3
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: 0.02}}
metrics: [accuracy]
epochs: 6
batch_size: 16
callbacks:
  - early_stopping: {monitor: val_loss, patience: 2, restore_best_weights: true}
checkpoint: {every: 1}
"""
"""Trained by one program."""
ALONE = (
    SEEDS.replace("name: seeds", "name: alone")
    .replace("seeds: 20", "seeds: 4\nensemble: true")
    .replace("learning_rate: 0.02", "learning_rate: 0.02, gradient_accumulation_steps: 2")
)
"""Trained one after the other."""
SLOTS = """\
name: slots
seed: 2
dataset: {sklearn: make_circles, n_samples: 200, factor: 0.3, noise: 0.2, random_state: 0,
  split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 4, activation: tanh}
  - dropout: 0.1
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.1}}
metrics: [accuracy]
epochs: 12
batch_size: 12
callbacks: [{early_stopping: {monitor: val_loss, patience: 4, restore_best_weights: true}}]
checkpoint: {every: 1}
tune:
  trials: 24
  goal: val_accuracy
  confirm: {best: 2, seeds: 4}
  over:
    optimizer.*.learning_rate: {log: [1e-3, 1.0]}
    layers.1.dropout.rate: [0.0, 0.5]
"""
SHAPES = SLOTS.replace("name: slots", "name: shapes").replace("trials: 24", "trials: 8\n  seeds: 2").replace(
    "  over:", "  over:\n    layers.0.dense.units: [2, 9]"
)  # fmt: skip
TRAININGS = {
    "dense": DENSE,
    "images": IMAGES,
    "text": TEXT,
    "gan": GAN,
    "series": SERIES,
    "words": WORDS,
    "told": TOLD,
    "phases": PHASES,
    "graph": GRAPH,
    "seeds": SEEDS,
    "alone": ALONE,
}
SEARCHES = {"slots": SLOTS, "shapes": SHAPES}
EXPERIMENTS = TRAININGS | SEARCHES


def write_data(folder: Path, text: str) -> None:
    """Write the files that an experiment names."""
    for name, write in DATA.items():
        if f": {name}" in text:
            write(folder / name)


def write_poem(path: Path) -> None:
    path.write_text("en un lugar de la mancha de cuyo nombre no quiero acordarme\n" * 25)


def write_digits(folder: Path) -> None:
    """Small handwritten digits, each a file in its class' folder."""
    import sklearn.datasets
    from PIL import Image

    x, y = sklearn.datasets.load_digits(return_X_y=True)
    for i, (values, digit) in enumerate(zip(x[:320], y[:320], strict=True)):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
        Image.fromarray((values.reshape(8, 8) * 15).astype("uint8")).save(folder / str(digit) / f"{i}.png")


def write_stations(path: Path) -> None:
    """Three series in one table, their rows mixed: what each level was before says something of the next."""
    random, lines = np.random.default_rng(1), ["hour,station,level,rain,kind"]
    level = np.zeros(3)
    for hour in range(120):
        for station in random.permutation(3):
            rain = random.exponential()
            level[station] = 0.8 * level[station] + rain - 1
            lines.append(f"{hour},{'abc'[station]},{level[station]:.3f},{rain:.3f},{'xy'[hour % 2]}")
    path.write_text("\n".join(lines))


def write_messages(path: Path) -> None:
    """Texts of different lengths, of two kinds that share some words."""
    random, lines = np.random.default_rng(2), ["text,kind"]
    words = {"ham": "casa sol árbol libro tú y el la", "spam": "gana premio ya gratis llama y el la"}
    for i in range(200):
        kind = ("ham", "spam")[i % 4 == 0]
        lines.append(f"{' '.join(random.choice(words[kind].split(), random.integers(1, 9)))},{kind}")
    path.write_text("\n".join(lines), "utf-8")


def write_houses(path: Path) -> None:
    random, lines = np.random.default_rng(0), ["east,rooms,north,age,price,coast"]
    for _ in range(160):
        east, rooms, north, age = random.normal(size=4).round(3)
        coast = "near" if east > 0.4 else "far" if east < -0.4 else "inland"
        lines.append(f"{east},{rooms},{north},{age},{200 + 50 * east + 30 * rooms:.2f},{coast}")
    path.write_text("\n".join(lines))


DATA = {
    "digits": write_digits,
    "poem.txt": write_poem,
    "stations.csv": write_stations,
    "messages.csv": write_messages,
    "houses.csv": write_houses,
}
