"""What a command that goes through many files shows of them: one line that changes, what was wrong, and a summary."""

import collections
import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rnacli.errors import RnaError
from rnacli.terminal.console import print_error, print_note
from rnacli.words import count_things

if TYPE_CHECKING:
    from rnacli.bulk.one_file import Note, Outcome

ALIKE = 3
"""How many notes of one kind are shown."""


def show_outcomes(outcomes: "Iterable[Outcome]", total: int, to_do: int) -> bool:
    """Show what comes of the ``to_do`` files, of ``total``, as they end; gives whether all went well."""
    shows, done, rows, failed = sys.stderr.isatty(), 0, 0, 0
    notes: collections.Counter[str] = collections.Counter()
    if shows:
        print_note(f"0 of {to_do} files", end="\r")
    for outcome in outcomes:
        done, rows, failed = done + 1, rows + outcome.rows, failed + bool(outcome.problems)
        for note in outcome.notes:
            show_note(note, notes, str(outcome.job.source))
        if outcome.problems:
            print_error(RnaError.of(outcome.problems, 1))
        if shows:
            print_note(f"{done} of {to_do} files, {count_things(rows, 'row')}", end="\r")
    if more := sum(max(0, count - ALIKE) for count in notes.values()):
        print_note(f"{count_things(more, 'more note')} of these kinds")
    skipped = f", {total - to_do} had been predicted before" if to_do < total else ""
    print_note(f"{count_things(rows, 'row')} of {count_things(done - failed, 'file')} predicted{skipped}")
    if failed:
        print_note(f"{count_things(failed, 'file')} failed; the same command predicts the files that are missing")
    return not failed


def show_note(note: "Note", notes: "collections.Counter[str]", file: str) -> None:
    """Show a note on a ``file``, unless some of its kind were shown."""
    notes[note.template] += 1
    if notes[note.template] <= ALIKE:
        text = note.text if note.text.startswith(file) else f"{file}: {note.text}"
        logging.getLogger("rnacli").log(note.level, "%s", text)
