"""Curves through the epochs as drawings within a page, which answer the pointer."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape

from rnacli.report.html import text
from rnacli.words import fill_template

LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT = 56, 624, 12, 208, 640, 240
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("", "6 3", "2 3")
MOST_POINTS = 2000
"""Epochs that a drawing has; of more, every k-th."""


def draw_curves(name: str, epochs: Sequence[float], curves: Mapping[str, Sequence[float]]) -> str:
    """The curves by what they are called, each a value for each of the ``epochs``; gaps where a value is no number."""
    step = math.ceil(len(epochs) / MOST_POINTS) or 1
    epochs = epochs[::step]
    curves = {label: values[::step] for label, values in curves.items() if values}
    finite = [value for values in curves.values() for value in values if math.isfinite(value) and abs(value) < 1e100]
    if not finite or not epochs:
        return ""
    low, high, middle = min(finite), max(finite), sorted(finite)[len(finite) // 2]
    is_log = low > 0 and high > 30 * middle
    across = [LEFT + (RIGHT - LEFT) * (i / (len(epochs) - 1) if len(epochs) > 1 else 0) for i in range(len(epochs))]
    lines, legend = [], []
    for i, (label, values) in enumerate(curves.items()):
        colour, dash = COLOURS[i % len(COLOURS)], DASHES[i // len(COLOURS) % len(DASHES)]
        look = f'stroke="{colour}" stroke-width="2"' + (f' stroke-dasharray="{dash}"' if dash else "")
        for stretch in finite_stretches(across, values):
            points = " ".join(f"{x:.1f},{place(value, low, high, is_log):.1f}" for x, value in stretch)
            lines.append(f'<polyline fill="none" {look} points="{points}"/>')
        if len(epochs) == 1 and math.isfinite(values[0]):
            lines.append(f'<circle cx="{LEFT}" cy="{place(values[0], low, high, is_log):.1f}" r="3" fill="{colour}"/>')
        line = f'<line x1="0" x2="22" y1="4" y2="4" {look}/>'
        legend.append(f'<svg width="22" height="8" aria-hidden="true">{line}</svg> {text(label, 80)}')
    data = {
        "epoch": fill_template("epoch"),
        "epochs": list(epochs),
        "curves": [[label, [finite_or_none(v) for v in values]] for label, values in curves.items()],
    }
    ends = "".join(
        f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.4g}</text>'
        for value, y in ((high, TOP), (low, BOTTOM))
    )
    epoch = fill_template("epoch")
    ends += f'<text x="{LEFT}" y="{BOTTOM + 18}">{epoch} {epochs[0]:g}</text>'
    ends += f'<text x="{RIGHT}" y="{BOTTOM + 18}" text-anchor="end">{epoch} {epochs[-1]:g}</text>'
    about = (
        fill_template("{metric} after each epoch", metric=name)
        + ": "
        + "; ".join(
            fill_template("{label} from {first:.4g} to {last:.4g}", label=label, first=values[0], last=values[-1])
            for label, values in curves.items()
        )
    )
    scale = fill_template(" (logarithmic)") if is_log else ""
    return (
        f'<figure><svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(about)}" '
        f'data-curves="{escape(json.dumps(data, allow_nan=False), quote=True)}">'
        f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{BOTTOM}"/>'
        f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}"/>{ends}{"".join(lines)}'
        f'<line class="at" x1="0" x2="0" y1="{TOP}" y2="{BOTTOM}"/></svg><output class="dim">&nbsp;</output>'
        f"<figcaption>{text(name)}{text(scale)}: {', '.join(legend)}</figcaption></figure>"
    )


def place(value: float, low: float, high: float, is_log: bool) -> float:
    """How far down a value stands."""
    if is_log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return BOTTOM - (BOTTOM - TOP) * ((value - low) / (high - low) if high > low else 0.5)


def finite_stretches(across: Sequence[float], values: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The points of a curve, apart where a value is no number."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(across, values, strict=False):
        if finite_or_none(value) is None:
            stretches.append([])
        else:
            stretches[-1].append((x, value))
    return [stretch for stretch in stretches if len(stretch) > 1]


def finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) and abs(value) < 1e100 else None
