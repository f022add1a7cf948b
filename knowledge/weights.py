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
    ``voice_cosine``), the less the law's own words
    count (``clauses_yield``) and the more the cards do (from ``cards_least`` of their weight).
    ``decree`` and ``decree_card`` are what evidence counts for decrees, which repeat their law.
    """

    model_config = ConfigDict(frozen=True)

    constant: float = 1.747
    depth: int = 60
    cosine_scale: float = 0.02017
    lexical_clause: float = 0.8169
    lexical_article: float = 0.7421
    lexical_ask: float = 0.9973
    lexical_ask_other: float = 0.04917
    lexical_card: float = 0.1788
    lexical_card_other: float = 0.1529
    dense_clause: float = 1.123
    dense_article: float = 0.3405
    dense_ask: float = 0.9361
    dense_ask_other: float = 0.1867
    dense_card: float = 0.7073
    dense_card_other: float = 0.2284
    ask_cosine_least: float = 0.2003
    ask_cosine_span: float = 0.0474
    ask_lexical_full: float = 0.3851
    voice_cosine: float = 0.02083
    voice_cosine_span: float = 0.02609
    clauses_yield: float = 0.6194
    cards_least: float = 0.2829
    decree: float = 0.6415
    decree_card: float = 0.5084

    card_said: float = 0.3
    """What a card's own words may add to its nearness."""
    card_first: float = 0.15
    """How much nearer a card counts that rests first on the best hit."""
    card_least: float = 1.2
    card_overlap_sure: float = 0.6

    pointer_margin: float = 0.1
    """How much nearer than any card a pointer must be."""

    danger_reach: float = 0.25
    """How much nearer a pointer on danger may be than a card on danger at work that still wins."""

    scope_bias: float = -42.41
    scope_clause: float = -33.43
    scope_card: float = 33.4
    scope_ask: float = 38.37
    scope_overlap: float = -2.705
    scope_peak_clause: float = 46.07
    scope_peak_card: float = -23.14
    scope_peak_ask: float = -23.6
    scope_length: float = 2.105
    scope_words_clause: float = -0.8086
    scope_words_card: float = 2.965
    scope_words_ask: float = 7.373
    scope_pointer: float = -7.236
    scope_least: float = 0.2
    """How likely a question must be ours to be answered; the weights are those of the signs in
    knowledge/scope.py."""

    trust_bias: float = -6.633
    trust_score: float = 4.892
    trust_overlap: float = -5.159
    trust_cosine: float = 0.8398
    trust_lead: float = -0.2072
    trust_place: float = -0.3756
    trust_clear: float = 3.748
    trust_least: float = 0.45
    """How likely the nearest card must be right to answer rather than ask back; the weights are
    those of the signs in knowledge/trust.py."""
    choice_reach: float = 0.5
    """How much less near than the nearest a card may be and still be offered as a choice."""


WEIGHTS = Weights()
