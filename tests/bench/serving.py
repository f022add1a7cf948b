"""A `caunoi run` process of its own for a bench: over the built index, with an empty store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ADDRESS = re.compile(r"http://[\d.]+:\d+")


@dataclass
class Server:
    """A running server. ``ready_after`` is seconds from process start to its ready line."""

    address: str
    ready_after: float
    process: subprocess.Popen[str]

    def memory(self) -> dict[str, float]:
        """Resident memory now and at its peak, MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        lines = dict(line.split(":", 1) for line in status.splitlines())
        return {name: int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}

    def cpu(self) -> float:
        """Processor seconds used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(
    database: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start ``caunoi run --port 0``; ``database`` None: an empty SQLite file on the disk.

    ``settings``: more variables of the environment.
    """
    with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as folder:
        environment = {**os.environ, **(settings or {})}
        environment["CAUNOI_DATABASE"] = database or f"sqlite:///{folder}/bench.sqlite3"
        environment["COLUMNS"] = "200"
        program = Path(sys.executable).with_name("caunoi")
        log = Path(folder) / "log"
        began = time.monotonic()
        with log.open("w") as errors:
            process = subprocess.Popen(
                [str(program), "run", "--port", "0"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := _ADDRESS.search(line):
                    yield Server(found[0], time.monotonic() - began, process)
                    break
            else:
                sys.exit(f"the server did not start:\n{log.read_text()[-3000:]}")
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.5) - 1))]


def load() -> str:
    """How busy the machine is, for the report."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} (5 min {five:.1f}) on {os.cpu_count()} cores"
