"""What a person sees: a command in a pseudo-terminal of so many columns, and the screen that it leaves."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
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
    code: int


def run_in_terminal(*arguments: object, cwd: Path, columns: int = 80, env: Mapping[str, str] | None = None) -> Screen:
    """Run the command with all its streams on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-m", "rnacli", *map(str, arguments)]
    variables = environment(TERM="xterm-256color", RNA_LANG="en", **(env or {}))
    variables.pop("COLUMNS", None)
    with subprocess.Popen(command, cwd=cwd, env=variables, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        raw = b""
        with contextlib.suppress(OSError):  # Linux: the other end is closed
            while part := os.read(ours, 65536):
                raw += part
    os.close(ours)
    screen = pyte.Screen(WIDEST, ROWS)
    pyte.ByteStream(screen).feed(raw)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    colours = [
        [(screen.buffer[i][j].fg, screen.buffer[i][j].bold) for j in range(len(line))] for i, line in enumerate(lines)
    ]
    return Screen(lines, colours, raw, process.returncode)


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
