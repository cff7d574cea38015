"""The columns of an input that predictions carry: those that name the rows, and those that are asked for."""

import logging
from collections.abc import Sequence

from rnacli.errors import CONFIG, RnaError
from rnacli.tables.csv.columns import columns_hint
from rnacli.words import clean, did_you_mean, first_of

log = logging.getLogger("rnacli")


def carried_columns(ids: Sequence[str], names: Sequence[str], shown: str) -> list[str]:
    """The columns that name the rows, as far as the input has them: the network does not need them."""
    for name in ids:
        if name not in names:
            near = did_you_mean(name, names)
            text = "%s: there is no column '%s': the predictions have no ids%s"
            log.warning(text, shown, clean(name, 40), f" ({near})" if near else "")
    return [name for name in ids if name in names]


def passed_columns(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns of the input that ``--columns`` means, each once. Raises ``RnaError`` for one that is not there."""
    passed: dict[str, None] = {}
    for given in columns:
        if given == "all" and given not in names:
            passed |= dict.fromkeys(names)
            continue
        for name in [given] if given in names else filter(None, map(str.strip, given.split(","))):
            if name not in names:
                hint = did_you_mean(name, names) or columns_hint(names)
                message = "the input has no column '{name:.40}'"
                raise RnaError(message, place="--columns", hint=hint, exit_code=CONFIG, name=name)
            passed[name] = None
    return list(passed)


def check_names(passed: Sequence[str], written: Sequence[str]) -> None:
    """No column that is passed through may be called as one of the output."""
    for name in passed:
        if name in written:
            raise RnaError(
                "the input's column '{name:.40}' would be in the output twice: predictions are called so too",
                place="--columns",
                hint="name only the other columns, or rename it in the input",
                exit_code=CONFIG,
                name=name,
            )


def note_unused(names: Sequence[str], used: set[str], shown: str) -> None:
    """Name the columns that the network has no use for."""
    unused = [clean(name, 40) for name in names if name not in used]
    if unused:
        log.warning("%s: not used by the network: %s", shown, first_of(unused))
