"""The texts of ours in the source that a reader may see, and where each stands."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from rnacli.commands.app import COMMANDS, rna
from rnacli.experiment.reference import plural_of
from rnacli.experiment.templates import FIGURES, list_templates
from rnacli.schema.catalog import CATEGORIES, read_catalog

PACKAGE = Path(__file__).parents[2] / "rnacli"
MARKS = {
    "fill_template",
    "fill_each",
    "translate",
    "count_things",
    "metric_problem",
    "entitle",
    "two_class_scores",
    "section",
}
"""What takes texts of ours alone: there, single words are texts, too."""
NO_MESSAGES = {
    "ValueError",
    "TypeError",
    "filterwarnings",
    "search",
    "fullmatch",
    "sub",
    "compile",
    "startswith",
    "bool",
}
"""What takes texts that nobody reads: other errors are caught, or are ours to mend."""
APART = ("schema/generate.py", "schema/names.py", "schema/rules.py", "language.py")
WORDS = re.compile(r"[A-Za-z][,;:)']*[ \n]+[('{\"]*[A-Za-z]|\} [a-z]|[a-z] \{")
NAMES = {
    "training", "validation", "test", "text", "characters", "character", "words", "word", "targets", "finished",
    "interrupted", "running", "stopped", "diverged", "Loss", "Accuracy", "generator", "discriminator", "info", "error",
    "critical", "and", "or", "[OPTIONS]", "COMMAND [ARGS]...", "Usage: ", "Arguments", "Options", "Commands",
    "required", "Show this message and exit.", "default: {default}", "env var: {var}",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
    "versions", "machine", "optional", "folders", "system", "processor", "cores", "memory", "cards", "driver", "used",
    "runs", "cache", "here", "temporary", "runs can be written", "cache can be written", "here can be written",
    "temporary can be written", "small", "middle", "pruned", "failed", "complete", "duration", "fraction",
    "1:30:00 or 2h 5m", "1/2 or 3 1/2", "numbers", "dates", "times",
}  # fmt: skip
"""What records, measures, ``rna doctor`` and Typer bring along, and is in the reader's language where it is shown."""


def collect() -> dict[str, str]:
    """Each text, with the file and line that it stands in first."""
    texts: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        if file not in APART:
            for line, text in texts_of(ast.parse(path.read_text("utf-8"))):
                texts.setdefault(text, f"{file}:{line}")
    return {**texts, **documented(), **refused(), **purposes(), **categories(), **dict.fromkeys(sorted(NAMES), "")}


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_apart(node, above):
            yield from ((node.lineno, text) for text in written(node, above))


def is_apart(node: ast.expr, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether a text is documentation of the source, part of an f-string, a type, or one that nobody reads."""
    parent = above.get(node)
    if isinstance(parent, ast.Expr | ast.JoinedStr | ast.FormattedValue | ast.arg | ast.AnnAssign) and not (
        isinstance(parent, ast.AnnAssign) and parent.value is node
    ):
        return True
    call = call_around(node, above)
    return call in NO_MESSAGES


def call_around(node: ast.AST, above: dict[ast.AST, ast.AST]) -> str:
    """The name of the call that takes a text, alone or as one of two."""
    while isinstance(above.get(node), ast.IfExp | ast.BoolOp):
        node = above[node]
    parent = above.get(node)
    if not isinstance(parent, ast.Call):
        return ""
    return str(getattr(parent.func, "id", getattr(parent.func, "attr", "")))


def written(node: ast.Constant, above: dict[ast.AST, ast.AST]) -> Iterator[str]:
    """The texts of a literal: itself, where it has words or is marked; of what is counted, one and several."""
    call = call_around(node, above)
    if call == "count_things":
        yield from (node.value, f"{node.value}s")
    elif node.value and (WORDS.search(node.value) or (call in MARKS and re.search("[A-Za-z]{2}", node.value))):
        yield node.value


def documented() -> dict[str, str]:
    """The help of each command."""
    commands = {**COMMANDS, "app": rna}
    return {inspect.getdoc(command) or "": f"commands/{name}.py" for name, command in commands.items()}


def refused() -> dict[str, str]:
    """Why some of Keras' objects are not offered."""
    reasons = read_catalog()["refused"].values()
    return {reason: "schema/catalog.json" for category in reasons for reason in category.values()}


def purposes() -> dict[str, str]:
    """What each shipped config is for."""
    return {FIGURES.split(comment)[0]: f"configs/{name}" for name, comment in list_templates().items()}


def categories() -> dict[str, str]:
    """The kinds of names that the reference lists."""
    return {plural_of(category): "experiment/reference.py" for category in CATEGORIES}
