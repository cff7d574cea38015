"""``rna generate``, and the perplexity of lines: from a run that has learnt a verse by heart."""

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import costs, experiment, problem_of, run_of, without_pictures

from rnacli.commands.app import main
from rnacli.errors import CONFIG, DATA
from rnacli.networks.restore import restore_network
from rnacli.networks.writer import Wish
from rnacli.results.generate import generate_from
from rnacli.results.generate_options import GenerateOptions
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.results.texts import make_writer
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.training.train import train_network

VERSE = "con diez cañones por banda, viento en popa a toda vela,\nno corta el mar, sino vuela un velero bergantín;\n"
TEXT = """\
name: pirata
dataset: {text: poem.txt, window: 30, stride: 7, split: {test: 0.1}}
layers:
  - embedding: {output_dim: 16}
  - gru: {units: 64, return_sequences: true}
  - dense: {}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
optimizer: {adam: 0.02}
epochs: 6
batch_size: 32
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generate")


@pytest.fixture(scope="module")
def run(folder: Path) -> Iterator[Run]:
    (folder / "poem.txt").write_text(VERSE * 40)
    with without_pictures():
        yield train_network(experiment(TEXT, folder), folder / "runs", folder)


@pytest.fixture(scope="module")
def words(folder: Path) -> Iterator[Run]:
    (folder / "words.txt").write_text((VERSE + "\n") * 40)
    dataset = {"text": "words.txt", "tokens": "words", "window": 8, "split": {"test": 0.1}}
    with without_pictures():
        yield train_network(experiment(TEXT, folder, dataset=dataset), folder / "words", folder)


def text_of(run: Run, **options: Any) -> str:
    stream = io.StringIO()
    generate_from(run, GenerateOptions(**options), stream)
    return stream.getvalue()


def test_a_verse_goes_on_as_it_was_learnt(run: Run) -> None:
    text = text_of(run, prompt="con diez", temperature=0.0, length=len(VERSE) - 9)
    assert text == VERSE
    assert text_of(run, prompt="con diez", temperature=0.0, length=9) == VERSE[:17] + "\n"


def test_texts_are_the_same_by_the_same_seed(run: Run) -> None:
    three = text_of(run, temperature=1.5, length=90, count=3, seed=2)
    assert three == text_of(run, temperature=1.5, length=90, count=3, seed=2)
    assert three.startswith(text_of(run, temperature=1.5, length=90, seed=2))
    assert three != text_of(run, temperature=1.5, length=90, count=3, seed=1)
    assert text_of(run, temperature=1.5, length=90, seed=2) != text_of(run, temperature=1.5, length=90, seed=2, top_k=2)
    assert text_of(run, temperature=9.0, length=90, top_k=1) == text_of(run, temperature=0.0, length=90)


def test_words_are_written_with_blanks_between_and_none_that_is_unknown(words: Run) -> None:
    text = text_of(words, prompt="viento en popa", temperature=0.0, length=5)
    assert text == "viento en popa a toda vela,\n\n"
    assert "UNK" not in text_of(words, temperature=3.0, length=300)
    problem = problem_of(lambda: text_of(words, prompt="viento en popas"), exit_code=CONFIG)
    assert "words 'popas'" in problem.message


def test_the_command_writes_text_alone(run: Run, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def rna(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["generate", *map(str, arguments)])
        return end.value.code, *capfd.readouterr()

    said = rna(run.path, "--prompt", "viento", "--temperature", "0", "--length", "20")
    assert said == (0, "viento en popa a toda vela\n", "")
    output = folder / "text.txt"
    code, out, talk = rna(run.path, "-n", "2", "--length", "9", "-o", output, "--prompt", "ñ€\u202e")
    assert (code, out) == (CONFIG, "")
    assert "--prompt: the training text does not contain the characters '€' and right-to-left override" in talk
    assert not output.exists()


def test_a_file_is_written_whole(run: Run, folder: Path) -> None:
    text_of(run, prompt="vela", output=folder / "two.txt", count=2, length=5, temperature=0.0)
    assert (folder / "two.txt").read_text() == "vela,\nno \n\nvela,\nno \n"
    problem = problem_of(lambda: text_of(run, output=folder / "nowhere" / "x.txt"), exit_code=CONFIG)
    assert "mkdir" in problem.hint


@pytest.mark.parametrize(
    "options",
    [{"length": 0}, {"top_k": 0}, {"count": 0}, {"temperature": -1.0}, {"temperature": math.nan}, {"seed": -1},
     {"temperature": math.inf}, {"seed": 1 << 32}, {"prompt": "\udce4"}, {"prompt": "\0"}, {"prompt": "€"},
     {"length": 10**20}, {"count": 10**10}],
)  # fmt: skip
def test_what_cannot_be_generated_is_refused(run: Run, options: dict[str, Any]) -> None:
    problem = problem_of(lambda: text_of(run, **options), exit_code=CONFIG)
    assert problem.place == "-n" if "count" in options else f"--{next(iter(options)).replace('_', '-')}"


def test_another_run_generates_nothing() -> None:
    problem = problem_of(lambda: text_of(run_of("iris"), prompt="a"), exit_code=CONFIG)
    assert "its task is multiclass" in problem.message


def test_it_writes_far_faster_than_a_loop_of_predict(run: Run) -> None:
    """The book's way: ``model.predict`` for each letter."""
    opened = load_run(run)
    network = restore_network(opened)
    writer = make_writer(network, opened.config, opened.preprocessing)
    prompt, wish = np.array([1, 2, 3]), Wish(1.0)
    list(writer.write(prompt, 1, wish))
    network.predict(np.zeros((1, 30), "int32"), verbose=0)

    ours, theirs = costs(
        lambda: list(writer.write(prompt, 600, wish)),
        lambda: [network.predict(np.zeros((1, 30), "int32"), verbose=0) for _ in range(6)],
    )
    assert theirs / 6 > 20 * ours / 600


# Lines


def perplexities(run: Run, path: Path, **options: Any) -> list[dict[str, str]]:
    stream = io.StringIO()
    predict_rows(run, path, stream, options=PredictionOptions(**options))
    return list(csv.DictReader(stream.getvalue().splitlines()))


def test_the_perplexity_of_each_line(run: Run, folder: Path) -> None:
    path = folder / "lines.txt"
    path.write_text("viento en popa a toda vela,\n\naleva adot a apop ne otneiv\nv\n" + VERSE[:55] * 2)
    rows = perplexities(run, path)
    assert [(row["line"], row["tokens"]) for row in rows] == [("1", "27"), ("3", "27"), ("4", "1"), ("5", "110")]
    known, backwards, _, _ = (float(row["perplexity"]) for row in rows)
    assert 1 <= known < 3 < 10 < backwards
    # One line by hand: the end of a line, and then each letter behind those before it.
    opened = load_run(run)
    network = restore_network(opened)
    encoder: Any = opened.preprocessing.encoder
    tokens = encoder.read("\nviento en popa a toda vela,")
    outputs = np.asarray(network(np.pad(tokens[:-1], (0, 3))[None], training=False), "float64")[0, :27]
    logs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    assert known == pytest.approx(np.exp(-logs[np.arange(27), tokens[1:]].mean()), rel=1e-5)


def test_a_line_with_unknown_characters_is_named_or_skipped(run: Run, folder: Path) -> None:
    path = folder / "odd.txt"
    path.write_text("vela\nwagon\nmar\n")
    problem = problem_of(lambda: perplexities(run, path), exit_code=DATA)
    assert problem.place == f"{path}:2"
    assert "'w'" in problem.message
    output = folder / "odd.csv"
    predict_rows(run, path, output, options=PredictionOptions("skip"))
    assert [line.partition(",")[0] for line in output.read_text().splitlines()] == ["line", "1", "3"]
    assert "wagon" in (folder / "odd.rejected.csv").read_text()
