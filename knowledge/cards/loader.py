"""Reading the cards and pointers: every YAML file of their folders, ids unique, links alive."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from knowledge import datafile
from knowledge.cards.pointer import Pointer, PointerFile
from knowledge.cards.schema import Card, CardFile

FOLDER = Path(__file__).parent
OUTSIDE = "outside"
"""The folder of the pointers, in that of the cards."""


class CardError(Exception):
    """Cards that contradict each other: which files, and what to do."""


def load(folder: Path = FOLDER) -> tuple[Card, ...]:
    """All cards, in the order of their files.

    Raises DataFileError (file and line) for a malformed card, CardError for an id used twice
    or a related or shared card that does not exist.
    """
    where: dict[str, str] = {}
    cards: list[Card] = []
    for path in sorted(folder.glob("*.yaml")):
        for card in datafile.read(path, CardFile).cards:
            _once(card.id, path.name, where)
            cards.append(card)
    for card in cards:
        _alive(card.id, (*card.related, *card.shares), where)
    return tuple(cards)


def load_pointers(folder: Path = FOLDER) -> tuple[Pointer, ...]:
    """All pointers of the folder of cards, in the order of their files. Raises like ``load``."""
    where = {card.id: "các thẻ" for card in load(folder)}
    pointers: list[Pointer] = []
    for path in sorted((folder / OUTSIDE).glob("*.yaml")):
        for pointer in datafile.read(path, PointerFile).pointers:
            _once(pointer.id, f"{OUTSIDE}/{path.name}", where)
            pointers.append(pointer)
    for pointer in pointers:
        _alive(pointer.id, pointer.related, where)
    return tuple(pointers)


def _once(name: str, file: str, where: dict[str, str]) -> None:
    if name in where:
        raise CardError(f"thẻ '{name}' có cả ở {where[name]} và {file}; đổi mã một trong hai")
    where[name] = file


def _alive(name: str, linked: Iterable[str], where: dict[str, str]) -> None:
    for other in linked:
        if other not in where:
            raise CardError(
                f"{where[name]}: thẻ '{name}' liên quan đến '{other}' nhưng không có thẻ "
                "ấy; sửa mã hoặc bỏ đi"
            )
