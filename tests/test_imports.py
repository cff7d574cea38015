"""Imports point downward only, the command is instant, and TensorFlow enters through the engine alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fixtures import ROOT, environment

MODULES = {path.relative_to(ROOT / "rnacli").as_posix(): path for path in sorted((ROOT / "rnacli").rglob("*.py"))}
TALKING = ("commands/", "terminal/", "helper.py", "__main__.py", "schema/generate.py")
"""What talks to a person or ends a process."""
ENGINE = {"engine/tensorflow.py": {"tensorflow", "keras"}, "data/keras.py": {"keras"}, "schema/generate.py": {"keras"}}


def packages(tree: ast.AST, later: bool) -> set[str]:
    """The packages that a module imports, ``later`` in functions too; not what types alone need."""
    return {name.partition(".")[0] for name in imported(tree, later)}


def imported(tree: ast.AST, later: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef) and not later:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield str(node.module)
        else:
            yield from imported(node, later)


def test_imports_point_downward() -> None:
    """The contracts in ``pyproject.toml``."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tensorflow_and_keras_are_imported_by_the_engine_alone() -> None:
    frameworks = {"tensorflow", "keras", "tf_keras", "torch", "jax"}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}
    found = {name: packages(tree, later=True) & frameworks for name, tree in trees.items()}
    assert {name: some for name, some in found.items() if some} == ENGINE
    assert [name for name, tree in trees.items() if packages(tree, later=False) & frameworks] == [
        "engine/tensorflow.py"
    ]


def test_what_is_known_before_anything_is_computed_needs_nothing_that_is_slow_to_import() -> None:
    """Help, a mistake in a config and a list of runs come at once; so do the modules that are in no folder."""
    modules = ["commands.app", "experiment.load", "experiment.reference", "runs.find"]
    modules += [name.removesuffix(".py") for name in MODULES if "/" not in name and not name.startswith("__")]
    imports = "; ".join(f"import rnacli.{name}" for name in modules)
    slow = ["numpy", "pandas", "sklearn", "scipy", "matplotlib", "rich", "pyarrow", "keras", "tensorflow"]
    program = f"{imports}; import sys; print(sorted(set({slow}) & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_works_without_keras_does_not_wait_for_it() -> None:
    """Whatever the second process is asked for, without pandas too; predictions by NumPy, ``rna init --data``."""
    asked = {module for name, path in MODULES.items() for module in asked_aside(name, path)}
    assert {"rnacli.plots.paint", "rnacli.tasks.scores", "rnacli.examples.divide"} <= asked
    others = ["rnacli.results.predict", "rnacli.starter.propose", "rnacli.examples.load"]
    program = "import importlib, sys\n" + "".join(
        f"for name in {modules}:\n    importlib.import_module(name)\n"
        f"    assert not {{'keras', 'tensorflow', {without!r}}} & sys.modules.keys(), name\n"
        for modules, without in ((sorted(asked), "pandas"), (others, "keras"))
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def asked_aside(name: str, path: Path) -> Iterator[str]:
    """The modules of the functions that a module has called in the second process: it imports them to call them."""
    tree = ast.parse(path.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    origins = {alias.name: str(node.module) for node in imports for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("begin_aside", "run_aside", "call"):
            function = next((each.id for each in node.args[:1] if isinstance(each, ast.Name)), "")
            if function:
                yield origins.get(function, f"rnacli.{name.removesuffix('.py').replace('/', '.')}")


def test_the_library_never_prints_and_never_exits() -> None:
    found = {}
    for name in MODULES:
        tree = ast.parse(MODULES[name].read_text("utf-8"))
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if not name.startswith(TALKING) and calls & {"print", "exit", "sys.exit", "os._exit", "input"}:
            found[name] = calls
    assert found == {}
