"""Sums of numbers that stand where one number is expected: nothing else is looked at, and nothing is run."""

import ast
import operator

OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Pow: operator.pow,
}  # fmt: skip
LARGEST, HIGHEST = 10**9, 64
"""The largest number and power that are computed."""
LONGEST = 40
"""Characters of a sum that is looked at."""


def compute_text(text: str) -> int | float | None:
    """The number that ``1/255`` or ``10^-3`` is; ``None`` for a text that is no sum of numbers."""
    if len(text) > LONGEST:
        return None
    try:
        return compute(ast.parse(text.replace("^", "**"), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def compute(tree: ast.expr) -> int | float | None:
    """The number that ``2**4`` is; ``None`` for what is no sum of numbers, or too large to be meant."""
    if isinstance(tree, ast.Constant):
        number = tree.value
        return number if isinstance(number, int | float) and abs(number) <= LARGEST else None
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = compute(tree.operand)
        return None if inner is None else -inner
    if not isinstance(tree, ast.BinOp) or (operation := OPERATIONS.get(type(tree.op))) is None:
        return None
    one, other = compute(tree.left), compute(tree.right)
    if one is None or other is None or (operation is operator.pow and abs(other) > HIGHEST):
        return None
    try:
        value = operation(one, other)
    except ArithmeticError:
        return None
    return value if isinstance(value, int | float) and abs(value) <= LARGEST else None
