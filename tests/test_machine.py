"""The memory that a process may have: what is free, within the limits of a container."""

from pathlib import Path

import pytest

from rnacli.machine import available_memory

FREE = 8 << 30


@pytest.mark.parametrize(
    ("group", "files", "wanted"),
    [
        ("0::/", {}, FREE),
        ("0::/", {"sys/fs/cgroup/memory.max": "max", "sys/fs/cgroup/memory.current": "5"}, FREE),
        ("0::/a/b", {"sys/fs/cgroup/a/memory.max": "1000", "sys/fs/cgroup/a/memory.current": "600",
                     "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 100\n"}, 500),
        ("4:cpu,memory:/x", {"sys/fs/cgroup/memory/memory.limit_in_bytes": "900",
                             "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000",
                             "sys/fs/cgroup/memory/memory.stat": ""}, 0),
    ],
)  # fmt: skip
def test_memory_is_what_is_free_within_the_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, files: dict[str, str], wanted: int
) -> None:
    monkeypatch.setattr("rnacli.machine.installed_memory", lambda: 1e18)
    files = {"proc/meminfo": f"MemTotal: 9 kB\nMemAvailable:  {FREE >> 10} kB\n", "proc/self/cgroup": group, **files}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert available_memory(tmp_path) == wanted
