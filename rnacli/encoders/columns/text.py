"""Columns of texts: of each, the numbers of its words, or how often it has each word."""

import logging
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

import numpy as np

from rnacli.document.write import name_hint
from rnacli.encoders.column import LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import no_value
from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.section import MOST_NGRAMS, OUTPUT_MODES, SPLIT, STANDARDIZE, Column, Defaults, says_text
from rnacli.encoders.tokens import LONGEST, MOST_CHARACTERS, TOO_LONG, Reading
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.cells import Want
from rnacli.tables.table import Rows
from rnacli.words import clean, count_things, fill_template

log = logging.getLogger("rnacli")

MOST_TOKENS = 20_000
"""The different numbers that words become, where the file does not say how many."""
USUAL_LENGTH = 95
"""The percentage of the training texts that are not cut, where the file does not say at how many words."""
LONGEST_ROW, MOST_WORDS = 100_000, 1_000_000
UNKNOWN_WORD = "(unknown)"
"""What the input for unknown words is called."""


@dataclass(frozen=True)
class Text(LearntColumn):
    """Texts, an input of their own. ``words``: the vocabulary, the most frequent word first.

    ``output_mode`` ``int``: the numbers of a text's first ``length`` words, int32; 0 pads at the end, 1 is every
    unknown word, 2 the first of ``words``. Others, as Keras' ``TextVectorization`` has them: a number for unknown words
    and one for each of ``words``, float32: 1 if the text has it (``multi_hot``), how often (``count``), that times
    ``idf`` (``tf_idf``).
    A text without a word, or a missing one, is one unknown word: a row of padding alone would have no mean.
    ``fill``: ``None`` where a missing text is an error.
    """

    kind: ClassVar[str] = "text"
    are_names: ClassVar[bool] = False
    low = -math.inf
    high = math.inf
    name: str
    words: tuple[str, ...]
    length: int
    output_mode: str = "int"
    standardize: str | None = STANDARDIZE[0]
    split: str = SPLIT[0]
    ngrams: tuple[int, ...] = (1,)
    idf: tuple[float, ...] = ()
    fill: float | None = 0.0
    indicator: bool = False
    strip: str = ""
    missing: tuple[str, ...] = ()

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Text":
        options, present = column.options, column.present.astype("int64")
        if not len(present):
            raise no_value(column.name, column.place)
        mode, reading = options.output_mode, reading_of(options)
        occurrences, documents = Counter[str](), Counter[str]()
        lengths, long = [], 0
        codes, counts = np.unique(present, return_counts=True)
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
            tokens = reading(column.words[code])
            for token, times in Counter(tokens).items():
                occurrences[token] += times * count
                documents[token] += count
            lengths.append(len(tokens))
            long += count if len(column.words[code]) > MOST_CHARACTERS else 0
        del occurrences[TOO_LONG]
        if not occurrences:
            raise without_words(column)
        most = (options.max_tokens or MOST_TOKENS) - (2 if mode == "int" else 1)
        words = sorted(occurrences, key=lambda word: (-occurrences[word], word))[:most]
        usual = int(np.percentile(np.repeat(lengths, counts), USUAL_LENGTH, method="higher"))
        length = options.output_sequence_length or min(max(usual, 1), LONGEST_ROW)
        idf: list[float] = []
        if mode == "tf_idf":
            of_words = np.log1p(len(present) / (1 + np.array([documents[word] for word in words])))
            idf = [float(of_words.mean()), *of_words.tolist()]
        tell_words(column.name, len(occurrences), len(words), length if mode == "int" else 0, long)
        return cls(
            column.name,
            tuple(words),
            length if mode == "int" else len(words) + 1,
            mode,
            options.standardize,
            options.split,
            reading.ngrams,
            tuple(idf),
            fill_text(column, defaults),
            options.indicator,
            options.strip,
            options.missing,
        )

    @staticmethod
    def read_as(options: Column) -> Want:
        return Want("words", strip=options.strip, gone=options.missing)

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        return says_text(options)

    @property
    def want(self) -> Want:
        return Want("words", self.fill is not None, self.strip, gone=self.missing)

    @property
    def own_input(self) -> InputSpec:
        if self.output_mode == "int":
            return InputSpec((self.length,), "int32", tokens=len(self.words) + 2)
        return InputSpec((self.length,))

    @property
    def number_names(self) -> list[str]:
        return [] if self.output_mode == "int" else [UNKNOWN_WORD, *self.words]

    @property
    def width(self) -> int:
        return self.length

    def encode_own(self, raw: np.ndarray) -> np.ndarray:
        return raw.astype(self.own_input.dtype)

    def describe_inputs(self) -> str:
        if self.output_mode == "int":
            return fill_template("{length:,} words of {count:,}", length=self.length, count=len(self.words))
        return count_things(self.length, "input")

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.standardize, self.split, self.ngrams)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Word -> its number."""
        return {word: i for i, word in enumerate(self.words, 2 if self.output_mode == "int" else 1)}

    @property
    def unknown(self) -> int:
        return 1 if self.output_mode == "int" else 0

    def lookup(self, words: Sequence[str]) -> "Texts":
        """What texts become, a row each."""
        each = [self.number_words(text) for text in words]
        return Texts(self, np.array([n for some in each for n in some], "int32"), row_starts(map(len, each)))

    def number_words(self, text: str) -> list[int]:
        numbers, unknown = self.numbers, self.unknown
        tokens = self.reading(text)
        tokens = tokens[: self.length] if self.output_mode == "int" else tokens
        return [numbers.get(token, unknown) for token in tokens] or [unknown]

    def unknown_words(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Of each text, how many words it has (texts,) and how many of them are unknown; and which those are."""
        totals, unknown, names = [], [], dict[str, None]()
        for text in words:
            tokens = self.reading(text)
            others = [token for token in tokens if token not in self.numbers]
            totals.append(len(tokens))
            unknown.append(len(others))
            names |= dict.fromkeys(others)
        return np.array(totals, "int64"), np.array(unknown, "int64"), [name for name in names if name != TOO_LONG]

    def describe_fill(self) -> str:
        return "taken as a text of one unknown word"

    def check(self) -> None:
        is_bag = self.output_mode != "int"
        fits = (
            self.output_mode in OUTPUT_MODES
            and self.standardize in (None, *STANDARDIZE)
            and self.split in SPLIT
            and 0 < len(self.words) == len(set(self.words)) <= MOST_WORDS
            and 0 < self.length <= (MOST_WORDS if is_bag else LONGEST_ROW)
            and (not is_bag or self.length == len(self.words) + 1)
            and len(self.idf) == (self.length if self.output_mode == "tf_idf" else 0)
            and 0 < len(self.ngrams) <= MOST_NGRAMS
            and all(0 < n <= MOST_NGRAMS for n in self.ngrams)
            and self.fill in (None, 0)
        )
        if not fits:
            raise ValueError("its words do not fit together")


@dataclass(frozen=True, eq=False)
class Texts(Rows):
    """The numbers of the words of some texts: those of text i from ``starts[i]`` to ``starts[i + 1]``."""

    column: Text
    numbers: np.ndarray
    starts: np.ndarray

    @property
    def width(self) -> int:
        return self.column.length

    def take(self, indices: np.ndarray) -> np.ndarray:
        """The rows (m, width) of some texts (m,) float64; NaN is a missing one."""
        missing = np.isnan(indices)
        texts = np.where(missing, 0, indices).astype("int64")
        starts = self.starts[texts] if len(self.starts) > 1 else np.zeros(len(texts), "int64")
        counts = np.where(missing, 0, self.starts[np.minimum(texts + 1, len(self.starts) - 1)] - starts)
        rows = np.repeat(np.arange(len(indices)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers = self.numbers[np.repeat(starts, counts) + within]
        unknown, gone = self.column.unknown, np.flatnonzero(missing)
        if self.column.output_mode == "int":
            taken = np.zeros((len(indices), self.width))
            taken[rows, within] = numbers
            taken[gone, 0] = unknown
            return taken
        places = np.concatenate([rows * self.width + numbers, gone * self.width + unknown])
        taken = np.bincount(places, minlength=len(indices) * self.width).reshape(-1, self.width).astype("float64")
        if self.column.output_mode == "multi_hot":
            return np.minimum(taken, 1)
        return taken * np.array(self.column.idf) if self.column.output_mode == "tf_idf" else taken


def row_starts(lengths: Iterable[int]) -> np.ndarray:
    return np.array([0, *accumulate(lengths)], "int64")


def reading_of(options: Column) -> Reading:
    """How the texts of a column are read: up to ``ngrams`` neighbours, or as many as a list says."""
    ngrams = options.ngrams or 1
    sizes = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else tuple(ngrams)
    return Reading(options.standardize, options.split, sizes)


def fill_text(column: TrainingColumn, defaults: Defaults) -> float | None:
    """0 where a missing text is one without words, ``None`` where it is an error or left out. Raises ``RnaError``."""
    fill = column.options.fill
    if fill not in (None, "auto", "missing", "drop", "error"):
        raise RnaError(
            "column '{name:.40}' holds texts, and what is missing among them is a text without words",
            place=column.place,
            hint="leave fill out, or fill: drop, or fill: error",
            exit_code=CONFIG,
            name=column.name,
        )
    fill = defaults.fill if fill is None else fill
    return None if fill in ("drop", "error") else 0.0


def without_words(column: TrainingColumn) -> RnaError:
    """The error for texts that could teach no word."""
    return RnaError(
        "column '{name:.40}': no training text has a word of at most {longest} characters",
        place=column.place,
        hint=name_hint(
            column.name,
            "columns: {{column}: {kind: text, standardize: lower}} keeps signs, split: character takes characters; or "
            "columns: {{column}: ignore}",
        ),
        exit_code=CONFIG,
        name=column.name,
        longest=LONGEST,
    )


def tell_words(name: str, different: int, kept: int, length: int, long: int) -> None:
    """Say how many of the words are known, and where texts end."""
    ends = fill_template("; texts are cut or padded to {length:,}", length=length) if length else ""
    known = fill_template("all" if kept == different else "the {kept:,} most frequent", kept=kept)
    log.info(
        "%s: %s different words in the training texts, %s of them known%s",
        clean(name, 40), f"{different:,}", known, ends,
    )  # fmt: skip
    if long:
        text = "%s: %s training rows have more than %s characters; the rest of each is ignored"
        log.warning(text, clean(name, 40), f"{long:,}", f"{MOST_CHARACTERS:,}")
