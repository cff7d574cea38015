"""Imports point downward only, the command is instant, and TensorFlow enters through the engine alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import ROOT, environment

MODULES = {path.relative_to(ROOT / "rnacli").as_posix(): path for path in sorted((ROOT / "rnacli").rglob("*.py"))}
TALKING = ("commands/", "terminal/", "helper.py", "__main__.py", "schema/generate.py")
"""What talks to a person or ends a process."""
ENGINE = {"engine/tensorflow.py": {"tensorflow", "keras"}, "data/keras.py": {"keras"}, "schema/generate.py": {"keras"}}


def packages(path: Path, later: bool) -> set[str]:
    """The packages that a module imports, ``later`` in functions too; not what types alone need."""
    return {name.partition(".")[0] for name in imported(ast.parse(path.read_text("utf-8")), later)}


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


@pytest.mark.parametrize("name", MODULES)
def test_tensorflow_and_keras_are_imported_by_the_engine_alone(name: str) -> None:
    found = packages(MODULES[name], later=True) & {"tensorflow", "keras", "tf_keras", "torch", "jax"}
    assert found <= ENGINE.get(name, set())
    if name != "engine/tensorflow.py":
        assert not packages(MODULES[name], later=False) & {"tensorflow", "keras"}


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


@pytest.mark.parametrize("module", ["results.predict", "plots.paint", "starter.propose", "examples.load"])
def test_what_works_without_keras_does_not_wait_for_it(module: str) -> None:
    """Predictions by NumPy, pictures in the second process, ``rna init --data``, data."""
    program = f"import rnacli.{module}, sys; print(sorted({{'keras', 'tensorflow'}} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith(TALKING)])
def test_the_library_never_prints_and_never_exits(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"print", "exit", "sys.exit", "os._exit", "input"}
