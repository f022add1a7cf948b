"""What cards are checked against: the register, dated figures and dated clauses, by place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from indexer.card_figures import Ground
from knowledge.cards import Wording
from knowledge.clause import Clause, Ref
from knowledge.parameters import Parameter, Value
from knowledge.register import Register

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Basis:
    """What cards are checked against.

    ``clauses`` are all dated wordings that could be read; ``held`` the laws of which all wordings
    are among them, so that what is not found there is wrong (see ``fully_held``). ``today`` is the
    day up to which a wording without an end must hold; ``files`` is what ``places`` gives.
    """

    register: Register
    parameters: Mapping[str, Parameter]
    clauses: Sequence[Clause]
    held: frozenset[str]
    today: date
    files: Mapping[str, str]

    @cached_property
    def by_article(self) -> Mapping[Ref, Sequence[Clause]]:
        """All wordings of an article."""
        found: dict[Ref, list[Clause]] = {}
        for clause in self.clauses:
            found.setdefault(clause.ref.at_article(), []).append(clause)
        return found

    @cached_property
    def known_documents(self) -> frozenset[str]:
        """Numbers of registered documents and of those that amend them."""
        numbers = {document.number for document in self.register}
        numbers |= {change.by for document in self.register for change in document.changes}
        return frozenset(number.lower() for number in numbers)

    @cached_property
    def known_days(self) -> frozenset[date]:
        """Days on which a registered document or change was issued, began or ended."""
        days: set[date | None] = set()
        for document in self.register:
            days |= {document.issued, document.effective, document.expires}
            for change in document.changes:
                days |= {change.effective, change.until}
        begun = {day for day in days if day is not None}
        return frozenset(begun | {day + _DAY for day in begun} | {day - _DAY for day in begun})

    def at(self, ref: Ref) -> list[Clause]:
        """Every wording at or under a citation; those that hold its point, if it names one."""
        whole = ref.model_copy(update={"point": None})
        found = [c for c in self.by_article.get(ref.at_article(), ()) if whole.covers(c.ref)]
        if ref.article is None:
            found = [c for c in self.clauses if c.ref.law == ref.law]
        if ref.point is None:
            return found
        return [c for c in found if any(point.number == ref.point for point in c.points)]

    def ground(self, wording: Wording, day: date) -> Ground:
        """What the clauses and parameters the wording cites state on a day."""
        ground = Ground()
        for ref in wording.refs:
            for clause in self.at(ref):
                if clause.in_force(day):
                    ground.add_text(_cited_words(clause, ref))
        for name in wording.parameters:
            parameter = self.parameters.get(name)
            value = parameter.at(day) if parameter else None
            if parameter and value:
                for number in _numbers(value):
                    _add_parameter(ground, number, parameter.unit)
        return ground

    def knows(self, document: str) -> bool:
        """Whether a number ("145/2020/NĐ-CP") or a short name ("nghị định 145") is registered."""
        return (
            document.lower() in self.known_documents
            or self.register.by_abbreviation(document) is not None
            or any(number.startswith(f"{_serial(document)}/") for number in self.known_documents)
        )


def _serial(document: str) -> str:
    """ "113/2025" of "luật 113/2025"; a number that is written in full stays as it is."""
    return document.rsplit(maxsplit=1)[-1].lower()


def fully_held(register: Register, texts: Collection[str]) -> frozenset[str]:
    """The laws all of whose wordings can be known from ``texts`` (numbers of texts read).

    That takes the original and, where there is one, the newest consolidation.
    """
    complete = set()
    for law in register.laws:
        newest = [
            text.number
            for text in register.texts_of(law.number)
            if text.consolidates and text.replaced_by is None
        ]
        if law.number in texts and all(number in texts for number in newest):
            complete.add(law.number)
    return frozenset(complete)


def _cited_words(clause: Clause, ref: Ref) -> str:
    """The words of the citation: the clause's lead and the cited point, or all of it."""
    if ref.point is None:
        return f"{clause.article_title}\n{clause.full_text}"
    points = [point.text for point in clause.points if point.number == ref.point]
    return "\n".join((clause.article_title, clause.text, *points))


def _numbers(value: Value) -> Iterable[Decimal]:
    stated = value.value.values() if isinstance(value.value, Mapping) else (value.value,)
    return [Decimal(str(number)) for number in stated]


def _add_parameter(ground: Ground, number: Decimal, unit: str) -> None:
    if unit == "tháng tuổi":
        years, months = divmod(number, 12)
        ground.add(years, "tuổi")
        ground.add(months, "tháng")
        return
    words = unit.replace("/", " ").split()
    ground.add(number, "ngày làm việc" if unit.startswith("ngày làm việc") else words[0])
