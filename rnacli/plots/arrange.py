"""Where the boxes and lines of a graph are drawn: a row for each step from the inputs, as few lines crossing as may be.

The usual way (Sugiyama, Tagawa and Toda, 1981): a line that passes rows has a narrow place of its own in each of them.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rnacli.networks.nodes import Node
from rnacli.words import fill_template

MOST_ROWS = 30
"""Rows that are drawn; of more, those in the middle are one."""
MOST_BESIDE = 5
"""Boxes in a row; of more, the last ones are one."""
PASSING = 0.12
"""How wide the place of a passing line is, where a box and what is left free beside it take 1."""
SWEEPS = 5


@dataclass(frozen=True)
class Arranged:
    """``places``: name of a node -> how far right its middle is, in boxes, and its row from 0.

    ``lines``: the ends of each line and what it passes, as names of nodes or numbers of ``passing`` places.
    """

    nodes: Sequence[Node]
    places: Mapping[str, tuple[float, int]]
    lines: Sequence[Sequence[tuple[float, int]]]


def arrange(nodes: Sequence[Node]) -> Arranged:
    """Fold what is too large, and place the rest."""
    nodes = fold(nodes)
    ranks = rank_nodes(nodes)
    rows: list[list[str]] = [[] for _ in range(1 + max(ranks.values()))]
    for node in nodes:
        rows[ranks[node.name]].append(node.name)
    boxes, chains = set(ranks), []
    for node in nodes:
        for above in node.inputs:
            passed = [f"{above}\0{node.name}\0{row}" for row in range(ranks[above] + 1, ranks[node.name])]
            for row, name in enumerate(passed, ranks[above] + 1):
                rows[row].append(name)
            chains.append([above, *passed, node.name])
    across = place_rows(rows, chains, boxes)
    level = {name: i for i, row in enumerate(rows) for name in row}
    lines = [[(across[name], level[name]) for name in chain] for chain in chains]
    return Arranged(nodes, {name: (across[name], level[name]) for name in ranks}, lines)


def rank_nodes(nodes: Sequence[Node]) -> dict[str, int]:
    """The row of each node: below all that it takes from. What takes from nothing is right above its first use."""
    ranks: dict[str, int] = {}
    for node in nodes:
        ranks[node.name] = 1 + max((ranks[above] for above in node.inputs), default=-1)
    for node in nodes:
        below = [ranks[other.name] for other in nodes if node.name in other.inputs]
        if not node.inputs and below:
            ranks[node.name] = min(below) - 1
    return ranks


# What is too large


def fold(nodes: Sequence[Node]) -> Sequence[Node]:
    """The nodes, at most ``MOST_ROWS`` rows and ``MOST_BESIDE`` in each: the others are folded into one, by rows."""
    ranks = rank_nodes(nodes)
    count = 1 + max(ranks.values())
    if count > MOST_ROWS:
        shown = (MOST_ROWS - 1) // 2
        nodes = merge(nodes, [name for name, rank in ranks.items() if shown <= rank < count - shown])
    for row in range(1 + max(rank_nodes(nodes).values())):
        ranks = rank_nodes(nodes)
        beside = [node.name for node in nodes if ranks[node.name] == row]
        if len(beside) > MOST_BESIDE:
            nodes = merge(nodes, beside[MOST_BESIDE - 1 :])
    return nodes


def merge(nodes: Sequence[Node], names: Collection[str]) -> list[Node]:
    """The nodes with one in the place of those called so: what it is called says how many they were."""
    inside = [node for node in nodes if node.name in set(names)]
    kinds = Counter(node.kind.partition(",")[0] for node in inside).most_common()
    names_there = {node.name for node in nodes}
    called = fill_template("{count:,} more", count=len(inside))
    called += " " * sum(name.rstrip() == called for name in names_there)  # two of one name are still two
    above = dict.fromkeys(name for node in inside for name in node.inputs if name not in set(names))
    merged = Node(
        called,
        ", ".join(f"{count:,} {kind}" for kind, count in kinds),
        (),
        sum(node.parameters for node in inside),
        sum(node.frozen for node in inside),
        tuple(above),
    )
    rest = [
        replace(node, inputs=tuple(dict.fromkeys(called if name in set(names) else name for name in node.inputs)))
        for node in nodes
        if node not in inside
    ]
    return in_order([*rest, merged])


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, each behind those that it takes from."""
    waiting, placed = list(nodes), dict[str, Node]()
    while waiting:
        ready = [node for node in waiting if all(name in placed for name in node.inputs)]
        placed |= {node.name: node for node in ready}
        waiting = [node for node in waiting if node.name not in placed]
    return list(placed.values())


# Places in a row


def place_rows(rows: list[list[str]], chains: Sequence[Sequence[str]], boxes: Collection[str]) -> dict[str, float]:
    """How far right the middle of each place is; the places of a row are put in another order for it."""
    above: dict[str, list[str]] = {name: [] for row in rows for name in row}
    below: dict[str, list[str]] = {name: [] for name in above}
    for chain in chains:
        for one, other in itertools.pairwise(chain):
            below[one].append(other)
            above[other].append(one)
    across: dict[str, float] = {}
    for row in rows:
        place_row(row, {name: float(i) for i, name in enumerate(row)}, boxes, across)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wanted = {}
            for name in row:
                beside = (above if down else below)[name]
                near = [other for other in beside if other in boxes] or beside
                wanted[name] = sum(across[other] for other in near) / len(near) if near else across[name]
            row.sort(key=lambda name: wanted[name])
            place_row(row, wanted, boxes, across)
    middle = (min(across.values()) + max(across.values())) / 2
    return {name: place - middle for name, place in across.items()}


def place_row(
    row: Sequence[str], wanted: Mapping[str, float], boxes: Collection[str], across: dict[str, float]
) -> None:
    """Place a row from left to right, none over another, and its boxes as near as can be to where they are ``wanted``.

    A box stands where it is wanted rather than a passing line.
    """
    edge = float("-inf")
    for name in row:
        half = 0.5 if name in boxes else PASSING / 2
        across[name] = max(wanted[name], edge + half)
        edge = across[name] + half
    off = [across[name] - wanted[name] for name in row if name in boxes] or [
        across[name] - wanted[name] for name in row
    ]
    for name in row:
        across[name] -= sum(off) / len(off)
