"""The lines of one article to its title, clauses and points."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.lines import Line, Role
from indexer.numbering import (
    Heading,
    Letter,
    Number,
    read_clause,
    read_point,
)
from indexer.statute import Article, ClauseText, PointText

# Not "30. 000 đồng", which a copy may break off at the start of a line.
_PLAIN_CLAUSE = re.compile(r"^\d+[a-zđ]*\s?\.\s+(?!\d{3}\b)\S")
# Sub-items of a point: i), ii), iii), iv), v) ... Only i, v and x look like points.
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN_ITEM = re.compile(r"^(?P<roman>[ivx]{1,4})\s?\)")
_SENTENCE_END = (".", ";", ":", "”", '"', "»", "?", "!")
_LONGEST_TITLE = 350


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where the numbering does not add up, said in Vietnamese."""

    text: str
    place: str


@dataclass(slots=True)
class _Unit:
    """An open article, clause or point and its lines so far."""

    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(line for line in self.lines if line)


@dataclass(slots=True)
class _OpenPoint(_Unit):
    letter: Letter = field(default_factory=lambda: Letter("a"))


@dataclass(slots=True)
class _OpenClause(_Unit):
    """``number`` is None for what stands before the first khoản."""

    number: Number | None = None
    points: list[_OpenPoint] = field(default_factory=list)


class ArticleReader:
    """Takes the lines below one article heading in order and gives the article.

    A line that opens no unit of its own belongs to the last one that is open. Places where
    khoản or điểm are out of order are added to ``problems``.
    """

    def __init__(self, heading: Heading, line: Line, problems: list[Problem]) -> None:
        self._number = heading.number
        self._place = line.place
        self._problems = problems
        self._title: list[str] = []
        self._clauses: list[_OpenClause] = [_OpenClause()]
        self._in_title = True
        self._roman = ""  # the sub-item read last
        self._doubt: Problem | None = None  # stands unless the next mark clears it up
        self._cleared_by = ""
        if heading.rest:
            self._take_heading(heading.rest, line)

    def take(self, line: Line, quoted: bool) -> None:
        """Take the next line; ``quoted`` lines and table rows never open a unit."""
        if self._in_title and self._continues_title(line, quoted):
            self._title.append(line.text)
            return
        self._in_title = False
        if not quoted and line.role is Role.BODY:
            self._settle(line.text)
        if quoted or line.role is Role.TABLE or not self._opens_unit(line):
            self._innermost().lines.append(line.text)

    def article(self, headings: tuple[str, ...]) -> Article:
        """The article as read so far, under ``headings``."""
        self._settle("")
        lead, *clauses = self._clauses
        return Article(
            number=str(self._number),
            title=" ".join(self._title),
            text=lead.text,
            clauses=tuple(
                ClauseText(str(clause.number), clause.text, _points(clause)) for clause in clauses
            ),
            headings=headings,
            place=self._place,
            points=_points(lead),
        )

    def _take_heading(self, rest: str, line: Line) -> None:
        """The words beside the number: the title, unless they are the body of an untitled one."""
        opened = read_clause(rest)
        if opened and opened[0].follows(None):
            self._in_title = False
            self.take(Line(rest, line.place), quoted=False)
        elif rest.endswith((".", ";")) and len(rest) > 60:
            self._in_title = False
            self._clauses[0].lines.append(rest)
        else:
            self._title.append(rest)

    def _continues_title(self, line: Line, quoted: bool) -> bool:
        """A title on the line below the number, or one that runs on over several lines."""
        text = line.text
        if quoted or line.role is Role.TABLE or read_clause(text) or read_point(text):
            return False
        if len(text) + sum(map(len, self._title)) > _LONGEST_TITLE:
            return False
        if not self._title:
            return text[:1].isupper() and not text.endswith((".", ";", ":"))
        return text[:1].islower() and not self._title[-1].endswith(_SENTENCE_END)

    def _opens_unit(self, line: Line) -> bool:
        clause = read_clause(line.text)
        if clause:
            return self._open_clause(clause[0], clause[1], line)
        point = read_point(line.text)
        return bool(point) and self._open_point(*point, line) if point else False

    def _open_clause(self, number: Number, rest: str, line: Line) -> bool:
        before = self._clauses[-1].number
        if not number.follows(before):
            if not _PLAIN_CLAUSE.match(line.text):
                return False
            if number.is_after(before):
                missing = number.missing_after(before)
                stands = f"đứng sau khoản {before}" if before else "đứng đầu điều"
                text = f"khoản {number} {stands}: thiếu khoản {missing}"
                self._problems.append(self._problem(text, line))
            else:
                text = f"khoản {number} đứng sau khoản {before}: sai thứ tự"
                self._problems.append(self._problem(text, line))
                return False
        self._clauses.append(_OpenClause([rest], number=number))
        return True

    def _open_point(self, letter: Letter, rest: str, bracket: bool, line: Line) -> bool:
        clause = self._clauses[-1]
        before = clause.points[-1].letter if clause.points else None
        if not (letter.follows(before) or self._is_word_lettering(before, letter, line)):
            if not bracket or self._roman == str(letter):
                return False
            problem = self._point_problem(clause.number, before, letter, line)
            if letter.value == "i":
                self._doubt, self._cleared_by, self._roman = problem, "ii", "i"
                return False
            if before and (before.value, letter.value) == ("d", "e"):
                self._doubt, self._cleared_by = problem, "f"
            else:
                self._problems.append(problem)
        self._roman = ""
        clause.points.append(_OpenPoint([rest], letter=letter))
        return True

    def _is_word_lettering(self, before: Letter | None, letter: Letter, line: Line) -> bool:
        """Whether Word lettered the list: it says so, or an f after e shows it."""
        shown = line.auto_numbered or letter.value in "fjwz"
        shown = shown or (before is not None and before.value in "fjwz")
        return shown and letter.follows(before, word_made=True)

    def _is_roman(self, mark: str) -> bool:
        """Whether the mark goes on with the sub-items i), ii), iii) of the open point."""
        if not self._roman or mark not in _ROMAN:
            return False
        return _ROMAN.index(mark) == _ROMAN.index(self._roman) + 1

    def _settle(self, text: str) -> None:
        """Decide a doubt by the mark of the next line that has one; keep count of sub-items."""
        item = _ROMAN_ITEM.match(text)
        point = read_point(text)
        mark = item["roman"] if item else str(point[0]) if point else ""
        if self._doubt and (mark or read_clause(text) or not text):
            if mark != self._cleared_by:
                self._problems.append(self._doubt)
            self._doubt = None
        if item and self._is_roman(item["roman"]):
            self._roman = item["roman"]

    def _point_problem(
        self, clause: Number | None, before: Letter | None, letter: Letter, line: Line
    ) -> Problem:
        here = f"khoản {clause}, " if clause else ""
        stands = f"đứng sau điểm {before}" if before else "đứng đầu"
        expected = letter.missing_after(before)
        missing = f"thiếu điểm {expected}"
        if before == letter:
            stands, missing = "xuất hiện hai lần", f"có thể là điểm {expected}"
        return self._problem(f"{here}điểm {letter} {stands}: {missing}", line)

    def _innermost(self) -> _Unit:
        clause = self._clauses[-1]
        return clause.points[-1] if clause.points else clause

    def _problem(self, text: str, line: Line) -> Problem:
        return Problem(f"Điều {self._number}, {text}", line.place)


def _points(clause: _OpenClause) -> tuple[PointText, ...]:
    return tuple(PointText(str(point.letter), point.text) for point in clause.points)
