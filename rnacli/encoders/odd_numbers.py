"""Numbers that may be something else: dates, times that are counted from some day, ids that are rounded."""

import re
from typing import NamedTuple

import numpy as np

from rnacli.tables.dates import SINCE_1970, read_seconds
from rnacli.words import fill_template

NAMES_ROWS = re.compile(r"(?i:(^|[\W_])(id|index))$|[a-z]I[dD]$")
"""Names of columns of numbers that name rows: id, user_id, PassengerId."""


class Odd(NamedTuple):
    """What the numbers of a column may be, what to do then, and the ``form`` that reads them as dates, if one does."""

    why: str
    hint: str
    form: str = ""


TIMES = re.compile(
    r"(?i:time|date|stamp|epoch|unix|fecha|hora|tiempo|created|updated)|(?:^|_)(?i:ts|at)$|[a-z](?:At|Ts)$"
)
"""Names of columns that say when something was."""
DAYS = re.compile(r"(?:^|[\W_])(?i:date|fecha|datum)|[a-z](?:Date|Fecha)")
"""Names of columns that say on which day something was; update is no such name."""
MONTHS = 190_001, 210_013
"""Years and months as the digits of one number."""
FEW = 3
"""Different months from which numbers are such."""
DIGITS = 19_000_101, 21_000_101
"""Years, months and days as the digits of one number, of 1900 and 2100."""
SECONDS = 946_684_800, 2_051_222_400
"""Seconds since 1970 when 2000 began, and 2035."""
SHEET = 20_000, 60_000
"""Days as a spreadsheet counts them, of 1954 and 2064."""
SHEET_1970 = 25_569
"""The day of a spreadsheet on which 1970 began."""
POSTCODES = re.compile(
    r"(?i:(?:^|[\W_])(?:zip|plz|cp|postal|(?:zip|post|postal)[\W_]?code|c[oó]digo[\W_]?postal|code[\W_]?postal))$"
    r"|[a-z](?:Zip|Postal|Post)(?:Code)?$"
)
PHONES = re.compile(r"(?i:(?:^|[\W_])(?:(?:tele)?phone|tel[eé]fono|telefon|t[eé]l[eé]phone)(?:[\W_]?(?:number|no))?)$")
NAMED = ((POSTCODES, 1_000), (PHONES, 1_000_000))
"""Names of columns whose numbers are names of places or people, and the smallest of such numbers."""
LARGEST_WHOLE, LARGEST_ID = 2**53, 1e19
"""Whole numbers from which float64 leaves some out; and beyond which no program gives an id."""


def find_odd(name: str, values: np.ndarray) -> Odd | None:
    """What numbers (n,) without gaps may be besides numbers; ``None`` for most."""
    if not len(values):
        return None
    low, high, first = values.min(), values.max(), float(values[0])
    if low >= DIGITS[0] and high < DIGITS[1] and are_digits_of_days(values):
        why = fill_template("numbers such as {number:.0f}", number=first)
        return Odd(why, "if they are dates: columns: {{column}: {format: '%Y%m%d'}}", "%Y%m%d")
    if low >= MONTHS[0] and high < MONTHS[1] and are_digits_of_months(values):
        why = fill_template("numbers such as {number:.0f}", number=first)
        return Odd(why, "if they are months: columns: {{column}: {format: '%Y%m'}}", "%Y%m")
    times = read_seconds(np.array([low, high, first])) if low >= SECONDS[0] else np.zeros(3)
    if TIMES.search(name) and (times >= SECONDS[0]).all() and (times < SECONDS[1]).all():
        why = fill_template("numbers such as {number:.0f}", number=first)
        why += fill_template(", as computers count the time: {time}", time=np.datetime64(int(times[2]), "s"))
        return Odd(why, "if they are times: columns: {{column}: {format: '%s'}}", SINCE_1970)
    if low >= LARGEST_WHOLE and high < LARGEST_ID:
        hint = "if they are ids, leave it out: columns: {{column}: ignore}"
        return Odd("whole numbers of more than 15 digits, which are rounded", hint)
    if any(names.search(name) and low >= least for names, least in NAMED) and not (values % 1).any():
        hint = "as categories: columns: {{column}: categorical}; to leave it out: ignore"
        return Odd(fill_template("numbers such as {number:.0f}, which are names and no amounts", number=first), hint)
    if DAYS.search(name) and low >= SHEET[0] and high < SHEET[1]:
        day = np.datetime64(int(first) - SHEET_1970, "D")
        why = fill_template("numbers such as {number:g}, as spreadsheets count the days: {day}", number=first, day=day)
        return Odd(why, "if they are dates, show them as such in the spreadsheet, and save it again")
    return None


def are_digits_of_months(values: np.ndarray) -> bool:
    """Whether numbers (n,) of six digits are all such as 202601, of some different months."""
    months = values % 100
    return bool(((months >= 1) & (months <= 12) & (values % 1 == 0)).all()) and len(np.unique(values)) >= FEW


def are_digits_of_days(values: np.ndarray) -> bool:
    """Whether numbers (n,) of eight digits are all such as 20260131."""
    days, months = values % 100, values // 100 % 100
    dated = (days >= 1) & (days <= 31) & (months >= 1) & (months <= 12)
    return bool((dated & (values % 1 == 0)).all())


def counts_rows(name: str, values: np.ndarray) -> bool:
    """Whether whole numbers (n,), no two alike, are 0 or 1 to n or have a name that says so."""
    low, span = values.min(), values.max() - values.min()
    may_name = NAMES_ROWS.search(name) and span >= len(values) - 1
    in_turn = low in (0, 1) and span == len(values) - 1
    if not (may_name or in_turn) or (values % 1).any():
        return False
    return len(np.unique(values)) == len(values)
