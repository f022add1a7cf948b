"""The lexical leg: BM25 over folded syllables and pairs of neighbouring syllables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.language.fold import terms

# It sets its own logger to DEBUG, whatever the program wants to hear.
logging.getLogger("bm25s").setLevel(logging.WARNING)

Scores = NDArray[np.float32]
"""One BM25 score a text, zero where no term is shared."""


class LexicalIndex:
    """BM25 over one list of texts; a text's row is its place in that list."""

    def __init__(self, retriever: bm25s.BM25, size: int) -> None:
        self._retriever = retriever
        self._vocabulary: dict[str, int] = retriever.vocab_dict
        self._size = size
        starts = np.asarray(retriever.scores["indptr"])
        held = np.asarray(retriever.scores["data"])
        self._best = np.maximum.reduceat(held, starts[:-1]) if len(held) else np.zeros(1)
        self._rarest = float(self._best.max(initial=0.0))

    @classmethod
    def build(cls, texts: Sequence[str], *, k1: float = 1.2, b: float = 0.6) -> LexicalIndex:
        """Index the texts. An empty list is allowed and never matches."""
        retriever = bm25s.BM25(k1=k1, b=b)
        retriever.index([terms(text) or ["∅"] for text in texts or ["∅"]], show_progress=False)
        return cls(retriever, len(texts))

    def save(self, folder: Path) -> None:
        """Write the index into ``folder``."""
        self._retriever.save(str(folder))
        (folder / "size").write_text(str(self._size), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what ``save`` wrote."""
        size = int((folder / "size").read_text(encoding="utf-8"))
        return cls(bm25s.BM25.load(str(folder)), size)

    def scores(self, question_terms: Sequence[str]) -> Scores:
        """The score of every text for these terms (as ``fold.terms`` gives them)."""
        known = [term for term in question_terms if term in self._vocabulary]
        if not known or not self._size:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._retriever.get_scores(known), dtype=np.float32)[: self._size]

    def ceiling(self, question_terms: Sequence[str]) -> float:
        """The score of a text that had every term as strongly as any text has it.

        A term no text has counts as much as the rarest.
        """
        rows = [self._vocabulary.get(term) for term in question_terms]
        return sum(self._rarest if row is None else float(self._best[row]) for row in rows)
