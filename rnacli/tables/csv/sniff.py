"""What stands between the values of a CSV file, and its decimal mark, found in its first records."""

import codecs
import collections
import contextlib
import dataclasses
import io
import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rnacli.errors import RnaError
from rnacli.tables.compressed import unpack
from rnacli.tables.csv.shape import count_title_lines, find_separator, has_units, is_number, unwrap
from rnacli.tables.csv.text import AUTO, WHITESPACE, Format, Record, check_is_text, decode_text, open_text, read_records
from rnacli.tables.csv.wrong_letters import find_lost, find_wrong
from rnacli.tables.numbers import Marks, find_marks, quote
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")

SAMPLE, RECORDS = 1 << 16, 200
"""Characters and records that are looked at."""
MOST_BYTES = 4
"""Bytes that a character takes."""
DELIMITERS = "\t;|,"
"""Of two that fit as well, the first: a comma also stands in sentences."""
SURE = 0.9
"""Consistency from which a delimiter is believed."""


class Guess(NamedTuple):
    """How well a delimiter fits; the greatest fits best.

    ``consistency``: the share of records with the most common number of ``fields``, in which the first one (the
    header) counts as much as all others together, in tenths. ``numbers``: the share of cells that are numbers.
    """

    consistency: float
    numbers: float
    fields: int


class Sample(NamedTuple):
    """How a file begins: its first whole lines, whether they are ``all`` of it, and whether all its bytes are text: a
    � then stands in the file itself.
    """

    text: str
    all: bool
    is_text: bool = True


def settle_format(sample: Sample, form: Format, shown: str) -> tuple[Format, Sample]:
    """The form with all that it leaves open as a sample shows it, and the sample from the header on.

    What is settled and is not as usual is logged. Raises ``RnaError`` where 45.310 may be two numbers.
    """
    if form.kept:
        form, sample = recognize_utf8(sample, form, shown)
    given = form
    if sample.text.startswith('"') or '\n"""' in sample.text:
        inside, mark = unwrap(sample.text)
        form = dataclasses.replace(form, wrapped=mark)
        sample = sample._replace(text=inside) if mark else sample
    separator = find_separator(sample.text) if form.skip is None else ""
    if separator:
        form = dataclasses.replace(form, skip=1, delimiter=separator if form.delimiter == AUTO else form.delimiter)
    if form.skip is None:
        titled = form.header and form.names is None
        skip = count_title_lines(sample.text, "" if form.delimiter == AUTO else form.delimiter) if titled else 0
        form = dataclasses.replace(form, skip=skip)
    text = "".join(sample.text.splitlines(keepends=True)[form.skip :]) if form.skip else sample.text
    if form.delimiter == AUTO:
        form = dataclasses.replace(form, delimiter=find_delimiter(text))
    rows = sample_cells(text, form.delimiter, None)
    if form.header and form.names is None and rows:
        form = dataclasses.replace(form, units=has_units(rows[0], rows[1:RECORDS]))
    if AUTO in (form.decimal, form.thousands):
        form = settle_marks(form, rows, shown)
    tell_format(given, form, shown)
    if wrong := find_wrong(sample.text, form.encoding):
        message = fill_template("'{word:.60}' is read, and '{meant:.60}' is meant", word=wrong.word, meant=wrong.meant)
        log.warning("%s:%d: %s; %s", shown, wrong.line, message, fill_template(wrong.hint))
    elif sample.is_text and (lost := find_lost(sample.text)):
        message = "%s:%d: '%s' has lost a letter; get the file again, as it was before a program saved it so"
        log.warning(message, shown, lost.line, clean(lost.word, 60))
    if form.units:
        lines = text.splitlines(keepends=True)
        text = "".join([*lines[:1], *lines[2:]])
    return form, sample._replace(text=text)


def recognize_utf8(sample: Sample, form: Format, shown: str) -> tuple[Format, Sample]:
    """UTF-8 where a file that is like one read before is in it, and that one was not: in cp1252, ``ó`` were ``Ã³``."""
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(sample.text.encode(form.encoding))
    except (UnicodeError, LookupError):
        return form, sample
    if text == sample.text:
        return form, sample
    log.warning("%s: it is in UTF-8, and the training data were in %s", shown, form.encoding)
    return dataclasses.replace(form, encoding="utf-8"), Sample(text, sample.all)


def settle_marks(form: Format, rows: Sequence[Sequence[str]], shown: str) -> Format:
    """The form with the marks in numbers that the records of a sample show, as far as it leaves them open."""
    marks, doubtful = find_marks(itertools.chain(*rows), form.delimiter)
    if form.kept and (marks is None or doubtful or marks.decimal == form.kept.decimal):
        marks = form.kept._replace(thousands=form.kept.thousands or (marks.thousands if marks and not doubtful else ""))
    elif form.kept and marks:
        message = "%s: the decimal mark is '%s', and that of the training data was '%s'"
        log.warning(message, shown, marks.decimal, form.kept.decimal)
    elif doubtful and marks is None and AUTO == form.decimal == form.thousands:
        record = next((i for i, row in enumerate(rows, 1) if any(doubtful in cell for cell in row)), 1)
        raise doubtful_number(doubtful, record + (form.skip or 0), shown)
    marks = marks or Marks()
    decimal = marks.decimal if form.decimal == AUTO else form.decimal
    if form.decimal == AUTO and form.thousands == decimal:
        decimal = "," if decimal == "." else "."
    thousands = marks.thousands if form.thousands == AUTO else form.thousands
    return dataclasses.replace(form, decimal=decimal, thousands="" if thousands == decimal else thousands)


def doubtful_number(number: str, record: int, shown: str) -> RnaError:
    """The error for a number that nobody can be sure of."""
    mark = "." if "." in number else ","
    return RnaError(
        "{number:.40} may be {whole:.40} or {fraction:.40}",
        place=f"{shown}:{record}",
        hint="say in dataset what '{mark}' is: thousands: '{mark}', or decimal: '{mark}'",
        number=number,
        whole=number.replace(mark, ""),
        fraction=number.replace(",", "."),
        mark=mark,
    )


def tell_format(form: Format, settled: Format, shown: str) -> None:
    """Log what was found in a file, and the keys that say the same."""
    words, keys = [], []
    if form.delimiter == AUTO and settled.delimiter != ",":
        written = WHITESPACE if settled.delimiter == WHITESPACE else '"\\t"' if settled.delimiter == "\t" else ""
        written = written or f"'{settled.delimiter}'"
        words.append(fill_template("separated by {written}", written=written))
        keys.append(f"delimiter: {written}")
    if form.decimal == AUTO and settled.decimal != ".":
        words.append("decimal ','")
        keys.append("decimal: ','")
    if form.thousands == AUTO and settled.thousands:
        words.append(fill_template("'{thousands}' between thousands", thousands=settled.thousands))
        keys.append(f"thousands: {quote(settled.thousands)}")
    if form.skip is None and settled.skip:
        words.append(fill_template("a header on line {skip}", skip=settled.skip + 1))
        keys.append(f"skip_rows: {settled.skip}")
    if settled.wrapped:
        words.append("cells or records that are quoted twice")
    if settled.units:
        words.append(fill_template("units on line {skip}, which are left out", skip=(settled.skip or 0) + 2))
    if words:
        log.info(
            "%s: read as %s%s",
            shown,
            "; ".join(words),
            fill_template(" (in a config: {names:.300})", names=", ".join(keys)) if keys else "",
        )


def read_sample(file: BinaryIO, form: Format, shown: str) -> Sample:
    """The beginning of an open file, compressed or not; ``RnaError`` for what is no text.

    Bytes that are not in the encoding are refused later, with their line.
    """
    with unpack(file, shown) as content:
        head = content.read(MOST_BYTES * SAMPLE)
    check_is_text(head[:4096], form, shown)
    with decode_text(io.BytesIO(head), form, shown, errors="replace") as lines:
        try:
            text = lines.read(SAMPLE)
        except UnicodeError:
            return Sample("", False)
    is_text = "\ufffd" not in text or is_valid(head, form.codec)
    if len(text) < SAMPLE and len(head) < MOST_BYTES * SAMPLE:
        return Sample(text, True, is_text)
    return Sample(text[: text.rfind("\n") + 1] or text, False, is_text)


def is_valid(head: bytes, codec: str) -> bool:
    """Whether the first bytes of a file are all text."""
    try:
        codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeError:
        return False
    return True


def find_delimiter(text: str) -> str:
    guesses = {delimiter: fit_delimiter(sample_cells(text, delimiter)) for delimiter in DELIMITERS}
    best = max(guesses, key=lambda delimiter: guesses[delimiter])
    rows = sample_cells(text, WHITESPACE)
    blanks = fit_delimiter(rows, are_named=True)
    # One tab in each line may stand among blanks, also in the first: then there are more values between blanks than
    # between tabs, and more of them are numbers.
    tabs = guesses[best]
    more = best == "\t" and tabs.fields == 2 and blanks.fields > tabs.fields and blanks.numbers > tabs.numbers
    more = more and len(rows[0]) == blanks.fields
    doubtful = tabs.consistency < SURE or more
    if doubtful and blanks.consistency >= SURE and len(rows) > 1:
        return WHITESPACE
    return best if guesses[best].consistency else ","


def has_columns(text: str) -> bool:
    """Whether the lines of a text are divided alike, or are numbers, as those of a table."""
    guesses = [fit_delimiter(sample_cells(text, delimiter)) for delimiter in (*DELIMITERS, WHITESPACE)]
    numbers = [is_number(line.strip()) for line in text.splitlines() if line.strip()]
    return any(guess.consistency >= SURE and guess.fields > 1 for guess in guesses) or 2 * sum(numbers) > len(numbers)


def sample_cells(text: str, delimiter: str, count: int | None = RECORDS) -> list[list[str]]:
    """The first records of a sample, up to the first that is not valid with this delimiter."""
    records = []
    try:
        for record in itertools.islice(read_records(io.StringIO(text, newline=""), Format(delimiter), ""), count):
            records.append(record.cells)
    except RnaError:
        pass
    return records


def first_records(path: Path, form: Format, shown: str, sample: Sample, count: int) -> list[Record]:
    """The first records, from the sample where it surely holds them whole. Raises ``RnaError``."""
    if not any(sign in sample.text for sign in "\ufffd\0"):
        wanted = count if sample.all else count + 1  # the last one may be cut off
        records = itertools.islice(read_records(io.StringIO(sample.text, newline=""), form, shown), wanted)
        with contextlib.suppress(RnaError):
            first = list(records)
            if sample.all or len(first) == wanted:
                return first[:count]
    with open_text(path, form, shown) as file:
        return list(itertools.islice(read_records(file, form, shown), count))


def fit_delimiter(rows: Sequence[Sequence[str]], are_named: bool = False) -> Guess:
    """How well some records fit together; nothing fits where the first one has a single field.

    ``are_named``: the first one, a header, may have a field less, since R names its rows and not the column of names.
    """
    if not rows or len(rows[0]) < 2:
        return Guess(0.0, 0.0, 0)
    lengths = [len(row) for row in rows]
    fields = collections.Counter(length for length in lengths if length > 1).most_common(1)[0][0]
    first, others = lengths[0] in (fields, fields - are_named), [length == fields for length in lengths[1:]]
    cells = [cell for row in rows for cell in row]
    numbers = sum(map(is_number, cells)) / len(cells)
    consistency = (first + sum(others) / len(others)) / 2 if others else 1.0
    return Guess(round(consistency, 1), numbers, fields)
