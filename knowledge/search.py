"""One question to ranked clauses: both legs on clauses, articles and asks, fused by rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.cards import Card, Pointer
from knowledge.citation import Cited, find
from knowledge.clause import Clause, Ref
from knowledge.encoder import Encoder
from knowledge.fusing import Fused, Leg, fuse
from knowledge.language.dictionary import expand, meanings
from knowledge.language.fold import terms
from knowledge.language.money import spelled
from knowledge.language.normal import normalise
from knowledge.language.restore import restore
from knowledge.language.spelling import mend
from knowledge.library import Library
from knowledge.matter import side_of
from knowledge.places import Numbers, Place, Places, Spoken
from knowledge.weights import WEIGHTS, Weights

Scores = NDArray[np.float32]
_CARDS = 12
"""How many of the nearest cards are looked at."""


@dataclass(frozen=True)
class Hit:
    """One clause found, with the fused score of its place and what each leg gave to it."""

    ref: Ref
    score: float
    evidence: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CardHit:
    """The card nearest to the question and how near: cosine (0 when unmarked) and word overlap.

    ``asked`` is the part of the score that its nearest ask gives.
    """

    card: Card
    score: float
    cosine: float
    overlap: float
    asked: float = 0.0


@dataclass(frozen=True)
class PointerHit:
    """The pointer nearest to the question and how near, on the scale of CardHit."""

    pointer: Pointer
    score: float
    overlap: float


@dataclass(frozen=True)
class Found:
    """All that search can say about a question.

    ``cosines`` are those of the nearest row of each level, none for a question that cannot be
    read so; ``covered`` how much of what the question's words could score the best row of each
    level has, 0 to 1; ``peaks`` how much nearer the nearest row is than the last one looked at
    (by cosine): a question that is ours stands near a few, another stands as far from all.
    ``matter`` is above zero when its meaning lies among the matters of these laws.
    """

    question: str
    day: date
    hits: tuple[Hit, ...]
    cards: tuple[CardHit, ...]
    cited: Cited | None
    cosines: Mapping[str, float]
    covered: Mapping[str, float]
    peaks: Mapping[str, float]
    pointers: tuple[PointerHit, ...] = ()
    matter: float = 0.0


@dataclass(frozen=True)
class _Read:
    """A question as both legs see it: its terms, the scores of every row on each level, and the
    most its words could score there."""

    length: int
    terms: frozenset[str]
    lexical: dict[str, Scores]
    dense: dict[str, Scores]
    ceilings: dict[str, float]
    matter: float = 0.0


class Searcher:
    """Search over one opened library."""

    def __init__(self, library: Library, encoder: Encoder, weights: Weights = WEIGHTS) -> None:
        self.library = library
        self.encoder = encoder
        self.weights = weights
        self.places = Places(library)
        self._vectors = {level: _rows_of(index) for level, index in library.vectors.items()}
        self._ask_terms = [frozenset(terms(expand(text))) for text, _ in library.asks]

    def search(
        self, question: str, day: date, *, limit: int = 10, hidden: int | None = None
    ) -> Found:
        """The clauses that answer ``question`` as of ``day``, best first, at most ``limit``.

        ``hidden`` is the row of an ask that is not to be found: the question itself, in training.
        """
        cited = find(question, self.library.register, day)
        read = self._read(question, day, hidden)
        legs = self._both_legs(read, day)
        fused = fuse(legs, read.length, self.places.decree, self.weights)
        hits = self._hits(fused, read, day, limit)
        if cited:
            hits = self._cited_first(cited, hits, day, limit)
        cards, pointers = self._told(read, day)
        return Found(
            question=question,
            day=day,
            hits=tuple(hits),
            cards=tuple(cards),
            pointers=tuple(pointers),
            cited=cited,
            cosines={level: float(scores.max(initial=0.0)) for level, scores in read.dense.items()},
            covered={
                level: float(scores.max(initial=0.0)) / max(read.ceilings[level], 1e-9)
                for level, scores in read.lexical.items()
            },
            peaks={level: _peak(scores) for level, scores in read.dense.items()},
            matter=read.matter,
        )

    def legs(
        self, question: str, day: date, *, hidden: int | None = None
    ) -> tuple[dict[str, Leg], int]:
        """What every leg finds, places as numbers in ``places.names``, and the length in
        words of the question; for fitting the weights."""
        read = self._read(question, day, hidden)
        return self._both_legs(read, day), read.length

    def _read(self, question: str, day: date, hidden: int | None = None) -> _Read:
        text = read_as(question)
        # Slang is explained beside, not instead: cards speak it too.
        explained = [term for meant in meanings(text) for term in terms(meant)]
        asked = terms(text)
        words = [*asked, *explained]
        masks = {
            "clauses": self.library.valid_clauses(day),
            "articles": self.library.valid_articles(day),
        }
        lexical = {level: index.scores(words) for level, index in self.library.lexical.items()}
        for level, mask in masks.items():
            lexical[level] = np.where(mask, lexical[level], 0.0)
        if not words:
            nothing = {level: np.zeros_like(scores) for level, scores in lexical.items()}
            return _Read(0, frozenset(), nothing, nothing, dict.fromkeys(nothing, 0.0))
        vector = self.encoder.encode_queries([text])[0]
        dense = {
            level: _similarities(rows, vector, masks.get(level), 4 * self.depth)
            for level, rows in self._vectors.items()
        }
        if hidden is not None:
            lexical["asks"][hidden] = dense["asks"][hidden] = 0.0
        ceilings = {level: index.ceiling(asked) for level, index in self.library.lexical.items()}
        return _Read(
            length=len(question.split()),
            terms=frozenset(words),
            lexical=lexical,
            dense=dense,
            ceilings=ceilings,
            matter=side_of(vector, self.encoder.fingerprint),
        )

    def _both_legs(self, read: _Read, day: date) -> dict[str, Leg]:
        return self._legs("lexical", read.lexical, day) | self._legs("dense", read.dense, day)

    @property
    def depth(self) -> int:
        """How far down a leg's ranking is read."""
        return self.weights.depth

    def _top(self, scores: Scores, count: int) -> Numbers:
        """The rows that score best, best first, none of them nothing."""
        count = min(count, len(scores))
        if not count:
            return np.array([], dtype=np.int64)
        rows = np.argpartition(-scores, count - 1)[:count]
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        return rows[scores[rows] > 0]

    def _nearest(self, lexical: Scores, dense: Scores, count: int) -> set[int]:
        """The rows nearest in either way of reading."""
        both = np.concatenate([self._top(lexical, count), self._top(dense, count)])
        return set(both.tolist())

    def _legs(self, kind: str, scores: dict[str, Scores], day: date) -> dict[str, Leg]:
        """What one way of reading found on each level, as places.

        A card speaks first for the clause it rests on first, and less (a leg of its own, with
        its own weight) for the others.
        """
        asks, cards = self.places.told(day)
        legs = {
            "clause": self._leg(self.places.clauses, scores["clauses"], 3 * self.depth),
            "article": self._leg(self.places.articles, scores["articles"], self.depth),
        }
        for name, spoken, found in (
            ("ask", asks, scores["asks"]),
            ("card", cards, scores["cards"]),
        ):
            legs[name] = self._leg(spoken, found, 3 * self.depth)
            legs[f"{name}_other"] = self._leg(spoken, found, 3 * self.depth, others=True)
        return {f"{kind}_{name}": leg for name, leg in legs.items()}

    def _leg(self, spoken: Spoken, scores: Scores, count: int, *, others: bool = False) -> Leg:
        """The places that the best rows speak for, each by its best row."""
        rows = self._top(scores, count)
        places, at = spoken.beside(rows) if others else spoken.firsts(rows)
        _, once = np.unique(places, return_index=True)
        once = np.sort(once)[: self.depth]
        return Leg(places[once], scores[rows[at[once]]].astype(np.float64))

    def _hits(self, fused: Fused, read: _Read, day: date, limit: int) -> list[Hit]:
        hits: list[Hit] = []
        if not fused.votes:
            return hits
        for place in fused.ranked().tolist():
            if len(hits) == limit:
                break
            name = self.places.names[place]
            row = self._best_clause(name, read.lexical["clauses"], read.dense["clauses"], day)
            if row is not None:
                score = float(fused.totals[place])
                hits.append(Hit(self.library.clauses[row].ref, score, fused.evidence(place)))
        return hits

    def _best_clause(self, place: Place, lexical: Scores, dense: Scores, day: date) -> int | None:
        rows = self.library.rows_of(*place, day)
        if not rows:
            return None
        top = float(max(lexical[rows].max(), 1e-9))
        score = lexical[rows] / top + 8.0 * (dense[rows] - dense[rows].max())
        return rows[int(np.argmax(score))]

    def _cited_first(self, cited: Cited, hits: list[Hit], day: date, limit: int) -> list[Hit]:
        place = standing(self.library, cited.ref, day)
        if not place:
            return hits
        first = place[0].ref.model_copy(update={"point": cited.ref.point})
        article = cited.ref.at_article()
        rest = [hit for hit in hits if hit.ref.at_article() != article]
        return [Hit(first, 1.0, {"citation": 1.0}), *rest][:limit]

    def _told(self, read: _Read, day: date) -> tuple[list[CardHit], list[PointerHit]]:
        """The nearest cards that hold on the day, and the nearest pointers."""
        cards, pointers = self._asked(read, day)
        self._said(cards, read, day)
        return (
            sorted(cards.values(), key=lambda hit: -hit.score)[:_CARDS],
            sorted(pointers.values(), key=lambda hit: -hit.score)[:2],
        )

    def _asked(self, read: _Read, day: date) -> tuple[dict[str, CardHit], dict[str, PointerHit]]:
        """Cards and pointers by their nearest ask."""
        lexical, dense = read.lexical["asks"], read.dense["asks"]
        cards: dict[str, CardHit] = {}
        pointers: dict[str, PointerHit] = {}
        top = float(max(lexical.max(initial=0.0), 1e-9))
        for row in self._nearest(lexical, dense, 40):
            told = self.library.asks[row][1]
            if isinstance(told, Card) and not told.wording(day):
                continue
            theirs = self._ask_terms[row]
            overlap = len(read.terms & theirs) / max(len(read.terms | theirs), 1)
            cosine = float(dense[row])
            score = overlap + cosine + 0.3 * float(lexical[row]) / top
            if isinstance(told, Card):
                if told.id not in cards or score > cards[told.id].score:
                    cards[told.id] = CardHit(told, score, cosine, overlap, score)
            elif told.id not in pointers or score > pointers[told.id].score:
                pointers[told.id] = PointerHit(told, score, overlap)
        return cards, pointers

    def _said(self, cards: dict[str, CardHit], read: _Read, day: date) -> None:
        """Add what the cards' own words have in common with the question."""
        lexical, dense = read.lexical["cards"], read.dense["cards"]
        top = float(max(lexical.max(initial=0.0), 1e-9))
        best = float(dense.max(initial=0.0))
        for row in self._nearest(lexical, dense, 20):
            card, wording = self.library.card_rows[row]
            if not wording.holds(day):
                continue
            cosine = float(dense[row])
            near = float(np.exp((cosine - best) / self.weights.cosine_scale)) if cosine else 0.0
            said = self.weights.card_said * (near + float(lexical[row]) / top) / 2
            found = cards.get(card.id)
            if found is None:
                # No ask is near: the card's words must carry it alone.
                cards[card.id] = CardHit(card, cosine + said, cosine, 0.0)
            else:
                cards[card.id] = replace(found, score=found.score + said)


def _peak(scores: Scores) -> float:
    found = scores[scores > 0]
    return float(found.max() - found.min()) if len(found) else 0.0


def read_as(question: str) -> str:
    """The question in standard words with marks: what both legs read."""
    return restore(mend(expand(spelled(normalise(question)))))


def standing(library: Library, ref: Ref, day: date) -> list[Clause]:
    """The clauses at or under a citation in force on ``day``; none when its point is not there."""
    clauses = library.get(ref, day)
    if ref.point is None:
        return clauses
    return [c for c in clauses if any(point.number == ref.point for point in c.points)]


def _rows_of(index: Any) -> Scores:
    """The vectors of a flat index, a row each, where it holds them: nothing is copied."""
    if not index.ntotal:
        return np.zeros((0, index.d), dtype=np.float32)
    library: Any = faiss  # the SWIG wrappers' own signatures do not show these
    flat = library.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
    rows: Scores = flat.reshape(index.ntotal, index.d)
    return rows


def _similarities(
    rows: Scores, vector: Scores, mask: NDArray[np.bool_] | None, count: int
) -> Scores:
    """Cosine to the ``count`` nearest rows allowed by ``mask``, zero for the others.

    One product with all rows: for one question that is three times as quick as the index's own
    search.
    """
    scores = rows @ vector
    if mask is not None:
        scores = np.where(mask, scores, np.float32(-1))
    if count < len(scores):
        far = np.argpartition(-scores, count - 1)[count:]
        scores[far] = 0.0
    if mask is not None:
        scores = np.where(mask, scores, np.float32(0))
    return np.asarray(scores, dtype=np.float32)
