"""How every picture looks: size, colours, legends, and text that fits and is drawn literally."""

import bisect
import functools
import io
import itertools
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.words import clean, fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font
    from matplotlib.layout_engine import LayoutEngine


def png(figure: "Figure") -> bytes:
    """A figure as a PNG; the same figure gives the same bytes."""
    return save_figure(figure, "png")


FORMATS: dict[str, dict[str, Any]] = {
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 4}},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Producer": None, "Creator": None}},
}
"""The forms of a picture's file. ``metadata``: what matplotlib would write into it that differs each time, or says its
version. Of photographs, the default compression makes a file 3 % smaller in twice the time."""


def save_figure(figure: "Figure", form: str) -> bytes:
    """A figure as a file of one of ``FORMATS``; the same figure gives the same bytes."""
    from matplotlib import rc_context

    file = io.BytesIO()
    with rc_context({"svg.hashsalt": "rna", "pdf.fonttype": 42}):
        figure.savefig(file, format=form, dpi=DPI, **FORMATS[form])
    return file.getvalue()


DPI = 120
SIZE = (7.2, 4.8)  # inches: 864 x 576 pixels
FONT = "DejaVu Sans"  # comes with matplotlib: the same picture on every machine
TITLE, LABEL, NOTE = 13, 11, 9  # points
TITLE_SIZES = (TITLE, TITLE - 1, LABEL, NOTE + 1, NOTE)
"""Of titles: the first of them that there is room for."""
HUGE = 1e100  # from here on matplotlib's own arithmetic overflows: as good as infinite
INK, PALE, GRID = "#222222", "#bbbbbb", "#e4e4e4"
# Okabe and Ito's colours, with grey for black. The markers are one fewer, so that 56 classes differ in the pair.
BLUE, ORANGE, RED = "#0072B2", "#E69F00", "#D55E00"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", RED, "#56B4E9", "#F0E442", "#999999")
MARKERS = "osD^vPX"
POINT: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 10, "color": RED, "markeredgecolor": "white"}
FINE = 200
"""Places along one side of a plane."""
MOST_POINTS = 2000
"""Points in a scatter: more would hide one another."""


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
    room = size[0] - 0.6
    if "\n" in title:
        parts, sizes = title.split("\n"), TITLE_SIZES[1:]
        whole = [all(fit_text(part, room, size) == clean(part, 200) for part in parts) for size in sizes]
        points = next((size for size, fits in zip(sizes, whole, strict=True) if fits), NOTE)
        lines = [fit_text(part, room, points) for part in parts]
    else:
        first, *rest = textwrap.wrap(clean(title, 200), len(fit_text(title, room, TITLE))) if title.strip() else [""]
        lines, points = [fit_text(line, room, TITLE) for line in ([first, " ".join(rest)] if rest else [first])], TITLE
    # Of the figure: one of the axes, which long names push aside, would leave the picture or cover the colour bar.
    figure.suptitle("\n".join(lines), fontsize=points, color=INK)
    style(axes, across, up, size)
    return figure, axes


def one_line(title: str) -> str:
    """A title of two lines where there is room for one."""
    return title.replace("\n", ": ")


def write_title(figure: "Figure", title: str, below: float = 0.3, margin: float = 0.4) -> None:
    """The title of a figure without axes of its own: in one line, ``below`` the top, as large as there is room for it.

    ``below``, ``margin``: in inches.
    """
    width, height = figure.get_size_inches()
    text, room = one_line(title), float(width) - margin
    points = next((size for size in TITLE_SIZES if fit_text(text, room, size) == clean(text, 200)), TITLE_SIZES[-1])
    figure.text(0.5, 1 - below / height, fit_text(text, room, points), ha="center", fontsize=points, color=INK)


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


def scatter(axes: "Axes", across: np.ndarray, up: np.ndarray) -> "Artist":
    area, alpha = (30, 0.75) if len(across) <= 300 else (14, 0.5) if len(across) <= 3000 else (6, 0.25)
    return axes.scatter(across, up, s=area, alpha=alpha, color=BLUE, edgecolors="white", linewidths=0.4, zorder=3)


def finish(figure: "Figure", notes: Sequence[str] = ()) -> "Figure":
    """Add the notes, make all text literal, and fix the layout, which would move a little at every drawing."""
    from matplotlib import rc_context
    from matplotlib.text import Text

    if notes:
        figure.supxlabel("\n".join(notes), x=0.02, ha="left", fontsize=NOTE, color=INK)
    for text in figure.findobj(Text):
        text.set(parse_math=False, family=FONT)
    if figure.get_layout_engine():
        figure.draw_without_rendering()
        with rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
            figure.set_layout_engine(None)  # with one that does nothing, it would be drawn once more to be saved
    return figure


def finish_explained(
    figure: "Figure", entries: "Sequence[tuple[Artist, str]]", notes: Sequence[str], columns: int = 1
) -> "Figure":
    """As ``finish``, with a legend below the picture, where no data can be, under the notes."""
    handles, names = [handle for handle, _ in entries], [name for _, name in entries]
    legend(figure, handles, names, 4.5, "\n".join(notes), loc="outside lower center", ncols=columns)
    return finish(figure)


def only_finite(
    x: np.ndarray, y: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, list[str]]:
    """The rows where ``x`` and ``y`` are finite, and a note about the others."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    keep = (np.abs(x) < HUGE).all(axis=tuple(range(1, x.ndim))) & (np.abs(y) < HUGE)
    lost = int((~keep).sum())
    notes = [fill_template("{lost} of {count} points not finite and left out", lost=lost, count=len(x))] if lost else []
    return x[keep], y[keep], None if mask is None else np.asarray(mask, bool)[keep], notes


def span(values: np.ndarray) -> tuple[float, float]:
    """The limits of an axis that shows ``values`` with some room."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def as_probabilities(answer: np.ndarray) -> np.ndarray:
    """A network's answer (m,), (m, 1) or (m, k) as (m, k), k > 1."""
    columns = np.asarray(answer, dtype=float).reshape(len(answer), -1)
    return np.hstack([1 - columns, columns]) if columns.shape[1] == 1 else columns


def percent(share: float) -> str:
    text = f"{100 * share:.0f}"
    return "<1 %" if text == "0" and share > 0 else ">99 %" if text == "100" and share < 1 else f"{text} %"


def tell_score(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


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


def text_inches(text: str, points: float) -> float:
    """How wide a text is drawn."""
    return sum(letter_width(letter) or 0 for letter in text) * points / 72


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


def positives(truth: np.ndarray, positive: str) -> str:
    return fill_template(
        "Positive class: {positive}, {count:,.0f} of {total:,} rows",
        positive=fit_text(positive, 2.5, NOTE),
        count=truth.sum(),
        total=len(truth),
    )


def unit_square(axes: "Axes") -> None:
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=ticks, yticks=ticks)


def whole_numbers(axes: "Axes", which: str) -> None:
    """Few ticks and short ones, for an axis that counts rows."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axis.set_major_formatter(EngFormatter(sep=""))


def use_logarithm(axes: "Axes", which: str) -> None:
    """A logarithmic axis with plain figures: matplotlib's own are formulas, and all text here is literal."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}scale": "log"})
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def thinned(across: np.ndarray, up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of a line that lie a thousandth of its extent from the point before: all that can be seen."""
    line = np.stack([across, up])
    extent = np.nanmax(np.abs(line), axis=1, keepdims=True, initial=1e-300)
    cells = np.nan_to_num(np.round(1000 * line / extent), nan=1e9)
    keep = np.ones(line.shape[1], bool)
    keep[1:-1] = (cells[:, 1:-1] != cells[:, :-2]).any(axis=0)
    return line[0, keep], line[1, keep]
