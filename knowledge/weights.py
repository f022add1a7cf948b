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

    constant: float = 1.201
    depth: int = 60
    cosine_scale: float = 0.009865
    lexical_clause: float = 0.8169
    lexical_article: float = 0.7421
    lexical_ask: float = 0.7732
    lexical_ask_other: float = 0.05932
    lexical_card: float = 0.1788
    lexical_card_other: float = 0.2115
    dense_clause: float = 1.105
    dense_article: float = 0.2573
    dense_ask: float = 0.9365
    dense_ask_other: float = 0.1867
    dense_card: float = 0.716
    dense_card_other: float = 0.3164
    ask_cosine_least: float = 0.2308
    ask_cosine_span: float = 0.05042
    ask_lexical_full: float = 0.1734
    voice_cosine: float = 0.01356
    voice_cosine_span: float = 0.04744
    clauses_yield: float = 0.6194
    cards_least: float = 0.2779
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

    scope_bias: float = -29.59
    scope_clause: float = -17.96
    scope_card: float = 53.73
    scope_ask: float = -2.955
    scope_overlap: float = 0.1894
    scope_peak_clause: float = 24.74
    scope_peak_card: float = -40.28
    scope_peak_ask: float = 13.12
    scope_length: float = 0.7226
    scope_words_clause: float = -0.7531
    scope_words_card: float = 3.896
    scope_words_ask: float = 4.935
    scope_pointer: float = -3.89
    scope_matter: float = 1.976
    scope_least: float = 0.35
    """How likely a question must be ours to be answered; the weights are those of the signs in
    knowledge/scope.py."""

    trust_bias: float = -5.718
    trust_score: float = 4.221
    trust_overlap: float = -4.333
    trust_cosine: float = 0.4355
    trust_lead: float = -0.05578
    trust_place: float = 0.2066
    trust_clear: float = 3.162
    trust_least: float = 0.5
    """How likely the nearest card must be right to answer rather than ask back; the weights are
    those of the signs in knowledge/trust.py."""
    choice_reach: float = 0.5
    """How much less near than the nearest a card may be and still be offered as a choice."""

    lean_bias: float = -14.09
    lean_length: float = -4.446
    lean_opens: float = 3.045
    lean_anew: float = -12.97
    lean_back: float = 2.01
    lean_scope: float = -0.6199
    lean_together: float = 0.4903
    lean_ask: float = -0.1807
    lean_closer: float = 4.419
    lean_cosine: float = 36.71
    lean_peak: float = -58.9
    lean_words: float = 1.032
    lean_clear: float = 0.1711
    lean_same: float = -0.05441
    lean_least: float = 0.5
    """How likely a message must lean on the one before to be read with it; the weights are those
    of the signs in knowledge/leaning.py."""


WEIGHTS = Weights()
