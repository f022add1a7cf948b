"""Citations as people type them: "khoản 1 điều 35 BLLĐ", "d 35 k 2 bo luat lao dong"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.clause import Ref
from knowledge.language.fold import fold
from knowledge.register import Register

DEFAULT_LAW_NAME = "bộ luật lao động"
"""The law meant when a worker writes only "điều 98"."""

_ARTICLE = re.compile(r"\b(?:dieu|d)[\s.]*(\d{1,3}[a-z]?)\b(?![/.]\d)")
_CLAUSE = re.compile(r"\b(?:khoan|k)[\s.]*(\d{1,2}[a-z]?)\b(?![/.]\d)")
_POINT = re.compile(r"\b(?:diem|đ)[\s.]*([a-z]\d?)\b")
_MARKED_POINT = re.compile(r"(?:điểm|đ\.?)\s*(đ)\b")
_GLUED = re.compile(r"\bd(\d{1,3})k(\d{1,2})\b")
_NUMBER = re.compile(r"\b(\d{1,3}/\d{4}/[a-z0-9]+(?:-[a-z]+)?)\b")
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "cua theo trong la gi quy dinh noi the nao ve cho toi minh xem hoi noi dung nguyen van "
        "luat so tai van ban hien hanh a ah nhe voi em anh chi biet",
    )
)


@dataclass(frozen=True)
class Cited:
    """A citation found in a question.

    ``bare`` is True when the question is nothing but the citation, so that the answer is the
    clause itself.
    """

    ref: Ref
    bare: bool


def _plain(question: str) -> str:
    spaced = re.sub(r"[^\w/.\-đĐ]+", " ", question)
    return re.sub(r"\s+", " ", fold(spaced)).strip(" .")


def find(question: str, register: Register, day: date) -> Cited | None:
    """The citation a question makes, or None. A law not named is the Labour Code of that day."""
    text = _GLUED.sub(r"d \1 k \2", _plain(question))
    article = _ARTICLE.search(text)
    if not article:
        return None
    clause = _CLAUSE.search(text)
    point = _POINT.search(text)
    short = article.group().startswith("d") and not article.group().startswith("dieu")
    law, name = _law(text, register, day)
    if short and not (clause or law):
        # A lone "d 35" could be anything; with a clause or a law's name it is a citation.
        return None
    if law is None:
        law = _default_law(register, day)
    if law is None:
        return None
    rest = text
    for part in filter(None, (name, article.group(), clause and clause.group())):
        rest = rest.replace(part, " ")
    letter = None
    if point and (clause or point.group().startswith("diem")):
        letter = "đ" if _MARKED_POINT.search(question.lower()) else point.group(1)
        rest = rest.replace(point.group(), " ")
    left = [word for word in re.findall(r"[a-z]+", rest) if word not in _FILLER]
    ref = Ref(
        law=law,
        article=article.group(1),
        clause=clause.group(1) if clause else None,
        point=letter,
    )
    return Cited(ref=ref, bare=len(left) <= 1)


def _law(text: str, register: Register, day: date) -> tuple[str | None, str | None]:
    """The number of the law named in the text and the words that name it; longest name wins."""
    padded = f" {re.sub(r'[^0-9a-z]+', ' ', text)} "
    found = max((name for name in register.names if f" {name} " in padded), key=len, default=None)
    if found is None:
        return None, None
    document = register.by_abbreviation(found, day)
    words = r"[^0-9a-z]+".join(re.escape(word) for word in found.split())
    written = re.search(words, text)
    return (document.number if document else None), (written.group() if written else found)


def _default_law(register: Register, day: date) -> str | None:
    document = register.by_abbreviation(DEFAULT_LAW_NAME, day)
    return document.number if document else None
