"""How every picture looks: size, colours, legends, and text that fits and is drawn literally."""

import bisect
import functools
import itertools
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnacli.errors import clean

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font
    from matplotlib.layout_engine import LayoutEngine
    from numpy.typing import NDArray

    Array = NDArray[Any]

DPI = 120
SIZE = (7.2, 4.8)  # inches: 864 x 576 pixels
FONT = "DejaVu Sans"  # comes with matplotlib: the same picture on every machine
TITLE, LABEL, NOTE = 13, 11, 9  # points
HUGE = 1e100  # from here on matplotlib's own arithmetic overflows: as good as infinite
INK, PALE, GRID = "#222222", "#bbbbbb", "#e4e4e4"
# Okabe and Ito's colours, with grey for black. The markers are one fewer, so that 56 classes differ in the pair.
BLUE, ORANGE, RED = "#0072B2", "#E69F00", "#D55E00"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", RED, "#56B4E9", "#F0E442", "#999999")
MARKERS = "osD^vPX"


def figure_of(size: tuple[float, float], layout: "LayoutEngine | None" = None) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    return figure


def axes_figure(title: str, across: str, up: str, size: tuple[float, float] = SIZE) -> "tuple[Figure, Axes]":
    """A figure with one axes in the common style."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = figure_of(size, ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
    axes = figure.add_subplot(facecolor="white")
    room = size[0] - 1.6
    first, *rest = textwrap.wrap(clean(title, 200), len(fit_text(title, room, TITLE))) if title.strip() else [""]
    lines = [fit_text(line, room, TITLE) for line in ([first, " ".join(rest)] if rest else [first])]
    axes.set_title("\n".join(lines), fontsize=TITLE, color=INK, pad=10)
    style(axes, across, up, size)
    return figure, axes


def style(axes: "Axes", across: str, up: str, size: tuple[float, float]) -> None:
    """The common style of axes; ``size`` in inches is the room that the labels have."""
    axes.set_xlabel(fit_text(across, size[0] - 2, LABEL), fontsize=LABEL, color=INK)
    axes.set_ylabel(fit_text(up, size[1] - 1.6, LABEL), fontsize=LABEL, color=INK)
    axes.tick_params(labelsize=NOTE, colors=INK)
    axes.ticklabel_format(useOffset=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)
    axes.grid(True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def colour_bar(figure: "Figure", axes: "Axes", drawn: "ScalarMappable", name: str, **options: Any) -> None:
    bar = figure.colorbar(drawn, ax=axes, aspect=25, **options)
    bar.set_label(name, fontsize=LABEL, color=INK)
    bar.ax.tick_params(labelsize=NOTE, colors=INK)
    bar.outline.set(color=PALE)


def legend(
    where: "Axes | Figure",
    handles: "Sequence[Artist]",
    names: Sequence[str],
    inches: float,
    title: str | None = None,
    **place: Any,
) -> None:
    style: dict[str, Any] = {"fontsize": NOTE, "title_fontsize": NOTE, "framealpha": 0.9, "edgecolor": GRID} | place
    # The names come second: given at once, one that begins with an underscore would leave its entry out.
    legend = where.legend(handles, ["x"] * len(handles), title=title or None, **style)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=fit_text(name, inches, NOTE), color=INK)


def scatter(axes: "Axes", across: "Array", up: "Array") -> "Artist":
    area, alpha = (30, 0.75) if len(across) <= 300 else (14, 0.5) if len(across) <= 3000 else (6, 0.25)
    return axes.scatter(across, up, s=area, alpha=alpha, color=BLUE, edgecolors="white", linewidths=0.4, zorder=3)


def finish(figure: "Figure", notes: Sequence[str] = ()) -> "Figure":
    """Add the notes, make all text literal, and fix the layout, which would move a little at every drawing."""
    from matplotlib.text import Text

    if notes:
        figure.supxlabel("\n".join(notes), x=0.02, ha="left", fontsize=NOTE, color=INK)
    for text in figure.findobj(Text):
        text.set(parse_math=False, family=FONT)
    if figure.get_layout_engine():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure


def only_finite(x: "Array", y: "Array", mask: "Array | None" = None) -> "tuple[Array, Array, Array | None, list[str]]":
    """The rows where ``x`` and ``y`` are finite, and a note about the others."""
    import numpy as np

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    keep = (np.abs(x) < HUGE).all(axis=tuple(range(1, x.ndim))) & (np.abs(y) < HUGE)
    lost = int((~keep).sum())
    notes = [f"{lost} of {len(x)} points not finite and left out"] if lost else []
    return x[keep], y[keep], None if mask is None else np.asarray(mask, bool)[keep], notes


def span(values: "Array") -> tuple[float, float]:
    """The limits of an axis that shows ``values`` with some room."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def as_probabilities(answer: "Array") -> "Array":
    """A network's answer (m,), (m, 1) or (m, k) as (m, k), k > 1."""
    import numpy as np

    columns = np.asarray(answer, dtype=float).reshape(len(answer), -1)
    return np.hstack([1 - columns, columns]) if columns.shape[1] == 1 else columns


def as_pixels(images: "Array") -> "Array":
    """Images as numbers from 0 to 1, (n, h, w) or (n, h, w, 3)."""
    import numpy as np

    pixels: Array = np.nan_to_num(images.astype(float), posinf=0, neginf=0)
    if pixels.shape[3:] == (1,):
        pixels = pixels[..., 0]
    low, high = (pixels.min(), pixels.max()) if pixels.size else (0, 1)
    if low >= 0 and high <= 255:
        low, high = 0, 1 if high <= 1 and images.dtype.kind == "f" else 255
    return (pixels - low) / ((high - low) or 1)


def percent(share: float) -> str:
    text = f"{100 * share:.0f}"
    return "<1 %" if text == "0" and share > 0 else ">99 %" if text == "100" and share < 1 else f"{text} %"


def class_labels(classes: Sequence[str], inches: float, count: int) -> list[str]:
    """The names of ``count`` classes, cut to fit; numbered if one is empty or two look the same by now."""
    full = [*classes, *map(str, range(len(classes), count))]
    names = [fit_text(name, inches, NOTE) for name in full]
    if len({"", *names}) <= len(names):
        names = [fit_text(f"{i} {name}", inches, NOTE) for i, name in enumerate(full)]
    return names


def fit_text(value: object, inches: float, points: float) -> str:
    """Text from a file as it can be drawn in one line of that width: a box for what the font lacks, its end cut off."""
    text = "".join(letter if letter_width(letter) is not None else "□" for letter in clean(value, 200))
    ends = list(itertools.accumulate(letter_width(letter) or 0 for letter in text))
    room = inches * 72 / points
    if not text or ends[-1] <= room:
        return text
    return text[: bisect.bisect(ends, room - 1)].rstrip() + "…"


@functools.cache
def letter_width(letter: str) -> float | None:
    """The width of a letter in units of the size of the font, or none if the font lacks it."""
    font = font_metrics()
    if not font.get_char_index(ord(letter)):
        return None
    return font.load_char(ord(letter)).linearHoriAdvance / 65536 / 10


@functools.cache
def font_metrics() -> "FT2Font":
    """A copy of the font to measure with: matplotlib's own changes its size as it draws."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    font = FT2Font(findfont(FONT))
    font.set_size(10, 72)
    return font
