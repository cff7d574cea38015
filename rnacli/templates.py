"""The shipped configs, as templates."""

from pathlib import Path

from rnacli.errors import CONFIG, RnaError, clean, did_you_mean


def folder() -> Path:
    """Where the configs are: in the installed package, or beside it in a checkout."""
    installed = Path(__file__).with_name("configs")
    return installed if installed.is_dir() else Path(__file__).parents[1] / "configs"


def known() -> dict[str, str]:
    """Template -> the comment that opens it."""
    return {path.stem: first_comment(path) for path in sorted(folder().glob("*.yaml"))}


def first_comment(path: Path) -> str:
    return path.read_text("utf-8").split("\n", 1)[0].removeprefix("#").split("   rna train")[0].strip()


def text(name: str) -> str:
    """A template's file. Raises ``RnaError`` that names the nearest one."""
    if name not in known():
        hint = did_you_mean(name, known()) or f"known: {', '.join(known())}"
        raise RnaError(f"there is no template called '{clean(name)}'", hint=hint, exit_code=CONFIG)
    return (folder() / f"{name}.yaml").read_text("utf-8")
