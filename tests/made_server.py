"""The real program as a child process over a made index: started, killed, started again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indexer.build import build
from indexer.publish import publish
from knowledge.encoder import Vectors
from tests.made_index import WordHashEncoder, house, serving

REPOSITORY = Path(__file__).parents[1]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


class NearEncoder(WordHashEncoder):
    """Like real models in that any two texts are near (0.9): all questions are in scope."""

    def __init__(self) -> None:
        super().__init__("made:near", dimensions=49)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        # Words fall into the first 48; the last one is what all texts share.
        out = super()._vectors(texts) * np.float32(np.sqrt(0.1))
        out[:, -1] = np.sqrt(0.9)
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), dtype=np.float32)


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
        with serving(NearEncoder(), made.register):
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
    def thinking(self) -> Iterator[None]:
        """Within it no question that is begun comes to an answer."""
        hold = self.folder / "hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def under_way(self) -> int:
        """Updates whose turn has begun and is not committed (SQLite)."""
        with contextlib.closing(sqlite3.connect(self.file)) as looking:
            begun = "SELECT count(*) FROM inbox WHERE attempts > 0 AND finished_at IS NULL"
            return int(looking.execute(begun).fetchone()[0])


def fill(ballast: Path) -> None:
    """Leave no byte free on the file system of ``ballast``."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@contextmanager
def small_disk(mount: Path, size: str = "12m") -> Iterator[Path | None]:
    """A real file system of that size at ``mount``; None where mounting is not allowed.

    SQLite lets its log grow to 4 MB before it folds it in: that has to fit.
    """
    mount.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)
