"""The README and the pages: their commands are run from an empty folder, links lead somewhere, both languages agree."""

import contextlib
import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from fixtures import CIRCLES, experiment, without_pictures
from pages import (
    DOCS,
    FENCE,
    README,
    Block,
    Session,
    commands_of,
    list_pages,
    page_text,
    read_anchors,
    read_blocks,
    read_links,
)
from real_data import fill_cache
from test_readme import list_commands

from rnacli.document.read import parse_document
from rnacli.experiment.load import load_config
from rnacli.schema.catalog import find_entry

PAGES = [path for path in list_pages() if DOCS / "es" not in path.parents]
SPANISH = [path for path in list_pages() if DOCS / "es" in path.parents]
LONG = ("slow", "exhaustive")
ELSEWHERE = {"seeds.md", "tuning.md", "scale.md", "tutorials.md"}
"""Pages on what takes many trainings or machines: their commands are run by the tests of these parts, not here."""
RUN_HERE = [path for path in PAGES if path.name not in ELSEWHERE]


def name_of(path: Path) -> str:
    return path.relative_to(README.parent).as_posix()


def blocks_of(path: Path, *also: str) -> list[Block]:
    """The blocks that are run, with those of the long tests that are named."""
    blocks = [block for block in read_blocks(page_text(path)) if block.is_run]
    return [block for block in blocks if {*LONG} & {*block.words} <= {*also}]


def marked(path: Path, *marks: str) -> bool:
    return any({*marks} & {*block.words} for block in read_blocks(page_text(path)))


@pytest.fixture
def session(
    tmp_path: Path, data_dir: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """An empty folder, and a home whose caches have what the pages download."""
    home = tmp_path_factory.getbasetemp() / "home"
    if not home.is_dir():
        (home / ".cache" / "rna").mkdir(parents=True)
        fill_cache(data_dir, home / ".cache" / "rna")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("RNA_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return Session(tmp_path, home)


def run_page(path: Path, session: Session, *also: str) -> None:
    for block in blocks_of(path, *also):
        session.run(block)


@pytest.mark.parametrize("path", [path for path in RUN_HERE if blocks_of(path)], ids=name_of)
def test_each_command_works_from_an_empty_folder(path: Path, session: Session) -> None:
    """Of the README without its pictures, which the page after it draws: they take longer than all the rest."""
    with without_pictures() if path == README else contextlib.nullcontext():
        run_page(path, session)


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in RUN_HERE if marked(path, "slow")], ids=name_of)
def test_each_command_works_also_those_that_take_long(path: Path, session: Session, keras_home: Path) -> None:
    run_page(path, session, "slow")


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", [path for path in RUN_HERE if marked(path, "exhaustive")], ids=name_of)
def test_each_command_works_also_those_that_take_very_long(path: Path, session: Session, keras_home: Path) -> None:
    run_page(path, session, *LONG)


def test_a_page_of_a_wrong_command_or_other_words_fails(session: Session) -> None:
    with pytest.raises(AssertionError, match="there is no template"):
        session.run(Block("sh", (), "rna init nothing\n", 1))
    session.run(Block("console", (), "$ rna init iris\n...\n", 1))
    for shown in ("next: rna train iris.yaml\n", ""):
        with pytest.raises(AssertionError):
            session.run(Block("console", (), f"$ rna init iris -o other{len(shown)}.yaml\n{shown}", 1))


def test_each_command_of_the_pages_is_run_or_only_installs() -> None:
    """No block escapes by its language: what names ``rna`` is run, and what installs is of the two commands' kind."""
    for path in list_pages():
        if path.name in ELSEWHERE:
            continue
        for block in read_blocks(page_text(path)):
            assert block.language in {"sh", "console", "python", "yaml", "text", "powershell", "csv"}, (
                path,
                block.line,
            )
            if "install" in block.words:
                lines = block.text.splitlines()
                assert all(re.search(r"venv|pip install|rna train configs|git clone", line) for line in lines)
            elif "part" in block.words:
                assert block.language in {"yaml", "python"}
            else:
                assert block.is_run, (path, block.line)


@pytest.mark.parametrize("path", list_pages(), ids=name_of)
def test_each_yaml_is_yaml_and_each_whole_file_an_experiment(path: Path, tmp_path: Path) -> None:
    for block in read_blocks(page_text(path)):
        if block.language != "yaml":
            continue
        parse_document(block.text, block.file or "part.yaml")
        if block.file and "slip" not in block.file:
            (tmp_path / block.file).write_text(block.text, "utf-8")
            load_config(tmp_path / block.file)


@pytest.mark.parametrize("path", list_pages(), ids=name_of)
def test_each_command_and_option_that_a_page_names_exists(path: Path) -> None:
    """In blocks and within sentences; what stands in capitals is for the reader to fill in."""
    text = page_text(path)
    lines = [line for block in read_blocks(text) for line in commands_of(block.text)]
    lines = [line.removeprefix("$ ") for line in lines if re.match(r"(\$ )?rna ", line)]
    lines += [re.sub(r"\s+", " ", piece) for piece in re.findall(r"`(rna\s[^`]+)`", FENCE.sub("", text))]
    commands = list_commands()
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        if words[0].startswith("-") or words[0].isupper() or words[0] in ("|", "<"):
            continue
        options = {name for option in commands[words[0]].params for name in (*option.opts, *option.secondary_opts)}
        used = {word.partition("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
        assert used <= options | {"--help", "-h"}, line


@pytest.mark.parametrize("path", list_pages(), ids=name_of)
def test_each_link_leads_somewhere(path: Path) -> None:
    for link in read_links(page_text(path)):
        if link.startswith(("https:", "mailto:")):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not anchor or anchor in read_anchors(target.read_text("utf-8")), link


def test_each_page_is_reached_from_the_readme() -> None:
    for start, pages in ((README, PAGES), (DOCS / "es" / "README.md", SPANISH)):
        seen, ahead = set(), [start]
        while ahead:
            page = ahead.pop()
            if page not in seen and page.suffix == ".md" and page.exists():
                seen.add(page)
                links = read_links(page_text(page))
                ahead += [(page.parent / link.partition("#")[0]).resolve() for link in links if "://" not in link]
        assert set(pages) <= seen


@pytest.mark.parametrize("path", SPANISH, ids=name_of)
def test_the_spanish_page_has_the_commands_of_the_english_one(path: Path) -> None:
    english = README if path.name == "README.md" else DOCS / path.name
    assert list(map(code_of, read_blocks(page_text(path)))) == list(map(code_of, read_blocks(page_text(english))))
    links = [re.sub(r"#.*", "", Path(link).name) for link in read_links(page_text(path))]
    assert {name for name in links if name.endswith(".png")} == {
        Path(link).name for link in read_links(page_text(english)) if link.endswith(".png")
    }


def code_of(block: Block) -> tuple[str, tuple[str, ...], str]:
    """A block without its comments, which each language has its own of."""
    return block.language, block.words, re.sub(r"[ ]*(^|\s)#.*", "", block.text, flags=re.M)


def test_every_page_has_its_spanish_one() -> None:
    assert {path.name for path in PAGES} == {path.name for path in SPANISH}


def test_each_test_that_a_page_names_is_there() -> None:
    there = {
        name for path in DOCS.parent.glob("tests/**/*.py") for name in re.findall(r"def (test_\w+)", page_text(path))
    }
    for path in list_pages():
        assert set(re.findall(r"`(test_\w+)`", page_text(path))) <= there


def test_each_row_of_the_translation_is_accepted() -> None:
    """The YAML beside each piece of Keras code is one that the file takes."""
    rows = re.findall(r"^\| `.*\| (.*) \|$", page_text(DOCS / "from-keras.md"), re.M)
    pieces = [
        piece for row in rows for piece in re.findall(r"`([^`]+)`", row) if re.match(r"(- )?\w+: ?|- \w+$", piece)
    ]
    assert len(pieces) >= 30
    for piece in pieces:
        value = yaml.safe_load(piece)
        name = (
            next(iter(value[0])) if isinstance(value, list) and isinstance(value[0], dict) else piece.removeprefix("- ")
        )
        if isinstance(value, list) and find_entry("callback", name):
            experiment(CIRCLES, callbacks=value, validation_data="test")
        elif isinstance(value, list):
            experiment(CIRCLES, layers=[*value, {"dense": {"units": 1, "activation": "sigmoid"}}])
        else:
            accept_keys(value)


def accept_keys(value: dict[str, object]) -> None:
    """Keys of the file, of its data or of a layer, in the place where each of them belongs."""
    circles = parse_document(CIRCLES, "circles.yaml").value
    dataset = dict(circles["dataset"])
    ((key, what),) = value.items()
    if key in ("keras", "csv", "images", "sklearn"):
        assert isinstance(what, str)
    elif key in ("split", "scale", "n_samples", "noise"):
        experiment(CIRCLES, dataset=dataset | value)
    elif key.startswith("kernel_") or key == "trainable":
        experiment(CIRCLES, layers=[{"dense": {"units": 1, "activation": "sigmoid"} | value}])
    elif key == "learning_rate":
        experiment(CIRCLES, optimizer={"sgd": value})
    elif key in ("target", "sample_weight"):  # a column
        assert what
    else:
        experiment(CIRCLES, **value)
