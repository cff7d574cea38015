"""The pictures in a folder: what is one by its name, in which order, and what leads out of it."""

import os
from pathlib import Path

import pytest
from fixtures import no_hang, problem_of

from rnacli.pictures.find import MOST_DEPTH, list_folders, list_pictures


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_pictures(folder, folder)]


def test_files_are_pictures_by_their_endings_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a.png", "B.png", ".DS_Store", ".a.png", "Thumbs.db", "notes.txt", "2.tiff", "jpg")
    touch(tmp_path, "inside/c.webp", "inside/deeper/d.gif", ".hidden/e.png", "__MACOSX/._a.png", "a a/ñ.bmp")
    assert names(tmp_path) == ["2.tiff", "B.png", "a.png", "b.JPG", "a a/ñ.bmp", "inside/c.webp", "inside/deeper/d.gif"]


def test_folders_with_numbers_are_in_the_order_of_these(tmp_path: Path) -> None:
    for name in ("10", "9", "2", "cat", "Bird", ".git", "02"):
        (tmp_path / name).mkdir()
    touch(tmp_path, "file")
    assert list_folders(tmp_path) == ["02", "2", "9", "10", "Bird", "cat"]


def test_a_link_within_the_folder_is_followed_and_one_out_of_it_refused(tmp_path: Path) -> None:
    touch(tmp_path, "out/secret.png", "data/a/one.png")
    (tmp_path / "data/b").mkdir()
    (tmp_path / "data/b/two.png").symlink_to("../a/one.png")
    assert names(tmp_path / "data") == ["a/one.png", "b/two.png"]
    for link, target in (("data/b/out.png", "../../out/secret.png"), ("data/c", "../out"), ("data/d", "/")):
        (tmp_path / link).symlink_to(target)
        with no_hang():
            problem = problem_of(names, tmp_path / "data")
        assert problem.message.startswith("this is a link out of the folder ")
        assert problem.place == str(tmp_path / link)
        (tmp_path / link).unlink()


def test_what_is_no_file_is_refused_and_a_circle_ends(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert problem_of(names, tmp_path).message == "this is no file but a pipe, a device or a link to nothing"
    (tmp_path / "pipe.png").unlink()
    (tmp_path / "round").symlink_to(".")
    with no_hang():
        problem = problem_of(names, tmp_path)
    assert problem.message == f"there are more than {MOST_DEPTH} folders within one another"


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff"])
def test_what_keras_reads_is_read(tmp_path: Path, ending: str) -> None:
    touch(tmp_path, f"picture.{ending}")
    assert names(tmp_path) == [f"picture.{ending}"]
