"""What is wrong in a CSV file, by line and column, and how to mend it."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, normalize
from unicodedata import name as name_of

from rnacli.document.write import name_hint
from rnacli.errors import DATA, Problem, RnaError, RowProblem
from rnacli.tables.cells import FALSE, MEASURES, TRUE, Want, clean_word
from rnacli.tables.csv.text import WHITESPACE, Format, open_text, read_records
from rnacli.tables.dates import read_dates
from rnacli.tables.numbers import FLOAT32_MAX, GONE, NUMBER, Written, find_sign, find_unit, parse_number, quote
from rnacli.words import count_things, fill_each, fill_template

NUMBER_ALONE = re.compile(r"[-+\d.,]+")
"""What has nothing but the marks of numbers, and is no fraction."""
INFINITE = re.compile("[-+]?inf(inity)?", re.I)
EXAMPLES = {"duration": "1:30:00 or 2h 5m", "fraction": "1/2 or 3 1/2"}
MULTIPLES = ("k", "m", "b", "bn", "mil", "mill", "mio", "millones", "million")
"""Units that stand for zeros."""
MOST_ANSWERS = 3
"""Different cells of a column that are kept, to see whether there is but one beside blanks."""
LINES = 4
"""Lines named that have the same mistake; the others are counted."""
MOST_COLUMNS = 10
"""Columns named at once that are not there, or that have mistakes; the others are counted."""
FILL_HINT = "fill it, or remove the row"
DATES = "say how dates are written: columns: {{column}: {format: '%d/%m/%Y'}}"
ONE_MORE = "there is a {mark} too many, or a value with a {mark} needs quotes"
TOO_FEW = "values are missing, or the row is broken in two"
NAMED_ROWS = (
    "if the first value of each row is its name, as R writes it, write a name for these at the start of the header"
)
SAYS_MISSING = "fix the value, or, if it says that it is missing: columns: {{column}: {missing: [{words:.200}]}}"
FEW_WORDS = 5
"""Different words among numbers that may all say that the value is missing."""
EARLY = 3
"""Rows that may be no rows yet, but more names or units."""
MEND = "fix the value, or remove the row; if it says that the value is missing, name it in missing"


class Mend(NamedTuple):
    """What a user can do about a whole column that holds ``words``, or that is ``empty``; ``{column}`` is its name."""

    words: str
    empty: str
    answer: str = ""
    """Where a column has one word alone and gaps; ``{other}`` is what these may mean."""


def diagnose_file(
    path: Path,
    form: Format,
    wants: Mapping[str, Want],
    names: Sequence[str],
    shown: str,
    mends: Mapping[str, Mend],
) -> None:
    """Read slowly and raise ``RnaError`` for the bad cells, those of one kind together; return if all are good."""
    faults: dict[tuple[str, str, str], Fault] = {}
    at = {name: names.index(name) for name in wants}
    worded: set[str] = set()
    answers: dict[str, set[str]] = {name: set() for name in wants}
    rows = last = 0
    early: set[int] = set()
    with open_text(path, form, shown) as file:
        for i, (line, cells) in enumerate(read_records(file, form, shown)):
            if i < form.header:
                continue
            rows, last = rows + 1, line
            early |= {line} if rows <= EARLY else set()
            row_problems: dict[str, tuple[str, str] | None]
            if form.header and [clean_word(cell, "") for cell in cells] == list(names):
                row_problems = {"": ("the names of the columns stand here again", "remove the line")}
            elif len(cells) != len(names):
                row_problems = {"": length_problem(cells, names, form)}
            else:
                row_problems = {name: cell_problem(cells[at[name]], name, wants[name], form) for name in at}
                for name in at:
                    if len(answers[name]) < MOST_ANSWERS:
                        answers[name].add(cells[at[name]].strip())
                worded |= {name for name in at if wants[name].kind == "any" and is_word(cells[at[name]], form)}
            for name, problem in row_problems.items():
                if problem:
                    why = problem[0].rpartition(": ")[2] if name and wants[name].check else ""
                    fault = faults.setdefault((name, problem[1], why), Fault(problem[0], [], {}))
                    fault.lines.append(line)
                    if name and len(fault.words) <= FEW_WORDS:
                        fault.words[cells[at[name]].strip()] = None
    # Among words, inf is one of them.
    faults = {key: fault for key, fault in faults.items() if key[0] not in worded or key[1] == FILL_HINT}
    if not faults:
        return
    problems: list[Problem] = []
    for (name, hint, _), fault in list(faults.items())[:MOST_COLUMNS]:
        mend = mends.get(name)
        said = answers.get(name, set()) - {""}
        if mend and mend.answer and hint == FILL_HINT:
            (only,) = said if len(said) == 1 else ("",)
            other = {"1": "0", "0": "1"}.get(only, "'no'")
            hint = name_hint(name, mend.answer if only else mend.empty, other=other)
        elif hint == ONE_MORE and len(fault.lines) == rows > 1:
            hint = NAMED_ROWS
        elif hint == MEND and rows > 2 * EARLY and early.issuperset(fault.lines):
            hint = "if the line is a second header, or holds units, remove it"
        elif hint in (MEND, TOO_FEW) and rows > 2 * EARLY and fault.lines == [last]:
            hint = "if the line is a total or a note, remove it; else fix the value"
        elif mend and 2 * len(fault.lines) > rows > 1:
            hint = name_hint(name, {MEND: mend.words, FILL_HINT: mend.empty}.get(hint, hint))
        elif hint == MEND and len(fault.words) <= FEW_WORDS and not any(map(has_digit, fault.words)):
            hint = name_hint(name, SAYS_MISSING, words=", ".join(map(quote, fault.words)))
        place, also = f"{shown}:{fault.lines[0]}", likewise(fault.lines[1:])
        problems.append(RowProblem("{what:.1000}{also}", place, hint, what=fault.message, also=also))
    if len(faults) > MOST_COLUMNS:
        problems.append(Problem("{count} more kinds of mistakes like these", shown, count=len(faults) - MOST_COLUMNS))
    raise RnaError.of(problems, DATA)


def is_word(cell: str, form: Format) -> bool:
    """Whether a cell holds neither a number nor infinity, and a value."""
    cell = cell.strip()
    is_number = not math.isnan(parse_number(cell, form.written)) or INFINITE.fullmatch(cell)
    return not is_number and not form.written.is_missing(cell)


def has_digit(word: str) -> bool:
    return any(map(str.isdecimal, word))


class Fault(NamedTuple):
    """What is wrong in a first line; ``lines``: it and all with the same mistake; ``words``: the different cells."""

    message: str
    lines: list[int]
    words: dict[str, None]


def likewise(lines: Sequence[int]) -> str:
    """``(also in lines 3, 4, 5, 6 and 55 more)``."""
    if not lines:
        return ""
    more = len(lines) - LINES
    named = [*map(str, lines[:LINES]), *([fill_template("{count:,} more", count=more)] if more > 0 else [])]
    return fill_template(
        " (also in lines {lines:and})" if len(lines) > 1 else " (also in line {lines:and})", lines=named
    )


def length_problem(cells: Sequence[str], names: Sequence[str], form: Format) -> tuple[str, str]:
    """What is wrong with a row that has too few or too many fields, and a hint."""
    message = "{values}, and the header names {names}" if form.header else "{values}, and the first row has {names}"
    if len(cells) == 1 and cells[0].strip():
        hint = "if it is a note, and no row, remove the line"
    elif len(cells) < len(names) and form.delimiter == WHITESPACE:
        hint = "among blanks a missing value cannot be seen: pandas.read_fwf reads it, and to_csv writes commas"
    elif len(cells) < len(names):
        hint = TOO_FEW
    elif not cells[-1].strip():
        hint = "remove the {mark} at the end of the row"
    else:
        hint = ONE_MORE
    message = fill_template(message, values=count_things(len(cells), "value"), names=len(names))
    return message, hint if hint == ONE_MORE and len(cells) == len(names) + 1 else fill_template(hint, mark=form.mark)


def cell_problem(cell: str, name: str, want: Want, form: Format) -> tuple[str, str] | None:
    """What is wrong with a cell, and a hint; ``None`` if nothing is."""
    cell, written = clean_word(cell, want.strip), want.written(form.written)

    def about_cell(message: str, hint: str, why: str = "") -> tuple[str, str]:
        message = fill_template(message, cell=cell, form=want.format, unit=want.unit, why=fill_template(why))
        return fill_template("column '{name:.40}': {what:.300}", name=name, what=message), hint

    if written.is_missing(cell):
        if want.missing:
            return None
        if cell:
            words = want.kind in ("text", "words")
            hint = "fill it, or, if it is a name, say what else is missing: missing: ['']" if words else FILL_HINT
            return about_cell("'{cell}' stands for a missing value", hint)
        return about_cell("the value is missing", FILL_HINT)
    if want.check:
        wrong = want.check([normalize("NFC", cell)])
        return next((about_cell("{cell:.100}: {why:.200}", hint, why) for why, hint in wrong.values()), None)
    if want.kind == "boolean":
        is_boolean = cell.lower() in TRUE | FALSE
        return None if is_boolean else about_cell("expected true or false, got '{cell:.40}'", MEND)
    if want.kind == "date":
        message = "expected a date such as 2026-11-21, got '{cell:.40}'"
        if want.format:
            message = "expected a date as {form} writes it, got '{cell:.40}'"
        hint = MEND if want.format else name_hint(name, DATES.replace("/", "." if "." in cell else "/"))
        is_date = not math.isnan(read_dates([cell], want.format)[0])
        return None if is_date else about_cell(message, hint)
    if want.kind in MEASURES:
        message = "expected a {kind} such as {example}, got '{cell:.40}'"
        if not math.isnan(MEASURES[want.kind](cell)):
            return None
        kind, example = fill_each(want.kind, EXAMPLES[want.kind])
        return about_cell(fill_template(message, kind=kind, example=example, cell=cell), MEND)
    # Where anything may stand, only a column of numbers is refused: for one that is none of float32's.
    if want.kind != "number" and (want.kind != "any" or (not INFINITE.fullmatch(cell) and not NUMBER.fullmatch(cell))):
        return None
    number = parse_number(cell, written, want.unit, accounts=want.kind == "number")
    if not math.isnan(number):
        if abs(number) <= FLOAT32_MAX:
            return None
        return about_cell("{cell:.40} is too large: it does not fit float32 (at most 3.4e38)", MEND)
    if want.unit:
        return about_cell("expected a number with '{unit:.20}', got '{cell:.40}'", MEND)
    return about_cell("expected a number, got '{cell:.40}'", number_hint(cell, name, written))


def number_hint(cell: str, name: str, written: Written) -> str:
    """How to write what should be a number."""
    if unit := find_unit(cell, written):
        if unit.lower() in MULTIPLES:
            return fill_template("if {unit:.20} means many, write the number out", unit=unit)
        hint = "if it stands beside each: columns: {{column}: {unit: '{unit:.20}'}}; else write all in one unit"
        return name_hint(name, hint, unit=unit)
    if cell.startswith("#"):
        hint = (
            "the formula of a spreadsheet has failed: fix it there, or call it a missing value: missing: ['', '{cell}']"
        )
        return fill_template(hint, cell=cell)
    if cell.lower() in GONE:
        hint = "if it says that the value is missing: columns: {{column}: {missing: ['{cell:.20}']}}"
        return name_hint(name, hint, cell=cell)
    if sign := find_sign(cell, written):
        return name_hint(name, "to read it without the sign: columns: {{column}: {strip: {sign}}}", sign=quote(sign))
    for kind, example in EXAMPLES.items():
        if not NUMBER_ALONE.fullmatch(cell) and not math.isnan(MEASURES[kind](cell)):
            hint = "if these are {kind}s such as {example}: columns: {{column}: {kind}}"
            return name_hint(name, hint, kind=kind, example=fill_template(example))
    if re.fullmatch(r"\([\d.,]+\)|[\d.,]+-", cell):
        return "if it is a negative number, write it with - before the first digit"
    odd = next((c for c in cell if ord(c) > 127 and not c.isalnum()), "")
    if odd and has_digit(cell):
        name = name_of(odd, "character").lower()
        plain_one = "a plain - for" if category(odd) == "Pd" or "minus" in name else "a number without"
        return fill_template(
            "write {plain} the {name} (U+{code:04X})", plain=fill_template(plain_one), name=name, code=ord(odd)
        )
    if written.decimal == "." and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", cell):
        return "if commas stand between thousands: thousands: ','"
    if written.decimal == "," and re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?", cell):
        return "if points stand between thousands: thousands: '.'"
    if written.decimal == "." and re.fullmatch(r"[-+]?\d+,\d+", cell):
        return "if the file has decimal commas: decimal: ','"
    if cell.lower() in ("true", "false"):
        return "write 1 for true and 0 for false"
    if cell.lower().strip("+-") in ("inf", "infinity", "nan"):
        return "write a finite number, or remove the row"
    return MEND
