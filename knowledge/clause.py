"""The citation and the clause: what a question is answered with.

A ``Ref`` names a place in the law (law, article, clause, point). A ``Clause`` is one dated
wording of the smallest unit the library serves: a khoản, or a whole article that has none.
``law`` is always the number of the law itself ("45/2019/QH14"), whichever consolidation the
wording was taken from.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_REF = re.compile(
    r"^(?P<law>\S+)"
    r"(?:\s+điều\s+(?P<article>\d+[a-zđ]?))?"
    r"(?:\s+khoản\s+(?P<clause>\d+[a-zđ]?))?"
    r"(?:\s+điểm\s+(?P<point>[a-zđ]\d?))?$",
    re.IGNORECASE,
)


class Ref(BaseModel):
    """A citation: a law's number, then article, clause and point as far as they are known.

    Article, clause and point are kept as text because the law has "12a" and "đ".
    The written form, used in cards and the register, is
    ``45/2019/QH14 điều 97 khoản 4 điểm a``.
    """

    model_config = ConfigDict(frozen=True)

    law: str
    article: str | None = None
    clause: str | None = None
    point: str | None = None

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read the written form. Raises ValueError that says what the form is."""
        found = _REF.match(text.strip())
        if not found:
            raise ValueError(
                f"'{text}' không phải là một căn cứ; viết như "
                "'45/2019/QH14 điều 97 khoản 4 điểm a' (có thể bỏ khoản, điểm)"
            )
        if found["point"] and not found["clause"] and not found["article"]:
            raise ValueError(f"'{text}' nêu điểm mà không nêu điều")
        return cls(
            law=found["law"],
            article=found["article"],
            clause=found["clause"],
            point=found["point"],
        )

    def __str__(self) -> str:
        parts = [self.law]
        for word, value in (("điều", self.article), ("khoản", self.clause), ("điểm", self.point)):
            if value is not None:
                parts.append(f"{word} {value}")
        return " ".join(parts)

    def at_article(self) -> Ref:
        """The same citation cut to its article."""
        return Ref(law=self.law, article=self.article)

    def covers(self, other: Ref) -> bool:
        """Whether ``other`` stands at or under this citation."""
        return self.law == other.law and all(
            mine is None or mine == theirs
            for mine, theirs in (
                (self.article, other.article),
                (self.clause, other.clause),
                (self.point, other.point),
            )
        )

    def as_json(self) -> dict[str, Any]:
        """The machine interface's form: plain numbers as integers, "12a" and points as text."""

        def plain(value: str | None) -> int | str | None:
            return int(value) if value is not None and value.isdigit() else value

        return {
            "law": self.law,
            "article": plain(self.article),
            "clause": plain(self.clause),
            "point": self.point,
        }


def _ref(value: Any) -> Any:
    return Ref.parse(value) if isinstance(value, str) else value


WrittenRef = Annotated[Ref, BeforeValidator(_ref), PlainSerializer(str)]
"""A Ref written in YAML as ``45/2019/QH14 điều 97 khoản 4``."""


class Point(BaseModel):
    """One điểm of a clause: its letter and its words without the letter."""

    model_config = ConfigDict(frozen=True)

    number: str
    text: str


class Clause(BaseModel):
    """One dated wording of one clause.

    ``text`` holds the words before the first point, ``points`` the rest; ``full_text`` is all of
    it as people read it. ``valid_until`` is the last day in force (inclusive), None while it
    still is. ``source`` is the number of the text it was read from, which may be a
    consolidation. ``caveat`` is said to the reader whenever the wording cannot be vouched for
    (an OCR copy, an amendment whose text is not held).
    """

    model_config = ConfigDict(frozen=True)

    ref: Ref
    article_title: str
    headings: tuple[str, ...] = ()
    text: str
    points: tuple[Point, ...] = ()
    valid_from: date
    valid_until: date | None = None
    source: str
    grade: str = "A"
    caveat: str | None = None

    @property
    def full_text(self) -> str:
        """The clause as people read it: lead words, then one line a point."""
        lines = [self.text] if self.text else []
        lines += [f"{point.number}) {point.text}" for point in self.points]
        return "\n".join(lines)

    def in_force(self, day: date) -> bool:
        """Whether this wording was in force on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def key(self) -> str:
        """Unique among all wordings: the citation and the day it began."""
        return f"{self.ref}@{self.valid_from.isoformat()}"


class Change(BaseModel):
    """One amendment or repeal: which law did it, since when, and which places it touched."""

    model_config = ConfigDict(frozen=True)

    by: str = Field(description="number of the amending document")
    effective: date
    places: tuple[Ref, ...] = ()
    kind: str = Field(default="amends", pattern="^(amends|adds|repeals|suspends|overlays)$")
    until: date | None = None
    text_held: bool = True
    note: str | None = None


class Document(BaseModel):
    """A law or decree as the register knows it. Dates are days, counts are articles."""

    model_config = ConfigDict(frozen=True)

    number: str
    title: str
    short_title: str
    abbreviations: tuple[str, ...] = ()
    kind: str = Field(pattern="^(bộ luật|luật|nghị định|nghị quyết|văn bản hợp nhất)$")
    issuer: str
    issued: date | None
    effective: date
    expires: date | None = Field(default=None, description="last day in force, inclusive")
    replaced_by: str | None = None
    consolidates: str | None = Field(default=None, description="the law this text consolidates")
    changes: tuple[Change, ...] = ()
    articles: int
    grade: str = Field(pattern="^[ABC]$")
    page: str | None = None
    caveat: str | None = None

    def in_force(self, day: date) -> bool:
        """Whether the document was in force on ``day``."""
        return self.effective <= day and (self.expires is None or day <= self.expires)
