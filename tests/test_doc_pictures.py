"""The pictures of the pages: all are made by ``docs/make_pictures.py``, small, with words for who cannot see them."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from pages import DOCS, list_pages, page_text
from PIL import Image

FOLDER = DOCS / "img"


def test_each_picture_is_made_by_the_script_used_and_small() -> None:
    sys.path.insert(0, str(DOCS))
    from make_pictures import PLOTS

    there = {path.name for path in FOLDER.iterdir()}
    assert there == {*PLOTS, "session.svg"}
    used = {Path(link).name for page in list_pages() for _, link in pictures_of(page)}
    assert used == there
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 500_000


def pictures_of(page: Path) -> list[tuple[str, str]]:
    """What stands for each picture of a page in words, and its file."""
    return re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page_text(page))


@pytest.mark.parametrize("page", list_pages(), ids=lambda path: path.relative_to(DOCS.parent).as_posix())
def test_each_picture_is_said_in_words(page: Path) -> None:
    assert all(len(words.split()) >= 4 for words, _ in pictures_of(page))


@pytest.mark.slow
def test_the_script_makes_these_pictures(tmp_path: Path) -> None:
    sys.path.insert(0, str(DOCS))
    from make_pictures import make_pictures

    make_pictures(tmp_path)
    for path in FOLDER.glob("*.png"):
        kept, made = (np.asarray(Image.open(each).convert("RGB"), float) for each in (path, tmp_path / path.name))
        assert kept.shape == made.shape
        assert np.abs(kept - made).mean() < 8, path.name
    words = [words_of(folder / "session.svg") for folder in (FOLDER, tmp_path)]
    assert words[0] == words[1]


def words_of(drawing: Path) -> list[str]:
    """The words of a drawing, without numbers, of which other machines have others."""
    root = ElementTree.fromstring(drawing.read_text("utf-8"))
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    return [re.sub(r"[\d.,:_-]+|[▁-█]|\s+|threads?", " ", text).strip() for text in texts]
