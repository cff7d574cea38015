"""CPU seconds of ``rna runs``, ``show`` and ``compare`` where there are many: ``tests/benchmarks/list_runs.py RUN``.

The folder is made of copies of RUN, in which learning rate, seed and figures differ. Python's byte code must
be there (``python -m compileall rnacli``), as in an installed package.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT = 1000
TIMES = 3


def copy_runs(run: Path, folder: Path, count: int) -> list[str]:
    """Copies of a run below ``folder``, of other names, settings and figures."""
    config, record = (run / "config.yaml").read_text("utf-8"), json.loads((run / "run.json").read_text("utf-8"))
    part = record["held_out"]
    names = []
    for i in range(count):
        name = f"2026-01-{1 + i // 60 % 28:02}_{i // 3600:02}-{i // 60 % 60:02}-{i % 60:02}_circles_2-4-2-1_s{i}"
        shutil.copytree(run, folder / name)
        changed = re.sub(r"learning_rate: [\d.]+", f"learning_rate: {0.001 * (1 + i % 10):.3f}", config)
        (folder / name / "config.yaml").write_text(re.sub(r"(?m)^seed: \d+", f"seed: {i}", changed), "utf-8")
        figures = {measure: value * (1 + i / count) for measure, value in record["results"][part].items()}
        results = {**record["results"], part: figures}
        (folder / name / "run.json").write_text(json.dumps({**record, "results": results}, indent=1), "utf-8")
        names.append(name)
    return names


def seconds_of(arguments: list[str], folder: Path) -> float:
    """The least CPU seconds, user and system, of a few calls."""
    least = float("inf")
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "rnacli", *arguments, "--runs", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "RNA_LANG": "en"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def main(run: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        names = copy_runs(run, folder, COUNT)
        calls = {
            "runs": ["runs"],
            "runs --all": ["runs", "--all"],
            "runs --all --json": ["runs", "--all", "--json"],
            "runs 'circles*' --sort loss": ["runs", "circles*", "--sort", "loss"],
            "show": ["show", "latest"],
            "compare": ["compare", names[0], names[-1]],
        }
        for told, arguments in calls.items():
            print(f"{told:30} {seconds_of(arguments, folder):.2f} s of CPU")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
