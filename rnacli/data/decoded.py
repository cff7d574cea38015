"""Many pictures as one array, decoded in threads: once, in memory or in a mapped file; or whenever they are asked."""

import contextlib
import hashlib
import logging
import math
import shutil
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from rnacli.data.arrays import Array, Mapped, Resident
from rnacli.data.folder_files import Files
from rnacli.errors import DATA, Problem, RnaError
from rnacli.files import written_beside
from rnacli.machine import available_memory, count_cores, format_bytes
from rnacli.pictures.decode import PictureForm, decode_picture

log = logging.getLogger("rnacli")

SHARE = 4
"""Pictures stay in memory where they take up to this part of what is free: the network's copy takes as much."""
SMALL = 64 << 20
"""Bytes of pictures that stay in memory: from a mapped file a training costs the same, and is the same to the bit."""
MOST_NAMED = 20
"""Unreadable files that are named one by one."""
AT_ONCE = 256
"""Pictures that are given to the threads at a time."""
SECONDS = 5
"""How often it is said how many are read."""


def decode_all(files: Files, form: PictureForm, into: np.ndarray | None = None) -> dict[int, Problem]:
    """Decode every picture into an array (n, *form.shape), or to nothing; gives the problem of each unreadable one."""
    problems: dict[int, Problem] = {}

    def decode(i: int) -> None:
        try:
            pixels = decode_picture(files.path(i), files.place(i), form)
        except RnaError as error:
            problems[i] = error.problems[0]
        else:
            if into is not None:
                into[i] = pixels

    said = time.monotonic()
    with warnings.catch_warnings(), ThreadPoolExecutor(count_cores()) as pool:
        warnings.simplefilter("ignore")  # Pillow's, of oddities in files that it reads all the same
        for start in range(0, len(files), AT_ONCE):
            some = range(start, min(start + AT_ONCE, len(files)))
            for _ in pool.map(decode, some):
                pass
            if time.monotonic() - said > SECONDS:
                said = time.monotonic()
                log.info("%s of %s pictures read", f"{some.stop:,}", f"{len(files):,}")
    return dict(sorted(problems.items()))


def load_pictures(files: Files, form: PictureForm, keep: str, cache: Path, digest: str, skip: bool) -> "Loaded":
    """Every picture, decoded once as ``decode_once`` says.

    Raises ``RnaError`` that names the unreadable files, unless they are to be left out (``skip``).
    """
    array, problems = decode_once(files, form, keep, cache, digest)
    if not problems:
        return Loaded(files, array)
    if not skip or len(problems) == len(files):
        hint = "repair or remove them, or leave them out: unreadable: skip"
        raise unreadable_files(list(problems.values()), len(files), hint)
    log.warning("%s of %s pictures are unreadable and left out", f"{len(problems):,}", f"{len(files):,}")
    good = np.array([i not in problems for i in range(len(files))])
    left = load_pictures(files.keep(good), form, keep, cache, digest, skip=False)
    return Loaded(left.files, left.x, good, list(problems.values()))


def decode_once(
    files: Files, form: PictureForm, keep: str, cache: Path, digest: str
) -> tuple[Array, dict[int, Problem]]:
    """Every picture, and the problem of each that is unreadable; where there is one, the array is not to be used.

    ``keep``: in ``memory``; on ``disk``, in the folder ``cache``, where the same files of the same ``digest`` are not
    decoded again; ``none``: anew whenever they are asked for; ``auto``: in memory where they are few.
    """
    size = len(files) * math.prod(form.shape)
    if keep == "auto":
        keep = "memory" if size <= min(SMALL, available_memory() / SHARE) else "disk"
    path = cache / f"pictures-{cache_key(files, digest, form)}.npy"
    if keep == "disk" and (values := open_cached(path, (len(files), *form.shape))) is not None:
        return MappedPictures(values), {}
    log.info("reading %s pictures", f"{len(files):,}")
    if keep == "none":
        return Decoded(files, form), decode_all(files, form)
    if keep == "disk":
        return decode_to_file(files, form, path, size)
    values = np.empty((len(files), *form.shape), "uint8")
    return Resident(values), decode_all(files, form, values)


class MappedPictures(Mapped):
    """Pictures in a mapped file: each is large enough to be read by itself."""

    in_any_order = True


@dataclass(frozen=True)
class Loaded:
    """Pictures ``x`` and their files. ``kept`` (n,): which of those that were asked for; ``None``: all.

    ``problems``: of those that were left out.
    """

    files: Files
    x: Array
    kept: np.ndarray | None = None
    problems: Sequence[Problem] = ()


def decode_to_file(files: Files, form: PictureForm, path: Path, size: int) -> tuple[Array, dict[int, Problem]]:
    """As ``decode_all``, into a mapped file that takes its place at the end, unless there were problems."""
    path.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path.parent).free
    if size > free:
        message, hint = (
            "the pictures take {size}, and {free} are free here",
            "cache: memory or none, or a smaller image_size",
        )
        raise RnaError(message, place=str(path.parent), hint=hint, size=format_bytes(size), free=format_bytes(free))
    problems: dict[int, Problem] = {}
    with contextlib.suppress(Unreadable), written_beside(path) as part:
        values = np.lib.format.open_memmap(part, "w+", "uint8", (len(files), *form.shape))
        problems = decode_all(files, form, values)
        values.flush()
        if problems:
            raise Unreadable
    if problems:
        return Decoded(files, form), problems
    return MappedPictures(np.load(path, mmap_mode="r", allow_pickle=False)), {}


class Unreadable(Exception):
    """Not every picture could be decoded: the file of them all must not take its place."""


def cache_key(files: Files, digest: str, form: PictureForm) -> str:
    """What the decoded pictures of some files are called: another form, and other versions, are others."""
    from PIL import __version__

    return hashlib.sha256(f"{digest} {files.names} {asdict(form)} {__version__}".encode()).hexdigest()[:32]


def open_cached(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """The mapped array of a former decoding, if it is there and whole."""
    try:
        values: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return values if values.shape == shape and values.dtype == np.uint8 else None


def unreadable_files(problems: Sequence[Problem], total: int, hint: str) -> RnaError:
    """The error that names unreadable pictures; ``hint``: what can be done."""
    if total == 1:
        [problem] = problems
        return RnaError(problem.message, place=problem.place, hint=problem.hint)
    named = problems[:MOST_NAMED]
    more = Problem(
        "{count:,} of {total:,} pictures are unreadable",
        hint=hint,
        count=len(problems),
        total=total,
    )
    return RnaError.of([*named, more], DATA)


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pictures that are decoded whenever they are asked for: nothing of them is kept."""

    files: Files
    form: PictureForm
    resident = False
    in_any_order = True

    @property
    def shape(self) -> tuple[int, ...]:
        return self.form.shape

    @property
    def dtype(self) -> np.dtype:
        return np.dtype("uint8")

    @property
    def nbytes(self) -> int:
        return len(self.files) * int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.files)

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        raise TypeError("pictures have no columns")

    def take(self, examples: np.ndarray) -> np.ndarray:
        """The pictures (m, *shape), decoded. Raises ``RnaError``."""
        files = replace(self.files, names=tuple(self.files.names[i] for i in examples.tolist()))
        pixels = np.empty((len(files), *self.shape), "uint8")
        if problems := decode_all(files, self.form, pixels):
            raise RnaError.of([*problems.values()], DATA)
        return pixels
