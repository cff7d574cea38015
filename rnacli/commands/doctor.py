"""``rna doctor``: what this machine has, what it lacks and why, and how fast it trains."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnacli.commands.options import RUNS, AsJson, CacheFolder, RunsFolder
from rnacli.errors import DATA
from rnacli.machine import available_memory, count_cores, format_bytes, installed_memory, processor_name
from rnacli.terminal.console import print_json, print_note, print_result, print_sentence, shown_meanwhile
from rnacli.terminal.startup import import_engine
from rnacli.words import clean, count_things, fill_each, fill_template

if TYPE_CHECKING:
    from rnacli.fitting.measure_speed import Speed

PACKAGES = ("rnacli", "tensorflow", "keras", "numpy", "pandas", "scikit-learn", "scipy", "matplotlib", "pillow")
VARIABLES = ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "TF_ENABLE_ONEDNN_OPTS", "KERAS_HOME", "RNA_CACHE", "TMPDIR")
"""What of the environment changes how a training goes."""
Facts = dict[str, dict[str, str]]


def doctor(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the training of ten seconds.")] = False,
    as_json: AsJson = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
) -> None:
    """Show what this machine has for training, what it lacks and why, and how fast it is."""
    import_engine()
    import tempfile

    from rnacli.engine.gpu import describe_gpu, look_at_system
    from rnacli.engine.tensorflow import ask_tensorflow

    facts: Facts = {
        "versions": list_versions(),
        "machine": describe_machine(),
        "GPU": describe_gpu(look_at_system(), ask_tensorflow()),
        "optional": list_optional(),
        "folders": {"cache": describe_cache(cache)},
    }
    places = {"runs": runs, "cache": cache, "here": Path(), "temporary": Path(tempfile.gettempdir())}
    refused = {name: why for name, path in places.items() if (why := why_not_writable(path))}
    facts["folders"] |= {f"{name} can be written": refused.get(name, fill_template("yes")) for name in places}
    if not as_json:
        for title, lines in facts.items():
            show_facts(title, lines)
    speeds = [] if quick else measure(as_json)
    if as_json:
        print_json({**facts, "speed": [plain_speed(speed) for speed in speeds]})
    if refused:
        print_note(fill_template("cannot be written: {places:and}", places=fill_each(*refused)))
        raise typer.Exit(DATA)


def show_facts(title: str, lines: dict[str, str]) -> None:
    print_result(fill_template(title))
    names = fill_each(*lines)
    width = max(map(len, names), default=0)
    for name, value in zip(names, lines.values(), strict=True):
        print_sentence(f"  {name:{width}}  {clean(value, 300)}", under=width + 4)


def list_versions() -> dict[str, str]:
    """The version of Python and of each package that a result depends on."""
    import platform

    found = {name: installed_version(name) or fill_template("not installed") for name in PACKAGES}
    return {"python": f"{platform.python_version()} ({sys.executable})", "system": platform.platform(), **found}


def installed_version(package: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def list_optional() -> dict[str, str]:
    """The packages that only some commands need: their versions, or how to install them."""
    import importlib.metadata

    try:
        needed = importlib.metadata.requires("rnacli") or []
    except importlib.metadata.PackageNotFoundError:
        needed = []
    found: dict[str, str] = {}
    for requirement in needed:
        asked = re.match(r"""([\w.-]+)(\[[\w,-]+\])?[^;]*;\s*extra\s*==\s*['"]([\w-]+)['"]""", requirement)
        if asked and asked[3] != "dev" and not asked[2]:  # tensorflow[and-cuda] is told under GPU
            found[asked[1]] = installed_version(asked[1]) or fill_template(
                "not installed: pip install {package}", package=asked[1]
            )
    return found


def describe_machine() -> dict[str, str]:
    """Processor, memory, threads, and what of the environment changes a training."""
    import platform

    installed, free = installed_memory(), available_memory()
    cores = "{count} of {cores} may be used; a training takes as many threads, or fewer"
    memory = "{free} free of {installed}" if installed < 2**60 else "{free} free"
    about: dict[str, str] = {
        "processor": f"{processor_name()} ({platform.machine()})",
        "cores": fill_template(cores, count=count_cores(), cores=os.cpu_count()),
        "memory": fill_template(memory, free=format_bytes(free), installed=format_bytes(installed)),
    }
    return about | {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}


def describe_cache(cache: Path) -> str:
    """The folder of downloads, and how much it holds."""
    if not cache.is_dir():
        return fill_template("{folder:.200}: not there yet", folder=cache)
    sizes = [path.stat().st_size for path in cache.rglob("*") if path.is_file()]
    holds = {"count": count_things(len(sizes), "file"), "size": format_bytes(sum(sizes))}
    return fill_template("{folder:.200}: {count}, {size}", folder=cache, **holds)


def why_not_writable(folder: Path) -> str:
    """Why nothing can be written into a folder, or where it is to be made; empty where it can."""
    import tempfile

    nearest = next((path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return ""
    except OSError as error:
        return fill_template("no: {path:.200}: {why}", path=nearest, why=error.strerror or error)


def measure(silent: bool) -> "list[Speed]":
    """Train for ten seconds; each network's line is shown when it is known."""
    from rnacli.engine.tensorflow import start_tensorflow
    from rnacli.fitting.measure_speed import measure_speeds

    start_tensorflow()
    speeds: list[Speed] = []
    if not silent:
        print_result(fill_template("speed"))
    measured = measure_speeds()
    while True:
        with shown_meanwhile("training for ten seconds ..."):
            speed = next(measured, None)
        if speed is None:
            return speeds
        speeds.append(speed)
        if not silent:
            print_sentence(tell_speed(speed), under=4)


def tell_speed(speed: "Speed") -> str:
    template = (
        "  {network} network, {parameters:,} parameters: {times} times as fast as plain fit ({ours} against {plain} ms "
        "for each of {steps} steps)"
    )
    each = {"ours": speed.ours / speed.steps * 1000, "plain": speed.plain / speed.steps * 1000}
    values: dict[str, Any] = {name: f"{value:.3g}" for name, value in ({"times": speed.times} | each).items()}
    return fill_template(
        template, network=fill_template(speed.network), parameters=speed.parameters, steps=speed.steps, **values
    )


def plain_speed(speed: "Speed") -> dict[str, Any]:
    return {
        "network": speed.network,
        "parameters": speed.parameters,
        "steps": speed.steps,
        "seconds_an_epoch": round(speed.ours, 6),
        "seconds_an_epoch_by_fit": round(speed.plain, 6),
        "times": round(speed.times, 2),
    }
