"""Draws a report as bars: ``python chart.py REPORT.csv CHART.png TITLE``."""

import sys
import textwrap
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import pandas as pd

COLOURS = {
    # Okabe and Ito's, which the colour-blind tell apart
    "training, s": "#0072B2",
    "whole command, s": "#56B4E9",
    "processor time, s": "#E69F00",
    "peak memory, MiB": "#999999",
}
BAR = 0.2


def draw(report: pd.DataFrame, title: str) -> Any:
    """One group of bars a comparison, as long as Keras needs times what ``rna`` needs; the whiskers are all pairs."""
    shown = report.dropna(subset=["ratio"])
    names = list(dict.fromkeys(shown["comparison"]))
    figure, axes = plt.subplots(figsize=(9, 1.6 + 0.85 * len(names)), layout="constrained")
    for place, (measure, colour) in enumerate(COLOURS.items()):
        rows = shown[shown["measure"] == measure]
        if rows.empty:
            continue
        heights = [names.index(name) + (place - 1.5) * BAR for name in rows["comparison"]]
        spread = [rows["ratio"] - rows["least"], rows["greatest"] - rows["ratio"]]
        label = measure.partition(",")[0]
        axes.barh(
            heights, rows["ratio"] - 1, BAR * 0.9, left=1, color=colour, xerr=spread, ecolor="#333333", label=label
        )
        for height, ratio, greatest in zip(heights, rows["ratio"], rows["greatest"], strict=True):
            axes.text(max(greatest, 1) * 1.03, height, f"{ratio:.2f}×", va="center", fontsize=8)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12, y=0.02)
    axes.set_xlabel("plain Keras / rna: right of 1, rna needs less")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter("")
    figure.suptitle(textwrap.fill(title, 140), fontsize=8, x=0.01, ha="left")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def main() -> None:
    report, chart, title = sys.argv[1:]
    draw(pd.read_csv(report), title).savefig(Path(chart), dpi=150)


if __name__ == "__main__":
    main()
