"""``python tests/benchmarks/run.py``: the ``rna`` command and plain Keras, side by side on the same work.

Nothing large is imported before the last measurement: a process' peak memory is at least that of whoever started it.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from report import MEASURES, Measured, Row, heading, markdown, rows_of, write_csv

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TRAINING = {
    # job: the config, what it reads, the epochs of --quick
    "circles": (ROOT / "configs" / "circles.yaml", None, 10),
    "pima": (ROOT / "configs" / "pima.yaml", "pima", 20),
    "mnist_logits": (ROOT / "configs" / "mnist_logits.yaml", "mnist", 1),
    "mnist_cnn": (ROOT / "configs" / "mnist_cnn.yaml", "mnist", 1),
    "fashion_512": (ROOT / "configs" / "fashion_512_512_10.yaml", "fashion", 1),
    "fashion_cnn": (HERE / "configs" / "fashion_cnn.yaml", "fashion", 1),
    "pictures": (HERE / "configs" / "pictures.yaml", None, 1),
    "dogs_cats": (ROOT / "configs" / "dogs_cats.yaml", None, 2),
    "dogs_cats_augmented": (ROOT / "configs" / "dogs_cats_augmented.yaml", None, 2),
    "features": (HERE / "configs" / "features.yaml", None, 2),
    "functional": (ROOT / "configs" / "california_two_outputs.yaml", None, 1),
    "text": (ROOT / "configs" / "shakespeare.yaml", None, 1),
    "gan": (HERE / "configs" / "gan.yaml", "digits", 1),
}
PLACES = {
    **dict.fromkeys(("pictures", "dogs_cats", "dogs_cats_augmented", "features"), "images=images/dogs-cats"),
    "functional": "csv=tabular/california-housing.csv",
    "text": "text=text/tinyshakespeare.txt",
}
"""What a job reads in the folder of the real data."""
MORE = {"pictures": 20, "functional": 20, "text": 1, "gan": 5}
"""Epochs by which a training is longer than another, of one, to know what each of them costs."""
LETTERS = {"ours": (500, 4500), "theirs": (50, 250)}
"""Letters of a text and of a longer one: ``generate``."""
ROWS = {"predict_768": (768, 768), "predict_1m": (1_000_000, 50_000), "predict_10m": (10_000_000, 100_000)}
"""The rows of a job, and those of --quick."""
LABELLED = {"evaluate": (100_000, 20_000), "train_5m": (5_000_000, 50_000)}
LISTED = 1_000
"""The runs that ``rna runs`` finds."""
JOBS = (*TRAINING, "generate", *ROWS, *LABELLED, "startup")


@dataclass(frozen=True)
class Comparison:
    """Arguments of ``rna`` and of ``plain.py`` for the same work. ``{out}`` is a file that is deleted afterwards.

    ``longer``: the same with more of it; ``more``: how much more, on each side, and the measure of each of that.
    """

    name: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...] = ()
    exit_code: int = 0
    longer: "Comparison | None" = None
    more: tuple[float, float, str] = (0, 0, "")


# What is compared


def comparisons(jobs: Sequence[str], quick: bool, folder: Path) -> Iterator[Comparison]:
    data, run = folder / "data", str(folder / "network")
    ours: tuple[str, ...]
    for job in jobs:
        if job in TRAINING:
            yield training(job, quick, folder)
        elif job == "generate":
            lengths = zip(LETTERS["ours"], LETTERS["theirs"], strict=True)
            made = [
                Comparison(
                    job,
                    ("generate", str(folder / "writer"), "--prompt", "ROMEO:", "--length", str(ours), "-o", "{out}"),
                    ("generate", f"{folder / 'writer'}/model.keras", str(theirs), "{out}"),
                )
                for ours, theirs in lengths
            ]
            more = [(longer - shorter) / 1000 for shorter, longer in LETTERS.values()]
            yield replace(made[0], longer=made[1], more=(more[0], more[1], "letters"))
        elif job in ROWS:
            source, model = str(data / f"rows-{ROWS[job][quick]}.csv"), f"{run}/model.keras"
            ours = ("predict", run, source, "-o", "{out}")
            for batch in ("4096",) if job == "predict_10m" else ("32", "4096"):
                yield Comparison(f"{job}, Keras at {batch}", ours, ("predict", model, source, "{out}", batch))
        elif job == "train_5m":
            source = str(data / f"wide-{LABELLED[job][quick]}.csv")
            changes = (f"dataset.csv={source}", "dataset.stream=true", "epochs=1", "batch_size=1024")
            changed = [word for change in changes for word in ("--set", change)]
            ours = ("train", str(data / "table.yaml"), "--runs", str(folder / "runs"), *changed)
            yield Comparison(job, ours, ("table", source))
        elif job in LABELLED:
            source = str(data / f"labelled-{LABELLED[job][quick]}.csv")
            ours = ("evaluate", run, "--data", source, "--json")
            yield Comparison(job, ours, ("evaluate", f"{run}/model.keras", source))
        else:
            yield Comparison("rna --help", ("--help",))
            yield Comparison("rna check, a bad file", ("check", str(HERE / "configs" / "mistakes.yaml")), exit_code=2)
            yield Comparison(f"rna runs, of {LISTED:,}", ("runs", "--runs", str(folder / "listed")))


def training(job: str, quick: bool, folder: Path) -> Comparison:
    config, _, epochs = TRAINING[job]
    changes = []
    if job in PLACES:
        key, _, place = PLACES[job].partition("=")
        changes = ["--set", f"dataset.{key}={data_folder() / place}"]
    elif job == "gan":
        changes = ["--set", f"dataset.npz={folder / 'data' / 'digits.npz'}"]
    ours, theirs = ("train", str(config), "--runs", str(folder / "runs"), *changes), (job,)

    def lasting(epochs: int) -> Comparison:
        return Comparison(job, (*ours, "--set", f"epochs={epochs}"), (*theirs, str(epochs)))

    if job in MORE:
        return replace(lasting(1), longer=lasting(1 + MORE[job]), more=(MORE[job], MORE[job], "epoch"))
    return lasting(epochs) if quick else Comparison(job, ours, theirs)


def prepare(jobs: Sequence[str], quick: bool, folder: Path, environment: dict[str, str]) -> None:
    """Data files where both sides find them, the network that predicts, byte code, and a warm disk cache."""
    names = {name for job in jobs if job in TRAINING and (name := TRAINING[job][1])}
    names |= {f"rows-{ROWS[job][quick]}" for job in jobs if job in ROWS}
    kinds = {"train_5m": "wide", "evaluate": "labelled"}
    names |= {f"{kinds[job]}-{LABELLED[job][quick]}" for job in jobs if job in LABELLED}
    call([str(HERE / "prepare.py"), str(folder / "data"), "labelled-768", *sorted(names)], environment)
    call(["-m", "compileall", "-q", str(ROOT / "rnacli"), str(HERE)], environment)
    call(["-c", "import keras, matplotlib.pyplot, pandas, sklearn.model_selection, typer, yaml"], environment)
    trained = {"network": rna("train", str(folder / "data" / "table.yaml"), "--runs", str(folder / "runs"))}
    if "generate" in jobs:
        trained["writer"] = rna(*training("text", True, folder).ours, "--set", "samples=null")
    for name, command in trained.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(call(command, environment).splitlines()[-1])
    if "startup" in jobs:
        record = (folder / "network" / "run.json").read_bytes()
        for i in range(LISTED):
            listed = folder / "listed" / f"2026-01-01_00-{i // 60:02d}-{i % 60:02d}_table_8-12-8-1_s0"
            listed.mkdir(parents=True, exist_ok=True)
            (listed / "run.json").write_bytes(record)


def rna(*arguments: str) -> list[str]:
    return ["-m", "rnacli", *arguments]


def call(arguments: Sequence[str], environment: dict[str, str]) -> str:
    """Run a Python; its standard output."""
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def children_environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "NO_COLOR")}
    places = {
        "PYTHONPATH": ROOT,
        "RNA_DATA": data_folder(),
        "KERAS_HOME": folder / "data" / "keras",
        "RNA_CACHE": folder / "data" / "cache",
    }
    return kept | {name: str(place) for name, place in places.items()}


def data_folder() -> Path:
    """The folder of the real data."""
    return Path(os.environ.get("RNA_DATA", ROOT.parent / "shared" / "data")).resolve()


# Measuring


def measure(arguments: Sequence[str], exit_code: int, folder: Path, environment: dict[str, str]) -> Measured:
    """Run a Python to its end: its seconds and its memory, with those of its children, by what the system says."""
    with (folder / "stdout").open("w+") as stdout, (folder / "stderr").open("w+") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=folder, stdout=stdout, stderr=stderr
        )
        together: list[int] = [0]
        watching = threading.Thread(target=watch_memory, args=(process.pid, together))
        watching.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        watching.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (stdout, stderr):
            file.seek(0)
        if process.returncode != exit_code:
            sys.exit(f"exit code {process.returncode}: {' '.join(arguments)}\n{stderr.read()}")
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        memory = max(usage.ru_maxrss / unit, max(together) / 1024)
        return Measured({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": memory}, stdout.read())


def watch_memory(process: int, together: list[int]) -> None:
    """Note the KiB of a process and of its children beside it, again and again until it ends. On Linux alone."""
    children = Path(f"/proc/{process}/task/{process}/children")
    with contextlib.suppress(OSError):
        while True:
            own = sum(map(unshared_memory, map(int, children.read_text("utf-8").split())))
            resident = Path(f"/proc/{process}/statm").read_text("utf-8").split()[1]
            together.append(own + int(resident) * os.sysconf("SC_PAGE_SIZE") // 1024)
            time.sleep(0.1)


def unshared_memory(process: int) -> int:
    """KiB that no other process has; 0 of one that has ended."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return 0


def measure_side(
    side: Callable[[Comparison, Path, dict[str, str]], Measured],
    wanted: Comparison,
    folder: Path,
    environment: dict[str, str],
) -> Measured:
    """One side of a pair; and what each of the things costs of which there are more in a longer work."""
    measured = side(wanted, folder, environment)
    if wanted.longer:
        longer = side(wanted.longer, folder, environment)
        count = wanted.more[0 if side is measure_ours else 1]
        measured.figures[wanted.more[2]] = (longer.figures["cpu"] - measured.figures["cpu"]) / count
    return measured


def measure_ours(wanted: Comparison, folder: Path, environment: dict[str, str]) -> Measured:
    output = folder / "ours.csv"
    arguments = [argument.replace("{out}", str(output)) for argument in wanted.ours]
    measured = measure(rna(*arguments), wanted.exit_code, folder, environment)
    if wanted.ours[0] == "train":
        record = json.loads((Path(measured.stdout.splitlines()[-1]) / "run.json").read_text("utf-8"))
        measured.figures["training"] = record["seconds"]["training"]
        measured.figures |= accuracy_of(record["results"]["test"])
        measured.facts = {"epochs": record["epochs"], "parameters": record["network"]["parameters"]}
    elif wanted.ours[0] == "evaluate":
        result = json.loads(measured.stdout)
        measured.figures["accuracy"] = result["measures"]["accuracy"]
        measured.facts = {"rows": result["rows"], "accuracy": round(result["measures"]["accuracy"], 4)}
    elif wanted.ours[0] == "predict":
        measured.facts = outputs(output)
    elif wanted.ours[0] == "generate":
        output.unlink()
    return measured


def measure_theirs(wanted: Comparison, folder: Path, environment: dict[str, str]) -> Measured:
    output = folder / "theirs.csv"
    arguments = [argument.replace("{out}", str(output)) for argument in wanted.theirs]
    measured = measure([str(HERE / "plain.py"), *arguments], 0, folder, environment)
    report = json.loads(measured.stdout.splitlines()[-1])
    if wanted.theirs[0] == "predict":
        measured.facts = outputs(output)
        return measured
    if wanted.theirs[0] == "generate":
        output.unlink()
        return measured
    measured.figures |= accuracy_of(list(report["metrics"].values())[-1])
    if wanted.theirs[0] == "evaluate":
        measured.facts = {"rows": report["rows"], "accuracy": round(measured.figures["accuracy"], 4)}
    else:
        measured.figures["training"] = report["seconds"]["fitting"]
        measured.facts = {"epochs": report["epochs"], "parameters": report["parameters"]}
    return measured


def accuracy_of(measures: dict[str, float]) -> dict[str, float]:
    """The accuracy, of the output that has one."""
    found = [value for name, value in measures.items() if name.endswith("accuracy")]
    return {"accuracy": found[0]} if found else {}


def outputs(path: Path) -> dict[str, Any]:
    """How many rows were predicted, and the first ones' last column; the file is then deleted."""
    with path.open(encoding="utf-8") as file:
        first = [round(float(line.rpartition(",")[2]), 4) for line in islice(file, 1, 101)]
        rows = len(first) + sum(1 for _ in file)
    path.unlink()
    return {"rows": rows, "first": first}


def same(ours: Any, theirs: Any) -> bool:
    """Whether two facts agree, up to rounding."""
    if isinstance(ours, list):
        return all(map(same, ours, theirs))
    return bool(abs(ours - theirs) < 2e-4)


# All of it


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare rna with plain Keras; a table, CSV and a chart.")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=JOBS, metavar="NAME", help=", ".join(JOBS))
    parser.add_argument("--repeat", type=int, metavar="N", help="pairs of each comparison (3; 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="fewer epochs and rows, to try the benchmarks themselves")
    place = Path(tempfile.gettempdir(), "rna-benchmarks")
    parser.add_argument("--output", type=Path, metavar="DIR", default=place, help="for the report (%(default)s)")
    options = parser.parse_args()
    repeat, folder = options.repeat or (1 if options.quick else 3), options.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = children_environment(folder)
    prepare(options.jobs, options.quick, folder, environment)

    title = heading(options.quick, repeat)
    rows: list[Row] = []
    every: list[tuple[Any, ...]] = []
    for wanted in comparisons(options.jobs, options.quick, folder):
        ours: list[Measured] = []
        theirs: list[Measured] = []
        for turn in range(1, repeat + 1):
            print(f"{wanted.name}: {turn} of {repeat}", file=sys.stderr, flush=True)
            ours.append(measure_side(measure_ours, wanted, folder, environment))
            if wanted.theirs:
                theirs.append(measure_side(measure_theirs, wanted, folder, environment))
                for fact, value in ours[-1].facts.items():
                    if not same(value, theirs[-1].facts[fact]):
                        sys.exit(f"{wanted.name}: not the same work: {fact} {value}, {theirs[-1].facts[fact]}")
            for side, measured in (("rna", ours[-1:]), ("keras", theirs[-1:])):
                for figure in (pair for each in measured for pair in each.figures.items()):
                    print(f"  {side}: {MEASURES[figure[0]]}: {figure[1]:.4g}", file=sys.stderr, flush=True)
                    every.append((wanted.name, turn, side, *figure))
        rows += rows_of(wanted.name, ours, theirs)

    report = f"{title}\n\n{markdown(rows)}\n"
    (folder / "report.md").write_text(report, encoding="utf-8")
    write_csv(folder / "report.csv", list(vars(rows[0])), [list(vars(row).values()) for row in rows])
    write_csv(folder / "measurements.csv", ("comparison", "pair", "side", "measure", "value"), every)
    (folder / "report.png").unlink(missing_ok=True)
    if any(row.ratio for row in rows):
        call([str(HERE / "chart.py"), str(folder / "report.csv"), str(folder / "report.png"), title], environment)
    print(report, end="")
    print(f"\n{folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
