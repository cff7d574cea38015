"""What a command that goes through many files shows of them: one line that changes, what was wrong, and a summary."""

import collections
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rnacli.errors import RnaError
from rnacli.terminal.console import can_move, print_error, print_note
from rnacli.words import count_things, fill_template

if TYPE_CHECKING:
    from rnacli.bulk.one_file import Note, Outcome

ALIKE = 3
"""How many notes of one kind are shown."""


def show_outcomes(outcomes: "Iterable[Outcome]", total: int, to_do: int) -> bool:
    """Show what comes of the ``to_do`` files, of ``total``, as they end; gives whether all went well."""
    shows, done, rows, failed = can_move(), 0, 0, 0
    notes: collections.Counter[str] = collections.Counter()
    if shows:
        print_note(fill_template("{done} of {count:,} files", done=0, count=to_do), end="\r")
    for outcome in outcomes:
        done, rows, failed = done + 1, rows + outcome.rows, failed + bool(outcome.problems)
        for note in outcome.notes:
            show_note(note, notes, str(outcome.job.source))
        if outcome.problems:
            print_error(RnaError.of(outcome.problems, 1))
        if shows:
            said = "{done} of {count:,} files, {rows}"
            print_note(fill_template(said, done=done, count=to_do, rows=count_things(rows, "row")), end="\r")
    if more := sum(max(0, count - ALIKE) for count in notes.values()):
        print_note(fill_template("{notes} of these kinds", notes=count_things(more, "more note")))
    said = "{rows} of {files} predicted"
    if to_do < total:
        said = "{rows} of {files} predicted, {before} had been predicted before"
    files = count_things(done - failed, "file")
    print_note(fill_template(said, rows=count_things(rows, "row"), files=files, before=total - to_do))
    if failed:
        said = "{files} failed; the same command predicts the files that are missing"
        print_note(fill_template(said, files=count_things(failed, "file")))
    return not failed


def show_note(note: "Note", notes: "collections.Counter[str]", file: str) -> None:
    """Show a note on a ``file``, unless some of its kind were shown."""
    notes[note.template] += 1
    if notes[note.template] <= ALIKE:
        text = note.text if note.text.startswith(file) else f"{file}: {note.text}"
        logging.getLogger("rnacli").log(note.level, "%s", text)
