"""The words of a PDF page as rows in reading order: columns apart, letterheads apart, tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.lines import Role
from indexer.sources import footnotes
from indexer.sources.folding import fold, table_row
from indexer.sources.pdf_page import Page, Word
from indexer.sources.pdf_tables import Table, tables

_APART = 1.6
"""A gap this many times the type size sets two parts of a row apart; words stand at 0.3."""
_LETTERHEAD = re.compile(r"CỘNG H(?:ÒA|OÀ) XÃ HỘI|Độc lập\s*-\s*Tự do")
_SIGNATURE = re.compile(
    r"Nơi nhận|Đã ký|\bTM\.|\bKT\.|\bTL\.|XÁC THỰC VĂN BẢN|CHỦ TỊCH|THỦ TƯỚNG|BỘ TRƯỞNG|"
    r"CHỦ NHIỆM"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row of one column; ``left`` and ``right`` are the sides of that column.

    ``alone``: part of a letterhead or a signature, where each row is a line of its own.
    """

    words: tuple[Word, ...]
    page: int
    left: float
    right: float
    role: Role = Role.BODY
    table_text: str = ""
    alone: bool = False

    @property
    def x0(self) -> float:
        """Left end of the row."""
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        """Right end of the row."""
        return max(word.x1 for word in self.words)

    @property
    def size(self) -> float:
        """Type size of most of the row's letters."""
        weights: dict[float, int] = {}
        for word in self.words:
            weights[word.size] = weights.get(word.size, 0) + len(word.text)
        return max(weights, key=lambda size: weights[size])

    @property
    def y(self) -> float:
        """Base line of the words in the row's own size."""
        size = self.size
        return next(word.y for word in self.words if word.size == size)

    @property
    def text(self) -> str:
        """The row's words; raised digits are wrapped as possible note marks."""
        if self.role is Role.TABLE:
            return self.table_text
        return _joined(self.words, self.size, self.y)

    @property
    def plain(self) -> str:
        """The row's words as printed."""
        return fold(" ".join(word.text for word in self.words))


def _joined(words: Sequence[Word], size: float, y: float) -> str:
    text = ""
    for word in words:
        raised = word.size < 0.85 * size and word.y > y + 0.12 * size
        is_mark = raised and footnotes.looks_like_mark(word.text)
        shown = footnotes.mark(word.text) if is_mark else word.text
        text += shown if word.glued or not text else f" {shown}"
    return fold(text)


def page_rows(page: Page) -> list[Row]:
    """All rows of a page in reading order."""
    found = tables(page)
    free = [word for word in page.words if not any(table.holds(word) for table in found)]
    rows = _clustered(free)
    if not rows and not found:
        return []
    ordered = _columns(rows, page.number)
    for table in found:
        at = next(
            (index for index, row in enumerate(ordered) if row.y < table.top),
            len(ordered),
        )
        ordered[at:at] = _table_rows(table, page)
    return ordered


def _table_rows(table: Table, page: Page) -> list[Row]:
    rows = []
    for cells in table.rows:
        held = [[word for word in page.words if cell.holds(word)] for cell in cells]
        text = table_row([_cell_text(words).replace("|", "/") for words in held])
        words = [word for part in held for word in part]
        if text:
            rows.append(Row(tuple(words), page.number, table.left, table.right, Role.TABLE, text))
    return rows


def _cell_text(words: Sequence[Word]) -> str:
    rows = _clustered(words)
    return " ".join(Row(tuple(row), 0, 0, 0).text for row in rows)


def _clustered(words: Sequence[Word]) -> list[list[Word]]:
    """Words on one base line together, rows from top to bottom, words from left to right.

    Raised and lowered digits join the row they hang on; words left of them come first.
    """
    rows: list[list[Word]] = []
    lines: list[tuple[float, float]] = []
    # Full-size words found the rows; small ones then join the nearest.
    for word in sorted(words, key=lambda word: (-round(word.size, 0), -word.y)):
        near = [
            (abs(word.y - y), index)
            for index, (y, size) in enumerate(lines)
            if abs(word.y - y) < 0.45 * size
        ]
        if near:
            rows[min(near)[1]].append(word)
        else:
            rows.append([word])
            lines.append((word.y, word.size))
    for row in rows:
        row.sort(key=lambda word: word.x0)
    order = sorted(range(len(rows)), key=lambda index: -lines[index][0])
    return [rows[index] for index in order]


# --- columns ---------------------------------------------------------------------------------


def _columns(rows: list[list[Word]], page: int) -> list[Row]:
    if not rows:
        return []
    left = min(word.x0 for row in rows for word in row)
    right = max(word.x1 for row in rows for word in row)
    gutter = _gutter(rows, left, right)
    ordered: list[Row] = []
    band: list[list[Word]] = []
    for row in rows:
        if gutter is not None and not _crosses(row, gutter):
            band.append(row)
            continue
        ordered += _side_by_side(band, gutter, page, left, right)
        band = []
        ordered.append(Row(tuple(row), page, left, right))
    ordered += _side_by_side(band, gutter, page, left, right)
    return _parts_apart(ordered) if gutter is None else ordered


def _gutter(rows: list[list[Word]], left: float, right: float) -> tuple[float, float] | None:
    """The free strip between two columns of running text, None on a page of one column."""
    width = right - left
    if len(rows) < 8 or width <= 0:
        return None
    best: tuple[float, float] | None = None
    for step in range(35, 66):
        x = left + width * step / 100
        strip = (x - 2, x + 2)
        crossing = sum(_crosses(row, strip) for row in rows)
        if crossing > 0.3 * len(rows):
            continue
        free = [row for row in rows if not _crosses(row, strip)]
        ends = [max(w.x1 for w in row if w.x1 <= x) for row in free if row[0].x1 <= x]
        starts = [min(w.x0 for w in row if w.x0 >= x) for row in free if row[-1].x0 >= x]
        if min(len(ends), len(starts)) < 6 or not ends or not starts:
            continue
        end, start = sorted(ends)[int(0.9 * len(ends))], sorted(starts)[int(0.1 * len(starts))]
        # In running text most rows reach the side of their column; table cells do not.
        filled = sum(e > left + 0.75 * (x - left) for e in ends) >= 0.5 * len(ends)
        if filled and start > end and (best is None or start - end > best[1] - best[0]):
            best = (end, start)
    return best


def _crosses(row: Sequence[Word], strip: tuple[float, float]) -> bool:
    if any(word.x0 < strip[1] and word.x1 > strip[0] for word in row):
        return True
    # Words that stand close on both sides of the strip are one row across it.
    before = [word.x1 for word in row if word.x1 <= strip[0]]
    after = [word.x0 for word in row if word.x0 >= strip[1]]
    return bool(before and after) and min(after) - max(before) < 0.6 * row[0].size


def _side_by_side(
    band: list[list[Word]], gutter: tuple[float, float] | None, page: int, left: float, right: float
) -> list[Row]:
    if gutter is None or not band:
        return []
    middle = (gutter[0] + gutter[1]) / 2
    words = [word for row in band for word in row]
    ordered = []
    for held, side in (
        ([word for word in words if word.x1 <= middle], (left, gutter[0])),
        ([word for word in words if word.x1 > middle], (gutter[1], right)),
    ):
        ordered += [Row(tuple(row), page, *side) for row in _clustered(held)]
    return ordered


# --- letterheads, signatures, unruled tables -------------------------------------------------


def _parts(row: Row) -> list[tuple[Word, ...]]:
    parts: list[list[Word]] = [[]]
    for word in row.words:
        if parts[-1] and word.x0 - parts[-1][-1].x1 > _APART * row.size:
            parts.append([])
        parts[-1].append(word)
    return [tuple(part) for part in parts]


def _parts_apart(rows: list[Row]) -> list[Row]:
    """Set apart what stands side by side in a few rows: letterhead, signatures, unruled cells."""
    ordered: list[Row] = []
    run: list[tuple[Row, list[tuple[Word, ...]]]] = []
    for row in rows:
        parts = _parts(row) if row.role is Role.BODY else []
        wide = len(parts) > 1 and not _is_item(parts)
        if wide or (run and len(parts) == 1 and _beside(parts[0], run)):
            run.append((row, parts))
            continue
        ordered += _laid_out(run)
        run = []
        ordered.append(row)
    return ordered + _laid_out(run)


def _is_item(parts: list[tuple[Word, ...]]) -> bool:
    """A number or a bullet, a wide tab, and its words."""
    first = " ".join(word.text for word in parts[0])
    return len(parts) == 2 and bool(re.fullmatch(r"(?:\d+|[a-zđ])[.)]|[-–+•]|Điều \d+\w*\.", first))


def _beside(part: tuple[Word, ...], run: list[tuple[Row, list[tuple[Word, ...]]]]) -> bool:
    """Whether a lone part goes on one of the blocks above it without reaching across the gap."""
    last = run[-1][0]
    if part[0].y < last.y - 2.2 * last.size:
        return False
    left_end, right_start = _gap(run)
    return part[-1].x1 <= right_start or part[0].x0 >= left_end


def _gap(run: list[tuple[Row, list[tuple[Word, ...]]]]) -> tuple[float, float]:
    """Where the left block ends and where the right one starts, by the rows that have both."""
    parted = [parts for _, parts in run if len(parts) > 1]
    return max(parts[0][-1].x1 for parts in parted), min(parts[1][0].x0 for parts in parted)


def _laid_out(run: list[tuple[Row, list[tuple[Word, ...]]]]) -> list[Row]:
    if not run:
        return []
    text = " ".join(row.plain for row, _ in run)
    if _LETTERHEAD.search(text) or _SIGNATURE.search(text):
        left, right = _blocks(run)
        if _LETTERHEAD.search(text):
            return [*left, *right]
        # A signature is one row, as in a Word file: left the addressees, right who signed.
        first = run[0][0]
        cells = [" ".join(row.text.replace("|", "/") for row in side) for side in (left, right)]
        words = tuple(word for row, _ in run for word in row.words)
        side = (first.left, first.right)
        return [Row(words, first.page, *side, Role.TABLE, table_row(cells))]
    if sum(len(parts) > 1 for _, parts in run) < 2:
        return [row for row, _ in run]
    return [_unruled(row, parts) if len(parts) > 1 else row for row, parts in run]


def _blocks(run: list[tuple[Row, list[tuple[Word, ...]]]]) -> tuple[list[Row], list[Row]]:
    left_end, _ = _gap(run)
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row, parts in run:
        for at, part in enumerate(parts):
            is_right = at > 0 or part[0].x0 >= left_end
            sides[is_right].append(Row(part, row.page, row.left, row.right, alone=True))
    return sides


def _unruled(row: Row, parts: list[tuple[Word, ...]]) -> Row:
    cells = [_joined(part, row.size, row.y).replace("|", "/") for part in parts]
    return Row(row.words, row.page, row.left, row.right, Role.TABLE, table_row(cells))
