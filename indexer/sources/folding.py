"""The text of a paragraph in the one form that lines are kept in."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffe]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def fold(text: str) -> str:
    """NFC, white space folded to single spaces, unseen and control characters removed."""
    text = _CONTROL.sub(" ", _UNSEEN.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def table_row(cells: list[str]) -> str:
    """The cells of one row as ``| a | b |``; empty when all of them are."""
    folded = [fold(cell) for cell in cells]
    return f"| {' | '.join(folded)} |" if any(folded) else ""
