"""``tune``: what a search for the best values of some keys may try, how it tries, and what is good."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.document.read import Document
from rnacli.schema.reader import Reader
from rnacli.schema.section import Section, key
from rnacli.schema.values import Boolean, Choice, Either, Json, Kind, MapOf, Nullable, Number, Text, whole_number

TRIALS = 50
"""Trials of a search that has no limit of its own."""
FORMS = "[0.1, 0.5], {log: [1e-4, 0.1]}, {from: 32, to: 512, step: 32} or {choice: [a, b]}"


@dataclass(frozen=True)
class Range:
    """What a key may be in a trial: one of ``choices``, or a number from ``low`` to ``high``, whole if both are."""

    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False

    @property
    def is_whole(self) -> bool:
        return all(isinstance(each, int) for each in (self.low, self.high, self.step or 0))

    @property
    def ends(self) -> list[tuple[KeyPath, Any]]:
        """The values between which all others lie, or all of them; and where the file says each."""
        if self.choices:
            return [(("choice", i), value) for i, value in enumerate(self.choices)]
        if self.step is not None:
            last = self.low + (self.high - self.low) // self.step * self.step
            return [(("from",), self.low), (("to",), int(last) if self.is_whole else last)]
        inner = ("log",) if self.log else ()
        return [((*inner, 0), self.low), ((*inner, 1), self.high)]

    @property
    def all_values(self) -> list[Any] | None:
        """All values, for a grid; ``None`` where there are infinitely many."""
        if self.choices:
            return list(self.choices)
        if self.log or (self.step is None and not self.is_whole):
            return None
        step = self.step or 1
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        return [self.low + i * step for i in range(count)]


class RangeKind(Kind):
    """A range in a file: a pair, or a mapping with one of ``choice``, ``log``, and ``from`` with ``to``."""

    wanted = "a range"

    def fits(self, value: Any) -> bool:
        return isinstance(value, list | dict)

    def hint(self, value: Any) -> str:
        return FORMS

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if isinstance(value, list):
            return read_pair(value, path, reader)
        if isinstance(value, dict) and set(value) == {"choice"}:
            return read_choices(value["choice"], (*path, "choice"), reader)
        if isinstance(value, dict) and set(value) == {"log"}:
            return read_pair(value["log"], (*path, "log"), reader, log=True)
        if isinstance(value, dict) and {"from", "to"} <= set(value) <= {"from", "to", "step"}:
            return read_steps(value, path, reader)
        return self.refuse(value, path, reader)

    def gives(self, value: Any) -> bool:
        return isinstance(value, Range)

    def plain(self, value: Range) -> Any:
        if value.choices:
            return {"choice": list(value.choices)}
        if value.step is not None:
            return {"from": value.low, "to": value.high, "step": value.step}
        return {"log": [value.low, value.high]} if value.log else [value.low, value.high]

    def schema(self) -> Json:
        pair: Json = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        number: Json = {"type": "number"}
        mappings = [
            ({"choice": {"type": "array", "minItems": 2}}, ["choice"]),
            ({"log": pair}, ["log"]),
            ({"from": number, "to": number, "step": number}, ["from", "to"]),
        ]
        return {
            "anyOf": [
                pair,
                *(
                    {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
                    for properties, required in mappings
                ),
            ]
        }


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_pair(value: Any, path: KeyPath, reader: Reader, log: bool = False) -> Any:
    """A range from two numbers, the lower one first."""
    example = "{log: [1e-4, 0.1]}" if log else "[0.1, 0.5]"
    if not isinstance(value, list) or len(value) != 2 or not all(map(is_number, value)):
        hint = "a range is a pair of numbers: {example}; words and other values: {choice: [a, b]}"
        return reader.wrong(path, "expected two numbers, got {value!r}", hint, value=value, example=example)
    low, high = value
    if low >= high:
        message = "expected a lower and a higher number, got {low} and {high}"
        return reader.wrong(path, message, example, low=low, high=high)
    if log and low <= 0:
        message = "a logarithmic range begins above 0, got {low}"
        return reader.wrong((*path, 0), message, "{log: [1e-6, {high}]}", low=low, high=high)
    whole = all(isinstance(each, int) for each in value)
    return Range(low=low if whole else float(low), high=high if whole else float(high), log=log)


def read_choices(value: Any, path: KeyPath, reader: Reader) -> Any:
    """A choice of two values or more, no two alike."""
    if not isinstance(value, list) or not value:
        return reader.wrong(path, "expected a list, got {value!r}", "{choice: [16, 32, 64]}", value=value)
    if len(value) == 1:
        hint = "write it where it belongs, without tune, or add another"
        return reader.wrong(path, "a choice of one is none", hint)
    for i, each in enumerate(value):
        if any(each == other and type(each) is type(other) for other in value[:i]):
            return reader.wrong((*path, i), "{each!r} is among the choices twice", "remove one of them", each=each)
    return Range(choices=tuple(value))


def read_steps(value: Json, path: KeyPath, reader: Reader) -> Any:
    """``{from: 32, to: 512, step: 32}``; without a step, it is 1."""
    numbers = {"step": 1, **value}
    for name, number in numbers.items():
        if not is_number(number):
            return reader.wrong((*path, name), "expected a number, got {value!r}", FORMS, value=number)
    if numbers["from"] >= numbers["to"]:
        message = "expected a lower and a higher number, got {low} and {high}"
        return reader.wrong(path, message, FORMS, low=numbers["from"], high=numbers["to"])
    if not 0 < numbers["step"] <= numbers["to"] - numbers["from"]:
        message = "expected a step above 0 and of at most {most:g}, got {step:g}"
        most = numbers["to"] - numbers["from"]
        return reader.wrong((*path, "step"), message, "", most=most, step=numbers["step"])
    whole = all(isinstance(number, int) for number in numbers.values())
    low, high, step = (numbers[name] if whole else float(numbers[name]) for name in ("from", "to", "step"))
    return Range(low=low, high=high, step=step)


@dataclass(frozen=True)
class Confirmation:
    """The trials that are the best are trained again with fresh seeds: the best of many is also the luckiest."""

    best: int = key(whole_number(1, 1000), "how many of the best trials are trained again", default=5)
    seeds: int = key(whole_number(1, 1000), "with how many fresh seeds each", default=20)


@dataclass(frozen=True)
class Tune:
    """How ``rna tune`` searches. ``rna train`` takes the file as it is, without it."""

    over: dict[str, Range] = key(
        MapOf(RangeKind(), "over: {batch_size: {choice: [8, 16, 32]}}"),
        "what is searched: keys with dots, as in `--set`, and the range of each; `*` stands for whichever object is "
        "there. A key that leads nowhere after the choices of those above it is left out of that trial",
    )
    trials: int | None = key(
        Nullable(whole_number(1, 100_000)),
        "how many are tried; default: 50, unless `minutes` says otherwise; of a grid, all",
        default=None,
    )
    minutes: float | None = key(Nullable(Number(above=0)), "no new trial begins after so long", default=None)
    goal: str | dict[str, str] = key(
        Either((Text("a measure, such as val_loss,"), MapOf(Choice(("min", "max")), "goal: {val_accuracy: max}"))),
        "the measure that the trained network is to be best by, of the validation rows; `{val_x: max}` where nobody "
        "can know whether more is better",
        default="val_loss",
    )
    search: str = key(
        Choice(("tpe", "random", "grid")),
        "`tpe` learns from the trials before (Optuna's TPESampler); `random`; `grid`: every combination",
        default="tpe",
    )
    prune: str | bool = key(
        Either((Choice(("auto", "hyperband")), Boolean())),
        "whether hopeless trials end early: `hyperband`, or `false`; `auto`: where trials do not share one program",
        default="auto",
    )
    seeds: int = key(whole_number(1, 1000), "networks a trial, of seeds that follow the file's: their mean counts",
                     default=1)  # fmt: skip
    confirm: str | bool | Confirmation = key(
        Either((Choice(("auto",)), Boolean(), Section(Confirmation))),
        "the best trials are trained again with fresh seeds, and the best by their mean wins; `auto`: where trials "
        "are small enough to share one program",
        default="auto",
    )

    retrain: str | bool = key(
        Either((Choice(("all",)), Boolean())),
        "`all`: the best run is trained on the training and the validation rows, for as many epochs as the best "
        "network had; the median of those with fresh seeds",
        default=False,
    )

    document: Document | None = dataclasses.field(default=None, compare=False, repr=False, kw_only=True)
    """The file as it was written, with its references: what a trial changes."""

    @property
    def measure(self) -> str:
        """The goal's name, such as ``val_loss``."""
        return self.goal if isinstance(self.goal, str) else next(iter(self.goal), "")

    @property
    def trains_on_all(self) -> bool:
        """Whether the best run learns from the validation rows too."""
        return bool(self.retrain)

    @property
    def most(self) -> int | None:
        """The most trials; ``None``: no limit but time, or the grid's end."""
        if self.trials is None and (self.minutes is not None or self.search == "grid"):
            return None
        return self.trials or TRIALS
