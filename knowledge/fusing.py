"""What each leg found, made into one ranking of places, with what every leg gave to each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from knowledge.weights import Weights

Place = tuple[str, str]
"""A law's number and an article."""

Ranked = Sequence[tuple[Place, float]]
"""The places a leg found with its scores, best first."""

Evidence = dict[str, float]
"""What each leg gave to one place, by the leg's name."""


def fuse(
    legs: Mapping[str, Ranked], words: int, is_decree: Callable[[str], bool], weights: Weights
) -> tuple[dict[Place, float], dict[Place, Evidence]]:
    """The fused score of every place any leg found, and the evidence for it.

    ``words`` is the length of the question. Half of what a leg says of a place is by its rank
    there, half by its score.
    """
    trust = worker_voice(legs, weights)
    evidence: dict[Place, Evidence] = defaultdict(dict)
    for name, ranked in legs.items():
        weight = getattr(weights, name)
        if not ranked or not weight:
            continue
        from_cards = name.partition("_")[2].startswith(("ask", "card"))
        if from_cards:
            weight *= weights.cards_least + (1 - weights.cards_least) * trust
        else:
            weight *= 1 - weights.clauses_yield * trust
        in_decree = weights.decree_card if from_cards else weights.decree
        top = ranked[0][1]
        for rank, (place, score) in enumerate(ranked):
            vote = weight * _vote(name, rank, score, top, words, weights)
            evidence[place][name] = vote * (in_decree if is_decree(place[0]) else 1.0)
    return {place: sum(parts.values()) for place, parts in evidence.items()}, evidence


def worker_voice(legs: Mapping[str, Ranked], weights: Weights) -> float:
    """How much the question is put as workers put theirs, 0 to 1.

    It is when its nearest ask is nearer than its nearest clause: then cards are to be trusted,
    else the law's own words.
    """
    lead = _top(legs, "dense_ask") - _top(legs, "dense_clause")
    return _slope(lead, weights.voice_cosine, weights.voice_cosine_span)


def _top(legs: Mapping[str, Ranked], name: str) -> float:
    ranked = legs.get(name)
    return ranked[0][1] if ranked else 0.0


def _slope(value: float, middle: float, span: float) -> float:
    """0 far below the middle, 1 far above it, a half at it."""
    return 1 / (1 + math.exp(min(30.0, max(-30.0, (middle - value) / span))))


def _vote(leg: str, rank: int, score: float, top: float, words: int, weights: Weights) -> float:
    by_rank = weights.constant / (weights.constant + rank)
    if leg.startswith("dense"):
        by_score = math.exp((score - top) / weights.cosine_scale)
    else:
        by_score = score / top
    vote = (by_rank + by_score) / 2
    # A far ask is no evidence, however high it ranks.
    if leg.startswith("dense_ask"):
        vote *= share(score - weights.ask_cosine_least, weights.ask_cosine_span)
    elif leg.startswith("lexical_ask"):
        vote *= share(score, weights.ask_lexical_full * words)
    return vote


def share(value: float, whole: float) -> float:
    """``value`` of ``whole``, within 0 and 1."""
    return min(1.0, max(0.0, value / whole)) if whole > 0 else 0.0
