"""The page on one run."""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.errors import RnaError
from rnacli.pictures.lighter import lighten_picture
from rnacli.report.curves import draw_curves
from rnacli.report.html import Explained, code, page, paragraph, picture, section, table, text
from rnacli.report.meanings import explain_measure, explain_picture
from rnacli.results.compare import Predictions, read_predictions
from rnacli.runs.folder import Run
from rnacli.runs.history import read_columns
from rnacli.runs.record import figures_by_part, has_classes, output_names, usual_commands
from rnacli.runs.seeds import tabulate_seeds
from rnacli.strict_json import parse_json
from rnacli.words import count_things, fill_each, fill_template

WORST = 10
"""Rows that are shown of those that are most wrong."""
LARGEST_PICTURE = 4_000_000
ROOM = 2_000_000
"""Bytes that all pictures of a page have, so that it can be sent by mail."""
BROAD = 1000
"""Pixels across: a picture of more cannot be read in half a page."""
LARGEST_TEXT = 2_000_000


def report_run(run: Run) -> str:
    """A page on a run: what was asked for, its data, its curves, scores and pictures, its errors, and its settings."""
    name = str(run.record.get("name") or run.name)
    return page(fill_template("{name:.200}: report of a run", name=name), filter(None, describe(run, name)))


def describe(run: Run, name: str) -> Iterator[str]:
    record, kept = run.record, run.record.get("files", {})
    yield f"<header><h1>{text(name)}</h1>{paragraph(tell_run(run), dim=True)}{paragraph(tell_result(run))}</header>"
    yield data_section(run)
    yield curves_section({"": run})
    yield scores_section(record)
    yield seeds_section(record)
    yield pictures_section(run)
    yield errors_section(read_predictions(run), has_classes(record))
    if "summary.txt" in kept:
        yield section(fill_template("Network"), code(run.read("summary.txt", LARGEST_TEXT).decode(errors="replace")))
    if "config.yaml" in kept:
        yield section(fill_template("Settings"), code(run.read("config.yaml", LARGEST_TEXT).decode(errors="replace")))
    yield again_section(run)


def summarize_run(run: Run) -> str:
    """The run in a few lines of HTML, for a page of somebody else's: what it is, what it reached, its loss."""
    name = str(run.record.get("name") or run.name)
    return f"<div><strong>{text(name)}</strong>{paragraph(tell_run(run))}{paragraph(tell_result(run))}</div>" + (
        scores_section(run.record)
    )


def tell_run(run: Run) -> str:
    """Where, when and on what the run was trained."""
    record = run.record
    machine = record.get("machine") or {}
    began = fill_template("began {time}", time=str(record.get("started", ""))[:16].replace("T", " "))
    parts = [run.name, fill_template(str(record.get("status", ""))), began]
    seed = fill_template("seed {seed}", seed=record["seed"]) if "seed" in record else ""
    return ", ".join(filter(None, [*parts, seed, str(machine.get("device", ""))]))


def tell_result(run: Run) -> str:
    """In a sentence what learnt from what, and what it reached."""
    record = run.record
    data, held_out = record.get("data") or {}, str(record.get("held_out", ""))
    rows = data.get("rows") or {}
    figures = (record.get("results") or {}).get(held_out) or {}
    if not figures or "train" not in rows:
        return fill_template("This run is not finished.")
    parameters = (record.get("network") or {}).get("parameters")
    network = fill_template(
        "A network" if parameters is None else "A network of {parameters:,} parameters", parameters=parameters
    )
    reached = ", ".join(f"{name} {format_value(value)}" for name, value in figures.items())
    count = rows.get(held_out, 0)
    seen = fill_template("the same rows" if held_out == "train" else "{rows:,} {part} rows", rows=count, part=held_out)
    return fill_template(
        "{network} learnt from {rows:,} rows for {epochs}. On {seen}: {reached:.500}.",
        network=network,
        rows=rows["train"],
        epochs=count_things(record.get("epochs", 0), "epoch"),
        seen=seen,
        reached=reached,
    )


def format_value(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.4g}" if isinstance(value, int | float) else str(value)


# Sections


def data_section(run: Run) -> str:
    data = run.record.get("data") or {}
    parts = [
        table(
            fill_each("part", "rows"), [(part, f"{count:,}") for part, count in (data.get("rows") or {}).items()], (1,)
        )
    ]
    if files := data.get("files"):
        parts.insert(0, paragraph(fill_template("From {files:.500}.", files=", ".join(files))))
    if classes := data.get("classes"):
        shown = ", ".join(map(str, classes[:50])) + (" ..." if len(classes) > 50 else "")
        said = fill_template("Classes: {shown:.1500}.", shown=shown)
        if data.get("positive") is not None:
            said += fill_template(" The positive class is {name}.", name=data["positive"])
        parts.append(paragraph(said))
    parts.append(columns_table(run))
    return section(fill_template("Data"), *parts)


def columns_table(run: Run) -> str:
    """The input columns of a table, and what training rows taught of them."""
    if "preprocessing.json" not in run.record.get("files", {}):
        return ""
    try:
        inputs = parse_json(run.read("preprocessing.json"))["inputs"]
        columns = inputs.get("columns") or ()
        rows = [
            (column["name"], column["kind"], format_value(column.get("low")), format_value(column.get("high")),
             fill_template("refused") if column.get("fill") is None else format_value(column["fill"]))
            for column in columns[:200]
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return (
        table(fill_each("column", "kind", "lowest", "highest", "missing values become"), rows, (2, 3)) if rows else ""
    )


def curves_section(runs: Mapping[str, Run]) -> str:
    """The measures after each epoch; of several runs, those of each under its label."""
    histories = {}
    for label, run in runs.items():
        if "history.csv" in run.record.get("files", {}):
            histories[label] = read_columns(run)
    names = dict.fromkeys(name for history in histories.values() for name in history)
    drawn = []
    for name in names:
        if name.startswith("val_") or name in ("epoch", "phase", "seconds"):
            continue
        wanted = (name, f"val_{name}") if len(histories) == 1 else (f"val_{name}" if f"val_{name}" in names else name,)
        curves: dict[str, list[float]] = {}
        drawn_of = [history for history in histories.values() if any(column in history for column in wanted)]
        longest = max((history["epoch"] for history in drawn_of), key=len)
        for label, history in histories.items():
            curves |= {f"{label} {column}".strip(): history[column] for column in wanted if column in history}
        drawn.append(draw_curves(name, longest, curves))
    return section(fill_template("Through the epochs"), *drawn) if any(drawn) else ""


def scores_section(record: Mapping[str, Any]) -> str:
    results = figures_by_part(record)
    names = dict.fromkeys(name for figures in results.values() for name in figures)
    if not names:
        return ""
    outputs = output_names(record)
    rows = [
        (Explained(name, explain_measure(name, outputs)), *(format_value(each.get(name)) for each in results.values()))
        for name in names
    ]
    return section(fill_template("Scores"), table(("", *results), rows, range(1, len(results) + 1)))


def seeds_section(record: Mapping[str, Any]) -> str:
    """How much of the figures is the luck of a seed."""
    header, rows = tabulate_seeds(record)
    if not rows:
        return ""
    said = "The same network on the same rows, with other seeds: other first weights, another order of the rows."
    shown = [(name, *map(format_value, figures)) for name, *figures in rows]
    return section(fill_template("Seeds"), paragraph(fill_template(said)), table(header, shown, range(1, len(header))))


def pictures_section(run: Run) -> str:
    """The pictures of a run as far as there is room for them; of the others, where they are."""
    figures, left_out, room = [], [], ROOM
    measures = read_columns(run) if "history.csv" in run.record.get("files", {}) else {}
    for name in run.record.get("files", {}):
        if not name.startswith("plots/") or not name.endswith((".png", ".gif")):
            continue
        stem = name.removeprefix("plots/").rpartition(".")[0]
        about = explain_picture("boundary" if name.endswith("boundary.gif") else stem, measures)
        with contextlib.suppress(RnaError):  # it was deleted, or drawn by another hand
            drawn = run.read(name, LARGEST_PICTURE)
            content = lighten_picture(drawn)
            if len(content) > room:
                left_out.append(name)
                continue
            room -= len(content)
            broad = name.endswith(".png") and int.from_bytes(drawn[16:20]) > BROAD
            figures.append(picture(content, f"{stem}: {about}", about, broad))
    if not figures:
        return ""
    shown = f'<div class="pictures">{"".join(figures)}</div>'
    said = fill_template("Not here, for the page would be too large: {names:.500}.", names=", ".join(left_out))
    return section(fill_template("Pictures"), shown, paragraph(said, dim=True) if left_out else "")


def errors_section(predictions: Predictions, are_classes: bool) -> str:
    """The rows that are most wrong: of classes, those that were sure of another one; of values, the largest errors."""
    truth, answers = predictions.get("truth"), predictions.get("prediction")
    if not truth or not answers:
        return ""
    rows, names = predictions.get("id") or predictions["row"], "id" if "id" in predictions else fill_template("row")
    of_classes = [name for name in predictions if name.startswith("probability_")]
    chances = {name.removeprefix("probability_"): predictions[name] for name in of_classes}
    if are_classes:
        wrong = [i for i in range(len(truth)) if truth[i] != answers[i]]
        sure = {i: number(chances[answers[i]][i]) if answers[i] in chances else math.nan for i in wrong}
        worst = sorted(sure, key=lambda i: -sure[i])[:WORST]
        said = fill_template("{count:,} of {total:,} rows are wrong.", count=len(wrong), total=len(truth))
        lines = [(rows[i], truth[i], answers[i], format_value(sure[i])) for i in worst]
        shown = table((names, *fill_each("truth", "prediction", "its probability")), lines, (3,)) if lines else ""
        return section(fill_template("Worst errors"), paragraph(said), shown)
    errors = [abs(number(answers[i]) - number(truth[i])) for i in range(len(truth))]
    worst = sorted(range(len(errors)), key=lambda i: -errors[i])[:WORST]
    lines = [(rows[i], truth[i], answers[i], format_value(errors[i])) for i in worst]
    return section(
        fill_template("Worst errors"),
        table((names, *fill_each("truth", "prediction", "error")), lines, (1, 2, 3)),
    )


def number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("-inf")


def again_section(run: Run) -> str:
    machine = run.record.get("machine") or {}
    versions: Sequence[tuple[str, str]] = [*(machine.get("versions") or {}).items()]
    return section(
        fill_template("Again"),
        code("\n".join([f"rna reproduce {run.name}", *usual_commands(run.record, run.name)])),
        table(("", fill_template("version")), versions),
    )
