"""Ruled tables of a PDF page, from the lines drawn around their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.sources.pdf_page import Page, Rule, Word

_NEAR = 3.0
"""Lines that end within this many points of each other meet."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its sides in points."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, word: Word) -> bool:
        """Whether the middle of the word lies in the cell."""
        x, y = (word.x0 + word.x1) / 2, word.y + 0.25 * word.size
        return self.left <= x <= self.right and self.bottom <= y <= self.top


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells, rows from top to bottom. A merged cell stands in its first row."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def _cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row]

    @property
    def top(self) -> float:
        """Upper side."""
        return max(cell.top for cell in self._cells)

    @property
    def left(self) -> float:
        """Left side."""
        return min(cell.left for cell in self._cells)

    @property
    def right(self) -> float:
        """Right side."""
        return max(cell.right for cell in self._cells)

    def holds(self, word: Word) -> bool:
        """Whether the word stands in one of the cells."""
        return any(cell.holds(word) for cell in self._cells)


def tables(page: Page) -> list[Table]:
    """The ruled tables of a page, from top to bottom. Frames and lone boxes are no tables."""
    across = _merged([rule for rule in page.rules if rule.horizontal])
    upright = _merged([rule for rule in page.rules if not rule.horizontal])
    if len(across) < 2 or len(upright) < 2:
        return []
    cells = _cells(across, upright)
    found = []
    for group in _grouped(cells):
        rows = _rows(group)
        if len(group) >= 4 and len(rows) >= 2 and max(len(row) for row in rows) >= 2:
            found.append(Table(rows))
    return sorted(found, key=lambda table: -table.top)


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Pieces of one line joined: Word draws a rule anew for each cell."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (r.y0, r.x0) if r.horizontal else (r.x0, r.y0)):
        for at, held in enumerate(joined):
            if rule.horizontal:
                same = abs(rule.y0 - held.y0) < _NEAR and rule.x0 <= held.x1 + _NEAR
                meets = same and rule.x1 >= held.x0 - _NEAR
            else:
                same = abs(rule.x0 - held.x0) < _NEAR and rule.y0 <= held.y1 + _NEAR
                meets = same and rule.y1 >= held.y0 - _NEAR
            if meets:
                joined[at] = Rule(
                    min(rule.x0, held.x0),
                    min(rule.y0, held.y0),
                    max(rule.x1, held.x1),
                    max(rule.y1, held.y1),
                )
                break
        else:
            joined.append(rule)
    return joined


def _cells(across: Sequence[Rule], upright: Sequence[Rule]) -> list[Cell]:
    """Smallest boxes closed on all four sides."""
    xs = sorted({round(rule.x0, 0) for rule in upright})
    ys = sorted({round(rule.y0, 0) for rule in across}, reverse=True)
    cells = []
    for at, top in enumerate(ys):
        for start, left in enumerate(xs):
            right_sides, lower_sides = xs[start + 1 :], ys[at + 1 :]
            cell = _closed((left, top), right_sides, lower_sides, across, upright)
            if cell is not None:
                cells.append(cell)
    return cells


def _closed(
    corner: tuple[float, float],
    xs: Sequence[float],
    ys: Sequence[float],
    across: Sequence[Rule],
    upright: Sequence[Rule],
) -> Cell | None:
    """The smallest box whose upper left is ``corner``, None when it is open on a side."""
    left, top = corner
    for bottom in ys:
        if not _upright_covers(upright, left, bottom, top):
            return None
        for right in xs:
            if not _across_covers(across, top, left, right):
                break
            closed = _across_covers(across, bottom, left, right)
            if closed and _upright_covers(upright, right, bottom, top):
                return Cell(left, bottom, right, top)
    return None


def _across_covers(rules: Sequence[Rule], y: float, left: float, right: float) -> bool:
    return any(
        abs(rule.y0 - y) < _NEAR and rule.x0 <= left + _NEAR and rule.x1 >= right - _NEAR
        for rule in rules
    )


def _upright_covers(rules: Sequence[Rule], x: float, bottom: float, top: float) -> bool:
    return any(
        abs(rule.x0 - x) < _NEAR and rule.y0 <= bottom + _NEAR and rule.y1 >= top - _NEAR
        for rule in rules
    )


def _grouped(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells that touch belong to one table."""
    groups: list[list[Cell]] = []
    for cell in cells:
        touching = [group for group in groups if any(_touch(cell, other) for other in group)]
        joined = [cell, *(other for group in touching for other in group)]
        groups = [group for group in groups if group not in touching] + [joined]
    return groups


def _touch(one: Cell, other: Cell) -> bool:
    return (
        one.left <= other.right + _NEAR
        and other.left <= one.right + _NEAR
        and one.bottom <= other.top + _NEAR
        and other.bottom <= one.top + _NEAR
    )


def _rows(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], ...]:
    rows: dict[float, list[Cell]] = {}
    for cell in cells:
        top = next((y for y in rows if abs(y - cell.top) < _NEAR), cell.top)
        rows.setdefault(top, []).append(cell)
    return tuple(
        tuple(sorted(rows[top], key=lambda cell: cell.left)) for top in sorted(rows, reverse=True)
    )
