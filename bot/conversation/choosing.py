"""Which of the offered choices a person means: pressed, numbered, or written out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from bot.channels.port import Choice
from bot.plain_text import fold

_NUMBER = re.compile(r"(?:so|cau|chon|muc|y|phim)?\s*(\d{1,2})")
_NEAR = 86.0
"""Likeness (0 to 100) from which a written label counts as that label."""
_CLEARLY = 6.0
"""By how much the best label must be ahead of the next."""


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
    words = fold(text)
    if len(words) < 3:
        return None
    ranked = sorted(
        ((fuzz.ratio(words, fold(c.label)), c) for c in offered), key=lambda pair: -pair[0]
    )
    if not ranked or ranked[0][0] < _NEAR:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _CLEARLY:
        return next((c for c in offered if fold(c.label) == words), None)
    return ranked[0][1]
