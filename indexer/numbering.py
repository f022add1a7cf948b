"""How Vietnamese law counts: Điều 12, 12a, 13; khoản 8, 8a, 9; điểm a, b, c, d, đ, e, g, a1."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The order of điểm and of added articles; Vietnamese has no f, j, w, and uses no z here.
LETTERS = "abcdđeghiklmnopqrstuvxy"
#: What Word writes when it letters a list by itself.
WORD_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_ARTICLE = re.compile(
    r"^(?:Điều|ĐIỀU)\s*(?P<number>\d{1,3})\s?(?P<suffix>[a-zđ]{0,2})\s*"
    r"(?:[.:](?!\d+/)\s*(?P<rest>.*)|[-–—]\s+(?P<dashed>.*))?$"
)
_ARTICLE_BARE = re.compile(
    r"^(?:Điều|ĐIỀU)\s+(?P<number>\d{1,3})(?P<suffix>[a-zđ]?)\s+(?P<rest>(?=[^\W\d_])\S.*)$"
)
_OTHER_LAW = re.compile(
    r"^(?:Bộ luật|Luật|Nghị|Chương|Mục|Thông tư|Hiến pháp|Pháp lệnh|Điều|Quyết định|Quy chế)\b"
)
_CLAUSE = re.compile(
    r"^(?P<number>\d{1,2})(?P<suffix>[a-zđ]{0,2})\s?[.,/](?!\d)\s*(?P<rest>\S.*)?$"
)
_POINT = re.compile(r"^(?P<letter>[a-zđ])(?P<digits>\d{0,2})\s?(?P<mark>[).])\s*(?P<rest>\S.*)?$")


@dataclass(frozen=True, slots=True)
class Number:
    """The number of an article or clause: 12 and "a" for 12a."""

    value: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.value}{self.suffix}"

    def follows(self, before: Number | None) -> bool:
        """Whether this number may stand right after ``before`` (None: at the beginning)."""
        if before is None:
            return self.value == 1 and not self.suffix
        if self.value == before.value + 1:
            return not self.suffix
        return self.value == before.value and self.suffix in _after_suffix(before.suffix)

    def is_after(self, before: Number | None) -> bool:
        """Whether this number is greater than ``before``, with or without a gap."""
        if before is None:
            return True
        return (self.value, _rank(self.suffix)) > (before.value, _rank(before.suffix))

    def missing_after(self, before: Number | None) -> str:
        """The numbers that are missing between ``before`` and this one, as people write them."""
        first = before.value + 1 if before else 1
        last = self.value - 1 + bool(self.suffix)
        if first > last:
            return f"{self.value}a" if before is None or not before.suffix else "số ở giữa"
        return str(first) if first == last else f"{first} đến {last}"


@dataclass(frozen=True, slots=True)
class Letter:
    """The mark of a point: "đ", or "a1" for one added later."""

    value: str
    digits: str = ""

    def __str__(self) -> str:
        return f"{self.value}{self.digits}"

    def follows(self, before: Letter | None, word_made: bool = False) -> bool:
        """Whether this letter may stand right after ``before`` (None: at the beginning).

        ``word_made`` takes the order of Word's own lettering (no đ, but f and j).
        """
        if before is None:
            return self.value == "a" and self.digits in ("", "1")
        if self.value == before.value:
            return bool(self.digits) and int(self.digits) == int(before.digits or 0) + 1
        order = WORD_LETTERS if word_made else LETTERS
        return not self.digits and self.value == _next_letter(before.value, order)

    def missing_after(self, before: Letter | None) -> str:
        """The letter that should have stood here."""
        if before is None:
            return "a"
        return _next_letter(before.value, LETTERS) or before.value


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that may open an article: its number and the words after it."""

    number: Number
    rest: str
    bare: bool = False


def read_article(text: str) -> Heading | None:
    """The article heading in ``text``, None when it is none.

    A heading without a mark after the number ("Điều 5 Phạm vi") comes back as ``bare``: it
    needs the support of the numbering, since a wrapped reference looks the same.
    """
    found = _ARTICLE.match(text)
    if found:
        rest = found["rest"] or found["dashed"] or ""
        return Heading(Number(int(found["number"]), found["suffix"]), rest.strip())
    found = _ARTICLE_BARE.match(text)
    if found and found["rest"][0].isupper() and not _OTHER_LAW.match(found["rest"]):
        return Heading(Number(int(found["number"]), found["suffix"]), found["rest"], bare=True)
    return None


def read_clause(text: str) -> tuple[Number, str] | None:
    """The khoản that ``text`` opens and the words after its number, None when it opens none."""
    found = _CLAUSE.match(text)
    if not found:
        return None
    return Number(int(found["number"]), found["suffix"]), found["rest"] or ""


def read_point(text: str) -> tuple[Letter, str, bool] | None:
    """The điểm that ``text`` opens, its words, and whether the mark is the usual bracket."""
    found = _POINT.match(text)
    if not found:
        return None
    return Letter(found["letter"], found["digits"]), found["rest"] or "", found["mark"] == ")"


def _rank(suffix: str) -> tuple[int, ...]:
    return tuple(LETTERS.find(letter) for letter in suffix)


def _after_suffix(suffix: str) -> tuple[str, ...]:
    if not suffix:
        return ("a",)
    following = _next_letter(suffix[-1], LETTERS)
    return (suffix[:-1] + following,) if following else ()


def _next_letter(letter: str, order: str) -> str:
    at = order.find(letter)
    return order[at + 1] if 0 <= at < len(order) - 1 else ""
