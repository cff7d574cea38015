"""The file listing is the architecture: imports point downward only, and TensorFlow enters through the engine alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import ROOT

FLOORS = (
    ("errors", "files", "memory", "signals", "json_file", "dataset.mapped", "dataset.cells", "dataset.blank_separated"),
    ("second_process", "dataset.rows"),
    (
        "yamlfile",
        "catalog",
        "drawing",
        "dataset.cache",
        "dataset.compressed",
        "dataset.store",
        "dataset.frames",
        "dataset.inference",
    ),
    ("yaml_writer",),
    ("schema", "plots", "score_plots", "catalog_generator", "csv_cells", "commented", "dataset.survey"),
    ("keras_object", "painting", "dataset.scaling"),
    ("language",),
    ("config", "reference", "templates", "task", "scores", "thresholds"),
    ("dataset.csv_text", "dataset.columns"),
    ("dataset.csv_faults", "dataset.csv_sniff", "dataset.parquet_file", "dataset.learning"),
    ("runs", "dataset.npz_file", "dataset.catalogued"),
    ("dataset.csv_file", "dataset.split", "dataset.duplicates", "dataset.preprocessing", "weights_file", "light"),
    ("dataset.table", "dataset.class_weight", "dataset.goal", "prediction_file"),
    ("dataset", "rejected", "drift", "draft"),
    ("trained", "proposal", "metric_checks"),
    ("engine", "refusal", "streaming"),
    ("checkpoint",),
    ("model", "feed"),
    ("evaluation", "consistency", "choice", "fused"),
    ("prediction", "pictures", "checking", "fitting"),
    ("ending",),
    ("training",),
    ("resuming",),
    ("reproduction",),
    ("progress", "console", "answering"),
    ("startup",),
    ("showing",),
    ("cli",),
    ("__main__",),
)
"""From the ground up; modules of one floor do not import one another."""
COMMAND = (
    "cli",
    "showing",
    "console",
    "progress",
    "startup",
    "answering",
    "second_process",
    "__main__",
    "catalog_generator",
)
"""What talks to a person or ends a process."""
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "rnacli").with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_name(path): path for path in sorted((ROOT / "rnacli").rglob("*.py")) if path.parent.name != "templates"
}
del MODULES["__init__"]


def imported(tree: ast.AST, module: str, later: bool = True) -> Iterator[tuple[int, str]]:
    """Line and full name of what a module imports, ``later`` in functions too; not what types alone need."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef) and not later:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        else:
            yield from imported(node, module, later)


def at_the_top(path: Path) -> Iterator[str]:
    """The packages that importing a module imports at once."""
    tree = ast.parse(path.read_text("utf-8"))
    yield from (name.partition(".")[0] for _, name in imported(tree, path.name, later=False))


def own(name: str) -> str | None:
    """The module of ours that an import means: ``dataset.split`` from ``rnacli.dataset.split.Parts``."""
    parts = name.split(".")[1:] if name.split(".")[0] == "rnacli" else []
    known = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((each for each in known if each in MODULES), None)


def test_every_module_has_its_floor() -> None:
    assert sorted(FLOOR) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downward(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    wrong = [
        f"{module}:{line} imports {below}"
        for line, name in imported(tree, module)
        if (below := own(name)) is not None
        and below != module
        and FLOOR.get(below, 0) >= FLOOR.get(module, len(FLOORS))
    ]
    assert not wrong


@pytest.mark.parametrize("module", MODULES)
def test_tensorflow_and_keras_are_imported_by_the_engine_alone(module: str) -> None:
    packages = {name.partition(".")[0] for _, name in imported(ast.parse(MODULES[module].read_text("utf-8")), module)}
    found = packages & {"tensorflow", "keras", "tf_keras", "torch", "jax"}
    allowed = {"engine": {"tensorflow", "keras"}, "dataset.catalogued": {"keras"}, "catalog_generator": {"keras"}}
    assert found <= allowed.get(module, set())
    if module != "engine":
        assert not set(at_the_top(MODULES[module])) & {"tensorflow", "keras"}


INSTANT = (
    "errors",
    "files",
    "yamlfile",
    "catalog",
    "schema",
    "keras_object",
    "language",
    "config",
    "reference",
    "task",
)


@pytest.mark.parametrize("module", INSTANT)
def test_the_lower_floors_need_nothing_that_is_slow_to_import(module: str) -> None:
    assert not set(at_the_top(MODULES[module])) & {"numpy", "pandas", "sklearn", "scipy", "matplotlib", "rich"}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in COMMAND])
def test_the_library_never_prints_and_never_exits(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"print", "exit", "sys.exit", "os._exit", "input"}
