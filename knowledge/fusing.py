"""What each leg found, made into one ranking of places, with what every leg gave to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.logistic import logistic
from knowledge.places import Numbers
from knowledge.weights import Weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Leg:
    """The places a leg found (as numbers, each once) with its scores, best first."""

    places: Numbers
    scores: Floats


@dataclass(frozen=True)
class Fused:
    """The fused score of every place there is (0 where no leg went), and each leg's votes."""

    totals: Floats
    votes: Mapping[str, Leg]

    def ranked(self) -> Numbers:
        """The places any leg found, best first."""
        found = np.unique(np.concatenate([leg.places for leg in self.votes.values()]))
        best_first: Numbers = found[np.argsort(-self.totals[found], kind="stable")]
        return best_first

    def evidence(self, place: int) -> dict[str, float]:
        """What each leg gave to one place, by the leg's name."""
        return {
            name: by_place[place] for name, by_place in self._given.items() if place in by_place
        }

    @cached_property
    def _given(self) -> dict[str, dict[int, float]]:
        return {
            name: dict(zip(leg.places.tolist(), leg.scores.tolist(), strict=True))
            for name, leg in self.votes.items()
        }


def fuse(legs: Mapping[str, Leg], words: int, decree: NDArray[np.bool_], weights: Weights) -> Fused:
    """Add up the legs' votes.

    ``words`` is the length of the question; ``decree`` tells of every place whether it is a
    decree's. Half of what a leg says of a place is by its rank there, half by its score.
    """
    trust = worker_voice(legs, weights)
    totals = np.zeros(len(decree))
    votes: dict[str, Leg] = {}
    for name, leg in legs.items():
        weight = getattr(weights, name)
        if not len(leg.places) or not weight:
            continue
        from_cards = name.partition("_")[2].startswith(("ask", "card"))
        if from_cards:
            weight *= weights.cards_least + (1 - weights.cards_least) * trust
        else:
            weight *= 1 - weights.clauses_yield * trust
        in_decree = weights.decree_card if from_cards else weights.decree
        vote = weight * _votes(name, leg.scores, words, weights)
        vote = vote * np.where(decree[leg.places], in_decree, 1.0)
        votes[name] = Leg(leg.places, vote)
        totals[leg.places] += vote
    return Fused(totals, votes)


def worker_voice(legs: Mapping[str, Leg], weights: Weights) -> float:
    """How much the question is put as workers put theirs, 0 to 1.

    It is when its nearest ask is nearer than its nearest clause: then cards are to be trusted,
    else the law's own words.
    """
    lead = _top(legs, "dense_ask") - _top(legs, "dense_clause")
    return _slope(lead, weights.voice_cosine, weights.voice_cosine_span)


def _top(legs: Mapping[str, Leg], name: str) -> float:
    leg = legs.get(name)
    return float(leg.scores[0]) if leg is not None and len(leg.scores) else 0.0


def _slope(value: float, middle: float, span: float) -> float:
    """0 far below the middle, 1 far above it, a half at it."""
    return logistic((value - middle) / span)


def _votes(leg: str, scores: Floats, words: int, weights: Weights) -> Floats:
    by_rank = weights.constant / (weights.constant + np.arange(len(scores)))
    if leg.startswith("dense"):
        by_score = np.exp((scores - scores[0]) / weights.cosine_scale)
    else:
        by_score = scores / scores[0]
    votes: Floats = (by_rank + by_score) / 2
    # A far ask is no evidence, however high it ranks.
    if leg.startswith("dense_ask"):
        votes = votes * share(scores - weights.ask_cosine_least, weights.ask_cosine_span)
    elif leg.startswith("lexical_ask"):
        votes = votes * share(scores, weights.ask_lexical_full * words)
    return votes


def share(value: Floats, whole: float) -> Floats:
    """``value`` of ``whole``, within 0 and 1."""
    return np.clip(value / whole, 0.0, 1.0) if whole > 0 else np.zeros_like(value)
