"""The questions in a message: where one ends and the next begins, what is told around them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from knowledge.language.fold import fold

_UNITS = (
    "ngay|thang|nam|gio|tieng|lan|phan|tuoi|buoi|tuan|phut|nguoi|muc|loai|khoan|bua|hom|dong|cuc|%"
)
_POLITE = (
    r"(?: (?:a|ah|vay|v|z|ha|nhi|nha|nhe|mn|ad|admin|anh|chi|em|moi nguoi|bac|co|chu|the|nua|luon"
    r"|day|ta|cac ban|ban|oi|day a|vay a|shop|bot|luat su|ls|quy co quan))*"
)
"""What may stand after a question's last word."""
_NOT = "khong|ko|k|kg|hong|hok|hem"
_ASKS = re.compile(
    "|".join(
        (
            r"\?",
            r"\bbao (?:nhieu|lau|gio)\b|\bkhi nao\b|\bnao\b(?! cung)|\bnhieu tien\b",
            rf"\bmay (?:{_UNITS})(?! (?:sau|truoc|nay|nua|lien))",
            r"\b(?:nhu nao|the nao|ra sao|lam sao|tinh sao|thi sao|vi sao|tai sao)\b",
            r"\b(?:o dau|cho nao|nhung ai|(?:bao|hoi|gap|kien) ai)\b",
            r"(?<!khong )(?<!chua )\bai (?:tra|chiu|phai|dong|la|duoc|co|dung)\b",
            r"\b(?:lam|duoc|can|gom|nhung|bi|phai|la|co|giay|to|gi) gi\b|\bgi khong\b",
            rf"\b(?:co|duoc|phai|dung|hop phap|bi) (?:[\w,]+ ){{0,14}}?(?:{_NOT}|hay khong)\b"
            rf"{_POLITE}\W*$",
            rf"\b(?:{_NOT}|chua|ha|phai khong|dung khong|hay chua){_POLITE}\W*$",
            r"\b(?:gi|ai|bn|j|sao|dau)\W*$",
        )
    )
)
"""What makes a piece a question, in folded text."""

_NONE = re.compile(r"\b(?:chang|khong|ko|chua)(?: (?!thi\b|la\b|bao\b)\w+){0,5} nao\W*$")
"""Not any, which asks nothing: "chẳng thấy ai nào"."""

_NUMBERED = r"\(?[1-4][.)/](?!\d)|cau (?:hoi )?(?:thu )?[1-4]\b"
_GOES_ON = (
    "voi lai|vs lai|v lai|ngoai ra|hoi them|tien (?:the|day)|a ma|con nua|them nua|dong thoi|va|con"
    "|roi|luon tien"
)
_CUT = re.compile(
    "|".join(
        (
            r"(?<=[?!;\n])\s*|(?<=[^\d\W]\.)\s+",
            r"(?<=[^\d\s][,:])\s+(?![^(]*\))|(?<=\)[,:])\s+",
            rf"(?<![^\s,;])(?={_NUMBERED})",
            rf"\s+(?=(?:{_GOES_ON})\b)",
        )
    )
)
"""Where a message may be parted; whether both sides ask is seen afterwards."""

_LEAD = re.compile(
    rf"^(?:{_NUMBERED}|(?:voi lai|vs lai|v lai|ngoai ra|con nua|them nua|a ma)\b"
    r"|(?:dong thoi|tien (?:the|day)|va)\b)[ ,:.-]*"
)
_TAG = re.compile(
    r"^(?:vay |the )?(?:co )?(?:dung|phai)(?: vay| the| la vay)? (?:khong|ko|k|kg|hong|hem)\b"
)
"""What asks whether the words before it are so."""
_FEWEST_WORDS = 3


@dataclass(frozen=True)
class Piece:
    """A question of a message as it stands there, and what is told before it."""

    asks: str
    told: str


def pieces(text: str) -> list[Piece]:
    """The questions of a message, in order; none when nothing in it looks like one.

    What is told between two questions belongs to the later one; what is told after the last, to
    that.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split(" "))
    folded = fold(text)
    if len(folded) != len(text):
        return []
    ends = sorted({found.start() for found in _CUT.finditer(folded)} | {len(text)})
    found: list[Piece] = []
    told: list[str] = []
    start = 0
    for end in ends:
        told_so, start = text[start:end].strip(" \n"), end
        piece = told_so.strip(" ,;")
        if not piece:
            continue
        if _TAG.match(fold(piece)) and (told or found):
            before = told.pop() if told else None
            if before is None:
                found[-1] = Piece(f"{found[-1].asks} {piece}", found[-1].told)
            else:
                found.append(Piece(f"{before} {piece}", " ".join(told)))
                told = []
        elif asks(piece):
            found.append(Piece(_without_lead(piece), " ".join(told)))
            told = []
        else:
            told.append(told_so)
    if told and found:
        last = found[-1]
        found[-1] = Piece(last.asks, " ".join([last.told, *told]).strip())
    return found


def asks(piece: str) -> bool:
    """Whether a piece of a message asks something."""
    folded = _NONE.sub("", fold(piece))
    return len(piece.split()) >= _FEWEST_WORDS and _ASKS.search(folded) is not None


def _without_lead(piece: str) -> str:
    lead = _LEAD.match(fold(piece))
    rest = piece[lead.end() :] if lead else piece
    return rest.strip() or piece
