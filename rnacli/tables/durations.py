"""Durations as people write them: ``1:30:00``, ``90 min``, ``2h 5m``, ``3 days 04:00:00``, ``PT4H8M``."""

import math
import re
from collections.abc import Sequence

LENGTHS = {
    1e-3: "ms millisecond milliseconds milisegundo milisegundos",
    1.0: "s sec secs second seconds seg segs segundo segundos ''",
    60.0: "m min mins minute minutes minuto minutos '",
    3600.0: "h hr hrs hour hours hora horas",
    86_400.0: "d day days día días dia dias",
    604_800.0: "w wk wks week weeks semana semanas",
    86_400 * 365.2425 / 12: "month months mes meses",
    86_400 * 365.2425: "y yr yrs year years año años",
}
"""Seconds, of a month and a year on average -> the words for so many; the first of each is short."""
SECONDS = {word: length for length, words in LENGTHS.items() for word in words.split()}
PIECE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([^\W\d_]+|''?)[.,]?\s*(?:(?:and|y|e)\s+)?")
CLOCK = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-9]{2})(?:[.,]([0-9]+))?")
DAYS = re.compile(r"([0-9]+) (?:days?|días?),? ")
FRENCH = re.compile(r"([0-9]+)\s*[hH]\s*([0-9]{2})")
ISO = re.compile(r"P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:[.,][0-9]+)?)S)?)?")


def parse_duration(word: str) -> float:
    """The seconds that a word says; NaN where it is no duration.

    Two numbers with a colon are minutes and seconds; months and years have their average length.
    """
    sign = -1.0 if word[:1] in ("-", "−") else 1.0
    text = word[1:].strip() if word[:1] in ("-", "−", "+") else word
    if match := FRENCH.fullmatch(text):
        return sign * (int(match[1]) * 3600 + int(match[2]) * 60)
    if len(text) > 1 and (match := ISO.fullmatch(text)) and any(match.groups()):
        days, hours, minutes = (int(match[i] or 0) for i in (1, 2, 3))
        return sign * (days * 86_400 + hours * 3600 + minutes * 60 + float((match[4] or "0").replace(",", ".")))
    days = 0
    if match := DAYS.match(text):
        days, text = int(match[1]), text[match.end() :]
    if match := CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
        if seconds > 59 or (match[1] and minutes > 59):
            return math.nan
        return sign * (days * 86_400 + hours * 3600 + minutes * 60 + seconds + float(f"0.{match[4] or 0}"))
    return math.nan if days else sign * add_pieces(text)


def add_pieces(text: str) -> float:
    """The seconds of numbers with words such as ``2h 5m``; each word must be for less than the one before it."""
    total, at, last = 0.0, 0, math.inf
    while at < len(text):
        match = PIECE.match(text, at)
        unit = match[2] if match else ""
        length = SECONDS.get(unit.lower() if len(unit) > 1 else unit)
        if match is None or length is None or length >= last:
            return math.nan
        total, at, last = total + float(match[1].replace(",", ".")) * length, match.end(), length
    return total if text else math.nan


def is_one_letter(words: Sequence[str]) -> bool:
    """Whether words are numbers with one and the same letter, such as 2d and 3d: hardly durations."""
    letters = {word.lstrip("0123456789., ") for word in words}
    return len(letters) == len("".join(letters)) == 1 and all(word[-2:-1].isdecimal() for word in words)


def is_clock(word: str) -> bool:
    """Whether a word is written with colons."""
    return CLOCK.fullmatch(word) is not None
