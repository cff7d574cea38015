"""How a generator and its discriminator stand against one another, after every epoch."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import BLUE, HUGE, INK, RED, axes_figure, finish, legend
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

PICTURES: dict[str, tuple[str, dict[str, str]]] = {
    "losses": ("Loss", {"generator_loss": "generator", "discriminator_loss": "discriminator"}),
    "real_and_fake": ("Probability of being real", {"real": "real examples", "fake": "generated ones"}),
}
"""The name of a picture -> its axis, and what its lines are called."""
NOTES = {
    "losses": "Neither falls for ever: where one gets better, the other one's loss rises",
    "real_and_fake": "At 0.5 the discriminator cannot tell them apart",
}


def values(view: "View") -> "Drawings":
    """The two losses, and what the discriminator takes examples for."""
    if view.make is None:
        return {}
    shared = {
        "history": view.history,
        "title": view.entitle("Generator against discriminator"),
        "reference": view.validated_on,
    }
    return {name: [{"picture": name, **shared}] for name in PICTURES}


def draw(history: Mapping[str, Sequence[float]], picture: str, title: str = "", reference: str = "") -> "Figure":
    """The lines of a ``picture`` after every epoch; dashed: of the ``reference`` part."""
    from matplotlib.ticker import MaxNLocator

    words, lines = PICTURES[picture]
    figure, axes = axes_figure(title, fill_template("Epoch"), fill_template(words))
    handles: list[Artist] = []
    for (measure, called), colour in zip(lines.items(), (BLUE, RED), strict=True):
        for prefix, style in (("", "-"), ("val_", "--")):
            if prefix + measure in history:
                shown = np.array(history[prefix + measure], dtype=float)
                shown = np.where(np.abs(shown) < HUGE, shown, np.nan)
                label = fill_template(called) + (f", {fill_template(reference)}" if prefix else "")
                look: dict[str, Any] = {"color": colour, "linestyle": style, "label": label, "linewidth": 1.8}
                look["marker"] = "o" if len(shown) <= 40 else ""
                handles += axes.plot(np.arange(1, len(shown) + 1), shown, markersize=3.5, **look)
    if picture == "real_and_fake":
        axes.axhline(0.5, color=INK, linewidth=1, linestyle=":", zorder=0)
        axes.set_ylim(-0.03, 1.03)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    legend(axes, handles, [str(handle.get_label()) for handle in handles], 2, loc="best")
    return finish(figure, [fill_template(NOTES[picture])])
