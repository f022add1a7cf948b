"""Marks put back on words typed without them: "no luong" gives "nợ lương".

A small network of our own reads the whole text and chooses, for every bare syllable, among the
marked forms it may stand for. What it was trained on, and how well it does: docs/encoder.md.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from knowledge.language.fold import fold, marked_share

MODEL = Path(__file__).with_name("restore.onnx")
SYLLABLES = Path(__file__).with_name("restore.json")
"""The network, and the syllables it knows in the order of its rows."""

PAD, UNKNOWN, NUMBER = 0, 1, 2
"""Rows that stand for no syllable, for one that is not known, and for numbers."""
MOST_FORMS = 24
"""Marked forms a bare syllable is chosen from."""
LONGEST = 256
"""Syllables read; those after them stay as they are."""
_MARKED_ENOUGH = 0.45
"""Share of marked words from which a text counts as written with marks, and is left alone."""
_WORD = re.compile(r"\w+")


class Syllables:
    """The syllables the network knows, and the forms each bare one may stand for."""

    def __init__(self, known: list[str]) -> None:
        self.known = known
        self._rows = {syllable: row for row, syllable in enumerate(known, start=NUMBER + 1)}
        self._forms: dict[str, list[int]] = {}
        for syllable, row in self._rows.items():
            self._forms.setdefault(fold(syllable), []).append(row)

    def __len__(self) -> int:
        return len(self.known) + NUMBER + 1

    def row(self, word: str) -> int:
        """The row of a word in lower case, as typed."""
        if word[0].isdigit():
            return NUMBER
        return self._rows.get(word, UNKNOWN)

    def forms(self, word: str) -> list[int]:
        """The rows a word may be restored to, most usual first; none when it carries marks."""
        if word != fold(word):
            return []
        return self._forms.get(word, [])[:MOST_FORMS]

    def word(self, row: int) -> str:
        """The syllable of a row."""
        return self.known[row - NUMBER - 1]


class Restorer:
    """The network, opened."""

    def __init__(self, model: Path = MODEL, syllables: Path = SYLLABLES) -> None:
        self.syllables = Syllables(json.loads(syllables.read_text(encoding="utf-8")))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def restore(self, text: str) -> str:
        """The text with marks; one that has them comes back as it is."""
        text = unicodedata.normalize("NFC", text)
        if marked_share(text) >= _MARKED_ENOUGH:
            return text
        found = list(_WORD.finditer(text))[:LONGEST]
        words = [match.group().lower() for match in found]
        forms = [self.syllables.forms(word) for word in words]
        if not any(len(each) > 1 for each in forms):
            return text
        out: list[str] = []
        end = 0
        for match, row in zip(found, self._chosen(words, forms), strict=True):
            if row is None:
                continue
            out += (text[end : match.start()], _cased(self.syllables.word(row), match.group()))
            end = match.end()
        return "".join((*out, text[end:]))

    def _chosen(self, words: list[str], forms: list[list[int]]) -> list[int | None]:
        """The row each word is restored to, None where it has nothing to choose."""
        width = max(map(len, forms))
        offered = np.zeros((1, len(words), width), dtype=np.int64)
        for at, rows in enumerate(forms):
            offered[0, at, : len(rows)] = rows
        typed = np.array([[self.syllables.row(word) for word in words]], dtype=np.int64)
        scores = self._session.run(None, {"typed": typed, "offered": offered})[0][0]
        best = np.where(offered[0] == PAD, -np.inf, scores).argmax(axis=1)
        return [rows[int(best[at])] if rows else None for at, rows in enumerate(forms)]


def _cased(restored: str, typed: str) -> str:
    if typed.isupper() and len(typed) > 1:
        return restored.upper()
    return restored.capitalize() if typed[0].isupper() else restored


@lru_cache(maxsize=1)
def _opened() -> Restorer:
    return Restorer()


def restore(text: str) -> str:
    """The text with marks, by the network that comes with the program."""
    return _opened().restore(text)


@lru_cache(maxsize=1)
def known_syllables() -> tuple[str, ...]:
    """The syllables of our texts and cards, with their marks, the most usual first."""
    return tuple(json.loads(SYLLABLES.read_text(encoding="utf-8")))
