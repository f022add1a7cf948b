"""What is done with a question, from what search found: answer, ask back, point elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.answer import Act
from knowledge.cards import Card
from knowledge.language.foreign import language_of
from knowledge.scope import likelihood, nearest_ask
from knowledge.search import CardHit, Found, PointerHit
from knowledge.trust import trust
from knowledge.weights import WEIGHTS, Weights

_CHOICES = 4
_FEWEST_CHOICES = 2


@dataclass(frozen=True)
class Decision:
    """The act, and what it is done with.

    ``card`` answers; ``choices`` are what an ask_back offers; ``confidence`` is how likely the
    answer is the right one, 0 to 1.
    """

    act: Act
    card: CardHit | None = None
    pointer: PointerHit | None = None
    choices: tuple[Card, ...] = ()
    confidence: float = 0.0


def decide(found: Found, weights: Weights = WEIGHTS) -> Decision:
    """What to do with a question."""
    if found.cited and found.cited.bare:
        return Decision(Act.LOOKUP, confidence=1.0)
    if not found.cited and language_of(found.question):
        return Decision(Act.OUT_OF_SCOPE, confidence=1.0)
    card = best_card(found, weights)
    if found.cited:
        return Decision(Act.ANSWER, card, confidence=1.0)
    pointer = best_pointer(found, weights)
    danger = _danger(found, card, pointer, weights)
    if danger:
        return Decision(Act.URGENT, danger, confidence=_sureness(found, danger, weights))
    if pointer:
        act = Act.URGENT if pointer.pointer.urgent else Act.OUT_OF_SCOPE
        return Decision(act, pointer=pointer, confidence=min(1.0, pointer.score / 2))
    if not found.hits or not in_scope(found, weights):
        return Decision(Act.OUT_OF_SCOPE, confidence=1 - likelihood(found, weights))
    sure = _sureness(found, card, weights)
    if sure < weights.trust_least:
        choices = _choices(found, card, weights)
        if len(choices) >= _FEWEST_CHOICES:
            return Decision(Act.ASK_BACK, choices=choices, confidence=sure)
    return Decision(Act.ANSWER, card, confidence=sure)


def _danger(
    found: Found, card: CardHit | None, pointer: PointerHit | None, weights: Weights
) -> CardHit | None:
    """The card on a danger at work that the question is near to.

    It comes before every doubt about scope: who is harassed or hurt is not sent away for unusual
    words, nor to another law's matter when a danger at work is nearly as near.
    """
    if card and card.card.urgent and not pointer:
        return card
    urgent = [hit for hit in found.cards if hit.card.urgent and hit.card.wording(found.day)]
    nearest = max(urgent, key=lambda hit: hit.asked, default=None)
    if nearest is None:
        return None
    if pointer:
        near = pointer.score <= nearest.asked + weights.danger_reach
        return nearest if pointer.pointer.urgent and near else None
    is_first = found.cards[0] is nearest
    return nearest if is_first and nearest.score >= weights.card_least else None


def _sureness(found: Found, card: CardHit | None, weights: Weights) -> float:
    if card is None:
        return 0.0
    # Put as the card has it: nothing is left to ask.
    return 1.0 if card.overlap >= weights.card_overlap_sure else trust(found, card, weights)


def _choices(found: Found, best: CardHit | None, weights: Weights) -> tuple[Card, ...]:
    """The cards a person may have meant, the likeliest first."""
    near = [hit for hit in found.cards if hit.card.wording(found.day)]
    order = [*([best] if best else []), *near]
    top = max((hit.score for hit in order), default=0.0)
    kept = [hit.card for hit in order if hit.score >= top - weights.choice_reach]
    return tuple({card.id: card for card in kept}.values())[:_CHOICES]


def act_of(found: Found, weights: Weights = WEIGHTS) -> Act:
    """What should be done with a question, from the evidence search has."""
    return decide(found, weights).act


def in_scope(found: Found, weights: Weights = WEIGHTS) -> bool:
    """Whether the question is near enough to anything these laws speak of."""
    if found.cards and found.cards[0].overlap >= weights.card_overlap_sure:
        return True
    return likelihood(found, weights) >= weights.scope_least


def best_pointer(found: Found, weights: Weights = WEIGHTS) -> PointerHit | None:
    """The pointer to another law's matter, when it is nearer to the question than any card."""
    if found.cited or not found.pointers:
        return None
    best = found.pointers[0]
    least = max(weights.card_least, nearest_ask(found) + weights.pointer_margin)
    return best if best.score >= least else None


def best_card(found: Found, weights: Weights = WEIGHTS) -> CardHit | None:
    """The card that answers, None when no card is near enough.

    A card near in words that rests on other articles than the best hit is right one time in
    five; one that rests on the best hit, nine times in ten. So it is that agreement which
    counts, unless the question is put almost as the card has it.
    """
    if not found.hits or (found.cited and found.cited.bare):
        return None
    best = found.hits[0].ref.at_article()
    agreeing: list[tuple[float, CardHit]] = []
    for hit in found.cards:
        wording = hit.card.wording(found.day)
        if wording is None:
            continue
        articles = [ref.at_article() for ref in wording.refs]
        if best in articles and hit.score >= weights.card_least:
            agreeing.append((hit.score + weights.card_first * (articles[0] == best), hit))
        elif hit.overlap >= weights.card_overlap_sure:
            return hit
    return max(agreeing, key=lambda each: each[0])[1] if agreeing else None
