"""Several questions in one message: which of its pieces are to be answered each on its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.answer import Act
from knowledge.deciding import best_card, decide
from knowledge.language.fold import fold
from knowledge.language.questions import Piece, pieces
from knowledge.search import Found
from knowledge.weights import WEIGHTS, Weights

MOST = 3
"""Questions of one message that are answered each on its own; more are answered as one."""
_MOST_PIECES = 6
_TOLD = 30
"""Words of what is told before a question that it is read with."""
_SHORT = 9
"""Words up to which a question may need what the one before it speaks of."""
_SURE = 0.75
"""How sure the answer to a short question must be for it to need nothing else."""
_AGAIN = re.compile(
    r"(?:hay )?(?:tuc la|noi cach khac|noi khac di|kieu nhu|y (?:em|toi|minh|tui)? ?(?:la|noi)"
    r"|(?:co )?nghia la|cu the la|hay la)\b"
)
"""What begins the same question in other words."""


@dataclass
class _Part:
    text: str
    found: Found


def part(text: str, find: Callable[[str], Found], weights: Weights = WEIGHTS) -> tuple[str, ...]:
    """The questions of a message, each as it is to be searched for; the whole text when it is one.

    Two pieces that the same article or card answers are one question, and so is a piece that says
    nothing of its own.
    """
    asked = pieces(text)
    if not 1 < len(asked) <= _MOST_PIECES:
        return (text,)
    parts: list[_Part] = []
    unheard = ""
    for piece in asked:
        before = parts[-1] if parts else None
        reading = f"{unheard} {_read(piece)}".strip()
        found = find(reading)
        if before and len(reading.split()) < _SHORT and not _sure(found, weights):
            reading = f"{' '.join(before.text.split()[:_TOLD])} {reading}"
            found = find(reading)
        if not before and not _stands(found, weights):
            unheard = reading  # no question by itself: it is told before the next one
            continue
        unheard = ""
        same = next((each for each in parts if _same(each.found, found, weights)), None)
        if before and (_AGAIN.match(fold(piece.asks)) or not _stands(found, weights)):
            same = before
        if same:
            same.text = f"{same.text} {reading}" if piece.told else f"{same.text}, {piece.asks}"
            same.found = find(same.text)
        else:
            parts.append(_Part(reading, found))
    if not 1 < len(parts) <= MOST:
        return (text,)
    return tuple(each.text for each in parts)


def _read(piece: Piece) -> str:
    return f"{' '.join(piece.told.split()[-_TOLD:])} {piece.asks}".strip()


def _sure(found: Found, weights: Weights) -> bool:
    return _stands(found, weights) and decide(found, weights).confidence >= _SURE


def _stands(found: Found, weights: Weights) -> bool:
    """Whether a piece is a question by itself: it has an answer, or is known to be elsewhere's."""
    decided = decide(found, weights)
    answered = decided.act in (Act.ANSWER, Act.URGENT) and decided.card is not None
    return answered or decided.pointer is not None or decided.act is Act.LOOKUP


def _same(one: Found, other: Found, weights: Weights) -> bool:
    if one.hits and other.hits and one.hits[0].ref.at_article() == other.hits[0].ref.at_article():
        return True
    cards = [best_card(each, weights) for each in (one, other)]
    return cards[0] is not None and cards[1] is not None and cards[0].card.id == cards[1].card.id
