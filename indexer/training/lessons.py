"""What the encoder learns from: questions beside the card and the clause that answer them."""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from indexer.build import passage
from knowledge.cards import Card, Pointer
from knowledge.clause import Ref
from knowledge.language.dictionary import expand
from knowledge.library import Library, card_text

_ONE_HELD_OUT = 10
"""One card in so many is never trained on."""
_OWN_CLAUSE = 0.7
_NEIGHBOURS = 8
"""Cards of one topic that come together in a batch: they are the hard ones to tell apart."""


@dataclass(frozen=True)
class Lesson:
    """A card (or a pointer) with two of its questions, what it says and a clause it rests on.

    ``places`` are the articles it rests on; what rests on one of them is no wrong answer.
    Without a clause or words of its own (a pointer) only its questions teach.
    """

    name: str
    places: frozenset[Ref]
    asks: tuple[str, str]
    says: str | None
    clause: str | None


QUESTIONS = Path(__file__).with_name("questions.jsonl")
"""More questions to the cards, one JSON object a line with "card" and "question"; training only."""


def more_questions(file: Path = QUESTIONS) -> dict[str, list[str]]:
    """The further questions by card."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row["card"]].append(row["question"])
    return found


def held_out(card: Card | Pointer) -> bool:
    """Whether a card is kept for validation; by its name, so it stays so between trainings."""
    return int(hashlib.sha256(card.id.encode()).hexdigest(), 16) % _ONE_HELD_OUT == 0


class Lessons:
    """Batches of lessons over a library's cards, as of a day."""

    def __init__(self, library: Library, day: date, chance: random.Random) -> None:
        self._library = library
        self._day = day
        self._chance = chance
        told: list[Card | Pointer] = [*library.cards.values(), *library.pointers.values()]
        self._told = [each for each in told if not held_out(each)]
        self._more = more_questions()
        rows = [
            clause
            for clause in library.clauses
            if clause.in_force(day) and len(clause.full_text) > 60
        ]
        self._titled = [(clause.article_title, clause.full_text) for clause in rows]

    def batches(self, size: int) -> Iterator[list[Lesson]]:
        """One round over all cards, ``size`` to a batch, neighbours of a topic together."""
        by_topic: dict[str, list[Card | Pointer]] = defaultdict(list)
        for each in self._told:
            by_topic[each.topic if isinstance(each, Card) else "outside"].append(each)
        runs: list[list[Card | Pointer]] = []
        for of_topic in by_topic.values():
            self._chance.shuffle(of_topic)
            runs += [of_topic[at : at + _NEIGHBOURS] for at in range(0, len(of_topic), _NEIGHBOURS)]
        self._chance.shuffle(runs)
        flat = [each for run in runs for each in run]
        for at in range(0, len(flat) - size + 1, size):
            yield [self._lesson(each) for each in flat[at : at + size]]

    def titles(self, count: int) -> list[tuple[str, str]]:
        """Titles of articles with the words of one of their clauses: the texts' own structure."""
        return self._chance.sample(self._titled, count)

    def _lesson(self, told: Card | Pointer) -> Lesson:
        first, second = self._chance.sample(
            [told.title, *told.asks, *self._more.get(told.id, ())], 2
        )
        asks = (expand(first), expand(second))
        wording = told.wording(self._day) if isinstance(told, Card) else None
        if not isinstance(told, Card) or wording is None:
            return Lesson(told.id, frozenset(), asks, None, None)
        ref = wording.refs[0]
        if self._chance.random() > _OWN_CLAUSE:
            ref = self._chance.choice(wording.refs)
        clauses = self._library.get(ref, self._day)
        clause = self._chance.choice(clauses) if clauses else None
        return Lesson(
            name=told.id,
            places=frozenset(each.at_article() for each in wording.refs),
            asks=asks,
            says=card_text(told, wording),
            clause=passage(clause) if clause else None,
        )


def apart(one: Lesson, other: Lesson) -> bool:
    """Whether the other's words are a wrong answer to the one's question."""
    return one.name != other.name and not one.places & other.places
