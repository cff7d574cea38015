"""The wheel alone, in an environment without the repository: the README's five minutes, from an empty folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from fixtures import ROOT
from pages import README, commands_of, page_text, read_blocks


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a wheel that was built here and installed into an environment of its own.

    What the wheel needs is taken from this environment, where the repository is known by an installation that the
    other one does not look at.
    """
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    sources.mkdir()
    for name in ("rnacli", "configs"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, sources)
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "rnacli/schema/catalog.json" in names
    assert "rnacli/configs/circles.yaml" in names
    assert not any(name.startswith(("tests/", "docs/")) for name in names)
    shutil.rmtree(sources)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env")
    python = folder / "env" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "env" / "bin" / "rna"


def run(*command: object, cwd: Path | None = None, **variables: str) -> str:
    outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "RNA_LANG", "LANG")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=outside | variables, text=True, timeout=300, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@pytest.mark.slow
def test_the_wheel_does_the_first_five_minutes(program: Path, tmp_path: Path) -> None:
    where = run(program.with_name("python"), "-c", "import rnacli; print(rnacli.__file__)", cwd=tmp_path)
    assert where.startswith(str(program.parents[1]))
    (block,) = (each for each in read_blocks(page_text(README)) if "rna init circles" in each.text)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands_of(block.text):
        run("bash", "-euc", command, cwd=tmp_path, PATH=path, RNA_LANG="en")
    (trained, *_) = sorted((tmp_path / "runs").iterdir())
    assert (trained / "model.keras").exists()
    assert (trained / "plots" / "decision_boundary.png").exists()
    assert len(list((tmp_path / "runs").iterdir())) == 2
    assert "25 parámetros" in run(program, "check", "circles.yaml", cwd=tmp_path, RNA_LANG="es")
