"""An opened index version: what the law said on a day, and the material search works on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.articles import ArticleSpan, group
from knowledge.cards import Card, Pointer, Wording
from knowledge.clause import Clause, Ref
from knowledge.index_format import (
    ADVICE,
    CARDS,
    CLAUSES,
    POINTERS,
    VECTORS,
    IndexDamaged,
    Manifest,
)
from knowledge.lexical import LexicalIndex
from knowledge.register import Register
from knowledge.register import load as load_register

Mask = NDArray[np.bool_]
_FAR = date.max.toordinal()


class Library:
    """One immutable index version, opened.

    ``clauses``, ``articles``, ``asks`` and ``card_rows`` are the rows of the lexical and dense
    indexes (that of ``card_rows`` is named "cards"). Thread-safe: nothing changes after opening.
    """

    def __init__(
        self,
        manifest: Manifest,
        clauses: Sequence[Clause],
        cards: Sequence[Card],
        pointers: Sequence[Pointer],
        lexical: dict[str, LexicalIndex],
        vectors: dict[str, Any],
        register: Register,
    ) -> None:
        self.manifest = manifest
        self.register = register
        self.clauses = tuple(clauses)
        self.articles: tuple[ArticleSpan, ...] = tuple(group(self.clauses))
        self.cards = {card.id: card for card in cards}
        self.pointers = {pointer.id: pointer for pointer in pointers}
        self.asks: tuple[tuple[str, Card | Pointer], ...] = tuple(ask_rows(cards, pointers))
        self.card_rows = tuple(card_rows(cards))
        self.lexical = lexical
        self.vectors = vectors
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row, clause in enumerate(self.clauses):
            self._rows.setdefault((clause.ref.law, clause.ref.article or ""), []).append(row)
        self._since = np.array([c.valid_from.toordinal() for c in self.clauses], dtype=np.int64)
        self._until = np.array(
            [c.valid_until.toordinal() if c.valid_until else _FAR for c in self.clauses],
            dtype=np.int64,
        )
        self._masks = lru_cache(maxsize=64)(self._masks_of)
        sizes = {
            "clauses": len(self.clauses),
            "articles": len(self.articles),
            "asks": len(self.asks),
            "cards": len(self.card_rows),
        }
        for level, expected in sizes.items():
            if vectors[level].ntotal != expected:
                raise IndexDamaged(
                    f"Phiên bản {manifest.version}: {vectors[level].ntotal} vectơ cho {expected} "
                    f"hàng {level}. {ADVICE}"
                )

    @classmethod
    def open(cls, folder: Path, register: Register | None = None) -> Library:
        """Open a version's folder. Raises IndexDamaged that says what to do."""
        manifest = Manifest.read(folder)
        manifest.verify(folder)
        try:
            clauses = [
                Clause.model_validate(row) for row in map(json.loads, _lines(folder / CLAUSES))
            ]
            cards = [Card.model_validate_json(line) for line in _lines(folder / CARDS)]
            pointers = [Pointer.model_validate_json(line) for line in _lines(folder / POINTERS)]
            lexical = {level: LexicalIndex.load(folder / "lexical" / level) for level in VECTORS}
            vectors = {level: faiss.read_index(str(folder / f"{level}.faiss")) for level in VECTORS}
        except (OSError, EOFError, ValueError, RuntimeError, KeyError) as error:
            raise IndexDamaged(
                f"Phiên bản {folder.name}: không mở được ({error}). {ADVICE}"
            ) from error
        return cls(
            manifest, clauses, cards, pointers, lexical, vectors, register or load_register()
        )

    def get(self, ref: Ref, day: date) -> list[Clause]:
        """The clauses at or under a citation as in force on ``day``, in order; empty if none.

        A point gives the clause it stands in.
        """
        wanted = ref.model_copy(update={"point": None})
        return [
            self.clauses[row]
            for row in self._rows.get((ref.law, ref.article or ""), [])
            if self.clauses[row].in_force(day) and wanted.covers(self.clauses[row].ref)
        ]

    def rows_of(self, law: str, article: str, day: date) -> list[int]:
        """The clause rows of an article as in force on ``day``."""
        return [r for r in self._rows.get((law, article), []) if self.clauses[r].in_force(day)]

    def wordings(self, ref: Ref) -> list[Clause]:
        """Every wording of a place, oldest first."""
        wanted = ref.model_copy(update={"point": None})
        found = [
            self.clauses[row]
            for row in self._rows.get((ref.law, ref.article or ""), [])
            if wanted.covers(self.clauses[row].ref)
        ]
        return sorted(found, key=lambda clause: clause.valid_from)

    def holds(self, law: str) -> bool:
        """Whether any wording of that law is in this version."""
        return any(key[0] == law for key in self._rows)

    def valid_clauses(self, day: date) -> Mask:
        """Which clause rows were in force on ``day``."""
        return self._masks(day)[0]

    def valid_articles(self, day: date) -> Mask:
        """Which article rows were in force on ``day``."""
        return self._masks(day)[1]

    def _masks_of(self, day: date) -> tuple[Mask, Mask]:
        at = day.toordinal()
        clauses = (self._since <= at) & (at <= self._until)
        articles = np.array(
            [span.since <= day and (not span.until or day <= span.until) for span in self.articles],
            dtype=bool,
        )
        return clauses, articles


def ask_rows(
    cards: Sequence[Card], pointers: Sequence[Pointer] = ()
) -> list[tuple[str, Card | Pointer]]:
    """The rows of the ask level: each card's title, then each of its asks; pointers after them."""
    told: list[Card | Pointer] = [*cards, *pointers]
    return [(text, each) for each in told for text in (each.title, *each.asks)]


def card_rows(cards: Sequence[Card]) -> list[tuple[Card, Wording]]:
    """The rows of the card level: each dated wording of each card."""
    return [(card, wording) for card in cards for wording in card.wordings]


def card_text(card: Card, wording: Wording) -> str:
    """What is indexed of a card's wording."""
    return f"{card.title}. {wording.says}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
