"""What a PDF repeats on its pages around the text: running headers, page numbers, stamps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from indexer.lines import Role
from indexer.sources.pdf_rows import Row

_EDGE = 3
"""How many rows at the top and at the bottom of a page may be furniture."""
_PAGE_NUMBER = re.compile(
    r"^\W*(?:(?:Trang|Page)\s+)?(\d{1,4})(?:\s*/\s*\d{1,4})?\W*$", re.IGNORECASE
)
_STAMP = re.compile(
    r"^(?:(?:Được )?Ký bởi|Người ký|Ngày ký|Thời gian ký|Digitally signed|Signer)\b", re.IGNORECASE
)
_STAMP_GOES_ON = re.compile(
    r"^(?:Email|Cơ quan|Tổ chức|Địa chỉ|Date|Reason|Location)\s*:", re.IGNORECASE
)
_RULE = re.compile(r"^[\s_.*=~–—-]+$")


def without_furniture(pages: Sequence[list[Row]]) -> list[list[Row]]:
    """The rows of each page that belong to the text."""
    repeated = _repeated(pages)
    numbered = _numbered(pages)
    cleaned = []
    for at, rows in enumerate(pages):
        dropped = {
            index
            for index in _edges(rows)
            if (_key(rows[index]), _height(rows[index])) in repeated or (at, index) in numbered
        }
        cleaned.append(list(_unstamped([r for i, r in enumerate(rows) if i not in dropped])))
    return cleaned


def _edges(rows: Sequence[Row]) -> list[int]:
    order = sorted(range(len(rows)), key=lambda index: -rows[index].y)
    return sorted({*order[:_EDGE], *order[-_EDGE:]})


def _key(row: Row) -> str:
    """The row without its page number, the same on odd and even pages."""
    return re.sub(r"^\d+\s+|\s+\d+$|\W+", " ", row.plain).strip().lower()


def _height(row: Row) -> int:
    return round(row.y / 4)


def _repeated(pages: Sequence[list[Row]]) -> set[tuple[str, int]]:
    counts: Counter[tuple[str, int]] = Counter()
    for rows in pages:
        seen = {(_key(rows[index]), _height(rows[index])) for index in _edges(rows)}
        counts.update(key for key in seen if key[0] and not key[0].isdigit())
    # A sentence of the law may by chance stand twice at one height, but not on every fourth page.
    need = max(3, round(0.25 * len(pages))) if len(pages) > 3 else 2
    return {key for key, count in counts.items() if count >= need}


def _numbered(pages: Sequence[list[Row]]) -> set[tuple[int, int]]:
    """Rows that are only a number which counts up with the pages."""
    found: list[tuple[int, int, int]] = []
    for at, rows in enumerate(pages):
        for index in _edges(rows):
            number = _PAGE_NUMBER.match(rows[index].plain)
            if number and rows[index].role is Role.BODY:
                found.append((at, index, int(number[1]) - at))
    offsets = Counter(offset for _, _, offset in found)
    need = 2 if len(pages) > 1 else 1
    return {(at, index) for at, index, offset in found if offsets[offset] >= need}


def _unstamped(rows: Sequence[Row]) -> Iterator[Row]:
    """Leave out drawn rules and the lines that a digital signature prints on the page."""
    stamped = False
    for row in rows:
        text = row.plain
        if row.role is Role.BODY and _RULE.match(text) and len(text) > 2:
            continue
        stamped = bool(_STAMP.match(text)) or (stamped and bool(_STAMP_GOES_ON.match(text)))
        if not stamped:
            yield row
