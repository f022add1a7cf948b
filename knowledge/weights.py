"""Every weight and threshold of finding and answering, in one place.

Fitted on development questions only; the command that measures them stands in
docs/measurements.md.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Weights(BaseModel):
    """Reciprocal rank fusion: each leg adds weight / (constant + rank) to what it ranks."""

    model_config = ConfigDict(frozen=True)

    constant: float = 20.0
    depth: int = 60
    lexical_clause: float = 1.0
    lexical_article: float = 1.0
    dense_clause: float = 1.0
    dense_article: float = 1.0
    lexical_ask: float = 1.0
    dense_ask: float = 1.0
    decree: float = 0.9
    named_law: float = 1.5
    least_marked: float = 0.25
    """Share of marked words under which the dense leg is left out: it cannot read such text."""


WEIGHTS = Weights()
