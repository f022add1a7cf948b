"""Likelihoods drawn from weighted signs: what every fitted judgement is read with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knowledge.weights import Weights

_FARTHEST = 30.0


def logistic(drawn: float) -> float:
    """0 far below zero, 1 far above it, a half at it."""
    return 1 / (1 + math.exp(-max(-_FARTHEST, min(_FARTHEST, drawn))))


def likelihood_by(kind: str, signs: Mapping[str, float], weights: Weights) -> float:
    """How likely something is, 0 to 1, by the value of each of its signs.

    The weights are ``<kind>_bias`` and ``<kind>_<sign>``.
    """
    drawn: float = getattr(weights, f"{kind}_bias")
    return logistic(drawn + sum(getattr(weights, f"{kind}_{n}") * v for n, v in signs.items()))
