"""Lines of one text to a statute: articles, clauses, points; refuses what does not add up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from indexer.article import ArticleReader, Problem
from indexer.closing import begins_closing, ends_law, is_note, read_closing
from indexer.header import read_header, read_own_number
from indexer.headings import HeadingStack, headings_at_end
from indexer.lines import Line, Role, SourceText
from indexer.numbering import (
    Heading,
    Number,
    read_article,
)
from indexer.quotation import quoted_lines
from indexer.statute import Article, Statute

_MARK = re.compile(r"\s?\[\d{1,3}\]|(?<![mM\d])[¹²³⁰⁴-⁹]+|(?<=[mM])[¹⁰⁴-⁹]+")
_AMENDING = re.compile(
    r"(?:sửa đổi|bổ sung|thay thế|bãi bỏ).{0,80}"
    r"\b(?:luật|điều|khoản|điểm|nghị định|nghị quyết|thông tư|văn bản)\b",
    re.IGNORECASE,
)
_CONTENTS_TAIL = re.compile(r"[\s.…_·]*\d*$")
# Chapter and section headings stand between the entries of a table of contents.
_CONTENTS_GAP = 6
_SENTENCE_END = (".", ";", ":", "”", '"', "»", "?", "!")
_COMPARE = (
    "Hãy so với bản in hoặc bản trên cổng chính thức, sửa tệp rồi đọc lại; "
    "chưa có gì được đưa vào sử dụng"
)


@dataclass
class StructureError(Exception):
    """A text that is no law or whose numbering does not add up; the messages are Vietnamese."""

    name: str
    problem: str
    advice: str
    place: str | None = field(default=None)

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.name}{where}: {self.problem}. {self.advice}."


class NotALaw(StructureError):
    """A text that is no law at all: nothing is wrong with it, it only does not belong here."""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where an article begins: its heading line, which may be repeated ``repeats`` times.

    ``glued`` are words of the body that stand on the heading line.
    """

    at: int
    heading: Heading
    glued: str = ""
    repeats: int = 0


def parse(source: SourceText, strict: bool = True) -> Statute:
    """Read the structure of ``source``.

    ``strict`` raises StructureError at the first place where the numbering does not add up;
    otherwise those places become ``Statute.warnings`` (for inspection, and for documents with
    officially repealed gaps). A text that is no law raises StructureError in both cases.
    """
    body = tuple(_without_marks(line) for line in source.lines if line.role is not Role.NOTE)
    body = tuple(line for line in body if line.text)
    statute, problems = _read(source, body, nested=True)
    if problems:
        other, fewer = _read(source, body, nested=False)
        if len(fewer) < len(problems):
            statute, problems = other, fewer
    if problems and strict:
        more = f" (và {len(problems) - 1} chỗ khác)" if len(problems) > 1 else ""
        first = problems[0]
        raise StructureError(source.name, first.text + more, _COMPARE, first.place)
    return replace(
        statute,
        warnings=(
            *source.warnings,
            *(f"{problem.text} ({problem.place})" for problem in problems),
        ),
    )


def _read(source: SourceText, lines: Sequence[Line], nested: bool) -> tuple[Statute, list[Problem]]:
    """One reading of the lines under one view of how quotations nest."""
    problems: list[Problem] = []
    texts = [line.text for line in lines]
    quoted = quoted_lines(texts, nested)
    starts, end = _find_articles(lines, quoted, problems)
    first = starts[0].at if starts else len(lines)
    header = read_header(texts[:first])
    number = source.number or header.number or read_own_number(texts[end:])
    if len(starts) < 2 or not (header.is_law or source.number):
        found = f"chỉ thấy {len(starts)} điều" if len(starts) < 2 else "không thấy phần mở đầu"
        raise NotALaw(
            source.name,
            f"Đây không phải văn bản luật: {found} (cần quốc hiệu, số hiệu, rồi Điều 1, Điều 2...)",
            "Hãy chọn tệp chứa toàn văn bộ luật, luật hoặc nghị định",
        )
    stack = HeadingStack()
    above = headings_at_end(texts[:first])
    stack.add(texts[first - above : first])
    notes = list(source.notes)
    notes += [line for line in source.lines if line.role is Role.NOTE]
    articles: list[Article] = []
    for position, start in enumerate(starts):
        stop = starts[position + 1].at if position + 1 < len(starts) else end
        body = start.at + start.repeats + 1
        own = headings_at_end(texts[body:stop]) if position + 1 < len(starts) else 0
        reader = ArticleReader(start.heading, lines[start.at], problems)
        if start.glued:
            reader.take(replace(lines[start.at], text=start.glued), quoted=False)
        for at in range(body, stop - own):
            if is_note(texts[at]):
                notes.append(replace(lines[at], role=Role.NOTE))
            else:
                reader.take(lines[at], quoted[at])
        articles.append(reader.article(stack.as_tuple()))
        stack.add(texts[stop - own : stop])
    closing = read_closing(lines[end:])
    statute = Statute(
        name=source.name,
        number=number or header.consolidates,
        title=source.title or header.title,
        articles=tuple(articles),
        appendices=closing.appendices,
        notes=(*notes, *closing.notes),
        closing=closing.text,
        consolidates=header.consolidates,
    )
    return statute, problems


def _find_articles(
    lines: Sequence[Line], quoted: Sequence[bool], problems: list[Problem]
) -> tuple[list[_Start], int]:
    """The article headings of the law itself, and the line at which the last article ends."""
    candidates = [
        _Start(at, heading)
        for at, line in enumerate(lines)
        if not quoted[at] and line.role is Role.BODY and (heading := read_article(line.text))
    ]
    chosen: list[_Start] = []
    for position, start in enumerate(candidates):
        if chosen:
            end = _closing_between(lines, quoted, chosen[-1], start)
            if end is not None:
                return chosen, end
        before = chosen[-1].heading.number if chosen else None
        number = start.heading.number
        if number.follows(before):
            if not start.heading.bare or _closed_before(lines, start.at):
                chosen.append(start)
        elif start.heading.bare:
            continue
        elif number == before and chosen[-1].at + chosen[-1].repeats + 1 == start.at:
            chosen[-1] = _twice(chosen[-1], start)
        elif number == Number(1) and _is_contents(chosen, start):
            chosen = [start]  # what stood above was a table of contents
        elif not _is_reference(lines, start, chosen, candidates[position + 1 :]):
            problems.append(_article_problem(before, number, lines[start.at].place))
            if number.is_after(before):
                chosen.append(start)
    return chosen, _end_of_last(lines, quoted, chosen)


def _twice(first: _Start, second: _Start) -> _Start:
    """One article from a heading that a copy repeats, the second time with body words glued on."""
    title = first.heading.rest
    first = replace(first, repeats=first.repeats + 1)
    if title and second.heading.rest.startswith(title):
        return replace(first, glued=second.heading.rest[len(title) :].strip())
    return replace(first, heading=second.heading)


def _closing_between(
    lines: Sequence[Line], quoted: Sequence[bool], last: _Start, following: _Start
) -> int | None:
    """The line before ``following`` at which the law ends, None when it goes on.

    The law goes on when the first heading below what looks like its end continues the
    numbering; headings of forms and annexed rules begin again at Điều 1. Where that heading
    leaves a gap, only an adoption or a signature counts as the end, so that no lost article
    hides behind a form.
    """
    number, before = following.heading.number, last.heading.number
    if number.follows(before):
        return None
    is_end = ends_law if number.is_after(before) else begins_closing
    between = range(last.at + 1, following.at)
    return next((at for at in between if not quoted[at] and is_end(lines[at])), None)


def _end_of_last(lines: Sequence[Line], quoted: Sequence[bool], chosen: Sequence[_Start]) -> int:
    if not chosen:
        return len(lines)
    after = range(chosen[-1].at + 1, len(lines))
    return next((at for at in after if not quoted[at] and begins_closing(lines[at])), len(lines))


def _closed_before(lines: Sequence[Line], at: int) -> bool:
    """Whether the line above ends a sentence or is a heading, so that a new unit can begin."""
    if at == 0:
        return True
    above = lines[at - 1].text
    return above.endswith(_SENTENCE_END) or above.isupper() or read_article(above) is not None


def _is_contents(chosen: Sequence[_Start], again: _Start) -> bool:
    """Whether the articles so far are a table of contents, and ``again`` is the real Điều 1."""
    if len(chosen) < 2:
        return False
    listed = _CONTENTS_TAIL.sub("", chosen[0].heading.rest)
    return listed == again.heading.rest.rstrip(" .") and all(
        after.at - before.at <= _CONTENTS_GAP for before, after in pairwise(chosen)
    )


def _is_reference(
    lines: Sequence[Line], start: _Start, chosen: Sequence[_Start], later: Sequence[_Start]
) -> bool:
    """Whether a heading out of order is no article of this law.

    That takes two things: the right next number comes later, and either the article amends
    other laws or the line above breaks off in mid-sentence.
    """
    before = chosen[-1].heading.number if chosen else None
    if not any(candidate.heading.number.follows(before) for candidate in later):
        return False
    if chosen and _AMENDING.search(chosen[-1].heading.rest):
        return True
    return not _closed_before(lines, start.at)


def _article_problem(before: Number | None, number: Number, place: str) -> Problem:
    if before is None:
        text = f"Điều {number} đứng đầu văn bản: thiếu Điều {number.missing_after(None)}"
    elif number == before:
        text = f"Điều {number} xuất hiện hai lần"
    elif number.is_after(before):
        text = f"Điều {number} đứng sau Điều {before}: thiếu Điều {number.missing_after(before)}"
    else:
        text = f"Điều {number} đứng sau Điều {before}: sai thứ tự"
    return Problem(text, place)


def _without_marks(line: Line) -> Line:
    """The line without marks of footnotes; a footnote itself keeps the mark it begins with."""
    if is_note(line.text) or ("[" not in line.text and not _MARK.search(line.text)):
        return line
    return replace(line, text=_MARK.sub("", line.text).strip())
