"""Pages of Markdown: their blocks, links and headings, and a session that runs the blocks of one in an empty folder.

What a block's first line says behind its language decides what is done with it:

- ```` ```sh ```` commands, each of which must succeed; ```` ```console ```` commands behind ``$`` with what they print
- ```` ```python ```` is run; what stands behind the names of earlier blocks is there
- a file's name (```` ```yaml circles.yaml ````): the block is written into it
- ``slow``: for the long tests alone; ``part``: a part of a file; ``install``: sets the machine up, as ``.ci/run`` does
"""

import contextlib
import functools
import io
import os
import re
import shlex
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fixtures import ROOT, environment

DOCS = ROOT / "docs"
README = ROOT / "README.md"
SHELL = set("|<>;&*?$`(){}~")
"""What a line has that only a shell can run."""


def list_pages() -> list[Path]:
    return [README, *sorted(DOCS.rglob("*.md"))]


class Block(NamedTuple):
    """A block of code: its language, what else its first line says, its text, and its line in the page."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def file(self) -> str:
        return next((word for word in self.words if "." in word), "")

    @property
    def is_run(self) -> bool:
        return not {"install", "part"} & set(self.words) and (
            self.language in ("sh", "console", "python") or bool(self.file)
        )


FENCE = re.compile(r"^```(\w*)[ ]*(.*)\n((?:.*\n)*?)```$", re.M)


def read_blocks(text: str) -> list[Block]:
    return [
        Block(match[1], tuple(match[2].split()), match[3], text[: match.start()].count("\n") + 1)
        for match in FENCE.finditer(text)
    ]


def read_links(text: str) -> list[str]:
    """The targets of links and pictures, outside code."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)


def read_anchors(text: str) -> set[str]:
    """What a link can name within a page: its headings, as GitHub writes them."""
    return {anchor_of(title) for title in re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.M)}


def anchor_of(title: str) -> str:
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).replace("`", "").strip().lower()
    kept = "".join(sign for sign in plain if sign in " -_" or unicodedata.category(sign)[0] in "LN")
    return kept.replace(" ", "-")


class Session:
    """An empty folder in which the blocks of a page are run one after another."""

    def __init__(self, folder: Path, home: Path):
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "page"}
        programs = home / "programs"
        programs.mkdir(exist_ok=True)
        (programs / "rna").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnacli "$@"\n')
        (programs / "rna").chmod(0o755)
        path = f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = environment(PATH=path, HOME=str(home))

    def run(self, block: Block) -> None:
        if block.file:
            (self.folder / block.file).write_text(block.text, "utf-8")
        elif block.language == "sh":
            for command in commands_of(block.text):
                code, said = self.call(command)
                assert code == 0, f"{command}\n{said}"
        elif block.language == "console":
            for command, expected in read_session(block.text):
                _, said = self.call(command)
                assert_like(said, expected, command)
        else:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block.text, "page", "exec"), self.names)  # noqa: S102

    def call(self, command: str) -> tuple[int, str]:
        """Exit code of a command, and what it says on both streams."""
        command = re.sub(r"\s+# .*$", "", command)
        words = shlex.split(command)
        if words[0] == "rna" and not SHELL & set(re.sub(r"'[^']*'", "", command)):
            return call_here(words[1:])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout


def call_here(arguments: list[str]) -> tuple[int, str]:
    """The command in this process, which has TensorFlow already."""
    from rnacli.commands.app import main

    said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    return code, said.buffer.getvalue().decode()  # type: ignore[attr-defined]


def commands_of(text: str) -> list[str]:
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def read_session(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a session, and the lines that it prints."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, *lines = part.splitlines()
        yield command, lines


NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


OF_A_BUSY_MACHINE = "drawing takes longer than the training did; all but the pictures is saved"
"""What is said where a picture takes ten seconds and more."""


def assert_like(said: str, expected: list[str], command: str) -> None:
    """What a command says is what the page shows: words as they are, numbers nearly; ``...`` stands for any lines."""
    lines = [line for line in map(plain_line, said.splitlines()) if line and line != OF_A_BUSY_MACHINE]
    place = 0
    skips = False
    for shown in filter(None, map(plain_line, expected)):
        if shown == "...":
            skips = True
            continue
        there = [i for i in range(place, len(lines)) if is_like(lines[i], shown)]
        is_there = bool(there) and (skips or there[0] == place)
        assert is_there, f"$ {command}\n{said}\nhas no line\n{shown}"
        place, skips = there[0] + 1, False
    assert skips or place == len(lines), f"$ {command}\nsays more:\n" + "\n".join(lines[place:])


def plain_line(line: str) -> str:
    """A line without what differs from day to day and from machine to machine."""
    line = re.sub(r"\d{4}-\d\d-\d\d[_ ]\d\d[-:]\d\d([-:]\d\d)?", "DATE", line)
    line = re.sub(r"\b[\d.]+ s\b|\b\d+ threads?\b", "", line)
    return re.sub(r"\s+", " ", re.sub("─+", "─", line)).strip()


def is_like(line: str, shown: str) -> bool:
    if NUMBER.sub("#", line) != NUMBER.sub("#", shown):
        return False
    return all(map(is_near, NUMBER.findall(line), NUMBER.findall(shown)))


def is_near(number: str, shown: str) -> bool:
    """Other processors give other last digits, of which training makes more. What is counted is equal."""
    if "." not in number + shown:
        return number == shown
    one, other = float(number.replace(",", "")), float(shown.replace(",", ""))
    return abs(one - other) <= 0.03 + 0.1 * abs(other)


@functools.cache
def page_text(path: Path) -> str:
    return path.read_text("utf-8")
