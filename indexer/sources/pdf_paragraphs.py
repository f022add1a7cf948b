"""Printed rows joined to paragraphs again, and the notes at the foot of pages set apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.lines import Line, Role
from indexer.sources import footnotes
from indexer.sources.folding import fold
from indexer.sources.pdf_rows import Row

_MARKER = re.compile(
    r"^[“\"]?(?:Điều\s+\d+[a-zđ]?\s*[.:]|(?:Chương|Mục|Tiểu mục|Phần)\s+(?:[IVXLC\d]+|thứ)\b|"
    r"\d{1,3}[a-zđ]?[.)]\s|[a-zđ]\d?\)\s|[-–+•]\s|PHỤ LỤC\b|Phụ lục\s+[IVX\d]+\b)"
)
_ENDED = re.compile(r"[.;:,!?”\"/)\]…]$")
_FINISHED = re.compile(r"[.;:!?”\"/]$")
_INDENT = 0.8
"""A row this many times the type size right of its column's side is indented."""


@dataclass(frozen=True, slots=True)
class _Style:
    """How the document sets its paragraphs."""

    leading: float
    indents_first: bool


def split_notes(pages: Sequence[list[Row]]) -> tuple[list[Row], list[Row]]:
    """Rows of the text, and rows of the notes at the foot of the pages."""
    body: list[Row] = []
    notes: list[Row] = []
    sizes = Counter(row.size for rows in pages for row in rows for _ in row.words)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    for rows in pages:
        at = _foot(rows, usual, unfinished=bool(notes) and not _FINISHED.search(notes[-1].plain))
        body += rows[:at]
        notes += rows[at:]
    return body, notes


def _foot(rows: Sequence[Row], usual: float, *, unfinished: bool) -> int:
    """Index of the first row of the page's notes, ``len(rows)`` when it has none."""
    first = len(rows)
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if row.role is Role.TABLE or row.size > usual * 1.03:
            break
        small = row.size < usual * 0.95
        if _opens_note(row):
            first = at
        elif not small:
            break
    if first == len(rows) and unfinished:
        # A note that did not end on the page before goes on in small type, without a mark.
        at = len(rows)
        while at > 0 and rows[at - 1].size < usual * 0.95 and rows[at - 1].role is Role.BODY:
            at -= 1
        return at if at > 0 else len(rows)
    if first < len(rows) and unfinished:
        while first > 0 and rows[first - 1].size < usual * 0.95:
            first -= 1
    return first


def _opens_note(row: Row) -> bool:
    first, size, y = row.words[0], row.size, row.y
    raised = first.size < 0.85 * size and first.y > y + 0.12 * size
    return raised and footnotes.looks_like_mark(first.text) and len(row.words) > 1


def paragraphs(rows: Sequence[Row], role: Role = Role.BODY) -> list[Line]:
    """Rows in reading order as lines, one a paragraph or table row."""
    style = _style(rows)
    lines: list[Line] = []
    held: list[Row] = []
    for row in rows:
        if row.role is Role.TABLE:
            lines += _line(held, role)
            held = []
            lines.append(Line(row.text, f"trang {row.page}", Role.TABLE))
        elif held and _goes_on(held, row, style):
            held.append(row)
        else:
            lines += _line(held, role)
            held = [row]
    return lines + _line(held, role)


def _style(rows: Sequence[Row]) -> _Style:
    body = [row for row in rows if row.role is Role.BODY]
    steps = [
        one.y - other.y
        for one, other in pairwise(body)
        if one.page == other.page and 0 < one.y - other.y < 4 * one.size
    ]
    marked = [row for row in body if _MARKER.match(row.plain)]
    indented = sum(row.x0 - row.left > _INDENT * row.size for row in marked)
    return _Style(
        leading=median(steps) if steps else 0.0,
        indents_first=bool(marked) and indented > 0.6 * len(marked),
    )


def _goes_on(held: Sequence[Row], row: Row, style: _Style) -> bool:
    """Whether ``row`` continues the paragraph of ``held``."""
    last = held[-1]
    if row.alone or last.alone or _opens_note(row) or footnotes.opens(row.text):
        return False
    if _centred(row) or _centred(last):
        # A heading over two rows: the second began because the first was full.
        return _centred(row) and _centred(last) and not _fits(row, last)
    full = not _fits(row, last)
    if _MARKER.match(row.plain):
        begins = not full or _ENDED.search(last.plain) or _indent(row) > _INDENT
        if begins:
            return False
    if not full:
        return False
    if row.page == last.page and last.y > row.y and style.leading > 0:
        apart = last.y - row.y > 1.6 * style.leading and last.y - row.y > 1.6 * row.size
        if apart:
            return False
    if style.indents_first and _indent(row) > _INDENT:
        # Under a number of a hanging list the words stand indented too.
        return _indent(last) > _INDENT and len(held) > 1 and _MARKER.match(row.plain) is None
    return True


def _indent(row: Row) -> float:
    """How far the row begins inside its column, in type sizes."""
    return (row.x0 - row.left) / row.size


def _centred(row: Row) -> bool:
    before, after = row.x0 - row.left, row.right - row.x1
    return min(before, after) > 1.5 * row.size and abs(before - after) < 2.5 * row.size


def _fits(row: Row, last: Row) -> bool:
    """Whether the first word of ``row`` would have found room at the end of ``last``."""
    first = row.words[0]
    return last.x1 + 0.25 * last.size + (first.x1 - first.x0) < last.right - 0.1 * last.size


def _line(rows: Sequence[Row], role: Role) -> list[Line]:
    if not rows:
        return []
    text = rows[0].text
    for row in rows[1:]:
        if text.endswith("\u00ad"):
            text = text[:-1] + row.text
        elif re.search(r"\w[-–]$", text) and re.match(r"\w", row.text):
            text += row.text
        else:
            text = f"{text} {row.text}"
    text = fold(text)
    return [Line(text, f"trang {rows[0].page}", role)] if text else []
