"""Plain-language cards, each tied to its clause; pointers to what other laws answer."""

from knowledge.cards.loader import CardError, load, load_pointers
from knowledge.cards.pointer import Pointer
from knowledge.cards.schema import TOPICS, Card, CardFile, Wording

__all__ = [
    "TOPICS",
    "Card",
    "CardError",
    "CardFile",
    "Pointer",
    "Wording",
    "load",
    "load_pointers",
]
