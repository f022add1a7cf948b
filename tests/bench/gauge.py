"""What a process has under way, in a file that is mapped into memory: it outlives a kill."""

from __future__ import annotations

import mmap
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY, RECEIVE, TURN, SEND, TURNS = range(5)
UNDER_WAY = {"receive": RECEIVE, "turn": TURN, "send": SEND}
_FORM = struct.Struct("q")
SIZE = _FORM.size * 5


class Gauge:
    """Past its start, what is under way, and turns begun.

    Made by the one who looks (``made``), moved by the one who works.
    """

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), SIZE)
        self._lock = threading.Lock()

    @classmethod
    def made(cls, file: Path) -> Gauge:
        """A new one, all at zero."""
        file.write_bytes(bytes(SIZE))
        return cls(file)

    def read(self, counter: int) -> int:
        """What a counter stands at."""
        return int(_FORM.unpack_from(self._map, counter * _FORM.size)[0])

    def move(self, counter: int, by: int = 1) -> None:
        """Move a counter."""
        with self._lock:
            _FORM.pack_into(self._map, counter * _FORM.size, self.read(counter) + by)

    @contextmanager
    def under_way(self, counter: int) -> Iterator[None]:
        """Count the block for as long as it lasts."""
        self.move(counter)
        try:
            yield
        finally:
            self.move(counter, -1)
