"""The sentences that tell a user of a mistake, as the source writes them: what a translation has to know.

``python tests/templates.py`` prints them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rnacli.words import FIELD

PACKAGE = Path(__file__).parents[1] / "rnacli"
SENTENCES = {
    "RnaError": (0,), "Problem": (0, 2), "RowProblem": (0, 2), "config_error": (0, 2), "goal_error": (0, 1),
    "wrong": (1, 2, 3), "wrong_reference": (1, 2), "fault": (1, 2), "Mistake": (0, 3), "fill_template": (0,),
    "name_hint": (1,), "did_you_mean": (2,), "about_cell": (0, 1),
}  # fmt: skip
"""What takes sentences, and the positions of these; ``message`` and ``hint`` are sentences too."""
GIVEN = {"did_you_mean": {"names"}, "name_hint": {"column"}, "about_cell": {"cell", "form", "unit", "why"}}
"""The values that a function gives to its sentence itself."""
NOT_VALUES = {"message", "place", "hint", "exit_code", "key"}


class Said(NamedTuple):
    """A call that says something: where, its sentences, what else stands in their places, the values they are given.

    ``values`` is ``None`` where they cannot be read from the source.
    """

    place: str
    sentences: list[str]
    others: list[str]
    values: set[str] | None


def find_sentences() -> Iterator[Said]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and (positions := SENTENCES.get(name := name_of(call.func))):
                said = [argument for i, argument in enumerate(call.args) if i in positions]
                said += [keyword.value for keyword in call.keywords if keyword.arg in ("message", "hint")]
                around = [node for node in functions if node.lineno <= call.lineno <= (node.end_lineno or 0)]
                parts = [part for node in said for part in parts_of(node, call.lineno, around[-1:])]
                sentences = [part.value for part in parts if is_text(part)]
                others = [ast.unparse(part) for part in parts if isinstance(part, ast.JoinedStr | ast.BinOp)]
                names = {keyword.arg for keyword in call.keywords}
                values = None if None in names else GIVEN.get(name, set()) | {str(given) for given in names}
                yield Said(f"{path.relative_to(PACKAGE)}:{call.lineno}", sentences, others, values)


def name_of(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def parts_of(node: ast.expr, line: int, around: list[ast.FunctionDef]) -> Iterator[ast.expr]:
    """What a sentence may be: of several, each; of a local name, what was last assigned to it above ``line``."""
    if isinstance(node, ast.IfExp):
        yield from (*parts_of(node.body, line, around), *parts_of(node.orelse, line, around))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from parts_of(value, line, around)
    elif isinstance(node, ast.Name):
        found = [pair for function in around for pair in assigned(function, node.id) if pair[0] < line]
        for above, value in sorted(found, key=lambda pair: pair[0])[-1:]:
            yield from parts_of(value, above, around)
    else:
        yield node


def assigned(function: ast.FunctionDef, name: str) -> Iterator[tuple[int, ast.expr]]:
    """The lines at which a name gets a value, and the values."""
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=True) if several else [(target, value)]
            yield from ((statement.lineno, right) for left, right in pairs if getattr(left, "id", "") == name)


def fields_of(sentence: str) -> set[str]:
    return {match[1] for match in FIELD.finditer(sentence)}


if __name__ == "__main__":
    print("\n".join(sorted({sentence for said in find_sentences() for sentence in said.sentences if sentence})))
