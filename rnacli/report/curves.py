"""Curves through the epochs as drawings within a page, which answer the pointer."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape

from rnacli.report.html import text
from rnacli.words import fill_template

WIDTH, HEIGHT = 600, 200
"""Of the drawing, in units of its own: the page stretches it, but not the width of its lines."""
COLOURS = 6
"""Curves of different colours; ``STYLE`` of a page has them for light and dark."""
FIRM = 'vector-effect="non-scaling-stroke"'
DASHES = ("", "6 3", "2 3")
MOST_POINTS = 2000
"""Epochs that a drawing has; of more, every k-th."""


def draw_curves(name: str, epochs: Sequence[float], curves: Mapping[str, Sequence[float]]) -> str:
    """The curves by what they are called, each a value for each of the ``epochs``; gaps where a value is no number."""
    step = math.ceil(len(epochs) / MOST_POINTS) or 1
    epochs = epochs[::step]
    curves = {label: values[::step] for label, values in curves.items() if values}
    finite = [value for values in curves.values() for value in values if finite_or_none(value) is not None]
    if not finite or not epochs:
        return ""
    low, high, middle = min(finite), max(finite), sorted(finite)[len(finite) // 2]
    is_log = low > 0 and high > 30 * middle
    across = [WIDTH * i / max(len(epochs) - 1, 1) for i in range(len(epochs))]
    lines, legend = [], []
    for i, (label, values) in enumerate(curves.items()):
        dash = DASHES[(i + i // COLOURS) % len(DASHES)]
        look = f'class="c{i % COLOURS}"' + (f' stroke-dasharray="{dash}"' if dash else "")
        for stretch in finite_stretches(across, values):
            points = [f"{x:.1f},{place(value, low, high, is_log):.1f}" for x, value in stretch]
            is_alone = len(points) == 1
            drawn = f'class="c{i % COLOURS} dot"' if is_alone else look
            lines.append(f'<polyline {drawn} {FIRM} points="{" ".join(2 * points if is_alone else points)}"/>')
        line = f'<line x1="0" x2="26" y1="4" y2="4" {look}/>'
        legend.append(f'<span><svg width="26" height="8" aria-hidden="true">{line}</svg> {text(label, 80)}</span>')
    epoch = fill_template("epoch")
    data = {
        "epoch": epoch,
        "epochs": list(epochs),
        "curves": [[label, [finite_or_none(v) for v in values]] for label, values in curves.items()],
    }
    scale = fill_template(" (logarithmic)") if is_log else ""
    return (
        f"<figure><figcaption>{text(name)}{text(scale)}: {' '.join(legend)}</figcaption>"
        f'<div class="plot"><div class="scale" aria-hidden="true"><span>{high:.4g}</span><span>{low:.4g}</span></div>'
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" tabindex="0" '
        f'aria-label="{escape(describe_curves(name, curves))}" '
        f'data-curves="{escape(json.dumps(data, allow_nan=False), quote=True)}">'
        f'{"".join(lines)}<line class="at" {FIRM} x1="0" x2="0" y1="0" y2="{HEIGHT}"/></svg>'
        f'<div class="epochs" aria-hidden="true"><span>{epoch} {epochs[0]:g}</span><span>{epoch} {epochs[-1]:g}</span>'
        '</div></div><output class="dim">&nbsp;</output></figure>'
    )


def describe_curves(name: str, curves: Mapping[str, Sequence[float]]) -> str:
    """The curves in a sentence, for whoever cannot see them."""
    said = (
        fill_template("{label} from {first:.4g} to {last:.4g}", label=label, first=values[0], last=values[-1])
        for label, values in curves.items()
    )
    return f"{fill_template('{metric} after each epoch', metric=name)}: {'; '.join(said)}"


def place(value: float, low: float, high: float, is_log: bool) -> float:
    """How far down a value stands."""
    if is_log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return HEIGHT - HEIGHT * ((value - low) / (high - low) if high > low else 0.5)


def finite_stretches(across: Sequence[float], values: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The points of a curve, apart where a value is no number."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(across, values, strict=False):
        if finite_or_none(value) is None:
            stretches.append([])
        else:
            stretches[-1].append((x, value))
    return [stretch for stretch in stretches if stretch]


def finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) and abs(value) < 1e100 else None
