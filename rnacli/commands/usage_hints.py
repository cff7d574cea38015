"""What to write in place of a command, an option or an argument that ``rna`` does not take."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typer.exceptions import TyperException

from rnacli.commands.options import RUNS
from rnacli.synonyms import COMMANDS_ELSEWHERE, ELSEWHERE
from rnacli.words import clean, fill_template, plain_word, translate_word


def command_hint(word: str) -> str:
    """What a word that is no command may have been meant as; empty for what is not known."""
    from rnacli.document.find import is_config_name
    from rnacli.runs.find import experiment_name, run_names

    if hint := COMMANDS_ELSEWHERE.get(plain_word(word)):
        return fill_template(hint)
    if is_config_name(word):
        return f"rna train {clean(word, 200)}"
    runs = run_names(RUNS)
    if word == "latest" or Path(word).name in runs or word in map(experiment_name, runs):
        return f"rna show {clean(word, 200)}"
    return ""


def usage_hint(error: TyperException, typed: Sequence[str]) -> str:
    """What to write where a command lacks an argument, or does not take an option or another argument."""
    option = str(getattr(error, "option_name", ""))
    if "extra argument" in error.message:
        return extra_hint(clean(error.message.rpartition("(")[2].rstrip(")")), typed)
    if option:
        return option_hint(option, typed)
    missing: Any = getattr(error, "param", None)
    if type(error).__name__ != "MissingParameter" or missing is None:
        return ""
    return missing_hint(str(missing.metavar or ""), typed)


def extra_hint(extra: str, typed: Sequence[str]) -> str:
    """What arguments that are too many may have been meant as."""
    if extra.startswith("-"):
        return fill_template("options stand before --, or without it")
    if "=" in extra:
        return f"--set {extra}"
    for given, key, value in zip(typed, typed[1:], typed[2:], strict=False):
        if given == "--set" and "=" not in key and value == extra:  # --set epochs 3
            return f"--set {clean(key)}={extra}"
    return fill_template("one at a time")


def option_hint(option: str, typed: Sequence[str]) -> str:
    """Where what an unknown option means is said."""
    from rnacli.experiment.config import Config
    from rnacli.schema.section import keys

    word = option.lstrip("-").replace("-", "_")
    name = translate_word(word, keys(Config)) or word
    if name in keys(Config):
        value = next((after for given, after in itertools.pairwise(typed) if given == option), "...")
        return f"--set {name}={clean(value)}"
    said = ELSEWHERE.get(plain_word(name), "")
    return fill_template("in the config: {said:.300}", said=fill_template(said)) if said else ""


def missing_hint(argument: str, typed: Sequence[str]) -> str:
    """What may stand for an argument that is missing."""
    from rnacli.document.find import list_configs
    from rnacli.runs.find import DATA_FILES

    if argument == "CONFIG":
        return fill_template(list_configs(Path()))
    if argument.startswith("RUN"):
        return fill_template("latest is the newest run; rna runs lists them")
    if argument.startswith("FILE") and typed and typed[0].endswith(DATA_FILES):
        return fill_template("the run comes first, and then files: rna predict latest {file:.200}", file=typed[0])
    return ""
