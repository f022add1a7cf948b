"""Vectors kept by text, so that a build encodes only what it has not seen."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Vectors

Encode = Callable[[Sequence[str]], Vectors]


class VectorCache:
    """A table of (model and role, text) to vector in one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; one that is damaged is begun anew. Raises sqlite3.Error."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _opened(path)
        except sqlite3.OperationalError:
            raise  # a full or read-only disk: what is held is worth keeping
        except sqlite3.DatabaseError:
            for part in path.parent.glob(f"{path.name}*"):
                part.unlink()
            self._db = _opened(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def encode(
        self, role: str, texts: Sequence[str], dimensions: int, encode: Encode, batch: int = 256
    ) -> Vectors:
        """Vectors of ``texts`` in order; those not yet held are encoded and kept.

        ``role`` names the model, the prompt and the cut, everything a vector depends on besides
        its text. What was encoded is kept batch by batch, so a killed build resumes.
        """
        keys = [hashlib.sha256(f"{role}\0{text}".encode()).digest() for text in texts]
        held = self._held(set(keys))
        wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        todo = sorted(wanted.items(), key=lambda item: len(item[1]))
        for start in range(0, len(todo), batch):
            part = todo[start : start + batch]
            vectors = np.asarray(encode([text for _, text in part]), dtype=np.float32)
            rows = [(key, vector.tobytes()) for (key, _), vector in zip(part, vectors, strict=True)]
            with self._db:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            held.update(rows)
        out = np.zeros((len(keys), dimensions), dtype=np.float32)
        for row, key in enumerate(keys):
            out[row] = np.frombuffer(held[key], dtype=np.float32)
        return out

    def count_missing(self, role: str, texts: Sequence[str]) -> int:
        """How many of the texts would have to be encoded."""
        keys = {hashlib.sha256(f"{role}\0{text}".encode()).digest() for text in texts}
        return len(keys) - len(self._held(keys))

    def _held(self, keys: set[bytes]) -> dict[bytes, bytes]:
        held: dict[bytes, bytes] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, value FROM vectors WHERE key IN ({marks})"  # noqa: S608
            held.update(self._db.execute(query, part).fetchall())
        return held


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB)")
    except sqlite3.Error:
        db.close()
        raise
    return db
