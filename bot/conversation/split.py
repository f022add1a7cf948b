"""Long text to messages a channel can carry, broken where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_CITATION = re.compile(
    r"(?:(?:điểm|Điểm) [a-zđ]\d?,? )?(?:(?:khoản|Khoản) \d+[a-zđ]?,? )?(?:điều|Điều) \d+[a-zđ]?"
    r"(?: [^.;\n]{0,120}?\d+/\d{4}/[\w-]+)?"
    r"|\d+/\d{4}/[\w-]+|\d{1,2}/\d{1,2}/\d{4}|\d[\d.,]*\d(?: đồng)?"
)
"""What must stay in one piece: citations, numbers of documents, days, amounts."""

# In order of preference: between paragraphs, lines, sentences, clauses of a sentence, words.
_PAUSES = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s+"),
    re.compile(r"(?<=[;:,])\s+"),
    re.compile(r"\s+"),
)


def split(text: str, limit: int) -> list[str]:
    """Parts of at most ``limit`` characters (NFC); all words stay, in order."""
    rest = unicodedata.normalize("NFC", text).strip()
    parts = []
    while len(rest) > limit:
        end, after = _pause(rest, limit)
        parts.append(rest[:end].rstrip())
        rest = rest[after:].lstrip()
    if rest:
        parts.append(rest)
    return parts


def pack(blocks: Sequence[str], limit: int) -> list[str]:
    """Blocks (paragraphs, each a unit of meaning) to as few messages as hold them, in order.

    A block is only broken when it does not fit a message of its own.
    """
    messages: list[str] = []
    for block in blocks:
        for part in split(block, limit):
            if messages and len(messages[-1]) + 2 + len(part) <= limit:
                messages[-1] += "\n\n" + part
            else:
                messages.append(part)
    return messages


def _pause(text: str, limit: int) -> tuple[int, int]:
    """Where to end the first part and where the next begins."""
    whole = [
        m.span()
        for m in _CITATION.finditer(text, 0, min(len(text), limit * 2))
        if m.end() - m.start() <= limit
    ]
    for pattern in _PAUSES:
        places = [m.span() for m in _spans(pattern, text, limit)]
        # A pause in the first third would leave a crumb of a message; look for a finer one.
        good = [
            (a, b)
            for a, b in places
            if a > limit // 3 and not any(s < b and a < e for s, e in whole)
        ]
        if good:
            return good[-1]
    end = limit
    for start, stop in whole:
        if start < end < stop and start > 0:
            end = start
    # Never between a letter and the marks or joiners that belong to it.
    while end > 1 and (unicodedata.combining(text[end]) or "\u200d" in text[end - 1 : end + 1]):
        end -= 1
    return end, end


def _spans(pattern: re.Pattern[str], text: str, limit: int) -> Iterator[re.Match[str]]:
    return (m for m in pattern.finditer(text, 0, limit + 1) if 0 < m.start() <= limit)
