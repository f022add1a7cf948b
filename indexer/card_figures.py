"""Figures, dates and document numbers in running Vietnamese text, and the ground they rest on.

A figure is a number with the unit it counts. A card's figure is found in a law's text when the
value is the same and the units do not contradict each other: "3 ngày làm việc" does not rest on
"3 tháng", but "12 đến 36 tháng" rests on "12 tháng".
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, DivisionByZero, InvalidOperation
from functools import lru_cache

_WORKING, _DAYS = "ngày làm việc", "ngày"
_UNITS = (
    _WORKING, _DAYS, "tháng", "năm", "giờ", "phút", "tuần", "tuổi", "lần", "đồng", "người",
)  # fmt: skip
_SCALES = {"nghìn": 1_000, "ngàn": 1_000, "triệu": 1_000_000, "tỷ": 1_000_000_000}
_SPELLED = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
    "mười": 10,
}  # fmt: skip

_UNIT = "|".join(_UNITS)
_NUMERAL = r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"
_NUMBER = re.compile(
    rf"(?P<thu>(?P<before>{_UNIT}) thứ )?(?<![\w/.,])"
    rf"(?:(?P<half>½)|(?P<top>\d{{1,2}})/(?P<bottom>\d{{1,2}})|(?P<plain>{_NUMERAL}))(?![\w/])"
    rf"(?:\s*(?P<percent>%)|(?: (?P<scale>{'|'.join(_SCALES)})\b)?(?: (?P<unit>{_UNIT})\b)?)"
)
_WORDED = re.compile(rf"\b(?P<word>nửa|{'|'.join(_SPELLED)}) (?P<unit>{_UNIT})\b(?! \d)")
_IN_WORKING_DAYS = re.compile(r"(?<!\d )\bngày làm việc\b(?! thứ)")
_UNREAD = re.compile(r"[^\s#]*\d[^\s#]*")
_TWICE = re.compile(r"\bgấp đôi\b")
_JOINED = re.compile(r"\s*(?:,|;|-|–|đến|tới|và|hoặc|hay)\s+(?:đến |từ |dưới |đủ |là )*$")

_SPOKEN_DAY = re.compile(r"\b(?:ngày|mùng) (\d{1,2}) tháng (\d{1,2})(?: năm (\d{4}))?")
_DAY = re.compile(r"(?<![\d/.])(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?![/\d])")
_MONTH = re.compile(r"(?<![\d/])(?:tháng )?(0?[1-9]|1[0-2])/(\d{4})(?![/\d])")
_DOCUMENT = re.compile(
    r"(?<![\d/])(?P<number>\d{1,4}/\d{4}/[A-ZĐa-zđ][\w-]*\w)"
    r"|\b(?P<kind>nghị định|bộ luật|luật|nđ|thông tư|nghị quyết)(?: số)? "
    r"(?P<short>\d{1,4}(?:/\d{4})?)(?![\d/])",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\bđiều (\d+[a-zđ]?)\b(?! kiện)", re.IGNORECASE)
_CITED = re.compile(
    r"\b(?:điều|khoản|chương|mục|phụ lục|mẫu số) \d+[a-zđ]?(?:(?:, | và | hoặc |; )\d+[a-zđ]?\b"
    r"(?! ?(?:%|/|\.\d| (?:ngày|tháng|năm|giờ|tuổi|lần|đồng))))*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written: its value, the unit it counts ("%" included), None when unsaid."""

    value: Decimal
    unit: str | None
    written: str


@dataclass(frozen=True, slots=True)
class DayMonth:
    """A day without a year, which may as well be a fraction: "2/9", "1/2"."""

    day: int
    month: int
    written: str


@dataclass(frozen=True)
class Reading:
    """What one text states. ``in_working_days``: it says so once for all the days it counts.

    ``unread`` are pieces with digits that are none of these ("10h").
    """

    figures: tuple[Figure, ...] = ()
    days: frozenset[date] = frozenset()
    months: frozenset[tuple[int, int]] = frozenset()
    day_months: tuple[DayMonth, ...] = ()
    documents: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    in_working_days: bool = False
    unread: tuple[str, ...] = ()


@lru_cache(maxsize=16384)
def read(text: str) -> Reading:
    """The figures, dates and documents of a text; each stretch is read as one of them only."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    documents: list[str] = []
    days: set[date] = set()
    months: set[tuple[int, int]] = set()
    day_months: list[DayMonth] = []

    def document(found: re.Match[str]) -> str:
        documents.append(found["number"] or f"{found['kind']} {found['short']}")
        return _blank(found)

    def day(found: re.Match[str]) -> str:
        numbers = [int(part) for part in found.groups() if part]
        if len(numbers) == 2:
            day_months.append(DayMonth(numbers[0], numbers[1], found.group()))
        elif whole := _day(*numbers):
            days.add(whole)
        return _blank(found)

    def month(found: re.Match[str]) -> str:
        months.add((int(found[1]), int(found[2])))
        return _blank(found)

    for pattern, take in (
        (_SPOKEN_DAY, day),
        (_DAY, day),
        (_DOCUMENT, document),
        (_MONTH, month),
    ):
        text = pattern.sub(take, text)
    articles = tuple(_ARTICLE.findall(text))
    text = _CITED.sub(_blank, text)
    figures = [*_numerals(text.lower(), day_months), *_worded(text.lower())]
    return Reading(
        tuple(figures),
        frozenset(days),
        frozenset(months),
        tuple(day_months),
        tuple(documents),
        articles,
        _IN_WORKING_DAYS.search(text.lower()) is not None,
        tuple(_UNREAD.findall(_NUMBER.sub(_blank, text.lower()))),
    )


def _blank(found: re.Match[str]) -> str:
    return "#" * len(found.group())


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numerals(text: str, day_months: list[DayMonth]) -> list[Figure]:
    """The figures written in digits; one of a row takes the unit that ends the row."""
    found: list[tuple[re.Match[str], Decimal, str | None]] = []
    for match in _NUMBER.finditer(text):
        if match["half"]:
            value = Decimal("0.5")
        elif match["top"]:
            top, bottom = int(match["top"]), int(match["bottom"])
            if not match["unit"]:
                day_months.append(DayMonth(top, bottom, match.group()))
                continue
            if top > 1:  # "12/24 tháng": twelve months within twenty-four
                found.append((match, Decimal(top), match["unit"]))
            value = Decimal(bottom) if top > 1 else Decimal(top) / (bottom or 1)
        else:
            value = Decimal(match["plain"].replace(".", "").replace(",", "."))
        value *= _SCALES.get(match["scale"] or "", 1)
        unit = match["percent"] or match["unit"] or match["before"]
        found.append((match, value, unit))
    figures: list[Figure] = []
    following: tuple[int, str | None] | None = None
    for match, value, unit in reversed(found):
        shared = unit
        if shared is None and following and _JOINED.match(text[match.end() : following[0]]):
            shared = following[1]
        figures.append(Figure(value.normalize(), shared, match.group().strip()))
        following = (match.start(), shared)
    return figures[::-1]


def _worded(text: str) -> Iterator[Figure]:
    """The figures written in words: "hai lần", "nửa tháng", "gấp đôi"."""
    for match in _WORDED.finditer(text):
        word = match["word"]
        value = Decimal("0.5") if word == "nửa" else Decimal(_SPELLED[word])
        yield Figure(value, match["unit"], match.group())
    for match in _TWICE.finditer(text):
        yield Figure(Decimal(2), "lần", match.group())


@dataclass
class Ground:
    """What figures may rest on: the texts of clauses, parameters, computed figures."""

    units: dict[Decimal, set[str | None]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    day_months: set[tuple[int, int]] = field(default_factory=set)
    in_working_days: bool = False

    def add_text(self, text: str) -> None:
        """All that a clause states."""
        reading = read(text)
        for figure in reading.figures:
            self.add(figure.value, figure.unit)
        for pair in reading.day_months:
            self.day_months.add((pair.day, pair.month))
            if pair.month:
                self.add(Decimal(pair.day) / pair.month, None)
        self.days |= reading.days
        self.in_working_days |= reading.in_working_days

    def add(self, value: Decimal, unit: str | None) -> None:
        """One figure."""
        self.units.setdefault(value.normalize(), set()).add(unit)

    def holds(self, figure: Figure, in_working_days: bool = False) -> bool:
        """Whether the figure rests on this ground.

        Days and working days are different figures, unless either text says once that all its
        days are working days (``in_working_days``: the figure's text does).
        """
        units = self.units.get(figure.value)
        if units is None:
            return False
        allowed = {None, figure.unit}
        if figure.unit == _WORKING and self.in_working_days:
            allowed.add(_DAYS)
        if figure.unit == _DAYS and in_working_days:
            allowed.add(_WORKING)
        return figure.unit is None or bool(allowed & units)

    def holds_value(self, value: Decimal) -> bool:
        """Whether the bare number does, whatever it counts."""
        return value.normalize() in self.units

    def holds_pair(self, pair: DayMonth) -> bool:
        """Whether the day of the year, or the fraction, does."""
        if (pair.day, pair.month) in self.day_months:
            return True
        return bool(pair.month) and self.holds_value(Decimal(pair.day) / pair.month)

    def holds_year(self, year: int) -> bool:
        """Whether the year does, by itself or in a date."""
        return any(day.year == year for day in self.days) or self.holds_value(Decimal(year))


def merged(grounds: Iterable[Ground]) -> Ground:
    """All of them as one."""
    whole = Ground()
    for ground in grounds:
        for value, units in ground.units.items():
            whole.units.setdefault(value, set()).update(units)
        whole.days |= ground.days
        whole.day_months |= ground.day_months
        whole.in_working_days |= ground.in_working_days
    return whole


class NotArithmetic(ValueError):
    """A computed figure's arithmetic that cannot be evaluated: what is wrong with it."""


_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(written: str) -> tuple[Decimal, tuple[Decimal, ...]]:
    """The value of ``8 + 1 + 1.5`` and its operands. Raises NotArithmetic.

    Only numbers, brackets and + - * / are known; nothing is executed.
    """
    operands: list[Decimal] = []

    def value(node: ast.expr) -> Decimal:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            operands.append(Decimal(str(node.value)))
            return operands[-1]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](value(node.left), value(node.right))
        raise NotArithmetic("chỉ được dùng số, dấu ngoặc và + - * /")

    try:
        result = value(ast.parse(written.strip(), mode="eval").body)
    except SyntaxError:
        raise NotArithmetic("không phải là một phép tính") from None
    except (DivisionByZero, InvalidOperation):
        raise NotArithmetic("có phép chia cho 0") from None
    return result, tuple(operands)
