"""Every weight and threshold of finding and answering, in one place.

Fitted on development questions only; the command that measures them stands in
docs/measurements.md.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Weights(BaseModel):
    """How the legs are fused, and from where on an answer is given.

    A leg gives a place ``weight`` times the mean of a rank share (constant / (constant + rank))
    and a score share (BM25 over the best BM25; exp of the cosine's distance to the best cosine
    over ``cosine_scale``). The two ask legs count only as far as the ask is near: from
    ``ask_cosine_least`` up over ``ask_cosine_span``, or ``ask_lexical_full`` BM25 a word.
    """

    model_config = ConfigDict(frozen=True)

    constant: float = 6.0
    depth: int = 60
    cosine_scale: float = 0.03
    lexical_clause: float = 1.2
    lexical_article: float = 0.75
    dense_clause: float = 1.5
    dense_article: float = 0.6
    lexical_ask: float = 0.9
    dense_ask: float = 0.6
    ask_cosine_least: float = 0.87
    ask_cosine_span: float = 0.09
    ask_lexical_full: float = 1.2
    decree: float = 0.7

    least_marked: float = 0.25
    """Share of marked words under which the dense leg is left out: it cannot read such text."""

    card_least: float = 1.2
    card_least_unmarked: float = 0.35
    card_overlap_sure: float = 0.6

    scope_cosine_least: float = 0.891
    scope_coverage: float = 2.5
    scope_overlap: float = 15.0
    scope_words_least: float = 2.4


WEIGHTS = Weights()
