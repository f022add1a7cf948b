"""The real program as a child process over a made index: started, killed, started again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.build import build
from indexer.publish import publish
from tests.made_index import WordHashEncoder, house, serving

REPOSITORY = Path(__file__).parents[1]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


class MadeServer:
    """``caunoi run`` over the laws of ``tests.made_index``, with its data in ``folder``.

    It keeps its port over restarts, so that open pages come back to it.
    """

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.folder = folder
        self.file = folder / "store" / "caunoi.sqlite3"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.database = database or f"sqlite:///{self.file}"
        self.log = folder / "log"
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        made = house(folder)
        with serving(WordHashEncoder(), made.register):
            built = build(made.source())
            publish(made.root, built.manifest.version)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait for its ready line."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CAUNOI_")},
            "CAUNOI_DATA": str(self.folder),
            "CAUNOI_DATABASE": self.database,
            "LAW_SOURCES": "",
            "PYTHONPATH": str(REPOSITORY),
            "COLUMNS": "120",
        }
        script = REPOSITORY / "tests" / "acceptance" / "house_process.py"
        with self.log.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(script), str(self.port)],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := _ADDRESS.search(line):
                self.port = int(found[1])
                return
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an admin would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @contextmanager
    def writes_held(self) -> Iterator[sqlite3.Connection]:
        """Within it the server cannot commit: a turn begun stays unfinished (SQLite)."""
        held = sqlite3.connect(self.file, isolation_level=None, timeout=10)
        try:
            held.execute("BEGIN IMMEDIATE")
            yield held
        finally:
            with contextlib.suppress(sqlite3.Error):
                held.rollback()
            held.close()

    def unfinished(self) -> int:
        """Updates taken in that wait for their turn to be committed (SQLite)."""
        with contextlib.closing(sqlite3.connect(self.file)) as looking:
            waiting = "SELECT count(*) FROM inbox WHERE finished_at IS NULL"
            return int(looking.execute(waiting).fetchone()[0])


def fill(ballast: Path) -> None:
    """Leave no byte free on the file system of ``ballast``."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@contextmanager
def small_disk(mount: Path, size: str = "4m") -> Iterator[Path | None]:
    """A real file system of that size at ``mount``; None where mounting is not allowed."""
    mount.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)


def wait_for(true: object, seconds: float = 20.0) -> None:
    """Wait until a call gives something true."""
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.02)
