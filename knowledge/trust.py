"""Whether the nearest card is the right one to answer with: how likely, from what search found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knowledge.clause import Ref
from knowledge.logistic import likelihood_by
from knowledge.search import CardHit, Found
from knowledge.weights import WEIGHTS, Weights


def _articles(found: Found, hit: CardHit) -> list[Ref]:
    wording = hit.card.wording(found.day)
    return [ref.at_article() for ref in wording.refs] if wording else []


def _lead(found: Found, hit: CardHit) -> float:
    """How much nearer it is than the nearest card that rests first on another article."""
    own = _articles(found, hit)[:1]
    rest = (other.score for other in found.cards if _articles(found, other)[:1] != own)
    return max(-0.5, min(0.5, hit.score - max(rest, default=0.0)))


def _place(found: Found, hit: CardHit) -> float:
    """Where the article it rests on first stands among the hits: 1 at the first place, to 0."""
    own = _articles(found, hit)[:1]
    ranks = [rank for rank, each in enumerate(found.hits) if [each.ref.at_article()] == own]
    return 1 / (1 + ranks[0]) if ranks else 0.0


def _clear(found: Found, _hit: CardHit) -> float:
    """How far the best hit stands above the second."""
    if len(found.hits) < 2:
        return 1.0
    return 1 - found.hits[1].score / max(found.hits[0].score, 1e-9)


SIGNS: Mapping[str, Callable[[Found, CardHit], float]] = {
    "score": lambda _found, hit: hit.score,
    "overlap": lambda _found, hit: hit.overlap,
    "cosine": lambda _found, hit: hit.cosine,
    "lead": _lead,
    "place": _place,
    "clear": _clear,
}
"""What speaks for a card, by the name of its weight ("trust_" before it)."""


def trust(found: Found, hit: CardHit, weights: Weights = WEIGHTS) -> float:
    """How likely the card answers the question, 0 to 1; fitted on development questions."""
    signs = {name: sign(found, hit) for name, sign in SIGNS.items()}
    return likelihood_by("trust", signs, weights)
