"""The words of a statute place by place: one a khoản, or one an article that has none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from indexer.statute import Article, PointText, normalise
from knowledge.clause import Point, Ref

_REPEALED = re.compile(r"^\(?(đã )?(được )?(bị )?bãi bỏ\)?$")
_NUMBER = re.compile(r"^(\d+)(.*)$")


@dataclass(frozen=True)
class Wording:
    """What one copy says at one place. ``ref`` without a clause is a whole article, or the words
    that stand before an article's first khoản (then ``lead`` is true)."""

    ref: Ref
    article_title: str
    headings: tuple[str, ...]
    text: str
    points: tuple[Point, ...]
    lead: bool = False

    @cached_property
    def normal(self) -> str:
        """The form in which two copies are compared, article title included."""
        points = (f"{point.number}) {point.text}" for point in self.points)
        return normalise("\n".join((self.article_title, self.text, *points)))

    @property
    def says_repealed(self) -> bool:
        """Whether the words only tell that the place was repealed."""
        words = self.text or self.article_title
        return not self.points and _REPEALED.match(words.strip(" .").lower()) is not None


class SamePlaceTwice(Exception):
    """An article holds two clauses of one number; ``ref`` is the place."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        super().__init__(str(ref))


def wordings(law: str, articles: Iterable[Article]) -> dict[Ref, Wording]:
    """Every place of the articles, in reading order. Raises SamePlaceTwice."""
    found: dict[Ref, Wording] = {}
    for article in articles:
        for wording in _of_article(law, article):
            if wording.ref in found:
                raise SamePlaceTwice(wording.ref)
            found[wording.ref] = wording
    return found


def _of_article(law: str, article: Article) -> Iterable[Wording]:
    if article.text or article.points or not article.clauses:
        yield Wording(
            ref=Ref(law=law, article=article.number),
            article_title=article.title,
            headings=article.headings,
            text=article.text,
            points=_points(article.points),
            lead=bool(article.clauses),
        )
    for clause in article.clauses:
        yield Wording(
            ref=Ref(law=law, article=article.number, clause=clause.number),
            article_title=article.title,
            headings=article.headings,
            text=clause.text,
            points=_points(clause.points),
        )


def _points(points: tuple[PointText, ...]) -> tuple[Point, ...]:
    return tuple(Point(number=point.number, text=point.text) for point in points)


def reading_order(ref: Ref) -> tuple[tuple[int, str], tuple[int, str]]:
    """Sort key of a place: 8 before 8a before 9, an article's lead before its clauses."""
    return _number(ref.article), _number(ref.clause)


def _number(text: str | None) -> tuple[int, str]:
    found = _NUMBER.match(text or "0")
    return (int(found[1]), found[2]) if found else (0, text or "")
