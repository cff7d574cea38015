"""What a person sees: a command in a pseudo-terminal of so many columns, and the screen that it leaves."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyte
from fixtures import environment

ROWS = 400
"""Of the screen: no test's output is longer, so nothing is scrolled away."""
WIDEST = 400
"""Columns of the screen that is drawn on: a line that a terminal would fold stays whole, and is folded here."""


class Screen(NamedTuple):
    lines: list[str]
    colours: list[list[tuple[str, bool]]]
    """Of each character: the name of its colour, and whether it is bold."""
    raw: bytes


IN_TURN = """
import contextlib, json, os, sys
from rnacli.commands.app import main

for terminal, folder, variables in json.loads(sys.argv[1]):
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    for number in range(3):
        os.dup2(terminal, number)
    os.close(terminal)
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    sys.stdin, sys.stdout, sys.stderr = (open(i, "rww"[i], encoding=encoding, closefd=False) for i in range(3))
    with contextlib.suppress(SystemExit):
        main(sys.argv[2:])
    sys.stdout.flush()
    sys.stderr.flush()
"""


class Terminal(NamedTuple):
    """Where a command is run: in a folder, on so many columns, with some more variables."""

    cwd: Path
    columns: int
    env: Mapping[str, str]


def run_in_terminals(arguments: Sequence[str], terminals: Sequence[Terminal]) -> list[Screen]:
    """Run the command with all its streams on one terminal after the other, all in one process: TensorFlow is slow."""
    pairs = [pty.openpty() for _ in terminals]
    for terminal, (_, theirs) in zip(terminals, pairs, strict=True):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, terminal.columns, 0, 0))
    turns = []
    for terminal, (_, theirs) in zip(terminals, pairs, strict=True):
        variables = environment(TERM="xterm-256color", RNA_LANG="en", **terminal.env)
        variables.pop("COLUMNS", None)
        turns.append((theirs, str(terminal.cwd), variables))
    command, passed = [sys.executable, "-c", IN_TURN, json.dumps(turns), *arguments], [theirs for _, theirs in pairs]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.DEVNULL, pass_fds=passed):
        for theirs in passed:
            os.close(theirs)
        return [draw_screen(read_all(ours)) for ours, _ in pairs]


def read_all(ours: int) -> bytes:
    """All that a process writes on the other end of a terminal, until nobody has it."""
    raw = b""
    with contextlib.suppress(OSError):  # Linux: the other end is closed
        while part := os.read(ours, 65536):
            raw += part
    os.close(ours)
    return raw


def draw_screen(raw: bytes) -> Screen:
    screen = pyte.Screen(WIDEST, ROWS)
    pyte.ByteStream(screen).feed(raw)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    colours = [
        [(screen.buffer[i][j].fg, screen.buffer[i][j].bold) for j in range(len(line))] for i, line in enumerate(lines)
    ]
    return Screen(lines, colours, raw)


def same_every_day(line: str) -> str:
    """A line with what differs from day to day and from machine to machine written alike."""
    line = re.sub(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", "2026-01-01_00-00-00", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-01-01 00:00", line)
    line = re.sub(r"\b\d[\d.e-]* s\b", "0.1 s", line)
    return re.sub(r"\b\d+ threads?\b", "1 thread", line)


def same_everywhere(line: str) -> str:
    """The same without the last digits, which other processors have others of; a table's columns keep their widths."""
    if line.startswith("epoch"):
        return re.sub(r"\d[\d.e-]*", "0", line)
    return re.sub(r"[▁-█]", "█", re.sub(r"\d", "0", line))


def fold(lines: list[str], columns: int) -> str:
    """Lines as a terminal of so many columns folds them."""
    folded = [line[i : i + columns] for line in lines for i in range(0, max(len(line), 1), columns)]
    return "\n".join(folded) + "\n"
