"""Trains the shipped configs, and notes what comes of each: the same before and after a change of the code.

``python tests/oracle.py before.json [config ...]``, and after the change ``python tests/oracle.py after.json
--like before.json``, which names what differs, and then exits with 1. It wants the real data (``RNA_DATA``).
"""

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from real_data import DATA, ROOT, fill_cache, fill_keras_home, local_data, shortened, without_downloads

LARGE = ("mnist_", "fashion_", "dogs_")
"""How the names begin of those that are trained for 2 epochs."""
LARGEST = "_cnn"
"""What the names hold of those that are trained on some rows alone."""
RECORDED = ("results", "scores", "held_out", "light", "threshold", "status", "validated_on", "network")
TIMES = re.compile(r"\d{4}-\d\d-\d\d_[\d-]+|[\d.]+ m?s\b")


def train(config: Path, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What comes of a config: digests of the files of its run, parts of its record, and what is said."""
    command = [sys.executable, "-m", "rnacli", "train", str(config), "--runs", str(folder / "runs"), "--offline"]
    small = without_downloads(config, DATA, folder)
    few = shortened(config, 2) if config.stem.startswith(LARGE) or small else []
    command += ["--set", "dataset.split.train=640"] * (LARGEST in config.stem)
    command += [word for change in (*local_data(config, DATA), *few, *small) for word in ("--set", change)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    said = TIMES.sub("", done.stderr.replace(str(folder), "").replace(str(ROOT), ""))
    for run in (folder / "runs").glob("*"):
        record = json.loads((run / "run.json").read_text("utf-8"))
        with (run / "history.csv").open(newline="") as file:
            rows = [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]
        files = [path for path in run.rglob("*") if path.suffix in (".npz", ".png")]
        files += [run / name for name in ("preprocessing.json", "split.csv")] + list(run.glob("predictions.csv"))
        digests = {str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}
        return digests | {"history": rows, "record": {name: record.get(name) for name in RECORDED}, "said": said}
    return {"said": said, "exit": done.returncode}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("configs", nargs="*", help="names such as circles; default: all")
    parser.add_argument("--like", type=Path, help="what was noted before")
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as cache:
        fill_keras_home(DATA, Path(home))
        fill_cache(DATA, Path(cache))
        environment = os.environ | {"PYTHONPATH": str(ROOT), "KERAS_HOME": home, "RNA_CACHE": cache, "NO_COLOR": "1"}
        for config in sorted((ROOT / "configs").glob("*.yaml")):
            if not asked.configs or config.stem in asked.configs:
                with tempfile.TemporaryDirectory() as folder:
                    found[config.stem] = train(config, Path(folder), environment)
                print(config.stem)
    asked.output.write_text(json.dumps(found, indent=1), "utf-8")
    before = json.loads(asked.like.read_text("utf-8")) if asked.like else {}
    differing = [
        f"{name}: {key}"
        for name in found.keys() & before.keys()
        for key in sorted(found[name].keys() | before[name].keys())
        if json.loads(json.dumps(found[name].get(key))) != before[name].get(key)
    ]
    print(*differing or ["the same"] * bool(before), sep="\n")
    return bool(differing)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
