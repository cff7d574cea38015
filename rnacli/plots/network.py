"""The layers of a network, from its inputs down to its outputs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnacli.networks.nodes import Node
from rnacli.plots.arrange import arrange
from rnacli.plots.style import BLUE, INK, NOTE, PALE, figure_of, finish, fit_text, one_line, write_title
from rnacli.words import count_things, fill_template

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

BOX = (3.1, 0.5)
"""Inches: how wide and how high a box is."""
ROOM = (0.35, 0.3)
"""Inches between boxes."""
HEAD, FOOT, MARGIN = 0.6, 0.45, 0.25
"""Inches above, below and beside the boxes."""
NARROWEST = 6.4
"""Inches that a picture is wide at least, for its title."""
LEARNS, FROZEN, GREY = "#e6f1f8", "#eeeeee", "#666666"


def values(view: "View") -> "Drawings":
    """The network's layers."""
    nodes = view.network()
    return {"network": [{"nodes": nodes, "title": view.entitle("Network")}]} if nodes else {}


def draw(nodes: Sequence[Node], title: str) -> "Figure":
    """A box for each of the ``nodes``, and lines from each to those that take its outputs.

    In a box stand its name, the shape of one row of its outputs, its kind and its parameters. What has none is white;
    what is frozen is grey, with a broken edge.
    """
    arranged = arrange(nodes)
    places = [across for across, _ in arranged.places.values()] + [x for line in arranged.lines for x, _ in line]
    rows = 1 + max(row for _, row in arranged.places.values())
    step = BOX[0] + ROOM[0], BOX[1] + ROOM[1]
    parameters, frozen = sum(node.parameters for node in nodes), sum(node.frozen for node in nodes)
    width = max((max(places) - min(places)) * step[0] + BOX[0] + 2 * MARGIN, NARROWEST)
    height = rows * step[1] - ROOM[1] + HEAD + FOOT
    figure = figure_of((width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    heading = fill_template(
        "{title:.200}: {parameters:,} parameters, {frozen:,} of them frozen"
        if frozen
        else "{title:.200}: {parameters:,} parameters",
        title=one_line(title),
        parameters=parameters,
        frozen=frozen,
    )
    say: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
    write_title(figure, heading, 0.36)
    notes = fill_template(
        "Shapes are those of one row; grey: frozen, training does not change it"
        if frozen
        else "Shapes are those of one row"
    )
    axes.text(width / 2, 0.2, fit_text(notes, width - 0.3, NOTE), fontsize=NOTE, **say)

    def middle(place: tuple[float, int]) -> tuple[float, float]:
        across, row = place
        return width / 2 + (across - (max(places) + min(places)) / 2) * step[0], height - HEAD - row * step[1] - BOX[
            1
        ] / 2

    draw_lines(axes, [[middle(place) for place in line] for line in arranged.lines])
    for node in arranged.nodes:
        draw_box(axes, node, *middle(arranged.places[node.name]))
    return finish(figure)


def draw_box(axes: "Axes", node: Node, x: float, y: float) -> None:
    """The box of a node around a place."""
    from matplotlib.patches import FancyBboxPatch

    is_frozen = 0 < node.parameters == node.frozen
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": PALE}
    if is_frozen:
        look = {"facecolor": FROZEN, "edgecolor": GREY, "linestyle": "--"}
    elif node.parameters:
        look = {"facecolor": LEARNS, "edgecolor": BLUE}
    left, right = x - BOX[0] / 2, x + BOX[0] / 2
    corner = (left, y - BOX[1] / 2)
    axes.add_patch(FancyBboxPatch(corner, *BOX, "round,pad=0,rounding_size=0.06", linewidth=1, **look))
    count = count_things(node.parameters, "parameter") if node.parameters else ""
    if node.frozen:
        count = (
            fill_template("{parameters:,} frozen", parameters=node.parameters)
            if is_frozen
            else fill_template("{frozen:,} of {parameters:,} frozen", frozen=node.frozen, parameters=node.parameters)
        )
    shape = str(node.shape) if node.shape else ""
    for texts, up, colour, points in (
        ((node.name, shape), 0.1, INK, NOTE),
        ((node.kind, count), -0.12, GREY, NOTE - 1),
    ):
        room = BOX[0] - 0.3 - 0.062 * len(texts[1])  # what stands at the right is digits
        for text, at, side, inches in ((texts[0], left + 0.1, "left", room), (texts[1], right - 0.1, "right", BOX[0])):
            shown = fit_text(text, inches, points)
            axes.text(at, y + up, shown, ha=side, va="center", fontsize=points, color=colour)


def draw_lines(axes: "Axes", lines: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Lines from the bottom of a box, straight past the rows between, to the top of another; all of them at once."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    half = BOX[1] / 2
    points, codes = [], []
    for line in lines:
        (x, y), *rest = line
        points.append((x, y - half))
        codes.append(Path.MOVETO)
        for i, (to_x, to_y) in enumerate(rest, 1):
            from_y, end = points[-1][1], to_y + half + (0.05 if i == len(rest) else 0)
            bend = (from_y + end) / 2
            points += [(x, bend), (to_x, bend), (to_x, end)]
            codes += [Path.CURVE4] * 3
            if i < len(rest):
                points.append((to_x, to_y - half))
                codes.append(Path.LINETO)
            x = to_x
    if points:
        axes.add_patch(PathPatch(Path(points, codes), facecolor="none", edgecolor=GREY, linewidth=1.1, zorder=0))
        tips = [line[-1] for line in lines]
        axes.plot([x for x, _ in tips], [y + half + 0.04 for _, y in tips], "v", color=GREY, markersize=5)
