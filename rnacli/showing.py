"""What the commands show of a run, its data and its network: tables on standard output, talk on standard error."""

from typing import TYPE_CHECKING, Any

from rnacli import console
from rnacli.errors import clean

if TYPE_CHECKING:
    from rnacli.evaluation import Evaluation
    from rnacli.reproduction import Reproduction
    from rnacli.runs import Run


def results(run: "Run") -> None:
    results: dict[str, dict[str, float]] = run.record["results"]
    names = list(dict.fromkeys(name for measures in results.values() for name in measures))
    rows = [(part, run.record["data"]["rows"][part], *map(results[part].get, names)) for part in results]
    console.table(("", "rows", *names), rows, talk=True)


def reproduction(result: "Reproduction") -> None:
    if result.changed:
        console.say(f"another than in the run: {clean(', '.join(result.changed), 300)}")
    if result.parted is not None:
        parted = result.parted
        where = f"from epoch {parted.epoch} on: {clean(parted.measure)} was {parted.before:.7g}, now {parted.again:.7g}"
        console.show(f"not the same {where}")
    elif result.exact:
        console.show("the same to the last bit: weights and history")
    elif result.difference:
        console.show(
            f"the same but for the last digits: the histories differ by at most {result.difference:.1e} of a value"
        )
    else:
        console.show("the same history; the weights differ in their last digits")
    console.show(str(result.run.path))


def runs(runs: "list[Run]") -> None:
    """One line a run: its folder, how it ended, its epochs, and its figures on the held-out rows."""
    rows = []
    for run in runs:
        part = str(run.record.get("held_out", ""))
        figures = run.record.get("results", {}).get(part, {})
        reached = "  ".join(f"{name} {console.figure(value)}" for name, value in figures.items())
        rows.append((run.name, str(run.record.get("status", "")), run.record.get("epochs"), part, reached))
    console.table(("run", "status", "epochs", "on", "reached"), rows, left=(0, 1, 3, 4))


def evaluation(result: "Evaluation") -> None:
    measured = [*result.measures.items(), *((f"{name} (scikit-learn)", value) for name, value in result.scores.items())]
    if result.threshold not in (None, 0.5):
        measured.append(("threshold", result.threshold))
    console.table((f"{result.rows:,} {result.part} rows", ""), measured)
    if result.per_class:
        figures = [(row["class"], row["precision"], row["recall"], row["f1"], row["rows"]) for row in result.per_class]
        what = "label" if result.confusion is None else "class"
        console.table((what, "precision", "recall", "f1", "rows"), figures)
    if result.confusion is not None and len(result.classes) <= 20:
        counts = [(name, *row) for name, row in zip(result.classes, result.confusion.tolist(), strict=True)]
        console.table(("true \\ predicted", *result.classes), counts)


def columns(data: Any) -> None:
    """Each input column: what it holds and why, its missing values, and what it becomes."""
    import numpy as np

    rows = []
    for j, column in enumerate(data.preprocessing.columns):
        missing = int(np.isnan(data.rows.column(j, data.parts["train"])).sum())
        inputs = f"{len(column.inputs)} input{'s' if len(column.inputs) != 1 else ''}"
        if getattr(column, "encode_as", "") == "embedding":
            inputs = f"embedding of {column.dimensions}"
        rows.append((column.name, column.kind, data.rows.kinds[column.name][1], missing or None, inputs))
    console.table(("column", "kind", "since it has", "missing", "becomes"), rows, left=(0, 1, 2, 4))


def balance(data: Any) -> None:
    from rnacli.dataset import class_counts

    counts = {part: class_counts(data, part) for part in data.parts}
    rows = [(name, *(counts[part][i] for part in counts)) for i, name in enumerate(data.preprocessing.classes)]
    console.table(("class", *counts), rows)


def weights(name: str, array: Any) -> None:
    """One array: its figures, and its numbers if they are few enough to read."""
    shape = " x ".join(map(str, array.shape)) or "1"
    numbers = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    summary = f"{name}  {shape}  mean {numbers.mean():.4g}  deviation {numbers.std():.4g}"
    if numbers.shape[1] > 12 or numbers.shape[0] > 20:
        console.show(f"{summary}  from {numbers.min():.4g} to {numbers.max():.4g}")
        return
    console.show(summary)
    columns = ("", *(f"unit {i + 1}" for i in range(numbers.shape[1])))
    rows = [(f"{i + 1}", *row) for i, row in enumerate(numbers.astype(float).tolist())]
    console.table(columns, rows)
