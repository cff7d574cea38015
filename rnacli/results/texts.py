"""Texts that a network writes."""

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from rnacli.encoders.vocabulary import UNKNOWN, WORDS, Tokens, cut_words, name_characters, plain_text
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.experiment.config import Config
from rnacli.files import written_output
from rnacli.networks.restore import restore_network
from rnacli.networks.writer import Wish, Writer
from rnacli.results.generate_options import GenerateOptions
from rnacli.runs.open import TrainedRun
from rnacli.words import fill_template, first_of

TEMPERATURE = 0.5
LENGTH = 500
COUNT = 1
STARTS = ("\n", " ")
"""What a text without a prompt follows: the first of these that the vocabulary has."""


def write_texts(opened: TrainedRun, options: GenerateOptions, stream: IO[str]) -> None:
    """Write texts of a run, one after the other, as they come. Raises ``RnaError``."""
    tokens, prompt = tokens_of(opened.preprocessing), plain_text(options.prompt or "")
    if wrong := prompt_problem(tokens, prompt, "--prompt"):
        raise RnaError.of([wrong], CONFIG)
    writer = make_writer(restore_network(opened), opened.config, opened.preprocessing)
    temperature = TEMPERATURE if options.temperature is None else options.temperature
    with open_stream(options, stream) as file:
        for number in range(options.count or COUNT):
            wish = Wish(temperature, options.seed, number, options.top_k or 0)
            file.write("\n" * (number > 0))
            for piece in write_text(writer, tokens, prompt, options.length or LENGTH, wish):
                file.write(piece)
                file.flush()
            file.write("\n")


@contextlib.contextmanager
def open_stream(options: GenerateOptions, stream: IO[str]) -> Iterator[IO[str]]:
    """Where text goes: a file that takes its place at the end, or the ``stream``."""
    if options.output is None:
        yield stream
    else:
        with written_output(options.output) as part, part.open("w", encoding="utf-8", newline="") as file:
            yield file


def make_writer(network: Any, config: Config, preprocessing: Preprocessing) -> Writer:
    """What writes with a network of tokens."""
    tokens, (head,) = tokens_of(preprocessing), config.heads.values()
    banned = [0] if tokens.level == WORDS else []
    return Writer(network, config, tokens.window, len(tokens.vocabulary), head.from_logits, banned)


def write_text(writer: Writer, tokens: Tokens, prompt: str, length: int, wish: Wish) -> Iterator[str]:
    """A ``prompt``, and so many tokens that follow it: some at a time."""
    before = tokens.read(prompt)
    if not len(before):
        before = np.array([next((tokens.numbers[start] for start in STARTS if start in tokens.numbers), 1)])
    yield prompt
    last = tokens.vocabulary[before[-1]] if prompt else ""
    for piece in writer.write(before, length, wish):
        yield tokens.write(piece.tolist(), last)
        last = tokens.vocabulary[piece[-1]]


def prompt_problem(tokens: Tokens, prompt: str, place: str) -> Problem | None:
    """Why a text cannot follow a prompt: the vocabulary lacks some of it."""
    if tokens.level == WORDS:
        words = [word for word in cut_words(prompt) if word not in tokens.numbers or word == UNKNOWN]
        names = first_of([f"'{word}'" for word in dict.fromkeys(words)])
    else:
        unknown = [character for character in dict.fromkeys(prompt) if character not in tokens.numbers]
        names = name_characters("".join(unknown)) if unknown else ""
    if not names:
        return None
    what = fill_template("words" if tokens.level == WORDS else "characters")
    message = "the training text does not contain the {what} {names:.300}"
    return Problem(message, place, "leave them out", what=what, names=names)


def tokens_of(preprocessing: Preprocessing) -> Tokens:
    """What the training text has taught of tokens. Raises ``TypeError`` where there was none."""
    if not isinstance(preprocessing.encoder, Tokens):
        raise TypeError("this run is of no text")
    return preprocessing.encoder
