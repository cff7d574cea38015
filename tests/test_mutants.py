"""Files of a run folder with small damages, thousands of them: refused in words, or the same predictions, never else.

Two kinds of damage are told apart. An accident leaves ``run.json`` as it was: then no other prediction may come of it.
Somebody who means harm mends the checksums too: then predictions may differ, but nothing may crash, hang or grow.
"""

import hashlib
import io
import json
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import FLOWERS, no_hang, peak_memory, without_pictures

from rnacli.commands.runs import show_rows, tabulate
from rnacli.errors import RnaError
from rnacli.experiment.load import load_config
from rnacli.networks.restore import restore_network
from rnacli.results.predict import predict_rows
from rnacli.runs.checkpoint import MAGIC, dump_state, read_state
from rnacli.runs.find import newest_runs, open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import CHECKPOINTS, list_checkpoints, load_run
from rnacli.runs.reload import read_split
from rnacli.training.resume import recorded_engine
from rnacli.training.train import train_network

FEW, MANY = 60, 10_000
"""Mutants of each file in every run of the tests, and when there is time."""
BYTES = 300 << 20
"""The memory that all of them together may take."""
CONFIG = FLOWERS.replace("[height, width, weight]", "[height, width, weight, day, wet, soil, size]").replace(
    "  split:",
    "  columns: {soil: {min_count: 4}, size: {encode: ordinal, categories: [S, M, L]}, weight: {indicator: true}}"
    "\n  split:",
)
KINDS, SOILS, SIZES = ("lirio", "rosa", "tulipán"), ("clay", "sand", "loam", "peat"), ("S", "M", "L")


def rows() -> list[str]:
    """A table with columns of each kind, some of whose values are missing."""
    draw = random.Random(3)
    made = ["plant,height,width,weight,day,wet,soil,size,kind"]
    for i in range(80):
        kind = i % 3
        weight = "" if i % 9 == 5 else f"{draw.gauss(kind, 0.3):.3f}"
        soil = "rock" if i in (7, 30) else SOILS[draw.randrange(4)]
        made.append(
            f"p{i},{draw.gauss(kind * 2, 0.4):.3f},{draw.gauss(5 - kind, 0.4):.3f},{weight},2026-0{1 + i % 9}-1{i % 7},"
            f"{'yes' if kind == 1 else 'no'},{soil},{SIZES[draw.randrange(3)]},{KINDS[kind]}"
        )
    return made


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run; beside its folder ``new.csv``."""
    folder = tmp_path_factory.mktemp("mutants")
    (folder / "flowers.csv").write_text("\n".join(rows()) + "\n", "utf-8")
    (folder / "new.csv").write_text("\n".join(rows()[:9]) + "\n", "utf-8")
    (folder / "experiment.yaml").write_text(CONFIG, "utf-8")
    with without_pictures():
        run = train_network(load_config(folder / "experiment.yaml"), folder / "runs", folder / "cache")
    assert run.record["light"] is True
    return run


@pytest.fixture
def copy(sound: Run, tmp_path: Path) -> Path:
    shutil.copytree(sound.path.parents[1], tmp_path / "all")
    return tmp_path / "all" / "runs" / sound.path.name


# Damages


def mutant(content: bytes, draw: random.Random) -> bytes:
    """One small damage."""
    at = draw.randrange(len(content))
    size = min(1 << draw.randrange(8), len(content) - at)
    other = draw.randrange(len(content))
    flipped = bytes([content[at] ^ 1 << draw.randrange(8)])
    return draw.choice(
        (
            lambda: content[:at] + flipped + content[at + 1 :],
            lambda: content[:at] + flipped + content[at + 1 :],
            lambda: content[:at] + bytes([draw.randrange(256)]) + content[at + 1 :],
            lambda: content[:at],
            lambda: content[:at] + content[at + size :],
            lambda: content[: at + size] + content[at : at + size] + content[at + size :],
            lambda: content[:at] + content[other : other + size] + content[at + size :],
            lambda: content[:at] + draw.choice(WORDS) + content[at + draw.randrange(3) :],
        )
    )()


WORDS = (
    b"\0", b"\x1b[2J", b"\xff\xfe", b"9" * 30, b"9" * 6000, b"1e999", b"1e-320", b"NaN", b"null", b"true", b"[" * 2000,
    b"{", b"}", b"]", b'"', b"'", b",", b"\n", b"\r", b": ", b"- ", b"&a", b"*a", b"<<: ", b"!!python/name:os.system ",
    b"\\ud800", b"\xe2\x80\xae", b"../../", b"=1+1", b"${name}",
)  # fmt: skip


def mend(run: Path) -> None:
    """Make ``run.json`` agree with the files as they are."""
    record = json.loads((run / "run.json").read_bytes())
    for name in record["files"]:
        record["files"][name] = hashlib.sha256((run / name).read_bytes()).hexdigest()
    (run / "run.json").write_text(json.dumps(record), "utf-8")


def mutants(run: Path, name: str, count: int, forged: bool) -> Iterator[int]:
    """Damages ``count`` times one file of a run, which is sound again afterwards."""
    record, content = (run / "run.json").read_bytes(), (run / name).read_bytes()
    draw = random.Random(f"{name} {forged}")
    for i in range(count):
        (run / name).write_bytes(mutant(content, draw))
        if forged:
            mend(run)
        yield i
        (run / name).write_bytes(content)
        (run / "run.json").write_bytes(record)


# What is done with them


def predicted(run: Path) -> str:
    output = io.StringIO()
    predict_rows(open_run(run), run.parents[1] / "new.csv", output)
    return output.getvalue()


def refused_or(use: Callable[[], Any]) -> Any:
    """What a use gives, or ``None`` where it is refused; nothing else may come of it."""
    try:
        with no_hang(), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # arithmetic with absurd numbers
            return use()
    except RnaError as error:
        for problem in error.problems:
            assert str(problem).isprintable(), problem
            assert len(str(problem)) < 2000
        return None


def check(run: Path, name: str, count: int, forged: bool, use: Callable[[], Any], alike: Callable[[Any], bool]) -> None:
    assert alike(use())
    before = peak_memory()
    refused = 0
    for i in mutants(run, name, count, forged):
        found = refused_or(use)
        refused += found is None
        assert found is None or forged or alike(found), (i, name)
    assert refused > count / 20
    assert alike(use())
    assert peak_memory() - before < BYTES


def same(run: Path) -> Callable[[str], bool]:
    """Whether predictions are those of the sound run: NumPy's, or Keras' in all digits that do not depend on it."""
    header, *lines = (line.split(",") for line in predicted(run).splitlines())

    def is_same(text: str) -> bool:
        first, *others = (line.split(",") for line in text.splitlines())
        labels = [line[:-3] for line in others] == [line[:-3] for line in lines]
        return (
            first == header
            and labels
            and bool(
                np.allclose(*(np.array([line[-3:] for line in each], "float64") for each in (others, lines)), atol=1e-5)
            )
        )

    return is_same


def sizes(count: int) -> Any:
    return pytest.param(count, marks=pytest.mark.exhaustive if count == MANY else [], id=str(count))


@pytest.mark.parametrize("count", [sizes(FEW), sizes(MANY)])
@pytest.mark.parametrize("forged", [False, True], ids=["", "forged"])
@pytest.mark.parametrize("name", ["config.yaml", "preprocessing.json", "weights.npz", "model.keras"])
def test_predictions_are_refused_or_the_same(copy: Path, name: str, forged: bool, count: int) -> None:
    if name == "model.keras" and forged:
        pytest.skip("it is never read")
    check(copy, name, count, forged, lambda: predicted(copy), same(copy))


@pytest.mark.parametrize("count", [sizes(FEW), sizes(MANY)])
def test_a_damaged_record_gives_no_other_predictions(
    copy: Path, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def use() -> str:
        show_rows(*tabulate(newest_runs(copy.parent, None), copy.parent))
        run = open_run(copy)
        for look in (recorded_engine, lambda run: read_split(run, 80)):
            refused_or(lambda look=look: look(run))
        return predicted(copy)

    check(copy, "run.json", count, False, use, same(copy))
    assert not any(0x7F <= ord(char) < 0xA0 or (char < " " and char != "\n") for char in capsys.readouterr().out)


@pytest.mark.parametrize("count", [sizes(2 * FEW), sizes(MANY)])
@pytest.mark.parametrize("forged", [False, True], ids=["", "forged"])
@pytest.mark.parametrize("name", ["history.csv", "split.csv"])
def test_history_and_split_are_refused_or_the_same(copy: Path, name: str, forged: bool, count: int) -> None:
    def use() -> Any:
        run = open_run(copy)
        if name == "history.csv":
            return read_history(run, run.config())
        return {part: indices.tolist() for part, indices in read_split(run, 80).items()}

    sound = use()
    check(copy, name, count, forged, use, lambda found: bool(found == sound))


@pytest.mark.parametrize("count", [sizes(2 * FEW), sizes(MANY)])
@pytest.mark.parametrize("forged", [False, True], ids=["", "forged"])
def test_a_checkpoint_is_refused_or_the_same(copy: Path, forged: bool, count: int) -> None:
    opened = open_run(copy)
    network = restore_network(load_run(opened))
    network.optimizer.build(network.trainable_variables)
    path = list_checkpoints(copy / CHECKPOINTS)[-1]
    content = path.read_bytes()
    start = len(MAGIC) + 65
    sound = read_state(path, network, [])
    draw = random.Random("checkpoint")
    before, refused = peak_memory(), 0
    for _ in range(count):
        if forged:
            body = mutant(content[start:], draw)
            path.write_bytes(MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        else:
            path.write_bytes(mutant(content, draw))
        found = refused_or(lambda: read_state(path, network, []))
        refused += found is None
        assert found is None or forged or dump_state(found) == content
    assert refused > count / 2
    assert dump_state(sound) == content
    assert peak_memory() - before < BYTES
