"""Several questions in one message: which of its pieces are to be answered each on its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.answer import Act
from knowledge.deciding import Decision, best_card, decide
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


@dataclass(frozen=True)
class _Heard:
    """A piece as it is searched for, what search has on it and what would be done with it."""

    text: str
    found: Found
    decided: Decision

    @property
    def stands(self) -> bool:
        """Whether it is a question by itself: it has an answer, or is known to be elsewhere's."""
        answered = self.decided.act in (Act.ANSWER, Act.URGENT) and self.decided.card is not None
        return answered or self.decided.pointer is not None or self.decided.act is Act.LOOKUP

    @property
    def sure(self) -> bool:
        """Whether it needs nothing else to be answered."""
        return self.stands and self.decided.confidence >= _SURE


def part(text: str, find: Callable[[str], Found], weights: Weights = WEIGHTS) -> tuple[str, ...]:
    """The questions of a message, each as it is to be searched for; the whole text when it is one.

    Two pieces that the same article or card answers are one question, and so is a piece that says
    nothing of its own.
    """
    asked = pieces(text)
    if not 1 < len(asked) <= _MOST_PIECES:
        return (text,)

    def heard(reading: str) -> _Heard:
        found = find(reading)
        return _Heard(reading, found, decide(found, weights))

    parts: list[_Heard] = []
    unheard = ""
    for piece in asked:
        before = parts[-1] if parts else None
        own = heard(f"{unheard} {_read(piece)}".strip())
        if before and len(own.text.split()) < _SHORT and not own.sure:
            own = heard(f"{' '.join(before.text.split()[:_TOLD])} {own.text}")
        if not before and not own.stands:
            unheard = own.text  # no question by itself: it is told before the next one
            continue
        unheard = ""
        same = next((each for each in parts if _same(each.found, own.found, weights)), None)
        if before and (_AGAIN.match(fold(piece.asks)) or not own.stands):
            same = before
        if same:
            more = f" {own.text}" if piece.told else f", {piece.asks}"
            parts[parts.index(same)] = heard(f"{same.text}{more}")
        else:
            parts.append(own)
    if not 1 < len(parts) <= MOST:
        return (text,)
    return tuple(each.text for each in parts)


def _read(piece: Piece) -> str:
    return f"{' '.join(piece.told.split()[-_TOLD:])} {piece.asks}".strip()


def _same(one: Found, other: Found, weights: Weights) -> bool:
    if one.hits and other.hits and one.hits[0].ref.at_article() == other.hits[0].ref.at_article():
        return True
    cards = [best_card(each, weights) for each in (one, other)]
    return cards[0] is not None and cards[1] is not None and cards[0].card.id == cards[1].card.id
