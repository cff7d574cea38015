"""``rna show``: what a run is, what it reached, and what to do next."""

import contextlib
import datetime
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rnacli.commands.options import RUNS, AsJson, RunName, RunsFolder
from rnacli.errors import RnaError
from rnacli.terminal.console import format_figure, print_json, print_result, print_table
from rnacli.terminal.sparkline import draw_sparkline
from rnacli.words import clean, count_things, fill_each, fill_template, quote_path

if TYPE_CHECKING:
    from pathlib import Path

    from rnacli.runs.folder import Run


def show(run: RunName, *, as_json: AsJson = False, runs: RunsFolder = RUNS) -> None:
    """Show what a run is, what it reached, and what to do next."""
    from rnacli.runs.find import find_run, find_search_path
    from rnacli.runs.labels import read_labels

    if (search := find_search_path(run, runs)) is not None:
        return show_search(search, as_json)
    trained = find_run(run, runs)
    if as_json:
        print_json({"path": str(trained.path), **trained.record, **asdict(read_labels(trained.path))})
    else:
        show_run(trained)


def show_run(trained: "Run", name: str = "") -> None:
    """What a run is, a line under each word, its figures, and what to do next; ``name``: what that calls it."""
    for label, text in describe_run(trained).items():
        if text:
            print_result(f"{label:9} {clean(text, 300)}")
    show_figures(trained)
    print_result("")
    for line in next_steps(trained, name):
        print_result(line)


def show_search(path: "Path", as_json: bool) -> None:
    """What a search has found: the best values, what they reach, and what to do next; then its best run."""
    from rnacli.document.write import yaml_flow
    from rnacli.runs.find import BEST, open_run, read_search

    record = read_search(path)
    if as_json:
        return print_json({"path": str(path), **record})
    print_result(f"{fill_template('search'):9} {clean(path, 300)}")
    trials = f"; {count_things(record['trials'], 'trial')}" if isinstance(record.get("trials"), int) else ""
    status = fill_template(clean(record.get("status", "")))
    print_result(f"{fill_template('ended'):9} {status}, {tell_time(record.get('started'))}{trials}")
    best = record.get("best")
    if not isinstance(best, dict):
        print_result(f"\nrna tune --resume {clean(path.name, 200)}")
        return None
    said = "trial {trial}, {goal} {value}"
    reached = {"trial": best.get("trial"), "goal": record.get("goal"), "value": format_figure(best.get("value"))}
    if isinstance(fresh := best.get("confirmed"), dict):
        said = "trial {trial}, {goal} {value}; with {seeds} fresh seeds {mean} +- {deviation}"
        reached |= {"seeds": fresh.get("seeds")} | {k: format_figure(fresh.get(k)) for k in ("mean", "deviation")}
    print_result(f"{fill_template('best'):9} {fill_template(said, **reached)}")
    values = best.get("values")
    for key, value in values.items() if isinstance(values, dict) else ():
        print_result(f"{'':9} {clean(key)}: {clean(value if isinstance(value, str) else yaml_flow(value))}")
    print_result("")
    return show_run(open_run(path / BEST), found_by(path))


def describe_run(run: "Run") -> dict[str, str]:
    """What a run is, a line under each word."""
    from rnacli.runs.folder import status_of
    from rnacli.runs.labels import read_labels

    record, labels = run.record, read_labels(run.path)
    seconds, data, network = (record.get(name) or {} for name in ("seconds", "data", "network"))
    epochs, training = record.get("epochs"), seconds.get("training")
    ended = f"{fill_template(status_of(run))}, {tell_time(record.get('started'))}"
    if epochs is not None:
        said = "; {epochs} in {seconds:,.1f} s on {device}" if training else "; {epochs} on {device}"
        device = (record.get("machine") or {}).get("device", "CPU")
        ended += fill_template(said, epochs=count_things(epochs, "epoch"), seconds=training, device=device)
    rows = ", ".join(f"{count:,} {part}" for part, count in (data.get("rows") or {}).items())
    classes = [str(name) for name in data.get("classes") or ()]
    positive = named = data_is = ""
    if data.get("positive") is not None:
        positive = fill_template(", positive {name}", name=data["positive"])
    if classes:
        shown = ", ".join(classes[:10]) + (" ..." if len(classes) > 10 else "")
        named = fill_template("; classes {names:.300}", names=shown)
    if rows:
        data_is = fill_template("{files:.300}: {rows} rows", files=", ".join(data.get("files") or ()), rows=rows)
    network_is = count_things(network["parameters"], "parameter") if "parameters" in network else ""
    names = fill_each("run", "ended", "data", "network", "loss", "tags", "note")
    texts = (str(run.path), ended, data_is + named + positive, network_is, tell_losses(run))
    return dict(zip(names, [*texts, " ".join(labels.tags), labels.note], strict=True))


def tell_time(started: Any) -> str:
    with contextlib.suppress(TypeError, ValueError):
        return fill_template("began {time}", time=f"{datetime.datetime.fromisoformat(started):%Y-%m-%d %H:%M}")
    return ""


def tell_losses(run: "Run") -> str:
    """The loss after each epoch as a small picture; nothing where there is no history."""
    from rnacli.runs.history import read_columns

    if "history.csv" not in run.record.get("files", {}):
        return ""
    try:
        history = read_columns(run)
    except RnaError:
        return fill_template("history.csv is damaged")
    name = "val_loss" if "val_loss" in history else "loss"
    losses = history.get(name, [])
    if not losses:
        return ""
    said = "{drawn:.200} {name} {first:.4g} to {last:.4g}"
    return fill_template(said, drawn=draw_sparkline(losses), name=name, first=losses[0], last=losses[-1])


def show_figures(run: "Run") -> None:
    """What was measured, a column for each part of the rows."""
    from rnacli.runs.record import figures_by_part
    from rnacli.runs.seeds import tabulate_seeds

    columns = figures_by_part(run.record)
    names = dict.fromkeys(name for figures in columns.values() for name in figures)
    if names:
        rows = [(name, *(format_figure(figures.get(name)) for figures in columns.values())) for name in names]
        print_table(("", *columns), rows)
    header, spreads = tabulate_seeds(run.record)
    if spreads:
        print_table(header, [(name, *map(format_figure, figures)) for name, *figures in spreads])


def found_by(path: "Path") -> str:
    """What a command calls a run: its folder's name, which is looked for in the usual place, and else its path."""
    return path.name if path.parent == RUNS else quote_path(path)


def next_steps(run: "Run", name: str = "") -> list[str]:
    """The commands that suit a run as it is; ``name``: what they call it."""
    from rnacli.runs.record import usual_commands

    name = clean(name or found_by(run.path), 300)
    status, is_measured = run.record.get("status"), bool(run.record.get("results"))
    if (
        status == "running"
        or "weights.npz" not in run.record.get("files", {})
        or (status == "interrupted" and not is_measured)
    ):
        return [f"rna train --resume {name}"]
    pictures = [file for file in run.record.get("files", {}) if file.startswith("plots/")]
    more = [f"rna train --resume {name}"] if status == "interrupted" else []
    steps = [*more, *usual_commands(run.record, name), fill_template("rna compare {name:.200} OTHER", name=name)]
    if not pictures:
        return [f"rna plot {name}", *steps]
    said = "1 picture in {folder:.300}" if len(pictures) == 1 else "{count} pictures in {folder:.300}"
    where = fill_template(said, count=len(pictures), folder=run.path / "plots")
    return [where, *steps]
