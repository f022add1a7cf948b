"""Every weight and threshold of finding and answering, in one place.

Fitted on development questions only; the command that measures them stands in
docs/measurements.md.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Weights(BaseModel):
    """Reciprocal rank fusion: each leg adds weight / (constant + rank) to what it ranks."""

    model_config = ConfigDict(frozen=True)

    constant: float = 8.0
    depth: int = 60
    lexical_clause: float = 1.0
    lexical_article: float = 0.8
    dense_clause: float = 1.6
    dense_article: float = 1.0
    lexical_ask: float = 1.0
    dense_ask: float = 1.0
    decree: float = 0.9
    least_marked: float = 0.25
    card_agrees: float = 0.2
    card_least: float = 1.2
    card_least_unmarked: float = 0.45
    scope_lexical: float = 0.05
    scope_cosine: float = 6.0
    scope_usual_cosine: float = 0.85
    scope_card: float = 1.0
    scope_least: float = -9.0
    """Share of marked words under which the dense leg is left out: it cannot read such text."""


WEIGHTS = Weights()
