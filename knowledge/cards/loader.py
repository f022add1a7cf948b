"""Reading the cards: every YAML file of the folder, ids unique, links alive."""

from __future__ import annotations

from pathlib import Path

from knowledge import datafile
from knowledge.cards.schema import Card, CardFile

FOLDER = Path(__file__).parent


class CardError(Exception):
    """Cards that contradict each other: which files, and what to do."""


def load(folder: Path = FOLDER) -> tuple[Card, ...]:
    """All cards, in the order of their files.

    Raises DataFileError (file and line) for a malformed card, CardError for an id used twice
    or a related card that does not exist.
    """
    where: dict[str, str] = {}
    cards: list[Card] = []
    for path in sorted(folder.glob("*.yaml")):
        for card in datafile.read(path, CardFile).cards:
            if card.id in where:
                raise CardError(
                    f"thẻ '{card.id}' có cả ở {where[card.id]} và {path.name}; "
                    "đổi mã một trong hai"
                )
            where[card.id] = path.name
            cards.append(card)
    for card in cards:
        for other in card.related:
            if other not in where:
                raise CardError(
                    f"{where[card.id]}: thẻ '{card.id}' liên quan đến '{other}' nhưng không có thẻ "
                    "ấy; sửa mã hoặc bỏ đi"
                )
    return tuple(cards)
