"""Which lines are another law's words: the new wording that an amending article quotes.

An amending article quotes whole articles, clauses and points between quotation marks that open
on one line and close many lines later. Inside, "Điều 54." or "a)" numbers the other law.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.numbering import Number, read_article

_MARKS = '“”"„‟«»'
# Two single marks typed for a double one.
_DOUBLED = re.compile(r"(‘‘|``)|’’|''")
_CLOSERS = ' .,;:)]”"»'
_INSTRUCTION = re.compile(r"(?:như sau|sau đây|sau)\s*:?$|:$", re.IGNORECASE)
_AMENDS = re.compile(
    r"^(?:\d{1,2}[a-zđ]?\s?\.|[a-zđ]\d?\s?\)|[-–])?\s*"
    r"(?:Sửa đổi|Bổ sung|Thay thế|Thay|Bãi bỏ|Bỏ|Hủy bỏ)\b"
)
_CLOSED = re.compile(r"[”\"»]\s*(?:\[\d+\])?\s*[.;,]?$")


def quoted_lines(texts: Sequence[str], nested: bool = True) -> list[bool]:
    """For every line whether its beginning stands inside a quotation.

    ``nested`` allows quotations within quotations over several lines; without it, a new
    quotation that follows an amending instruction ends one left open before it.
    """
    texts = [_DOUBLED.sub(lambda found: "“" if found[1] else "”", text) for text in texts]
    quoted = [False] * len(texts)
    at = 0
    while at < len(texts):
        end = _end_of_block(texts, at, nested)
        if end is None:
            quoted[at] = texts[at][:1] in _MARKS and bool(texts[at])
            at += 1
            continue
        starts_inside = texts[at][0] in _MARKS or not _opening(texts[at])
        for line in range(at if starts_inside else at + 1, end + 1):
            quoted[line] = True
        at = end + 1
    return quoted


def is_instruction(text: str) -> bool:
    """Whether the line announces another law's new wording ("Sửa đổi khoản 2 như sau:")."""
    return bool(_INSTRUCTION.search(text)) and bool(
        re.search(r"sửa đổi|bổ sung|thay thế|thay\b", text, re.IGNORECASE)
    )


def _end_of_block(texts: Sequence[str], at: int, nested: bool) -> int | None:
    """The last line of the quotation that opens in line ``at``, None when none opens there."""
    before = texts[at - 1] if at else ""
    opening = _opening(texts[at])
    if opening is None:
        announced = _AMENDS.match(before) and before.endswith("như sau:")
        return _end_of_unopened(texts, at) if announced else None
    lead = texts[at][:opening].rstrip() or before
    if not (lead.endswith(":") or _INSTRUCTION.search(lead) or _CLOSED.search(before)):
        return None
    depth = _change(texts[at][opening:])
    for line in range(at + 1, len(texts)):
        text = texts[line]
        if not nested and text[:1] in _MARKS and text and is_instruction(texts[line - 1]):
            return max(at, line - 2)
        depth += _change(text)
        if depth <= 0:
            return line
    return _end_by_evidence(texts, at)


def _end_by_evidence(texts: Sequence[str], at: int) -> int:
    """Where an unclosed quotation ends: before what is plainly the amending law again."""
    expected = _article_before(texts, at)
    for line in range(at + 1, len(texts)):
        text = texts[line]
        if _AMENDS.match(text):
            return line - 1
        heading = read_article(text)
        if heading and expected and heading.number.follows(expected):
            return line - 1
        if text[:1] in _MARKS and is_instruction(texts[line - 1]):
            return max(at, line - 2)
        if _CLOSED.search(text) and _change(text) < 0:
            return line
    return at


def _end_of_unopened(texts: Sequence[str], at: int) -> int | None:
    """The end of a quotation whose opening mark was lost, None when nothing shows one."""
    for line in range(at, min(at + 60, len(texts))):
        text = texts[line]
        change = _change(text)
        if change < 0 and _CLOSED.search(text):
            return line
        if change > 0 or _AMENDS.match(text):
            return None
    return None


def _article_before(texts: Sequence[str], at: int) -> Number | None:
    """The number of the last article heading above line ``at`` that is not itself quoted."""
    for line in range(at - 1, -1, -1):
        heading = read_article(texts[line])
        if heading and not heading.bare:
            return heading.number
    return None


def _opening(text: str) -> int | None:
    """Where the quotation that the line leaves open begins, None when it leaves none open."""
    still_open: list[int] = []
    for position, opens in _marks(text):
        if opens:
            still_open.append(position)
        elif still_open:
            still_open.pop()
    return still_open[0] if still_open else None


def _change(text: str) -> int:
    """Quotations opened less quotations closed."""
    return sum(1 if opens else -1 for _, opens in _marks(text))


def _marks(text: str) -> list[tuple[int, bool]]:
    """Each quotation mark and whether it opens; a mark typed the wrong way round is righted."""
    found = []
    for position, char in enumerate(text):
        if char not in _MARKS:
            continue
        before = text[position - 1] if position else " "
        after = text[position + 1] if position + 1 < len(text) else " "
        at_start = before in " ([“„«" and after not in _CLOSERS
        at_end = before not in " ([" and after in _CLOSERS
        if char in "“„«":
            opens = not (at_end and position > 0 and after in " .,;")
        elif char in "”»":
            opens = position == 0 and at_start
        else:
            opens = at_start
        found.append((position, opens))
    return found
