"""A PDF page as words with their place and size, and its ruled lines, read through PDFium.

Coordinates are points with y growing upwards, turned so that most of the page's text runs from
left to right. Letters that run another way (a stamp in the margin, a watermark) are left out.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
from pypdfium2 import raw

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "\u00ad", 0xF0B7: "•", 0x2011: "-"}
_THIN = 3.0
"""A path at most this thick (points) is a ruled line."""


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a space between them. ``glued``: no space stands before it."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line, horizontal or vertical."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def horizontal(self) -> bool:
        """Whether it runs from left to right."""
        return self.x1 - self.x0 >= self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``pictured`` is the share of the page that pictures cover, 0 to 1.

    ``recognised`` tells that the words are an invisible layer over a picture, put there by OCR.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    pictured: float
    recognised: bool


@dataclass(slots=True)
class _Glyph:
    text: str
    x0: float
    x1: float
    x: float
    y: float
    size: float
    turn: int


def read_pages(document: pdfium.PdfDocument) -> Iterator[Page]:
    """The pages one after another, numbered from 1."""
    for index in range(len(document)):
        page = document[index]
        text = page.get_textpage()
        try:
            yield _read_page(page, text, index + 1)
        finally:
            text.close()
            page.close()


def _read_page(page: pdfium.PdfPage, text: pdfium.PdfTextPage, number: int) -> Page:
    glyphs = list(_glyphs(text))
    turns = Counter(glyph.turn for glyph in glyphs if glyph is not None)
    turn = turns.most_common(1)[0][0] if turns else 0
    width, height = page.get_size()
    area = max(width * height, 1.0)
    pictured, hidden, shown = 0.0, 0, 0
    rules: list[Rule] = []
    for drawn in page.get_objects(max_depth=4):
        if drawn.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = drawn.get_bounds()
            pictured += abs((right - left) * (top - bottom)) / area
        elif drawn.type == raw.FPDF_PAGEOBJ_TEXT:
            mode = raw.FPDFTextObj_GetTextRenderMode(drawn)
            hidden += mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE
            shown += mode != raw.FPDF_TEXTRENDERMODE_INVISIBLE
        elif drawn.type == raw.FPDF_PAGEOBJ_PATH:
            rules += _rules(drawn, turn)
    return Page(
        number=number,
        width=width if turn % 2 == 0 else height,
        height=height if turn % 2 == 0 else width,
        words=tuple(_words(glyphs, turn)),
        rules=tuple(rules),
        pictured=min(pictured, 1.0),
        recognised=pictured > 0.5 and hidden > shown,
    )


def _glyphs(text: pdfium.PdfTextPage) -> Iterator[_Glyph | None]:
    """Letters in the file's own order; None where a word ends."""
    x, y = ctypes.c_double(), ctypes.c_double()
    matrix, box = raw.FS_MATRIX(), raw.FS_RECTF()
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        letter = _HYPHENS.get(code) or chr(code)
        if letter.isspace() or (code < 0x20 and code not in _HYPHENS):
            yield None
            continue
        if raw.FPDFText_IsGenerated(text, index):
            continue
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        raw.FPDFText_GetLooseCharBox(text, index, box)
        scale, turn = 1.0, 0
        if raw.FPDFText_GetMatrix(text, index, matrix):
            scale = math.hypot(matrix.c, matrix.d)
            turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) % 4
        corners = [_turned(*at, turn) for at in ((box.left, box.bottom), (box.right, box.top))]
        at_x, at_y = _turned(x.value, y.value, turn)
        size = raw.FPDFText_GetFontSize(text, index) * (scale or 1.0)
        left, right = sorted(corner[0] for corner in corners)
        yield _Glyph(letter, left, right, at_x, at_y, size, turn)


def _turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """The point after turning the page so that text written at ``turn`` x 90° reads level."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turn]


def _words(glyphs: list[_Glyph | None], turn: int) -> Iterator[Word]:
    held: list[_Glyph] = []
    spaced = True
    for glyph in glyphs:
        if glyph is None:
            if held:
                yield _word(held, glued=not spaced)
            held, spaced = [], True
            continue
        if glyph.turn != turn:
            continue
        if held:
            last = held[-1]
            gap = glyph.x - last.x1
            jump = abs(glyph.y - last.y) > 0.6 * last.size or gap < -1.5 * last.size
            apart = gap > 0.3 * last.size
            other = abs(glyph.y - last.y) > 0.08 * last.size or glyph.size < 0.8 * last.size
            if jump or apart or other:
                yield _word(held, glued=not spaced)
                held, spaced = [], jump or gap > 0.15 * last.size
        held.append(glyph)
    if held:
        yield _word(held, glued=not spaced)


def _word(glyphs: list[_Glyph], *, glued: bool) -> Word:
    return Word(
        text="".join(glyph.text for glyph in glyphs),
        x0=min(glyph.x0 for glyph in glyphs),
        x1=max(glyph.x1 for glyph in glyphs),
        y=glyphs[0].y,
        size=Counter(round(glyph.size, 1) for glyph in glyphs).most_common(1)[0][0],
        glued=glued,
    )


def _rules(drawn: pdfium.PdfObject, turn: int) -> Iterator[Rule]:
    """The ruled lines of a path: its thin filled bars, and the level sides of stroked shapes.

    One path may hold many bars, so each of its parts is looked at on its own.
    """
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(drawn, fill, stroke)
    for points in _parts(drawn):
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
        if min(right - left, top - bottom) <= _THIN:
            yield _rule((left, bottom), (right, top), turn)
        elif stroke.value:
            for one, other in pairwise(points):
                if _level(one, other):
                    yield _rule(one, other, turn)


def _parts(drawn: pdfium.PdfObject) -> Iterator[list[tuple[float, float]]]:
    """The points of each connected part of a path, closed parts with their first point again."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for index in range(raw.FPDFPath_CountSegments(drawn)):
        segment = raw.FPDFPath_GetPathSegment(drawn, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if raw.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        yield points


def _level(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether the edge between two points runs along the page's sides, within a point."""
    return min(abs(one[0] - other[0]), abs(one[1] - other[1])) < 1


def _rule(one: tuple[float, float], other: tuple[float, float], turn: int) -> Rule:
    (ax, ay), (bx, by) = _turned(*one, turn), _turned(*other, turn)
    return Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
