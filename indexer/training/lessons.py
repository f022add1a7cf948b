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
from knowledge.cards import Card, Pointer, Wording
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

READINGS = Path(__file__).with_name("readings.jsonl")
"""Questions of readers of the texts (exams, newspapers, offices, letters): "question" and the
places it "rests_on", the best first; training only."""

ELSEWHERE = Path(__file__).with_name("elsewhere.jsonl")
"""Questions no text here answers: "question" and its "topic"; training only."""


@dataclass(frozen=True)
class Reading:
    """A question and the places that answer it, the best first."""

    question: str
    rests_on: tuple[Ref, ...]


def more_questions(file: Path = QUESTIONS) -> dict[str, list[str]]:
    """The further questions by card."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row["card"]].append(row["question"])
    return found


def readings(file: Path = READINGS) -> list[Reading]:
    """The questions of readers."""
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Reading(row["question"], tuple(map(Ref.parse, row["rests_on"]))) for row in rows]


def elsewhere(file: Path = ELSEWHERE) -> list[str]:
    """The questions no text here answers."""
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [row["question"] for row in rows]


def kept_back(name: str) -> bool:
    """Whether a card or a question is kept for validation; by its name, so it stays so."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % _ONE_HELD_OUT == 0


def held_out(card: Card | Pointer) -> bool:
    """Whether a card is kept for validation."""
    return kept_back(card.id)


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
        self._readings = [each for each in readings() if not kept_back(each.question)]
        self._elsewhere = [each for each in elsewhere() if not kept_back(each)]
        self._by_place: dict[Ref, list[tuple[Card, Wording]]] = defaultdict(list)
        for card in library.cards.values():
            wording = card.wording(day)
            if wording and not held_out(card):
                self._by_place[wording.refs[0].at_article()].append((card, wording))

    def batches(self, cards: int, read: int) -> Iterator[list[Lesson]]:
        """One round over all cards, ``cards`` to a batch, neighbours of a topic together; with
        each batch come ``read`` questions of readers."""
        by_topic: dict[str, list[Card | Pointer]] = defaultdict(list)
        for each in self._told:
            by_topic[each.topic if isinstance(each, Card) else "outside"].append(each)
        runs: list[list[Card | Pointer]] = []
        for of_topic in by_topic.values():
            self._chance.shuffle(of_topic)
            runs += [of_topic[at : at + _NEIGHBOURS] for at in range(0, len(of_topic), _NEIGHBOURS)]
        self._chance.shuffle(runs)
        flat = [each for run in runs for each in run]
        for at in range(0, len(flat) - cards + 1, cards):
            lessons = [self._lesson(each) for each in flat[at : at + cards]]
            yield lessons + [self._read(each) for each in self._chance.sample(self._readings, read)]

    def count(self, cards: int) -> int:
        """How many batches a round has."""
        return len(self._told) // cards

    def outside(self, count: int) -> list[str]:
        """Questions that nothing here answers."""
        return [expand(each) for each in self._chance.sample(self._elsewhere, count)]

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

    def _read(self, reading: Reading) -> Lesson:
        """A reader's question with a card that rests first on the same article, if there is one."""
        best = reading.rests_on[0]
        clauses = self._library.get(best, self._day) or self._library.get(
            best.at_article(), self._day
        )
        clause = self._chance.choice(clauses) if clauses else None
        cards = self._by_place.get(best.at_article(), [])
        same = [each for each in cards if best in each[1].refs]
        told = self._chance.choice(same or cards) if cards else None
        other = reading.question
        if told:
            card = told[0]
            other = self._chance.choice([card.title, *card.asks, *self._more.get(card.id, ())])
        return Lesson(
            name=reading.question,
            places=frozenset(ref.at_article() for ref in reading.rests_on)
            | frozenset(ref.at_article() for ref in (told[1].refs if told and same else ())),
            asks=(expand(reading.question), expand(other)),
            says=card_text(*told) if told and same else None,
            clause=passage(clause) if clause else None,
        )


def apart(one: Lesson, other: Lesson) -> bool:
    """Whether the other's words are a wrong answer to the one's question."""
    return one.name != other.name and not one.places & other.places
