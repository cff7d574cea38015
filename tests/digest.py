"""Trains the same files again and again on some of the cores, busy with other work, and compares what comes out.

``python tests/digest.py [--runs 10] [--cores 1 2 4]`` prints one line an experiment and number of cores. Exits with 1
unless the runs of a line are the same to the last bit, and those of all lines that have as many threads.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from kill import ROOT, contents
from kill_cases import DENSE, IMAGES, write_digits

WIDE = """\
name: wide
dataset: {sklearn: load_digits, split: {test: 0.2}, scale: {rescale: 16}}
layers:
  - dense: {units: 768, activation: relu}
  - dropout: 0.2
  - dense: {units: 768, activation: relu}
  - dense: {units: 10, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: adam
metrics: [accuracy]
epochs: 3
batch_size: 128
"""
EXPERIMENTS = {"dense": DENSE, "images": IMAGES, "wide": WIDE}
"""The first two on one thread, the last one on all cores, as is chosen by itself."""
IGNORED = ("run.json", "state", "model.keras/layers")
"""What says when and how, not what came out; the arrays of the state are compared."""


@contextlib.contextmanager
def load(cores: Sequence[int]) -> Iterator[None]:
    """A process on each core that never rests."""
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command, preexec_fn=lambda core=core: os.sched_setaffinity(0, [core])) for core in cores]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def trained(folder: Path, cores: Sequence[int]) -> tuple[str, int]:
    """Train ``experiment.yaml`` in a folder by the command on some cores; the digest of the run, and its threads."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "rnacli", "train", "experiment.yaml", "--quiet"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    run = folder / done.stdout.strip()
    found = {name: value for name, value in contents(run).items() if name not in IGNORED}
    record = json.loads((run / "run.json").read_bytes())
    found |= {name: record[name] for name in ("results", "scores", "threshold", "epochs")}
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:12], record["machine"]["threads"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    available = sorted(os.sched_getaffinity(0))
    bad = False
    with tempfile.TemporaryDirectory() as place:
        for name, text in EXPERIMENTS.items():
            folder = Path(place, name)
            folder.mkdir()
            (folder / "experiment.yaml").write_text(text, "utf-8")
            write_digits(folder / "digits")
            known: dict[int, set[str]] = {}
            for count in (count for count in options.cores if count <= len(available)):
                with load(available[:count]):
                    made = [trained(folder, available[:count]) for _ in range(options.runs)]
                digests, threads = {digest for digest, _ in made}, {number for _, number in made}
                known.setdefault(min(threads), set()).update(digests)
                bad |= len(digests) > 1 or len(threads) > 1 or len(known[min(threads)]) > 1
                print(
                    f"{name}: {options.runs} runs on {count} busy core{'s' * (count > 1)}, threads {threads}: "
                    f"{len(digests)} digest{'s' * (len(digests) > 1)}, {', '.join(sorted(digests))}",
                    flush=True,
                )
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
