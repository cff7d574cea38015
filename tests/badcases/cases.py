r"""Bad inputs, and odd ones that are good: each is one small edit of a good experiment, and what rna says to it.

A case that is refused names its place and, nearly always, its mend. In ``mention``, ``a|b`` is either of the two, and
the case of letters does not matter.
"""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIG = """\
name: flowers
seed: 7
dataset:
  csv: flowers.csv
  delimiter: ','
  target: kind
  features: [height, width, petals, leaves]
  split: {test: 0.2, validation: 0.1, stratify: true}
  scale: standard
layers:
  - dense: {units: 8, activation: relu}
  - dropout: 0.1
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: 0.01}}
metrics: [accuracy]
epochs: 3
batch_size: 16
callbacks:
  - early_stopping: {monitor: val_loss, patience: 5}
"""
HEADER = "height,width,petals,leaves,kind"
KINDS = ("daisy", "poppy", "tulip")
ROWS = [
    f"{4 + i % 7 / 5:.1f},{3 + i % 5 / 10:.1f},{5 + i % 3 * 2}.0,{1 + i % 11 / 8:.3f},{KINDS[i % 3]}" for i in range(60)
]
TABLE = "\n".join([HEADER, *ROWS]) + "\n"
NEW = "\n".join([HEADER.removesuffix(",kind"), *(row.rpartition(",")[0] for row in ROWS[:6])]) + "\n"

CSV_KEYS = CONFIG[CONFIG.index("  csv:") : CONFIG.index("layers:")]
LAYERS = CONFIG[CONFIG.index("layers:") : CONFIG.index("loss:")]

Text = str | bytes | Callable[[], str | bytes] | None
"""What a file holds; ``None``: there is no file."""


@dataclass(frozen=True)
class Case:
    """``command`` runs in a folder of its own, on ``{case}``, a folder with the files, and ``{run}``, a finished run.

    ``exits``: the codes that will do. ``prepare`` changes the folder and the run. ``then`` looks at what came of it.
    """

    id: str
    command: str
    mention: tuple[str, ...] = ()
    exits: tuple[int, ...] = (2,)
    config: Text = CONFIG
    table: Text = TABLE
    new: Text = None
    prepare: Callable[[Path, Path], object] | None = None
    then: Callable[[Path], object] | None = None


def edited(text: str, *changes: str) -> str:
    """A text with the first of each pair replaced by the second; it must be there once."""
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text


def line(number: int, new: str, of: str = TABLE) -> str:
    """A text with one of its lines, counted from 1, replaced."""
    lines = of.splitlines()
    lines[number - 1] = new
    return "\n".join(lines) + "\n"


def columns(change: Callable[[list[str]], list[str]], of: list[str] = ROWS) -> str:
    """The table with each row (not the header) changed."""
    return "\n".join([HEADER, *(",".join(change(row.split(","))) for row in of)]) + "\n"


# What a config says wrongly: known from the file alone.


def config(
    id: str, change: str | tuple[str, ...] | Callable[[], str | bytes] | bytes, *mention: str, **more: Any
) -> Case:
    """A config that ``check`` refuses (or not): pairs of an old and a new text, or a text of its own."""
    text = edited(CONFIG, *change) if isinstance(change, tuple) else change
    return Case(id, "check {case}/config.yaml", mention, **{"config": text, **more})


def override(id: str, key: str, *mention: str) -> Case:
    return Case(id, f"train {{case}}/config.yaml --set {key}", (f"--set {key}", *mention))


def bomb() -> str:
    names = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(["a0: &a0 [lol]", *names, CONFIG])


SYNTAX = [
    config("tab-indent", ("  csv: f", "\tcsv: f"), "config.yaml:4:1", "a tab", "hint: use spaces"),
    config("unclosed-list", ("leaves]", "leaves"), "config.yaml:7:13", "[ opened here", "close it with ]"),
    config("duplicate-top-key", CONFIG + "seed: 8\n", "config.yaml:21:1", "seed: given twice, first on line 2"),
    config(
        "duplicate-nested-key", ("  scale:", "  target: sort\n  scale:"), "config.yaml:9", "target", "twice", "line 6"
    ),
    config("duplicate-flow-key", ("activation: relu", "units: 9"), "config.yaml:11:23", "units", "twice"),
    config("empty", "", "config.yaml", "empty", "a config starts with keys"),
    config("only-comments", "# nothing\n# here\n", "config.yaml", "empty", "a config starts with keys"),
    config("top-text", "hello world\n", "config.yaml:1", "a config starts with keys"),
    config("two-documents", CONFIG + "---\nname: second\n", "config.yaml:21", "second document", "delete the line"),
    config("unknown-tag", ("seed: 7", "seed: !secret 7"), "config.yaml:2", "tag !secret"),
    config("python-tag", ("seed: 7", "seed: !!python/object/apply:os.system ['touch PWNED']"), "config.yaml:2", "tag"),
    config("billion-laughs", bomb, "config.yaml:1", "values"),
    config("self-alias", ("[accuracy]", "&m [accuracy, *m]"), "config.yaml:16", "alias", "metrics"),
    config("deep-nesting", lambda: "name: " + "[" * 10_000 + "]" * 10_000 + "\n", "config.yaml:1", "nested"),
    config("latin1", b"name: flowers\n# caf\xe9\n" + CONFIG.encode(), "config.yaml:2:6", "UTF-8"),
    config("utf16", CONFIG.encode("utf-16"), "config.yaml", "UTF-8", exits=(0, 2)),
    config("escape-char", ("name: f", "name: f\x1b[31m"), "config.yaml:1", r"\x1b", "delete it"),
    config("two-megabytes", lambda: f"{CONFIG}# {'x' * (2 << 20)}\n", "config.yaml", "1 MB", exits=(0, 2)),
    config("list-key", CONFIG + "[a, b]: 1\n", "config.yaml:21", "key"),
    config(
        "merge-conflict",
        ("seed: 7", "<<<<<<< HEAD\nseed: 7\n=======\nseed: 8\n>>>>>>> other"),
        "config.yaml:2",
        "git left a merge conflict",
    ),
    config("smart-quotes", ("seed: 7", "seed: “7”"), "config.yaml:2", "seed", "plain quotes"),
    config("no-space-after-colon", ("epochs: 3", "epochs:3"), "config.yaml:17", "a space is missing after the colon"),
    config("nbsp-indent", ("  csv: f", "\xa0 csv: f"), "config.yaml:4|config.yaml:5", "no-break space"),
    config("binary", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", "config.yaml:1", "UTF-8"),
    config("escaped-control", ("name: flowers", 'name: "a\\x1b]0;oops\\x07b"'), "config.yaml:1", "name", r"\x1b"),
    Case("config-missing", "check {case}/confg.yaml", ("no file", "confg.yaml", "did you mean config.yaml?")),
    Case("config-is-folder", "check {case}", ("folder", "holds config.yaml")),
]  # fmt: skip

VALUES = [
    config("stratify-no", ("stratify: true", "stratify: no"), "config.yaml:8", "stratify", "did you mean false?"),
    config("epochs-quoted", ("epochs: 3", 'epochs: "10"'), "config.yaml:17", "epochs", "remove the quotes: 10"),
    config("epochs-leading-zero", ("epochs: 3", "epochs: 010"), "config.yaml:17", "epochs", "'010'", "write 10"),
    config("batch-fraction", ("size: 16", "size: 32.5"), "config.yaml:18", "batch_size", "got 32.5", "32 or 33"),
    config("epochs-negative", ("epochs: 3", "epochs: -1"), "config.yaml:17", "epochs", "at least 0", "got -1"),
    config("units-zero", ("units: 8", "units: 0"), "config.yaml:11:20", "units", "at least 1", "got 0"),
    config("lr-nan", ("0.01", ".nan"), "config.yaml:15", "learning_rate", "got .nan"),
    config("lr-inf", ("0.01", ".inf"), "config.yaml:15", "learning_rate", "got .inf"),
    config("lr-text", ("0.01", "fast"), "config.yaml:15", "learning_rate", "'fast'", "a number such as 0.01"),
    config("lr-comma", ("0.01", "'0,01'"), "config.yaml:15", "learning_rate", "write it with a decimal point: 0.01"),
    config("split-fraction-over-1", ("test: 0.2", "test: 1.5"), "config.yaml:8", "test", "1.5", "is below 1"),
    config("split-sum", ("test: 0.2, validation: 0.1", "test: 0.7, validation: 0.5"), "config.yaml:8", "validation",
           "test", "1.2 of the rows", "less than 1"),
    config("split-percent-sign", ("test: 0.2", "test: 20%"), "config.yaml:8", "test", "20%", "did you mean 0.2?"),
    config("epochs-null", ("epochs: 3", "epochs:"), "config.yaml:17", "epochs", "a value after the colon"),
    config("features-number", ("[height, width, petals, leaves]", "4"), "config.yaml:7", "features", "a list",
           "[first_column, second_column]"),
    config("layers-mapping", (LAYERS, "layers:\n  dense: {units: 8}\n"), "config.yaml:10|config.yaml:11", "layers",
           "list", "each layer starts with '- '"),
    config("dense-bare", ("dense: {units: 8, activation: relu}", "dense"), "config.yaml:11", "dense needs units"),
    config("dropout-range", ("dropout: 0.1", "dropout: 1.5"), "config.yaml:12", "dropout", "from 0 to 1", "1.5"),
    config("activation-number", ("relu", "5"), "config.yaml:11", "activation", "got 5"),
    config("seed-negative", ("seed: 7", "seed: -1"), "config.yaml:2", "seed", "from 0 to 4294967295", "got -1"),
    config("int-5000-digits", ("seed: 7", f"seed: {'9' * 5000}"), "config.yaml:2", "seed", "999…", "18 digits"),
    config("metrics-nested", ("[accuracy]", "[[accuracy]]"), "config.yaml:16", "metrics", "without these brackets"),
    config("batch-bool", ("size: 16", "size: true"), "config.yaml:18", "batch_size", "full or a whole", "got true"),
    config("batch-size-word", ("size: 16", "size: fulll"), "config.yaml:18", "batch_size", "'fulll'",
           "did you mean full?"),
    config("name-absolute", ("name: flowers", "name: /tmp/x"), "config.yaml:1", "name", "letters", "'/tmp/x'"),
    config("delimiter-two", ("','", "'::'"), "config.yaml:5", "delimiter", "one character"),
    config("layer-list-argument", ("{units: 8, activation: relu}", "[8, relu]"), "config.yaml:11", "dense",
           "dense: {units: 8, activation: relu}"),
]  # fmt: skip

WORDS = [
    config("layer", ("- dense: {units: 8", "- dence: {units: 8"), "config.yaml:11", "dence", "did you mean dense?"),
    config("activation", ("relu", "rleu"), "config.yaml:11", "rleu", "did you mean relu?"),
    config("optimizer", ("adam:", "adma:"), "config.yaml:15", "adma", "did you mean adam?"),
    config("loss", ("crossentropy", "crossentropi"), "config.yaml:14", "crossentropi",
           "did you mean sparse_categorical_crossentropy?"),
    config("layer-parameter", ("units: 8", "unit: 8"), "config.yaml:11", "'unit'", "did you mean units?"),
    config("lr-short", ("learning_rate", "lr"), "config.yaml:15", "'lr'", "did you mean learning_rate?"),
    config("input-shape", ("units: 8", "units: 8, input_shape: [4]"), "config.yaml:11", "'input_shape'",
           "follows from the data"),
    config("wrong-level", ("  scale:", "  epochs: 9\n  scale:"), "config.yaml:9", "dataset.epochs",
           "epochs belongs to the top level"),
    config("hyphen", ("batch_size", "batch-size"), "config.yaml:18", "batch-size", "did you mean batch_size?"),
    config("monitor", ("val_loss", "val_los"), "config.yaml:20", "val_los", "did you mean val_loss?"),
    config("sklearn-name", (CSV_KEYS, "  sklearn: load_irsi\n  split: {test: 0.2, validation: 0.1}\n"),
           "config.yaml:4", "load_irsi", "did you mean load_iris?"),
    config("split-key", ("validation:", "validaton:"), "config.yaml:8", "validaton", "did you mean validation?"),
    config("no-dataset", (f"dataset:\n{CSV_KEYS}", ""), "config.yaml", "dataset is missing", "csv, sklearn, keras"),
    config("no-layers-key", (LAYERS, ""), "config.yaml", "layers is missing", "the network"),
    config("no-target", ("  target: kind\n", ""), "config.yaml:3", "target is missing", "the column to predict"),
    config("no-dataset-kind", ("  csv: flowers.csv\n", ""), "config.yaml:3", "rows, text or text_folders"),
    config("no-layers", (LAYERS, "layers: []\n"), "config.yaml:10", "layers", "an empty one"),
    config("no-units", ("units: 8, ", ""), "config.yaml:11", "dense needs units", "dense: {units: ...}"),
    config("lambda", ("dropout: 0.1", "lambda: {function: 'lambda x: x'}"), "config.yaml:12", "lambda",
           "not offered", "run code"),
    config("lambda-bare", ("dropout: 0.1", "Lambda"), "config.yaml:12", "lambda", "not offered"),
    config("undefined-reference", ("epochs: 3", "epochs: ${undefined}"), "config.yaml:17", "${undefined}",
           "name, seed, loss, epochs and batch_size"),
    config("self-reference", ("seed: 7", "seed: ${seed}"), "config.yaml:2", "${seed} refers back to itself"),
    config("reference-wrong-type", ("epochs: 3", "epochs: ${name}"), "config.yaml:17", "epochs", "a whole number",
           "'flowers'"),
    config("two-dataset-kinds", ("  delimiter:", "  sklearn: load_iris\n  delimiter:"), "config.yaml:5",
           "csv and sklearn", "keep one"),
    config("nested-schedule-argument",
           ("0.01", "{exponential_decay: {initial_learning_rate: 0.1, decay_stps: 100, decay_rate: 0.9}}"),
           "config.yaml:15", "decay_stps", "did you mean decay_steps?"),
    config("regularizer", ("activation: relu", "kernel_regularizer: {l3: 0.1}"), "config.yaml:11", "l3",
           "l1, l1_l2, l2"),
    config("sklearn-argument", (CSV_KEYS, "  sklearn: make_blobs\n  n_sample: 100\n"), "config.yaml:5", "n_sample",
           "did you mean n_samples?"),
    config("keras-name", (CSV_KEYS, "  keras: minst\n"), "config.yaml:4", "minst", "did you mean mnist?"),
    config("sklearn-download", (CSV_KEYS, "  sklearn: fetch_openml\n"), "config.yaml:4", "fetch_openml", "download"),
    override("set-wrong-type", "layers.0.dense.units=abc", "a whole number", "'abc'"),
    override("set-index", "layers.9.dense.units=4", "no entry 9", "3 layers, 0 to 2"),
    override("set-wrong-layer", "layers.1.dense.units=4", "layers.1 is dropout", "dense is layers.0 or layers.2"),
    Case("unknown-command", "trian {case}/config.yaml", ("trian", "train")),
    Case("unknown-option", "train {case}/config.yaml --epochs 3", ("--epochs", "--set epochs=")),
]  # fmt: skip

FROM_THE_FILE_ALONE = [*SYNTAX, *VALUES, *WORDS]


# What config, data and network say about one another.

PICTURES = """\
layers:
  - reshape: [8, 8, 1]
  - conv_2d: {filters: 4, kernel_size: 3}
  - MaxPooling_2D: 2
  - flatten
  - dense: {units: 10, activation: softmax}
"""
LINEAR = ("{units: 3, activation: softmax}", "1", "sparse_categorical_crossentropy", "mse", "[accuracy]", "[mae]")


def trained(id: str, change: tuple[str, ...], *mention: str, **more: Any) -> Case:
    """A config that ``train`` refuses."""
    text = edited(CONFIG, *change)
    return Case(id, "train {case}/config.yaml", mention, **{"config": text, "exits": (1, 2), **more})


TOGETHER = [
    config("lr-1e-3-works", ("0.01", "1e-3"), exits=(0,)),
    config("name-date-works", ("name: flowers", "name: 2024-01-01"), "2024-01-01", exits=(0,)),
    config("case-works", ("dense: {units: 8", "Dense: {units: 8", "dropout", "DROPOUT"), exits=(0,)),
    config("reference-works", ("batch_size: 16", "batch_size: ${epochs}"), exits=(0,)),
    config("batch-full-works", ("batch_size: 16", "batch_size: full"), exits=(0,)),
    config("conv_2d-works", (CSV_KEYS, "  sklearn: load_digits\n  split: {test: 0.2, validation: 0.1}\n",
           LAYERS, PICTURES), "max_pooling2d", exits=(0,)),
    trained("units-huge", ("units: 8", "units: 1000000000000"), "config.yaml:11", "TiB of memory", "fewer units"),
    trained("binary-loss-softmax-head", ("sparse_categorical", "binary"), "config.yaml:14",
            "binary_crossentropy is for 2 classes", "sparse_categorical_crossentropy"),
    config("conv-on-table", ("dense: {units: 8, activation: relu}", "conv2d: {filters: 8, kernel_size: 3}"),
           "config.yaml:11", "conv2d", "(4,)", "dense is the layer for tables"),
    trained("regression-on-text", LINEAR, "kind", "'daisy'", "sparse_categorical_crossentropy", "softmax"),
    config("stratify-regression", (*LINEAR, "target: kind", "target: leaves", ", leaves]", "]"), "config.yaml:8",
           "stratify wants classes", "stratify: false", exits=(1, 2)),
    trained("path-absolute", ("flowers.csv", "/nonexistent/flowers.csv"), "/nonexistent/flowers.csv", "no such file",
            "no folder /nonexistent"),
    trained("path-tilde", ("flowers.csv", "~nosuchuser/flowers.csv"), "config.yaml:4", "~nosuchuser/flowers.csv",
            "no such user"),
    config("first-too-long", ("test: 0.2", "test: {first: 1000000}"), "config.yaml:8", "1,000,000", "60",
           "fewer rows", exits=(1, 2)),
    config("count-too-big", ("test: 0.2", "test: 600"), "config.yaml:8", "600", "60 rows", exits=(1, 2)),
    config("loss-against-head", ("units: 3, activation: softmax", "units: 1, activation: sigmoid"), "config.yaml:13",
           "1 unit,", "3 classes", "- dense: {units: 3, activation: softmax}", exits=(1, 2)),
    trained("units-for-classes", (), "config.yaml:13", "3 units", "4 classes of kind",
            "- dense: {units: 4, activation: softmax}", table=TABLE + "6.0,3.0,9.0,1.0,thistle\n" * 20),
    trained("url-scheme", ("flowers.csv", "ftp://127.0.0.1/flowers.csv"), "config.yaml:4", "only https", "ftp:",
            "the path of a file"),
]  # fmt: skip


# What is wrong with the data.


def data(id: str, table: Text, *mention: str, change: tuple[str, ...] = (), **more: Any) -> Case:
    """A table that ``train`` refuses, or not."""
    config = edited(CONFIG, *change)
    return Case(id, "train {case}/config.yaml", mention, **{"exits": (1,), "table": table, "config": config, **more})


def classes(*names: str) -> Callable[[Path], None]:
    """The classes that the run in ``runs`` knows."""

    def check(folder: Path) -> None:
        (run,) = (folder / "here" / "runs").iterdir()
        assert json.loads((run / "preprocessing.json").read_text())["targets"]["classes"] == list(names)
        rows = [row.split(",") for row in (run / "predictions.csv").read_text().splitlines()[1:]]
        assert {word for row in rows for word in row[1:3]} <= set(names)

    return check


def renamed(*names: str) -> str:
    """The table with other names for its classes."""
    known = dict(zip(KINDS, names, strict=True))
    return columns(lambda row: [*row[:-1], known[row[-1]]])


DATA = [
    data("missing", None, "flowers.csv", "no such file", "did you mean flowers2.csv?",
         prepare=lambda case, run: (case / "flowers2.csv").write_text(TABLE)),
    data("folder", TABLE, "folder", "it holds flowers.csv", change=("flowers.csv", ".")),
    data("header-only", HEADER + "\n", "flowers.csv", "no rows below the header"),
    data("no-feature-column", line(1, "height,width,petals,laeves,kind"), "flowers.csv:1", "'leaves'",
         "config.yaml:7", "did you mean laeves?"),
    data("duplicate-columns", line(1, "height,height,petals,leaves,kind"), "flowers.csv:1", "'height'", "twice",
         "rename one"),
    data("all-rows-longer", columns(lambda row: [*row, "x"]), "flowers.csv:2", "6 values", "5",
         "3, 4, 5, 6 and 55 more"),
    data("short-row", line(9, "5.1,3.5,1.4"), "flowers.csv:9", "3 values", "5"),
    data("unclosed-quote", line(12, '"5.1,3.5,1.4,0.2,daisy'), "flowers.csv:12", "quote", "never closed"),
    data("word-in-number", line(12, "abc,3.5,1.4,0.2,daisy"), "flowers.csv:12", "'height'", "'abc'", "fix the value"),
    data("inf", line(10, "inf,3.5,1.4,0.2,daisy"), "flowers.csv:10", "'height'", "'inf'", "a finite number"),
    data("float32-overflow", line(10, "1e39,3.5,1.4,0.2,daisy"), "flowers.csv:10", "'height'", "1e39", "3.4e38"),
    data("missing-target", line(15, "5.1,3.5,1.4,0.2,"), "flowers.csv:15", "'kind'", "missing", "fill: drop"),
    data("constant-feature", columns(lambda row: ["1.0", *row[1:]]), "warning", "only one value", "height", exits=(0,)),
    data("empty-column", columns(lambda row: ["", *row[1:]]), "flowers.csv", "'height'", "every value is missing",
         "leave it out: columns: {height: ignore}"),
    data("missing-in-training", TABLE + ",3,5,1,daisy\n" * 12, "'height'", "no value in any training row",
         "columns: {height: ignore}", exits=(2,), change=(
             "test: 0.2, validation: 0.1, stratify: true", "train: {last: 12}, test: 0.2, validation: 0.1")),
    data("missing-works", columns(lambda row: ["?" if row[0] > "4.9" else row[0], *row[1:]]), "height:",
         "training rows have no value", "taken as", exits=(0,), then=classes(*KINDS)),
    data("missing-refused", line(12, "?,3,1.4,1,daisy"), "flowers.csv:12", "'height'", "'?' stands for a missing value",
         "fill it", change=("  scale:", "  fill: error\n  scale:")),
    data("missing-dropped-works", line(12, "?,3,1.4,1,daisy"), exits=(0,), then=classes(*KINDS),
         change=("  scale:", "  fill: drop\n  scale:")),
    data("no-mean-of-words", columns(lambda row: ["tall" if row[0] > "4.5" else "", *row[1:]]), "'height'", "no mean",
         "fill: most_frequent", exits=(2,), change=("  scale:", "  columns: {height: {fill: mean}}\n  scale:")),
    data("free-text",
    "\n".join([HEADER, *(f"note {i},{row.partition(',')[2]}" for i, row in enumerate(ROWS * 2))]) + "\n",
         "flowers.csv", "'height'", "120 different words", "too many to be categories", "{height: ignore}",
         "encode: embedding", "min_count"),
    data("no-boolean", line(12, "maybe,3,1.4,1,daisy"), "flowers.csv", "'height'", "expected true or false",
         change=("  scale:", "  columns: {height: boolean}\n  scale:")),
    data("no-date", columns(lambda row: ["31/13/2024", *row[1:]]), "flowers.csv:2", "'height'", "'31/13/2024'",
         "format: '%d/%m/%Y'", change=("  scale:", "  columns: {height: date}\n  scale:")),
    config("unknown-column-kind", ("  scale:", "  columns: {height: numerical}\n  scale:"), "config.yaml:9:21",
           "numerical", "did you mean numeric?"),
    data("column-that-is-not-there", TABLE, "flowers.csv:1", "'hight'", "config.yaml:9", "did you mean height?",
         change=("  scale:", "  columns: {hight: ignore}\n  scale:")),
    data("bom-works", b"\xef\xbb\xbf" + TABLE.encode(), exits=(0,), then=classes(*KINDS)),
    data("labels-1-to-3-works", renamed("1", "2", "3"), exits=(0,), then=classes("1", "2", "3")),
    data("trailing-comma", columns(lambda row: [*row, ""]), "flowers.csv:2", "6 values", "5", "remove the ','"),
    data("device", None, "/dev/zero", "device", change=("flowers.csv", "/dev/zero"), exits=(1, 2)),
    data("symlink-loop", None, "flowers.csv", exits=(1, 2),
         prepare=lambda case, run: (case / "flowers.csv").symlink_to("flowers.csv")),
    data("unicode-minus", line(7, "\u22125.1,3,1,1,daisy"), "flowers.csv:7", "'height'", "minus sign (U+2212)"),
    data("thousands", line(7, '"1,000",3,1,1,daisy'), "flowers.csv:7", "'height'", "1,000", "thousands: ','"),
    data("decimal-comma", line(7, '"5,1",3,1,1,daisy'), "flowers.csv:7", "'height'", "'5,1'", "decimal: ','"),
    data("utf16", TABLE.encode("utf-16"), "flowers.csv", "UTF-16", "set encoding: utf-16"),
    data("semicolons", TABLE.replace(",", ";"), "flowers.csv:1", "separated by ';'", "delimiter: ';'"),
    data("semicolons-found-work", TABLE.replace(",", ";").replace(".", ","), "delimiter: ';'",
    "decimal: ','", exits=(0,),
         change=("  delimiter: ','\n", ""), then=classes(*KINDS)),
    data("class-called-NA-works", renamed("NA", "None", "null"), exits=(0,), then=classes("NA", "None", "null"),
         change=("  scale:", "  missing: ['']\n  scale:")),
    data("one-class", renamed("daisy", "daisy", "daisy"), "flowers.csv", "only one class, 'daisy'", "another class"),
    data("lonely-class", TABLE + "5,3,1,1,thistle\n", "config.yaml:8", "at least 2 rows of each class", "'thistle'",
         "stratify: false", exits=(1, 2), change=("units: 3", "units: 4")),
    data("html", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "flowers.csv", "a web page"),
    data("zip", b"PK\x03\x04\x14\0\0\0\x08\0", "flowers.csv", "a zip or Excel file", "save it as CSV"),
    data("three-rows", "\n".join([HEADER, *ROWS[:3]]) + "\n", "stratify", "at least 2 rows"),
    data("header-escape", line(1, "\x1b]0;oops\x07[bold]height[/x],width,petals,leaves,kind"), "flowers.csv:1",
         "'height'", r"\x1b]0;oops\x07[bold]height[/x]", exits=(1, 2)),
    data("header-case", line(1, HEADER.replace("kind", "Kind")), "flowers.csv:1", "column 'kind'",
         "did you mean Kind?", exits=(1, 2)),
    data("dates-work", columns(lambda row: [f"2024-01-{int(10 * float(row[0])) % 28 + 1:02}", *row[1:]]), exits=(0,),
         then=classes(*KINDS)),
    data("words-work", columns(lambda row: ["tall" if row[0] > "4.5" else "short", *row[1:]]), exits=(0,),
         then=classes(*KINDS)),
    data("booleans-work", columns(lambda row: ["Yes" if row[0] > "4.5" else "no", *row[1:]]), exits=(0,),
         then=classes(*KINDS)),
    data("huge-field", lambda: line(6, "x" * (5 << 20) + ",3,1,1,daisy"), "flowers.csv:6", "'height'", "xxx…"),
    data("int-overflow", line(7, "99999999999999999999999,3,1,1,daisy"), "flowers.csv:7", "'height'", exits=(0, 1)),
    data("mixed-labels", line(2, ROWS[0] + " "), "daisy", exits=(0, 1, 2), then=classes(*KINDS)),
]  # fmt: skip


# What is wrong with new rows.


def new(id: str, rows: Text, *mention: str, **more: Any) -> Case:
    """Rows that ``predict`` refuses, or not."""
    known = {"command": "predict {run} {case}/new.csv -o {case}/out.csv", "exits": (1,), "new": rows}
    return Case(id, mention=mention, **(known | more))


def predicted(rows: int) -> Callable[[Path], None]:
    def check(folder: Path) -> None:
        assert len((folder / "case" / "out.csv").read_text().splitlines()) == rows + 1

    return check


NEW_WITH_ID = "id,{}1,{}2,{}3,{}4,{}5,{}6,{}".format(*NEW.splitlines(keepends=True))
NEW_REVERSED = "\n".join(",".join(reversed(row.split(","))) for row in NEW.split()) + "\n"

PREDICT = [
    new("missing-column", "height,width,petals\n5.1,3.8,2.2\n", "new.csv:1", "'leaves'", "height, width and petals"),
    new("extra-column-works", NEW_WITH_ID, "not used", "id", exits=(0,), then=predicted(6)),
    new("reordered-works", NEW_REVERSED, exits=(0,), then=predicted(6)),
    new("with-target-works", TABLE, exits=(0,), then=predicted(60)),
    new("empty", "", "new.csv", "empty"),
    new("output-no-folder", NEW, "nosuch/out.csv", "the folder", "mkdir", exits=(1, 2),
        command="predict {run} {case}/new.csv -o {case}/nosuch/out.csv"),
    new("output-is-input", NEW, "new.csv", "overwrite the input", exits=(1, 2),
        command="predict {run} {case}/new.csv -o {case}/new.csv"),
    new("semicolons", NEW.replace(",", ";"), "new.csv:1", "separated by ';'"),
    new("missing-file", None, "new.csv", "no such file", exits=(1, 2)),
    new("output-is-folder", NEW, "6 rows of 1 file predicted", exits=(0,),
        prepare=lambda case, run: (case / "out.csv").mkdir()),
    new("header-capitals", NEW.replace("height", "HEIGHT").replace("width", "WIDTH"), "new.csv:1", "'height'",
        "did you mean HEIGHT?", exits=(0, 1)),
]  # fmt: skip


# What is wrong with a run.


def run(id: str, harm: Callable[[Path, Path], object], *mention: str, **more: Any) -> Case:
    """A run that ``predict`` or ``evaluate`` refuses."""
    return new(id, NEW, *mention, **{"prepare": harm, **more})


def evaluated(id: str, harm: Callable[[Path, Path], object] | None, *mention: str, **more: Any) -> Case:
    return Case(id, mention=mention, **({"command": "evaluate {run}", "exits": (1,), "prepare": harm} | more))


def flip(name: str) -> Callable[[Path, Path], None]:
    """One bit in the middle of a file of the run."""

    def harm(case: Path, run: Path) -> None:
        content = bytearray((run / name).read_bytes())
        content[len(content) // 2] ^= 64
        (run / name).write_bytes(content)

    return harm


def learnt(change: Callable[[dict[str, Any]], object]) -> Callable[[Path, Path], None]:
    """Something else in the learnt numbers."""

    def harm(case: Path, run: Path) -> None:
        path = run / "preprocessing.json"
        known = json.loads(path.read_text())
        change(known)
        path.write_text(json.dumps(known))

    return harm


def inflated(case: Path, run: Path) -> None:
    """A model of a few kilobytes whose weights take a quarter of a gigabyte."""
    with zipfile.ZipFile(run / "model.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("metadata.json", "{}")
        with archive.open("model.weights.h5", "w", force_zip64=True) as file:
            for _ in range(16):
                file.write(bytes(1 << 24))


def as_file(case: Path, run: Path) -> None:
    shutil.rmtree(run)
    run.write_text("hi\n")


def as_empty_folder(case: Path, run: Path) -> None:
    shutil.rmtree(run)
    run.mkdir()


def other_model(case: Path, run: Path) -> None:
    import keras

    keras.Sequential([keras.Input((4,)), keras.layers.Dense(9), keras.layers.Dense(3)]).save(run / "model.keras")


def other_units(case: Path, run: Path) -> None:
    path = run / "config.yaml"
    path.write_text(edited(path.read_text(), "units: 8", "units: 9"))


def no_numbers(known: dict[str, Any]) -> None:
    known["inputs"]["columns"][0]["offset"] = float("nan")


def a_column_too_few(known: dict[str, Any]) -> None:
    known["inputs"]["columns"].pop()


def forged(harm: Callable[[Path, Path], object]) -> Callable[[Path, Path], None]:
    """The same harm, done by somebody who mends the digests too."""

    def harmed(case: Path, run: Path) -> None:
        harm(case, run)
        record = json.loads((run / "run.json").read_text())
        record["files"] = {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in record["files"]}
        (run / "run.json").write_text(json.dumps(record))

    return harmed


DAMAGED = ("damaged", "copy the whole run folder again")

RUN = [
    evaluated("no-such-run", None, "no such run", "did you mean", command="evaluate {run}x", exits=(1, 2)),
    evaluated("no-such-file", None, "no such run, nor such a file", command="show new.csv", exits=(1, 2)),
    evaluated("run-is-file", as_file, "not a run folder", exits=(1, 2)),
    evaluated("empty-run", as_empty_folder, "not a run folder", "run.json", exits=(1, 2)),
    run("no-config", lambda case, run: (run / "config.yaml").unlink(), "config.yaml", "missing"),
    run("model-bit-flip", flip("model.keras"), "model.keras", *DAMAGED),
    run("weights-bit-flip", flip("weights.npz"), "weights.npz", *DAMAGED),
    run("model-zero-bytes", lambda case, run: (run / "model.keras").write_bytes(b""), "model.keras", *DAMAGED),
    run("model-foreign", other_model, "model.keras", "another run"),
    run("no-preprocessing", lambda case, run: (run / "preprocessing.json").unlink(), "preprocessing.json", "missing"),
    run("preprocessing-broken", lambda case, run: (run / "preprocessing.json").write_text("{\n"), "preprocessing.json",
        *DAMAGED),
    run("preprocessing-short", learnt(a_column_too_few), "preprocessing.json", *DAMAGED),
    run("preprocessing-nan", learnt(no_numbers), "preprocessing.json", *DAMAGED),
    run("config-edited", other_units, "config.yaml", "changed after training", "with the changed config"),
    evaluated("newer-config", lambda case, run: (run / "config.yaml").write_text(
        (run / "config.yaml").read_text() + "quantum: 5\n"), "config.yaml", "quantum", exits=(1, 2)),
    evaluated("config-cut", lambda case, run: (run / "config.yaml").write_text(
        (run / "config.yaml").read_text()[:-300]), "config.yaml", "changed after training", "copy", exits=(2,)),
    run("zip-bomb", inflated, "model.keras", *DAMAGED),
    run("vocabulary-bomb", learnt(lambda known: known.update(classes=["twelve signs"] * 2_000_000)),
        "preprocessing.json"),
    run("preprocessing-broken-forged", forged(lambda case, run: (run / "preprocessing.json").write_text("{\n")),
        "preprocessing.json", *DAMAGED),
    run("preprocessing-short-forged", forged(learnt(a_column_too_few)),
        "preprocessing.json", *DAMAGED),
    run("preprocessing-nan-forged", forged(learnt(no_numbers)), "preprocessing.json", *DAMAGED),
    run("vocabulary-bomb-forged", forged(learnt(lambda known: known.update(classes=["twelve signs"] * 2_000_000))),
        "preprocessing.json", "too large"),
    run("weights-bit-flip-forged", forged(flip("weights.npz")), "weights.npz", *DAMAGED),
    run("config-edited-forged", forged(other_units), "weights.npz"),
    evaluated("no-run-json", lambda case, run: (run / "run.json").unlink(), "run.json"),
    evaluated("run-json-broken", lambda case, run: (run / "run.json").write_bytes(
        (run / "run.json").read_bytes()[:-20]), "run.json", "damaged"),
    Case("runs-is-file", "train {case}/config.yaml --runs {case}/flowers.csv", ("flowers.csv", "a file", "folder"),
         (1, 2)),
]  # fmt: skip

WITH_TENSORFLOW = {"together": TOGETHER, "data": DATA, "predict": PREDICT, "run": RUN}
