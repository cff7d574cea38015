"""The database in which the workers of a search meet: opened, or refused in one line that never shows a password."""

import importlib.util
import os
import random
import re
import time
import warnings
from dataclasses import dataclass
from typing import Any

from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.words import Filled

BEAT = 60
"""Seconds between two signs of life of a worker; on a busy cluster, shorter ones take the living for dead."""
GRACES = 5
"""After so many beats without a sign of life, what a worker had belongs to others."""
TRIES = 6
"""Times that tables are made anew: two workers that begin at once come in each other's way."""


@dataclass
class Storage:
    """An open database. ``backend``: Optuna's; ``cached``: the same, that does not read twice what has ended.

    ``shown``: its URL without a password; ``beat``: seconds between signs of life.
    """

    optuna: Any
    backend: Any
    shown: str
    is_file: bool
    beat: int

    def __post_init__(self) -> None:
        self.cached = self.optuna.storages.get_storage(self.backend)

    @property
    def grace(self) -> int:
        """Seconds without a sign of life after which a worker is taken for dead."""
        return GRACES * self.beat

    def close(self) -> None:
        """Leave the database; of this thread, too."""
        self.backend.remove_session()
        self.backend.engine.dispose()


def beat_seconds() -> int:
    """``BEAT``, or what RNA_HEARTBEAT says, for trying it out."""
    said = os.environ.get("RNA_HEARTBEAT", "")
    return max(1, int(said)) if re.fullmatch(r"\d{1,5}", said) else BEAT


def open_storage(url: str) -> Storage:
    """Open the database behind a URL and make Optuna's tables where they are not there. Raises ``RnaError``."""
    parsed = require_storage(url)
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    is_file = parsed.drivername == "sqlite"
    beat = beat_seconds()
    options = {"timeout": 60} if is_file else {"connect_timeout": 20}
    shown = parsed.set(query={}).render_as_string(hide_password=True)
    for left in reversed(range(TRIES)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of options that are called experimental
                backend = optuna.storages.RDBStorage(
                    parsed.render_as_string(hide_password=False),
                    engine_kwargs={"pool_pre_ping": True, "connect_args": options},
                    heartbeat_interval=beat,
                    grace_period=GRACES * beat,
                )
            break
        except Exception as error:
            if not left or not is_of_others(error):
                raise refused(error, parsed, shown) from None
            time.sleep(random.uniform(0.1, 0.5))
    if is_file:
        write_one_by_one(backend.engine)
    return Storage(optuna, backend, shown, is_file, beat)


def require_storage(url: str) -> Any:
    """A URL as SQLAlchemy has it, of a database that the packages here can open. Raises ``RnaError``."""
    require_package("optuna")  # which brings SQLAlchemy
    parsed = parse_url(url)
    if parsed.drivername != "sqlite":
        require_package("psycopg")
    return parsed


def require_package(name: str) -> None:
    """Refuse what a package that is not installed here would do. Raises ``RnaError``."""
    if importlib.util.find_spec(name) is None:
        message, hint = "{name} is not installed, and --storage needs it", "pip install optuna 'psycopg[binary]'"
        raise RnaError(message, place="--storage", hint=hint, exit_code=CONFIG, name=name)


def parse_url(url: str) -> Any:
    """A URL as SQLAlchemy has it: of PostgreSQL by psycopg, or of an SQLite file. Raises ``RnaError``."""
    import sqlalchemy

    try:
        parsed = sqlalchemy.make_url(url.strip())
    except (sqlalchemy.exc.ArgumentError, ValueError):  # whose text would show the password
        message = "this is no URL of a database"
        hint = "postgresql+psycopg://USER@HOST/DATABASE; in a password, @ is written %40 and / is written %2F"
        raise RnaError(message, place="--storage", hint=hint, exit_code=CONFIG) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    message = "a storage is a PostgreSQL database, or a file of SQLite for the processes of one machine, not {kind}"
    hint = "postgresql+psycopg://USER@HOST/DATABASE, or sqlite:///search.db"
    raise RnaError(message, place="--storage", hint=hint, exit_code=CONFIG, kind=parsed.drivername)


def write_one_by_one(engine: Any) -> None:
    """Let each transaction of an SQLite file have it alone from its beginning: what it reads stays so until it writes.

    As the documentation of SQLAlchemy says, https://docs.sqlalchemy.org/en/20/dialects/sqlite.html (2026).
    """
    from sqlalchemy import event

    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)
    engine.dispose()  # the connections that were made before


# What a database refuses


def is_of_others(error: Exception) -> bool:
    """Whether tables could not be made because another process was making them, or was writing."""
    said = describe(error)
    return any(words in said for words in ("already exists", "duplicate key", "UNIQUE constraint", "is locked"))


def describe(error: BaseException) -> str:
    """What the database says, in one line: the innermost of errors that have another as their reason."""
    while (inner := getattr(error, "orig", None) or error.__cause__) is not None:
        error = inner
    return " ".join(str(error).split())


def refused(error: Exception, url: Any, shown: str) -> RnaError:
    """What a database refuses, with a hint, and without its password."""
    said = masked(describe(error), url)
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, ImportError):  # psycopg without a library of PostgreSQL's
        message, hint = "psycopg cannot be used: {said:.300}", "pip install 'psycopg[binary]'"
    elif state == "42501" or "permission denied" in said:
        message, hint = "this user may not make tables: {said:.300}", "GRANT CREATE ON SCHEMA public TO {user}"
    elif isinstance(error, RuntimeError):
        message, hint = "its tables are of another version of Optuna", "one version for all; or a new database"
    else:
        message = "the storage cannot be opened: {said:.300}"
        hint = "is its server running, and may this machine ask it? psql {shown:.200} tries that"
        if "password" in said:
            hint = "let PGPASSWORD or ~/.pgpass have the password, or the URL: USER:PASSWORD@HOST"
        elif "does not exist" in said:
            hint = "createdb {database} makes a database"
        elif url.drivername == "sqlite":
            hint = "sqlite:///search.db is a file here, sqlite:////home/me/search.db one with a whole path"
    plain = shown.replace("+psycopg", "").replace(":***@", "@")
    return RnaError(message, place=Filled(shown), hint=hint, exit_code=DATA, said=said, shown=plain,
                    user=url.username or "", database=url.database or "")  # fmt: skip


def masked(said: str, url: Any) -> str:
    """What a database says, without the passwords of its URL."""
    secrets = [url.password, url.query.get("password"), url.query.get("sslpassword")]
    for secret in sorted({str(each) for each in secrets if each}, key=len, reverse=True):
        said = said.replace(secret, "***")
    return said


def lost_storage(error: Exception, storage: Storage) -> RnaError:
    """What is said where the database is gone in the middle of a search."""
    said = masked(describe(error), storage.backend.engine.url)
    message, hint = "the storage is gone: {said:.300}", "the same command continues; what had ended is kept"
    return RnaError(message, place=storage.shown, hint=hint, said=said)
