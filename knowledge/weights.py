"""Every weight and threshold of finding and answering, in one place.

Fitted on development questions only; the command that measures them stands in
docs/measurements.md.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Weights(BaseModel):
    """How the legs are fused, and from where on an answer is given.

    A leg gives a place its weight times the mean of a rank share (constant / (constant + rank))
    and a score share (BM25 over the best BM25; exp of the cosine's distance to the best cosine
    over ``cosine_scale``). The ask legs count only as far as the ask is near: from
    ``ask_cosine_least`` up over ``ask_cosine_span``, or ``ask_lexical_full`` BM25 a word. A leg
    named "other" is for the clauses a card rests on beside its first.

    The more a question sounds like a worker's (its nearest ask nearer than its nearest clause by
    ``voice_cosine``, or ``voice_lexical`` times as near in BM25), the less the law's own words
    count (``clauses_yield``) and the more the cards do (from ``cards_least`` of their weight).
    ``decree`` and ``decree_card`` are what evidence counts for decrees, which repeat their law.
    """

    model_config = ConfigDict(frozen=True)

    constant: float = 1.815
    depth: int = 60
    cosine_scale: float = 0.022
    lexical_clause: float = 0.82
    lexical_article: float = 0.466
    lexical_ask: float = 1.085
    lexical_ask_other: float = 0.068
    lexical_card: float = 0.412
    lexical_card_other: float = 0.124
    dense_clause: float = 1.024
    dense_article: float = 0.348
    dense_ask: float = 0.898
    dense_ask_other: float = 0.217
    dense_card: float = 0.777
    dense_card_other: float = 0.134
    ask_cosine_least: float = 0.912
    ask_cosine_span: float = 0.077
    ask_lexical_full: float = 0.709
    voice_cosine: float = 0.024
    voice_cosine_span: float = 0.01
    voice_lexical: float = 1.114
    voice_lexical_span: float = 0.264
    clauses_yield: float = 0.624
    cards_least: float = 0.357
    decree: float = 0.618
    decree_card: float = 0.724

    least_marked: float = 0.25
    """Share of marked words under which the dense leg is left out: it cannot read such text."""

    card_said: float = 0.3
    """What a card's own words may add to its nearness."""
    card_first: float = 0.15
    """How much nearer a card counts that rests first on the best hit."""
    card_least: float = 1.2
    card_least_unmarked: float = 0.35
    card_overlap_sure: float = 0.6

    pointer_margin: float = 0.0
    """How much nearer than any card a pointer must be."""

    scope_card: float = 1.7
    scope_asks: float = 0.633
    scope_overlap: float = 0.0224
    scope_pointer: float = 0.08
    scope_least: float = 0.885
    scope_words_least: float = 0.5
    scope_overlap_unmarked: float = 7.57
    scope_pointer_unmarked: float = 10.3
    scope_least_unmarked: float = 0.05
    scope_pointer_from: float = 0.3
    """A question is ours when the nearest clause, card and ask are near enough together, by
    cosine or (without marks) by BM25 a word; a near pointer speaks against it."""


WEIGHTS = Weights()
