"""Questions as hurried people type them: marks left out, letters swapped or missing."""

from __future__ import annotations

import random

from knowledge.language.fold import fold

_NO_MARKS = 0.33
_SOME_MARKS = 0.08
_SLIPS = 0.08
_SHORTEST_SLIP = 4
"""Letters a word needs to be mistyped and still be guessed."""


def mistype(text: str, chance: random.Random) -> str:
    """The text as typed by somebody: often as it is, often without marks, now and then slipped."""
    text = text.rstrip(" ?.!") if chance.random() < 0.5 else text
    if chance.random() < _SLIPS:
        text = _slipped(text, chance)
    drawn = chance.random()
    if drawn < _NO_MARKS:
        return fold(text)
    if drawn < _NO_MARKS + _SOME_MARKS:
        return " ".join(fold(word) if chance.random() < 0.5 else word for word in text.split())
    return text


def _slipped(text: str, chance: random.Random) -> str:
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= _SHORTEST_SLIP]
    if not long:
        return text
    at = chance.choice(long)
    word = words[at]
    letter = chance.randrange(1, len(word) - 1)
    if chance.random() < 0.5:
        words[at] = word[:letter] + word[letter + 1 :]
    else:
        words[at] = word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :]
    return " ".join(words)
