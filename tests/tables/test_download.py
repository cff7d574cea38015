"""Files behind URLs: kept once, checked each time, never half. A server on this machine stands for the network."""

import hashlib
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, experiment, problem_of, raw_inputs

from rnacli.errors import DATA, Problem
from rnacli.examples.load import load_data
from rnacli.tables.download import OPENER, cached_path, fetch_file

CONTENT = b"x,y\n" + b"1,a\n2,b\n" * 500
DIGEST = hashlib.sha256(CONTENT).hexdigest()
URL = "https://data.test/folder/people%20of.csv?raw=1"
OPEN = urllib.request.urlopen


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if "gone" in self.path:
            self.send_error(404, "Not Found")
            return
        if "redirect" in self.path:
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2])
            self.end_headers()
            return
        self.send_response(200)
        if "chunked" in self.path:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n" % len(CONTENT) + CONTENT[:100])
        else:
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:100] if "short" in self.path else CONTENT)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Network:
    """What was asked for, and where an answer claims to come from."""

    def __init__(self, port: int):
        self.port = port
        self.asked: list[str] = []
        self.leads_to = ""

    def open(self, request: urllib.request.Request, timeout: float) -> Any:
        assert 0 < timeout < 120
        self.asked.append(request.full_url)
        answer = OPEN(request.full_url.replace("https://data.test", f"http://127.0.0.1:{self.port}"), timeout=timeout)
        answer.url = self.leads_to or request.full_url
        return answer


@pytest.fixture
def network(port: int, monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network(port)
    monkeypatch.setattr(OPENER, "open", made.open)
    return made


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: urllib.request.Request, timeout: float) -> Any:
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    monkeypatch.setattr(OPENER, "open", refuse)


def fetch(folder: Path, url: str = URL, sha256: str | None = None) -> Path:
    return fetch_file(url, folder, sha256, "c.yaml:3:8")


def refused(folder: Path, url: str = URL, sha256: str | None = None) -> Problem:
    return problem_of(fetch, folder, url, sha256, exit_code=DATA)


def test_a_file_is_downloaded_once(tmp_path: Path, network: Network) -> None:
    first = fetch(tmp_path / "deep" / "cache")
    assert first.read_bytes() == CONTENT
    assert fetch(tmp_path / "deep" / "cache") == first
    assert network.asked == [URL]


def test_files_of_one_name_from_two_places_are_kept_apart(tmp_path: Path, network: Network) -> None:
    assert fetch(tmp_path, "https://data.test/a/x.csv") != fetch(tmp_path, "https://data.test/b/x.csv")


@pytest.mark.parametrize(
    ("path", "end"),
    [("/a/wine.csv", "-wine.csv"), ("/a%20b.csv", "-a-20b.csv"), ("/", "-data"), ("", "-data"), ("/..", "-data"),
     ("/x/.hidden", "-hidden"), ("/a.csv?x=/../../etc", "-a.csv")],
)  # fmt: skip
def test_a_name_in_the_cache_stays_in_the_cache(tmp_path: Path, path: str, end: str) -> None:
    found = cached_path(f"https://data.test{path}", tmp_path)
    assert found.parent == tmp_path
    assert found.name.endswith(end)


def test_a_file_that_was_put_there_by_hand_needs_no_network(tmp_path: Path, offline: None) -> None:
    cached_path(URL, tmp_path).write_bytes(CONTENT)
    assert fetch(tmp_path).read_bytes() == CONTENT


def test_a_digest_in_the_config_is_checked(tmp_path: Path, network: Network) -> None:
    assert fetch(tmp_path, sha256=DIGEST).read_bytes() == CONTENT
    problem = refused(tmp_path, sha256="0" * 64)
    assert DIGEST in problem.message
    assert "0" * 64 in problem.message


def test_a_file_that_changes_in_the_cache_is_refused(tmp_path: Path, network: Network) -> None:
    path = fetch(tmp_path)
    path.write_bytes(CONTENT + b"3,a\n")
    problem = refused(tmp_path)
    assert problem.place == str(path)
    assert DIGEST in problem.message
    assert "delete the file" in problem.hint


def test_a_file_deleted_as_the_hint_says_is_downloaded_again(tmp_path: Path, network: Network) -> None:
    path = fetch(tmp_path)
    path.unlink()
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert len(network.asked) == 2


def test_a_record_that_is_damaged_is_no_traceback(tmp_path: Path, network: Network) -> None:
    path = fetch(tmp_path)
    path.with_name(path.name + ".json").write_text('{"url": "https')
    assert str(path) in refused(tmp_path).place


@pytest.mark.parametrize("url", ["http://data.test/a.csv", "ftp://data.test/a.csv", "file:///etc/passwd", "a.csv"])
def test_only_https_is_read(tmp_path: Path, network: Network, url: str) -> None:
    assert "only https" in refused(tmp_path, url).message
    assert network.asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["http://data.test/a.csv", "file:///etc/passwd", "ftp://data.test/a.csv"])
def test_a_redirect_away_from_https_is_refused(tmp_path: Path, network: Network, target: str) -> None:
    network.leads_to = target
    problem = refused(tmp_path)
    assert "not https" in problem.message
    assert problem.place == "c.yaml:3:8"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["http://data.test/a.csv", "ftp://data.test/a.csv"])
def test_a_redirect_through_http_is_not_followed(port: int, target: str) -> None:
    """The answer to a plain request on this machine stands for that of an https server."""
    url = f"http://127.0.0.1:{port}/redirect?{target}"
    with pytest.raises(urllib.error.URLError, match="not https"):
        OPENER.open(url, timeout=5)


@pytest.mark.parametrize("name", ["short.csv", "chunked.csv", "gone.csv"])
def test_a_download_that_stops_halfway_leaves_nothing(tmp_path: Path, network: Network, name: str) -> None:
    problem = refused(tmp_path, f"https://data.test/{name}")
    assert name in problem.message
    assert "cannot be downloaded" in problem.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["https://data.test/a b.csv", "https://data.test:port/a.csv", "https:///a.csv"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    assert "cannot be downloaded" in refused(tmp_path, url).message
    assert list(tmp_path.iterdir()) == []


def test_offline_the_hint_names_the_file_to_put_there(tmp_path: Path, offline: None) -> None:
    problem = refused(tmp_path)
    assert problem.place == "c.yaml:3:8"
    assert "Name or service not known" in problem.message
    assert problem.hint.endswith(str(cached_path(URL, tmp_path)))


def test_to_stay_offline_is_to_ask_for_nothing(tmp_path: Path, network: Network) -> None:
    problem = problem_of(fetch_file, URL, tmp_path, None, "c.yaml:3:8", True, exit_code=DATA)
    assert problem.place == "c.yaml:3:8"
    assert "not in the cache" in problem.message
    assert "offline" in problem.message
    assert problem.hint.endswith(str(cached_path(URL, tmp_path)))
    assert network.asked == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_cache_is_read_and_checked_offline(tmp_path: Path, network: Network) -> None:
    path = fetch(tmp_path)
    assert fetch_file(URL, tmp_path, None, "c.yaml:3:8", offline=True) == path
    path.write_bytes(CONTENT + b"3,a\n")
    assert DIGEST in problem_of(fetch_file, URL, tmp_path, None, "c.yaml:3:8", True).message
    assert network.asked == [URL]


def test_a_signal_in_a_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer:
        url = URL

        def __enter__(self) -> "Answer":
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def read(self, size: int = 0) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(OPENER, "open", lambda request, timeout: Answer())
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_table_behind_a_url_is_data_like_any_other(tmp_path: Path, network: Network) -> None:
    table = {"csv": "https://data.test/people.csv", "target": "y", "sha256": DIGEST}
    data = load_data(experiment(CIRCLES, tmp_path, dataset=table), tmp_path / "cache")
    assert data.rows.files == {"people.csv": DIGEST}
    assert raw_inputs(data.rows).tolist()[:2] == [[1], [2]]
    assert len(data.rows.x) == 1000
