"""Python code that stands where YAML is expected, as a tutorial shows it: what it says in the words of a config."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from rnacli.schema.arithmetic import compute
from rnacli.schema.catalog import CATEGORIES, Entry, find_entry
from rnacli.schema.old_words import FROM_DATA, RENAMED
from rnacli.synonyms import SYNONYMS
from rnacli.words import plain_word

LISTED = ("layer", "metric", "callback")
"""What stands in a list, each behind a dash."""
MODULES = {
    "tf", "tensorflow", "keras", "layers", "optimizers", "losses", "metrics", "callbacks", "regularizers",
    "initializers", "constraints", "activations", "schedules", "nn", "train", "torch", "optim",
}  # fmt: skip
"""What names of Keras', and of its like, are imported from."""
SHORT = ("regularizer", "constraint")
"""What is written with a value alone: ``l2: 0.01``."""
WORDS = {("leaky_relu", "alpha"): "negative_slope"}
"""Arguments of one object that had another name."""
LONGEST = 500
"""Characters of code that are looked at."""


def translate_code(category: str, code: str) -> str:
    """``Dense(8, activation='tanh')`` as ``- dense: {units: 8, activation: tanh}``; empty for what is no such code.

    ``tf.keras.optimizers.Adam`` is ``adam``, ``l2(0.01)`` is ``{l2: 0.01}``, and ``Dense(8`` is at least ``- dense``.
    """
    if len(code) > LONGEST or not ("(" in code or "." in code):
        return ""
    try:
        tree = bare_object(ast.parse(code.strip().rstrip(",;"), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        entry = find_entry(category, code.partition("(")[0].rpartition(".")[2])
        return "" if entry is None else (f"- {entry.name}: ..." if category in LISTED else f"{{{entry.name}: ...}}")
    call = read_call(tree, (category,))
    if call is None:
        return ""
    entry, arguments = call
    if category in LISTED:
        return f"- {pair_of(entry, arguments)}"
    return f"{{{pair_of(entry, arguments)}}}" if arguments else entry.name


def join_calls(items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """The items of a list with their places; a call that YAML has divided at its commas is one, where it begins."""
    rest = iter(enumerate(items))
    for i, item in rest:
        pieces = [item]
        while isinstance(item, str) and opened(item) > 0 and len(item) < LONGEST and (following := next(rest, None)):
            pieces.append(following[1])
            item = ", ".join(map(str, pieces))
        yield i, item


def opened(code: str) -> int:
    """How many brackets are open at the end of some code."""
    return sum(code.count(sign) for sign in "([") - sum(code.count(sign) for sign in ")]")


def bare_object(tree: ast.expr) -> ast.expr:
    """The object itself, of ``model.add(Dense(8))`` and of ``Dense(8)(x)``."""
    while isinstance(tree, ast.Call):
        if isinstance(tree.func, ast.Call):
            tree = tree.func
        elif isinstance(tree.func, ast.Attribute) and tree.func.attr == "add" and len(tree.args) == 1:
            tree = tree.args[0]
        else:
            break
    return tree


def read_call(tree: ast.expr, categories: tuple[str, ...]) -> tuple[Entry, dict[str, str]] | None:
    """The entry that a name or a call means, and its arguments as YAML."""
    call = tree if isinstance(tree, ast.Call) else None
    named = tree if call is None else call.func
    *modules, name = ast.unparse(named).split(".")
    if modules and modules[0] not in MODULES:
        return None
    names = (name, SYNONYMS.get(plain_word(name), name))
    found = (find_entry(category, each) for category in categories for each in names)
    entry = next(filter(None, found), None)
    if entry is None:
        return None
    given: dict[str, str] = {}
    if call is not None:
        given = {key: yaml_of(value) for key, value in zip(entry.arguments, call.args, strict=False)}
        # An argument that there is not stays, so that what is to be written for it is said of it then.
        words = {RENAMED.get(word.arg or "", word.arg or ""): word.value for word in call.keywords}
        words = {WORDS.get((entry.name, word), word): value for word, value in words.items()}
        given |= {word: yaml_of(value) for word, value in words.items() if word and word not in FROM_DATA}
    return entry, given


def pair_of(entry: Entry, arguments: dict[str, str]) -> str:
    """``dense: {units: 8}``, ``l2: 0.01``."""
    if not arguments:
        return entry.name
    if entry.first is not None and list(arguments) == [entry.first.name] and entry.category in SHORT:
        return f"{entry.name}: {arguments[entry.first.name]}"
    inner = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return f"{entry.name}: {{{inner}}}"


def yaml_of(tree: ast.expr) -> str:
    """A Python value as a value in YAML's brackets."""
    if isinstance(tree, ast.Tuple | ast.List):
        return f"[{', '.join(map(yaml_of, tree.elts))}]"
    if isinstance(tree, ast.Constant):
        return plain_constant(tree.value)
    if (number := compute(tree)) is not None:
        return plain_constant(number)
    if (call := read_call(tree, tuple(CATEGORIES))) is not None:
        entry, arguments = call
        return f"{{{pair_of(entry, arguments)}}}" if arguments else entry.name
    return ast.unparse(tree)


def plain_constant(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
