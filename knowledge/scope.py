"""Whether a question is ours to answer: how likely, from what search found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from knowledge.logistic import likelihood_by
from knowledge.search import Found
from knowledge.weights import WEIGHTS, Weights

_LONG = 80
"""Words from which a story is long: it is near to less, and yet more often ours."""


def nearest_ask(found: Found) -> float:
    """How near the nearest ask of a card is, on the scale of pointers."""
    return max((hit.asked for hit in found.cards), default=0.0)


def elsewhere_lead(found: Found) -> float:
    """How much nearer the nearest pointer to another law is than any card's ask; at least -0.5."""
    if not found.pointers:
        return -0.5
    return max(-0.5, found.pointers[0].score - nearest_ask(found))


SIGNS: Mapping[str, Callable[[Found], float]] = {
    "clause": lambda found: found.cosines.get("clauses", 0.0),
    "card": lambda found: found.cosines.get("cards", 0.0),
    "ask": lambda found: found.cosines.get("asks", 0.0),
    "overlap": lambda found: found.cards[0].overlap if found.cards else 0.0,
    "peak_clause": lambda found: found.peaks.get("clauses", 0.0),
    "peak_card": lambda found: found.peaks.get("cards", 0.0),
    "peak_ask": lambda found: found.peaks.get("asks", 0.0),
    "length": lambda found: math.log1p(min(len(found.question.split()), _LONG)),
    "words_clause": lambda found: found.covered.get("clauses", 0.0),
    "words_card": lambda found: found.covered.get("cards", 0.0),
    "words_ask": lambda found: found.covered.get("asks", 0.0),
    "pointer": elsewhere_lead,
    "matter": lambda found: found.matter,
}
"""What speaks for or against, by the name of its weight ("scope_" before it)."""


def likelihood(found: Found, weights: Weights = WEIGHTS) -> float:
    """How likely the question is one these laws answer, 0 to 1; fitted on development questions."""
    return likelihood_by("scope", {name: sign(found) for name, sign in SIGNS.items()}, weights)
