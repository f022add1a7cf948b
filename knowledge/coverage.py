"""Which articles and clauses in force the cards speak for, law by law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.cards import Card
from knowledge.clause import Clause, Ref


@dataclass
class ArticleCoverage:
    """One article in force: its title, and the cards that rest on it or speak for it.

    ``clauses`` maps each numbered clause (None for an article without) to its cards.
    """

    article: str
    title: str
    cards: list[Card] = field(default_factory=list)
    clauses: dict[str | None, list[Card]] = field(default_factory=dict)

    @property
    def gaps(self) -> list[str]:
        """Numbers of the clauses no card rests on, while others of the article have one."""
        return [number for number, cards in self.clauses.items() if number and not cards]


@dataclass(frozen=True)
class LawCoverage:
    """A law's articles in force on a day, in order."""

    law: str
    articles: tuple[ArticleCoverage, ...]

    @property
    def covered(self) -> int:
        """How many articles some card speaks for."""
        return sum(bool(article.cards) for article in self.articles)

    @property
    def uncovered(self) -> list[str]:
        """The numbers of the others."""
        return [article.article for article in self.articles if not article.cards]

    @property
    def clauses(self) -> int:
        """How many clauses there are."""
        return sum(len(article.clauses) for article in self.articles)

    @property
    def clauses_covered(self) -> int:
        """How many clauses a card rests on."""
        return sum(bool(cards) for each in self.articles for cards in each.clauses.values())


def coverage(law: str, clauses: Iterable[Clause], cards: Sequence[Card], day: date) -> LawCoverage:
    """What the cards' wordings on ``day`` say of the law's clauses in force then."""
    found: dict[str, ArticleCoverage] = {}
    for clause in clauses:
        number = clause.ref.article
        if clause.ref.law != law or number is None or not clause.in_force(day):
            continue
        article = found.setdefault(number, ArticleCoverage(number, clause.article_title))
        article.clauses.setdefault(clause.ref.clause, [])
    for card in cards:
        wording = card.wording(day)
        if wording:
            for ref in (*wording.refs, *card.covers):
                _count(card, ref, law, found)
    return LawCoverage(law, tuple(found.values()))


def _count(card: Card, ref: Ref, law: str, found: dict[str, ArticleCoverage]) -> None:
    article = found.get(ref.article or "") if ref.law == law else None
    if article is None:
        return
    if card not in article.cards:
        article.cards.append(card)
    for number, cards in article.clauses.items():
        if ref.clause in (None, number) and card not in cards:
            cards.append(card)
