"""A statute as read from one copy: articles, clauses and points, before any dates are known."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from indexer.lines import Line


@dataclass(frozen=True, slots=True)
class PointText:
    """One điểm: its letter ("a", "đ", "b1") and its words without the letter."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One khoản: its number, the words before its first point, its points.

    An unnumbered paragraph after a point belongs to that point, so that reading text and
    points one after another gives the official order, every word once.
    """

    number: str
    text: str
    points: tuple[PointText, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One điều. ``text`` holds the words before the first khoản (all of them if it has none)."""

    number: str
    title: str
    text: str
    clauses: tuple[ClauseText, ...] = ()
    headings: tuple[str, ...] = ()
    place: str = ""
    points: tuple[PointText, ...] = ()

    @property
    def full_text(self) -> str:
        """Title and body in reading order, numbers and letters included."""
        lines = [self.title, self.text]
        lines += [f"{p.number}) {p.text}" for p in self.points]
        for clause in self.clauses:
            lines.append(f"{clause.number}. {clause.text}")
            lines += [f"{p.number}) {p.text}" for p in clause.points]
        return "\n".join(line for line in lines if line)

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of the SHA-256 of the normalised full text."""
        return hashlib.sha256(normalise(self.full_text).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Appendix:
    """What follows the last article: a phụ lục with its heading and lines."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Statute:
    """One document as read from one file.

    ``closing`` is what follows the last article and is no appendix: adoption, signatures,
    recipients, page furniture. ``consolidates`` is the number of the law whose consolidation
    this text says it is.
    """

    name: str
    number: str | None
    title: str
    articles: tuple[Article, ...]
    appendices: tuple[Appendix, ...] = ()
    notes: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()
    closing: str = ""
    consolidates: str | None = None

    def article(self, number: str) -> Article | None:
        """The article of that number, None when there is none."""
        return next((a for a in self.articles if a.number == number), None)


_TONE = {
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ",
    "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ",
    "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
}  # fmt: skip
_TONE_AT = re.compile("|".join(_TONE))
_KEPT = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """The form in which two copies are compared.

    NFC, lower case, tone placement unified (hòa and hoà), white space and punctuation removed.
    """
    text = unicodedata.normalize("NFC", text).lower()
    text = _TONE_AT.sub(lambda found: _TONE[found.group()], text)
    return _KEPT.sub("", text)
