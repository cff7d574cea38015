"""What the source may not do: nothing that runs what a file holds, or makes objects of it, is called at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import ROOT

SOURCES = {path.relative_to(ROOT / "rnacli").as_posix(): path for path in sorted((ROOT / "rnacli").rglob("*.py"))}
MODULES = {
    "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "subprocess", "ctypes",
    "runpy", "code", "codeop", "pty", "multiprocessing", "tarfile", "xml", "telnetlib", "ftplib", "socketserver",
}  # fmt: skip
"""What no module imports."""
CALLS = {
    # Python's own
    "eval", "exec", "compile", "__import__", "execfile", "execv", "execve", "execvp", "execl", "execlp", "system",
    "popen", "spawnl", "spawnv", "startfile", "fork", "run_path", "run_module",
    # Readers that make objects
    "load_model", "from_config", "from_json", "model_from_json", "model_from_config", "deserialize",
    "deserialize_keras_object", "enable_unsafe_deserialization", "load_weights", "read_pickle", "fromfile", "read_hdf",
    "read_sql", "read_html", "safe_load", "unsafe_load", "full_load", "load_all", "safe_load_all", "add_constructor",
    # Archives whose names are paths
    "extractall", "extract", "unpack_archive",
}  # fmt: skip
"""What is not called, by whatever name it is reached; attributes of these names are not even touched."""
OWN = {"compile"}
"""Of these, words that also name what is harmless: ``re.compile``, and our and Keras' way to compile a network."""
IMPORTERS = {"tables/compressed.py", "tables/parquet.py"}
"""They import pyarrow by names that stand in them."""
FORKS = "helper.py"
ALLOWED = {
    FORKS: ("imports multiprocessing", "calls importlib.import_module"),
    "__init__.py": ("calls importlib.import_module",),  # of the one module that it names
    "networks/pretrained.py": ("uses base.load_weights",),  # of a file that the user names, and numbers alone
    "bulk/dask_workers.py": ("calls importlib.import_module",),  # of a name that stands there
    "engine/gpu.py": ("imports ctypes",),  # opens the libraries of CUDA, by names that stand there
    "machine.py": ("imports ctypes",),  # gives memory back, by one function of the C library
    # Of Keras' objects that a checked config has built, with settings that these give themselves:
    "engine/initial.py": ("uses type(maker).from_config",),
    "engine/pure_step.py": ("uses plain.from_config",),
    # This Python with a module of ours, by arguments that no shell reads.
    "seeds/processes.py": ("imports subprocess",),
    # Processes of ours, over pipes that no one else has; ``test_processes`` looks after them.
    "bulk/processes.py": (
        "imports multiprocessing",
        "imports multiprocessing.resource_tracker",
        "imports multiprocessing.connection",
        "imports multiprocessing.connection.Connection",
        "imports multiprocessing.connection.wait",
    ),
}
"""What some modules may, and why. ``helper`` talks with a fork, which calls functions of ours."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Each call, the whole name of what is called, and the last part of that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield node, name, name.rpartition(".")[2]


def faults(tree: ast.AST, name: str) -> list[str]:
    """What a module does that it may not."""
    found = []
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        for module in imported:
            if module.split(".")[0] in MODULES or module.rpartition(".")[2] in CALLS - OWN - {"deserialize"}:
                found.append(f"{name}:{node.lineno} imports {module}")
        if isinstance(node, ast.Attribute) and node.attr in CALLS - OWN:
            found.append(f"{name}:{node.lineno} uses {ast.unparse(node)}")
        if isinstance(node, ast.keyword) and node.arg == "shell":
            found.append(f"{name}:{node.value.lineno} names a shell")
    for call, whole, last in calls(tree):
        arguments = {keyword.arg: keyword.value for keyword in call.keywords}
        if whole in CALLS - own:
            found.append(f"{name}:{call.lineno} calls {whole}")
        if whole in ("np.load", "numpy.load", "np.lib.format.read_array", "npy.read_array", "np.lib.npyio.NpzFile"):
            allowed = arguments.get("allow_pickle")
            if not (isinstance(allowed, ast.Constant) and allowed.value is False):
                found.append(f"{name}:{call.lineno} calls {whole} without allow_pickle=False")
        if whole.startswith("yaml.") and last in ("load", "Loader", "parse", "compose"):
            found.append(f"{name}:{call.lineno} calls {whole}")
        if last == "import_module" and name not in IMPORTERS:
            found.append(f"{name}:{call.lineno} calls {whole}")
    return found


def test_nothing_that_a_file_holds_can_be_run() -> None:
    found = []
    for name in SOURCES:
        own = ALLOWED.get(name, ())
        found += [
            fault for fault in faults(ast.parse(SOURCES[name].read_text("utf-8")), name) if not fault.endswith(own)
        ]
    assert found == []


@pytest.mark.parametrize(
    "wrong",
    [
        "import pickle", "from pickle import loads", "import joblib", "import subprocess", "eval('1')", "exec(x)",
        "compile(x, y, 'exec')", "os.system('x')", "os.execv('x', [])", "keras.models.load_model(path)",
        "from keras.models import load_model", "layer.from_config(x)", "load = keras.models.load_model",
        "np.load(path)", "np.load(path, allow_pickle=True)", "np.load(path, allow_pickle=wanted)", "yaml.load(x)",
        "yaml.safe_load(x)", "yaml.unsafe_load(x)", "archive.extractall()", "network.load_weights(x)",
        "pd.read_pickle(x)", "importlib.import_module(x)", "__import__(x)", "run(x, shell=True)", "import marshal",
        "import shelve, dill", "keras.config.enable_unsafe_deserialization()",
    ],
)  # fmt: skip
def test_the_rule_sees_what_is_wrong(wrong: str) -> None:
    assert faults(ast.parse(f"def f():\n    {wrong}"), "some.py")


@pytest.mark.parametrize(
    "right", ["re.compile('a')", "model.compile(network, config)", "np.load(path, allow_pickle=False)", "import json"]
)
def test_the_rule_lets_pass_what_is_right(right: str) -> None:
    assert faults(ast.parse(right), "some.py") == []


def test_downloads_are_made_in_one_place() -> None:
    """The network is reached from the cache of downloads alone."""
    reaching = {"urllib.request", "http.client", "socket", "requests", "httpx", "ssl", "asyncio"}
    found = set()
    for name, path in SOURCES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if reaching & set(names):
                found.add(name)
    assert found == {"tables/download.py"}


def test_every_promise_names_a_test_that_is_there() -> None:
    promised = (ROOT / "SECURITY.md").read_text("utf-8")
    words = {word for word in promised.replace("`", " ").split() if word.startswith("test_")}
    assert len(words) > 15
    known = "\n".join(path.read_text("utf-8") for path in Path(ROOT / "tests").rglob("test_*.py"))
    files = {path.name for path in Path(ROOT / "tests").rglob("test_*.py")}
    assert [word for word in words if f"def {word}(" not in known and word not in files] == []
