"""Places as numbers: which article every row of a library speaks for, on a day.

A place is a law's number and an article. Ranking thousands of rows for every question is done on
arrays of such numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.cards import Card, Wording
from knowledge.clause import Ref
from knowledge.library import Library

Place = tuple[str, str]
"""A law's number and an article."""

Numbers = NDArray[np.int64]
_NOWHERE = -1


@dataclass(frozen=True)
class Spoken:
    """What the rows of one level speak for: ``first`` is a place a row, -1 for none; the other
    places of row i are ``others[starts[i]:starts[i + 1]]``."""

    first: Numbers
    starts: Numbers
    others: Numbers

    def firsts(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """The first places of some rows, and which of the rows (by position) each is of."""
        places = self.first[rows]
        at = np.flatnonzero(places >= 0)
        return places[at], at

    def beside(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """The other places of some rows, and which of the rows (by position) each is of."""
        counts = self.starts[rows + 1] - self.starts[rows]
        at = np.repeat(np.arange(len(rows)), counts)
        ends = np.cumsum(counts)
        within = np.arange(len(at)) - np.repeat(ends - counts, counts)
        return self.others[np.repeat(self.starts[rows], counts) + within], at


class Places:
    """The places of one library. Thread-safe."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._numbers: dict[Place, int] = {}
        self.clauses = _plain(self._of(clause.ref) for clause in library.clauses)
        self.articles = _plain(self._number((s.law, s.article)) for s in library.articles)
        for card in library.cards.values():
            for wording in card.wordings:
                for ref in wording.refs:
                    self._of(ref)
        self.names: tuple[Place, ...] = tuple(self._numbers)
        kinds = {law: library.register.get(law).kind for law, _ in self.names}
        self.decree = np.array(
            [kinds[law] in ("nghị định", "nghị quyết") for law, _ in self.names], dtype=bool
        )
        """Which places are of a decree or a resolution."""
        self.told = lru_cache(maxsize=32)(self._told)

    def _of(self, ref: Ref) -> int:
        return self._number((ref.law, ref.article or ""))

    def _number(self, place: Place) -> int:
        return self._numbers.setdefault(place, len(self._numbers))

    def _told(self, day: date) -> tuple[Spoken, Spoken]:
        """What the rows of asks and those of cards speak for on a day."""
        held = {card.id: card.wording(day) for card in self._library.cards.values()}
        asks = [held[told.id] if isinstance(told, Card) else None for _, told in self._library.asks]
        cards = [wording if wording.holds(day) else None for _, wording in self._library.card_rows]
        return self._spoken(asks), self._spoken(cards)

    def _spoken(self, wordings: Sequence[Wording | None]) -> Spoken:
        first, starts, others = [], [0], []
        for wording in wordings:
            places = [self._of(ref) for ref in wording.refs] if wording else []
            first.append(places[0] if places else _NOWHERE)
            others += [place for place in dict.fromkeys(places[1:]) if place != places[0]]
            starts.append(len(others))
        return Spoken(*(np.array(each, dtype=np.int64) for each in (first, starts, others)))


def _plain(places: Iterable[int]) -> Spoken:
    first = np.array(list(places), dtype=np.int64)
    return Spoken(first, np.zeros(len(first) + 1, dtype=np.int64), np.array([], dtype=np.int64))
