"""Which of the offered choices a person means: pressed, numbered, or written out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from bot.channels.port import Choice
from bot.plain_text import fold

_NUMBER = re.compile(r"(?:so|cau|chon|muc|y|phim)?\s*(\d{1,2})")


def number_in(text: str) -> int | None:
    """The number a message consists of ("2", "số 2", "(2)."); None when it says more."""
    found = _NUMBER.fullmatch(fold(text))
    return int(found[1]) if found else None


def chosen(
    text: str, choice: str | None, offered: Sequence[Choice], numbered: bool
) -> Choice | None:
    """The choice meant, None when none is clearly meant.

    ``numbered``: the choices stood in the text as a numbered list, so a bare number counts.
    A pressed choice counts even when it is no longer among the offered ones.
    """
    if choice is not None:
        return next((c for c in offered if c.id == choice), Choice(id=choice, label=text))
    if numbered and (number := number_in(text)) is not None:
        return offered[number - 1] if 1 <= number <= len(offered) else None
    slips = [(n, c) for c in offered if (n := _slips(text, c.label)) is not None]
    if not slips:
        return None
    fewest = min(n for n, _ in slips)
    best = [c for n, c in slips if n == fewest]
    return best[0] if len(best) == 1 else None


def _slips(text: str, label: str) -> int | None:
    """How many words of a label were misspelt; None when the text is not that label.

    Word by word, never by likeness of the whole: "được nghỉ" and "không được nghỉ" are alike and
    mean the opposite.
    """
    written, meant = fold(text).split(), fold(label).split()
    if "".join(written) == "".join(meant):
        return 0
    if len(written) != len(meant):
        return None
    slips = 0
    for one, other in zip(written, meant, strict=True):
        if one == other:
            continue
        if max(len(one), len(other)) < 3 or not (one + other).isalpha():
            return None
        if Levenshtein.distance(one, other) > 1:
            return None
        slips += 1
    return slips if slips <= max(1, len(meant) // 3) else None
