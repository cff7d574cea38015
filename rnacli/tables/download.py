"""Files behind https URLs, downloaded once into a folder and checked each time they are used."""

import contextlib
import hashlib
import http.client
import json
import logging
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rnacli import __version__
from rnacli.errors import RnaError
from rnacli.files import file_sha256, write_file, written_beside
from rnacli.words import fill_template

log = logging.getLogger("rnacli")

TIMEOUT = 30.0
"""Seconds without an answer before a download is given up."""


class OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to another https URL: nothing is asked for in the clear, not even on the way."""

    def redirect_request(self, *arguments: Any) -> urllib.request.Request | None:
        target = str(arguments[-1])
        if urlsplit(target).scheme != "https":
            raise urllib.error.URLError(fill_template("it leads to {target:.300}, which is not https", target=target))
        return super().redirect_request(*arguments)


OPENER = urllib.request.build_opener(OnlyHttps)


class Refused(BaseException):
    """Stands for a download that is not made. Keras deletes the file that it has after any other exception."""


class Closed(urllib.request.OpenerDirector):
    """Opens no URL."""

    def open(self, fullurl: Any, *arguments: Any, **more: Any) -> Any:
        raise Refused(getattr(fullurl, "full_url", fullurl))


@contextlib.contextmanager
def no_downloads() -> Iterator[None]:
    """Let nothing be downloaded by ``urllib``. Raises ``Refused`` with the URL."""
    urllib.request.install_opener(Closed())
    try:
        yield
    finally:
        urllib.request.install_opener(None)  # the usual one


def cached_path(url: str, folder: Path) -> Path:
    """Where the file behind ``url`` is kept: a digest of the URL, and the name the file has there."""
    name = re.sub(r"[^\w.\-]+", "-", Path(urlsplit(url).path).name).strip(".-") or "data"
    return folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"


def fetch_file(url: str, folder: Path, sha256: str | None, place: str, offline: bool = False) -> Path:
    """The file behind an https ``url``, from the cache ``folder`` or downloaded into it.

    Its SHA-256 is kept beside it and must not change; ``sha256`` is what the config says it must be.
    Raises ``RnaError`` that names the file to put there when the machine has no network, or is to do without
    (``offline``): then nothing is downloaded.
    """
    if urlsplit(url).scheme != "https":
        raise RnaError(
            "only https URLs are read, got {url}", place=place, hint="https://..., or a file's path", url=url
        )
    path = cached_path(url, folder)
    record = path.with_name(path.name + ".json")
    if not path.exists():
        if offline:
            message = "{url:.200} is not in the cache, and rna is to stay offline"
            raise RnaError(message, place=place, hint="put the file there yourself: {file:.300}", url=url, file=path)
        log.info("downloading %s", url)
        download_file(url, path, place)
    digest = file_sha256(path)
    recorded = recorded_sha256(record) if record.exists() else digest
    if digest != (sha256 or recorded):
        raise RnaError(
            "expected the SHA-256 {sha256}, got {digest}",
            place=str(path),
            hint="delete the file to download it again; if the publisher changed it, fix sha256 in the config",
            sha256=sha256 or recorded,
            digest=digest,
        )
    if not record.exists():
        write_file(record, json.dumps({"url": url, "sha256": digest}, indent=1).encode())
    return path


def recorded_sha256(record: Path) -> str:
    """The SHA-256 that a file had when it was downloaded."""
    try:
        return str(json.loads(record.read_bytes())["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        hint = "delete it and the file beside it to download again"
        raise RnaError("the record of a download is damaged", place=str(record), hint=hint) from None


def download_file(url: str, path: Path, place: str) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": f"rna/{__version__}"})
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            written_beside(path) as part,
            OPENER.open(request, timeout=TIMEOUT) as answer,
            part.open("wb") as file,
        ):
            if urlsplit(answer.url).scheme != "https":
                raise RnaError("{url} leads to {other}, which is not https", place=place, url=url, other=answer.url)
            shutil.copyfileobj(answer, file)
            if answer.headers.get("Content-Length", str(file.tell())) != str(file.tell()):
                raise OSError("the connection ended before the file did")
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        reason = getattr(error, "reason", error)
        raise RnaError(
            "{url:.200} cannot be downloaded: {reason}",
            place=place,
            hint="without network, put the file there yourself: {file:.300}",
            url=url,
            reason=reason,
            file=path,
        ) from None
