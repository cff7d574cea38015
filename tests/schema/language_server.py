"""The least of an editor: it talks to yaml-language-server as editors do, and asks what it would show."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

VARIABLE = "RNA_YAML_LANGUAGE_SERVER"
"""Names the server's program, where it is not on ``PATH``."""


def find_server() -> str:
    """The program, or nothing."""
    return os.environ.get(VARIABLE) or shutil.which("yaml-language-server") or ""


class Editor:
    """Files of YAML in ``folder``, and the server's word on them; ``|`` in a text is where the cursor stands."""

    def __init__(self, program: str, folder: Path):
        command = ["node", program] if program.endswith(".js") else [program]
        self.server = subprocess.Popen([*command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder, self.asked, self.opened = folder, 0, 0
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        item = {"snippetSupport": True, "documentationFormat": ["markdown"]}
        text = {"completion": {"completionItem": item}, "hover": {"contentFormat": ["markdown"]}}
        abilities = {"textDocument": text, "workspace": {"configuration": True}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": abilities})
        self.tell("initialized", {})

    def __enter__(self) -> "Editor":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.terminate()
        self.server.communicate(timeout=60)

    def complete(self, text: str) -> list[dict[str, Any]]:
        """What is proposed at the cursor."""
        found = self.ask("textDocument/completion", self.open_at_cursor(text))
        items: list[dict[str, Any]] = found["items"]
        return items

    def hover(self, text: str) -> str:
        """What is said of the word at the cursor."""
        found = self.ask("textDocument/hover", self.open_at_cursor(text))
        return str(found["contents"]["value"]) if found else ""

    def check(self, text: str) -> list[str]:
        """What is marked as wrong: ``line: message``."""
        uri = self.open(text)
        while uri not in self.diagnostics:
            self.receive()
        return [f"{each['range']['start']['line'] + 1}: {each['message']}" for each in self.diagnostics[uri]]

    def open_at_cursor(self, text: str) -> dict[str, Any]:
        before, _, after = text.partition("|")
        position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return {"textDocument": {"uri": self.open(before + after)}, "position": position}

    def open(self, text: str) -> str:
        self.opened += 1
        uri = (self.folder / f"file{self.opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def tell(self, method: str, parameters: Any) -> None:
        self.send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: Any) -> Any:
        self.asked += 1
        number = self.asked
        self.send({"id": number, "method": method, "params": parameters})
        while True:
            message = self.receive()
            if message.get("id") == number and "method" not in message:
                return message["result"]

    def send(self, message: dict[str, Any]) -> None:
        assert self.server.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The server's next message; what it asks for itself, its settings, it is answered: the usual ones, offline."""
        assert self.server.stdout is not None
        length = 0
        while (line := self.server.stdout.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self.server.stdout.read(length))
        if "method" in message and "id" in message:
            yaml = {"completion": True, "hover": True, "validate": True, "schemaStore": {"enable": False}}
            items = message["params"].get("items", []) if message.get("params") else []
            self.send({"id": message["id"], "result": [yaml if i.get("section") == "yaml" else {} for i in items]})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message
