"""A training that has ended is finished, whatever its columns, its task and its classes are."""

import itertools
import logging
from pathlib import Path

import pytest
from fixtures import experiment, some_slow

from rnacli.plots import data
from rnacli.plots.make_views import load_views
from rnacli.plots.style import save_figure
from rnacli.runs.folder import Run
from rnacli.training.train import train_network

COLUMNS = {
    "number": "",
    "word": "",
    "answer": "",
    "day": "",
    "one_word": "{min_count: 1}",
    "size": "{encode: ordinal, categories: [S, M, L]}",
    "town": "{encode: embedding, dimensions: 1}",
    "gap": "{indicator: true}",
}
"""Columns of every kind, and how they are asked for."""
INPUTS = (*((name,) for name in COLUMNS), ("number", "other"), ("number", "word"), ("answer", "day"), ("town", "size"))
TASKS = {
    "two": ("binary_crossentropy", "{units: 1, activation: sigmoid}"),
    "three": ("sparse_categorical_crossentropy", "{units: 3, activation: softmax}"),
    "nine": ("sparse_categorical_crossentropy", "{units: 9, activation: softmax}"),
    "labels": ("binary_crossentropy", "{units: 3, activation: sigmoid}"),
    "value": ("mse", "{units: 1}"),
    "two_values": ("mse", "{units: 2}"),
}
TARGETS = {"labels": "[l1, l2, l3]", "two_values": "[value, value_2]"}


def write_table(path: Path) -> None:
    """A table with a column for each of ``COLUMNS``, and targets for each of ``TASKS``."""
    names = [*COLUMNS, "other", "two", "three", "nine", "l1", "l2", "l3", "value", "value_2"]
    rows = [
        [
            f"{i % 7}.5", "ab"[i % 2], ("no", "yes")[i % 2], f"2024-0{i % 9 + 1}-1{i % 10}", "x", "SML"[i % 3],
            f"t{i % 5}", "" if i % 4 == 0 else str(i % 11), f"{i % 5}.25", "uv"[i % 2], "pqr"[i % 3],
            "abcdefghi"[i % 9], str(i % 2), str(i // 2 % 2), str(i // 3 % 2), f"{i * 0.37:.2f}", f"{i % 13}.5",
        ]
        for i in range(72)
    ]  # fmt: skip
    path.write_text("\n".join(",".join(row) for row in [names, *rows]) + "\n")


EVERY = list(itertools.product(INPUTS, TASKS))


@pytest.mark.parametrize(("inputs", "task"), [*EVERY[22::22], *some_slow(EVERY, 5)])
def test_every_kind_of_columns_and_of_task_is_drawn_and_finished(
    inputs: tuple[str, ...], task: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_table(tmp_path / "data.csv")
    asked = ", ".join(f"{name}: {COLUMNS[name]}" for name in inputs if COLUMNS.get(name))
    loss, head = TASKS[task]
    config = experiment(
        f"dataset: {{csv: data.csv, target: {TARGETS.get(task, task)}, features: [{', '.join(inputs)}], "
        f"columns: {{{asked}}}, split: {{test: 0.25}}}}\nlayers: [dense: {head}]\nloss: {loss}\nbatch_size: full\n",
        tmp_path,
    )
    with caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(config, tmp_path / "runs", tmp_path / "cache")
    assert run.record["status"] == "finished"
    assert not any("cannot be drawn" in said or "no figures" in said for said in caplog.messages)
    drawn = {path.name for path in (run.path / "plots").iterdir()}
    assert {name for name in run.record["files"] if name.startswith("plots/")} == {f"plots/{name}" for name in drawn}
    in_the_plane = inputs == ("number", "other") and task in ("two", "three")
    assert ("decision_boundary.png" in drawn) == in_the_plane
    if "data.png" in drawn:
        require_same_data_picture(run, tmp_path / "cache")


def require_same_data_picture(run: Run, cache: Path) -> None:
    """The picture of the data, drawn before training, is that of the finished run."""
    (values,) = data.values(load_views(run, cache)[0])["data"][:1]
    assert (run.path / "plots" / "data.png").read_bytes() == save_figure(data.draw(**values), "png")
