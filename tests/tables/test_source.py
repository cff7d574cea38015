"""A table's file is opened as seldom as can be."""

import bz2
import gzip
import json
import subprocess
import sys
from pathlib import Path

from fixtures import environment

ROWS = [f"{i},{i * 2.5},{'ab'[i % 2]}" for i in range(344)]
PLAIN = "\n".join(["x,y,w", *ROWS, ""])
ODD = "\n".join(
    ["w,y,x", '"a,b",2,', *[",".join(reversed(row.split(","))) for row in ROWS[:-1]], '"say ""no""",3,', ""]
)
FILES = {
    "plain.csv": PLAIN.encode(),
    "odd.csv": ODD.encode(),
    "packed.csv.gz": gzip.compress(ODD.encode()),
    "packed.csv.bz2": bz2.compress(PLAIN.encode()),
    "semicolons.csv": PLAIN.replace(",", ";").replace(".", ",").encode(),
    "old.csv": PLAIN.replace("a", "é").encode("latin-1"),
}
COUNT = """
import json, sys
from pathlib import Path

from rnacli.document.read import parse_document
from rnacli.examples.load import load_data
from rnacli.experiment.load import read_config

opened = []
sys.addaudithook(lambda event, of: opened.append(str(of[0])) if event == "open" else None)
counts = {}
for path in map(Path, sys.argv[1:]):
    encoding = "latin-1" if path.name == "old.csv" else "utf-8"
    dataset = {"csv": path.name, "target": "y", "encoding": encoding, "split": {"test": 0.2}}
    text = json.dumps({"name": "n", "dataset": dataset, "layers": [{"dense": 1}], "loss": "mse", "optimizer": "adam"})
    data = load_data(read_config(parse_document(text, "e.yaml"), path.parent), path.parent / "cache")
    counts[path.name] = [len(data.rows.y), opened.count(str(path))]
print(json.dumps(counts))
"""


def test_a_file_is_opened_three_times(tmp_path: Path) -> None:
    """For how it begins, for its rows, and for its checksum."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", COUNT, *(str(tmp_path / name) for name in FILES)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    rows = dict.fromkeys(FILES, 344) | {"odd.csv": 345, "packed.csv.gz": 345}
    assert json.loads(done.stdout) == {name: [rows[name], 3] for name in FILES}
