"""Run folders: made once, found again by name, every file checked against what ``run.json`` says of it."""

import contextlib
import datetime
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnacli.errors import WHOLE_RUN, RnaError, system_error
from rnacli.files import file_sha256, path_inside, write_file
from rnacli.strict_json import LARGEST_JSON

if TYPE_CHECKING:
    from rnacli.experiment.config import Config

# The language is imported where a config is read: a list of runs needs none of it, and is there at once.


@contextlib.contextmanager
def lock_run(folder: Path) -> Iterator[None]:
    """Keep other processes from training the run in ``folder`` meanwhile.

    The lock is on the folder itself and ends with the process, however that ends; where the system has no such locks,
    nothing is kept. Raises ``RnaError`` where another process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        message, hint = "another process is training this run", "wait until it ends, or end it"
        raise RnaError(message, place=str(folder), hint=hint) from None
    except OSError:  # a file system without locks
        pass
    try:
        yield
    finally:
        os.close(number)


def is_trained(folder: Path) -> bool:
    """Whether a process trains the run in ``folder`` now, as far as the system knows of such locks."""
    try:
        with lock_run(folder):
            return False
    except (RnaError, OSError):
        return True


def status_of(run: "Run") -> str:
    """How a run has ended; ``stopped`` where its process is gone without having said so: killed, or the disk full."""
    status = str(run.record.get("status", ""))
    return "stopped" if status == "running" and sys.platform != "win32" and not is_trained(run.path) else status


CHECKED = ("config.yaml", "preprocessing.json", "weights.npz", "model.keras")
"""The files without which a run cannot be used."""


@dataclass
class Run:
    """One training and what came of it. ``record`` is ``run.json``."""

    path: Path
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    def write(self, name: str, content: bytes | str) -> None:
        """Write one file of the run, and remember its SHA-256 for ``run.json``."""
        path = path_inside(self.path, name)
        path.parent.mkdir(exist_ok=True)
        content = content.encode() if isinstance(content, str) else content
        self.record.setdefault("files", {})[name] = write_file(path, content)

    def note(self, name: str) -> None:
        """Remember the SHA-256 of a file that somebody else wrote into the folder."""
        self.record.setdefault("files", {})[name] = file_sha256(path_inside(self.path, name))

    def save(self, **changes: Any) -> None:
        """Put ``changes`` into ``run.json``, in one step."""
        self.record.update(changes)
        text = json.dumps(self.record, indent=1, ensure_ascii=False, allow_nan=False)
        write_file(self.path / "run.json", (text + "\n").encode())

    def read(self, name: str, largest: int = LARGEST_JSON) -> bytes:
        """A file's content, if it is what training wrote, and at most ``largest`` bytes. Raises ``RnaError``."""
        path = self.path / name
        if path.is_file() and path.stat().st_size > largest:
            raise RnaError("the file is too large to be written by rna", place=str(path), hint=WHOLE_RUN)
        self.check(name)
        return path.read_bytes()

    def check(self, name: str) -> None:
        """A file must be there, and be what training wrote. Raises ``RnaError`` that names it."""
        path = self.path / name
        if not path.is_file() or path.is_symlink():
            raise RnaError("this file of the run is missing", place=str(path), hint=WHOLE_RUN)
        digest = self.record.get("files", {}).get(name)
        if digest is None:
            message = "run.json does not know this file: the run was not finished"
            raise RnaError(message, place=str(path), hint="rna train again")
        if file_sha256(path) != digest:
            again = "copy the whole run folder again, or train again with the changed config"
            raise RnaError(
                "the file is damaged, was changed after training, or belongs to another run: run.json has another "
                "checksum",
                place=str(path),
                hint=again if name == "config.yaml" else WHOLE_RUN,
            )

    def config(self) -> "Config":
        """The run's complete config; paths in it start from the run folder."""
        from rnacli.experiment.load import load_config

        path = self.path / "config.yaml"
        if not path.is_file():
            raise RnaError("this file of the run is missing", place=str(path), hint=WHOLE_RUN)
        try:
            return load_config(path)
        except RnaError as error:
            if "config.yaml" not in self.record.get("files", {}):
                raise
            try:
                self.check("config.yaml")
            except RnaError as cause:
                raise RnaError.of([*cause.problems, *error.problems], error.exit_code) from None
            raise


def create_run(folder: Path, config: "Config", architecture: str, name: str = "") -> Run:
    """A new run folder ``name``, or ``<time>_<name>_<architecture>_s<seed>``; a counter is added if that is taken.

    Raises ``RnaError`` if ``folder`` cannot hold it.
    """
    now = datetime.datetime.now().astimezone()
    stem = name or f"{now:%Y-%m-%d_%H-%M-%S}_{config.name}_{architecture}_s{config.seed}"
    require_runs_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for count in range(1, 10_000):
            path = folder / (stem if count == 1 else f"{stem}_{count}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return Run(path, {"status": "running", "started": now.isoformat(timespec="seconds")})
    except OSError as error:
        raise cannot_hold(folder, system_error(error)) from None
    raise RnaError("too many runs of one name in one second", place=str(folder))


def require_runs_folder(folder: Path) -> None:
    """Refuse a folder that cannot hold runs: it can be known before all else. Raises ``RnaError``."""
    nearest = next((path for path in (folder, *folder.parents) if path.exists() or path.is_symlink()), Path())
    if not nearest.is_dir():
        message = "this is a file, and runs go into a folder"
        raise RnaError(message, place=str(folder), hint="name a folder: --runs runs")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise cannot_hold(folder, system_error(PermissionError(errno.EACCES, "")))


def cannot_hold(folder: Path, refused: RnaError) -> RnaError:
    problem = refused.problems[0]
    hint = "{advice}; --runs names another folder" if problem.hint else "--runs names another folder"
    return RnaError(
        "a run folder cannot be made here: {what:.300}",
        place=str(folder),
        hint=hint,
        what=problem.message,
        advice=problem.hint,
    )


def remove_run(run: Run) -> None:
    """Remove a run that could not be begun: as far as that can be done."""
    shutil.rmtree(run.path, ignore_errors=True)


def architecture_name(config: "Config", shape: tuple[int, ...]) -> str:
    """``2-4-2-1``: the inputs and each layer's units or filters, as the tutorials name their files."""
    every = [config.layers, *(side.layers for side in config.sides.values())]
    sizes = [spec.arguments.get("units") or spec.arguments.get("filters") for layers in every for spec in layers]
    return "-".join(["x".join(map(str, shape)), *(str(size) for size in sizes if size)])[:60]
