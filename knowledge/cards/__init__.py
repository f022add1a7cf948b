"""Plain-language cards, one YAML file a chapter."""

from knowledge.cards.loader import CardError, load
from knowledge.cards.schema import TOPICS, Card, CardFile, Wording

__all__ = ["TOPICS", "Card", "CardError", "CardFile", "Wording", "load"]
