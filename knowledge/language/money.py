"""Sums as people say them: "8tr5", "8 củ rưỡi", "mười hai triệu", "500k" as numbers of dong."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from knowledge.language.fold import fold

_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9
_UNITS = {
    **dict.fromkeys(("k", "nghin", "ngan", "ng"), _THOUSAND),
    **dict.fromkeys(("tr", "trieu", "cu"), _MILLION),
    **dict.fromkeys(("ty", "ti"), _BILLION),
}
_ONLY_AFTER_A_FIGURE = ("k", "ng", "tr", "cu", "ti")
"""Words that are something else when no figure stands before them."""
_DIGITS = {
    **dict(zip("khong mot hai ba bon nam sau bay tam chin".split(), range(10), strict=True)),  # noqa: SIM905
    **{"linh": 0, "le": 0, "tu": 4, "lam": 5, "nham": 5},
}
_TENS = ("muoi", "chuc")
_WORD = "|".join(sorted((*_DIGITS, *_TENS, "tram"), key=len, reverse=True))
_SUM = re.compile(
    rf"(?<![\w.,])(?:(?P<figure>\d{{1,3}}(?:[.,]\d{{1,2}})?|\d+) ?"
    rf"|(?P<words>(?:(?:{_WORD}) )+))"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![^\W\d])"
    r"(?: ?(?P<rest>\d{1,3})(?![\d%]|\w|[.,/]\d| (?:ngay|thang|nam|gio|tuan|nguoi|lan|tieng|ca)\b)"
    r"| (?P<half>ruoi)\b)?"
)
_PLAIN = re.compile(r"(?<![\w.,/])(?P<whole>\d{1,3}(?:[.,]\d{3})+)(?![\d.,]\d|\d)")


@dataclass(frozen=True)
class Amount:
    """A sum of money in dong, and where it stands in the text."""

    dong: int
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """The sums a text names, in order. Marks may be there or not."""
    composed = unicodedata.normalize("NFC", text)
    folded = fold(composed)
    if len(folded) != len(composed):  # a letter that does not fold to one: its places are lost
        return []
    found = [each for match in _SUM.finditer(folded) if (each := _read(match))]
    taken = [range(each.start, each.end) for each in found]
    for match in _PLAIN.finditer(folded):
        if not any(match.start() in span for span in taken):
            dong = int(re.sub(r"\D", "", match["whole"]))
            found.append(Amount(dong, match.start(), match.end()))
    return sorted(found, key=lambda amount: amount.start)


def spelled(text: str) -> str:
    """The text with every sum said in words of money put one way: "8tr5" as "8,5 triệu đồng"."""
    text = unicodedata.normalize("NFC", text)
    for amount in reversed(amounts(text)):
        if not _PLAIN.fullmatch(text[amount.start : amount.end]):
            rest = text[amount.end :]
            unit = "" if fold(rest).lstrip().startswith(("dong", "vnd")) else " đồng"
            text = f"{text[: amount.start]}{_said(amount.dong)}{unit}{rest}"
    return text


def _said(dong: int) -> str:
    for worth, name in ((_BILLION, "tỷ"), (_MILLION, "triệu"), (_THOUSAND, "nghìn")):
        if dong >= worth:
            whole = format((Decimal(dong) / worth).normalize(), "f")
            return f"{whole.replace('.', ',')} {name}"
    return str(dong)


def _read(found: re.Match[str]) -> Amount | None:
    unit = _UNITS[found["unit"]]
    if found["figure"]:
        if found["unit"] == "k" and " k" in found.group():
            return None  # "5 k": five, and a "không"
        number = Decimal(found["figure"].replace(",", "."))
    elif found["unit"] in _ONLY_AFTER_A_FIGURE:
        return None
    else:
        spoken = _number(found["words"].split())
        if spoken is None:
            return None
        number = Decimal(spoken)
    dong = number * unit
    if found["half"]:
        dong += unit // 2
    elif found["rest"]:
        # "8tr5" is 8,500,000, and so is "8tr500".
        dong += Decimal(f"0.{found['rest']}") * unit
    return Amount(int(dong), found.start(), found.end())


def _number(words: list[str]) -> int | None:
    """The number up to 999 that the words say; None when they say none."""
    total, digit = 0, None
    for word in words:
        if word == "tram":
            total, digit = total + (1 if digit is None else digit) * 100, None
        elif word in _TENS:
            total, digit = total + (1 if digit is None else digit) * 10, None
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[word]
    if not words or (words[-1] not in ("tram", *_TENS) and digit is None):
        return None
    # "trăm hai" is a hundred and twenty.
    tail = (digit or 0) * (10 if len(words) > 1 and words[-2] == "tram" else 1)
    return total + tail
