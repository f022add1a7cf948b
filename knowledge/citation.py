"""Citations as people type them: "khoản 1 điều 35 BLLĐ", "d 35 k 2 bo luat lao dong"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from knowledge.clause import Ref
from knowledge.language.fold import fold
from knowledge.law_names import nearest
from knowledge.register import Register

DEFAULT_LAW_NAME = "bộ luật lao động"
"""The law meant when a worker writes only "điều 98"."""

# Folding makes đ a d, but article 12đ is not 12d and point đ not point d: there ð stands for it.
_LETTER_DD = re.compile(r"(?<=\d)đ(?=k\d|\b)|(?<=điểm|diem)(?P<gap>[\s.]*)đ(?=\d?\b)")
_DD = str.maketrans("ð", "đ")

# "đ 3 tháng" and "k 2 con" are amounts ("được 3 tháng", "không 2 con"), no places in a law.
_NOT_COUNTED = (
    r"(?!\s*(?:%|(?:thang|nam|ngay|tuan|gio|phut|buoi|hom|ca|lan|nguoi|con|chau|dua|vo|dong|vnd|"
    r"trieu|tr|cu|nghin|ngan|cong|phan|k(?![\s.]*\d))\b))"
)
_NO_NUMBER_AFTER = r"(?![/.]\d)"
_ARTICLE = re.compile(
    r"\bdieu[\s.]*(?:so |thu )?(\d{1,3}[a-eð]?)\b" + _NO_NUMBER_AFTER + r"(?!\s+(?:tuan|trieu|"
    r"(?:nam|thang) (?:truoc|nay|qua|roi))\b)"
)
_SHORT_ARTICLE = re.compile(r"\bd[\s.]*(\d{1,3}[a-eð]?)\b" + _NO_NUMBER_AFTER + _NOT_COUNTED)
_CLAUSE = re.compile(r"\bkhoan[\s.]*(?:so |thu )?(\d{1,2}[a-eð]?)\b" + _NO_NUMBER_AFTER)
_SHORT_CLAUSE = re.compile(r"\bk[\s.]*(\d{1,2}[a-eð]?)\b" + _NO_NUMBER_AFTER + _NOT_COUNTED)
_POINT = re.compile(r"\bdiem[\s.]*([a-zð]\d?)\b")
_GLUED = re.compile(r"\bd(\d{1,3}[a-eð]?)k(\d{1,2}[a-eð]?)\b")
_UNGLUE = re.compile(r"(?<=\d)(?=khoan|diem)|(?<=[a-z])(?=20\d\d\b)")
_YEAR_WORD = re.compile(r"\bnam (?=20\d\d\b)")
_HERE = "¤"
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "cua theo trong la gi quy dinh noi the nao ve cho toi minh xem hoi noi dung nguyen van "
        "luat so tai van ban hien hanh a ah nhe voi em anh chi biet vao thang nam ngay luc",
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
    """Folded words, single spaces; of the signs only ``/ . - %`` are left."""
    text = unicodedata.normalize("NFC", question).lower()
    text = _LETTER_DD.sub(lambda found: f"{found['gap'] or ''}ð", text)
    text = re.sub(r"\s+", " ", fold(re.sub(r"[^\w/.\-%]+", " ", text))).strip(" .")
    return _UNGLUE.sub(" ", _GLUED.sub(r"d \1 k \2", text))


def find(question: str, register: Register, day: date) -> Cited | None:
    """The citation a question makes, or None. A law not named is the Labour Code of that day."""
    text = _plain(question)
    article = _ARTICLE.search(text)
    short = None if article else _SHORT_ARTICLE.search(text)
    place = article or short
    if place is None:
        return None
    clause = _CLAUSE.search(text) or _SHORT_CLAUSE.search(text)
    point = _POINT.search(text)
    rest = text
    for part in sorted(filter(None, (place, clause, point)), key=lambda m: -m.start()):
        mark = f" {_HERE} " if part is place else " "
        rest = rest[: part.start()] + mark + rest[part.end() :]
    tokens = re.findall(rf"[0-9a-z]+|{_HERE}", _YEAR_WORD.sub("", rest))
    named = nearest(tokens, tokens.index(_HERE), register)
    if short and not (clause or named):
        # A lone "d 35" could be anything; with a clause or a law's name it is a citation.
        return None
    law = register.by_abbreviation(named.name if named else DEFAULT_LAW_NAME, day)
    if law is None:
        return None
    if named:
        tokens = [*tokens[: named.start], *tokens[named.end :]]
    left = [word for word in tokens if word.isalpha() and word not in _FILLER]
    ref = Ref(
        law=law.number,
        article=place.group(1).translate(_DD),
        clause=clause.group(1).translate(_DD) if clause else None,
        point=point.group(1).translate(_DD) if point else None,
    )
    return Cited(ref=ref, bare=len(left) <= 1)
