"""HTML elements to lines: paragraphs, list items with their numbers, table rows, linked notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from indexer.lines import Line, Role
from indexer.sources import footnotes
from indexer.sources.folding import fold, table_row
from indexer.sources.html_content import ARTICLE
from indexer.sources.html_page import BLOCKS, UNSEEN, line_starts, words
from indexer.sources.list_marks import list_mark

_LETTERHEAD = re.compile(r"CỘNG H(?:ÒA|OÀ) XÃ HỘI|Độc lập\s*-\s*Tự do")
_ITEM = re.compile(r"^(?:\d+[a-zđ]?[.)]|[a-zđ]\d?[.)]|[-–+•*]|Điều\s+\d)", re.IGNORECASE)
_ICON = 16
"""Pictures smaller than this many pixels are spacers and icons."""
_RULE = re.compile(r"^[-_=.*~·–—\s]+$")


@dataclass(frozen=True, slots=True)
class _Note:
    """A linked note: its mark, and the ids of the places in the body that it belongs to."""

    mark: str
    back: frozenset[str]


def read_lines(elements: Sequence[HtmlElement]) -> footnotes.Separated:
    """Body lines and notes of ``elements``, which belong to one page, in reading order."""
    page = elements[0].getroottree().getroot()
    notes = _linked_notes(page)
    walker = _Walker(notes, _ids(notes))
    for element in elements:
        walker.walk(element)
    for block in notes:
        # Word keeps the notes after the text, portals often outside the block of the law.
        if block not in walker.seen:
            walker.walk(block)
    return walker.separated()


def plain_lines(element: HtmlElement) -> footnotes.Separated:
    """The lines of one element of a page that links no notes."""
    walker = _Walker({}, frozenset())
    walker.walk(element)
    return walker.separated()


def _linked_notes(page: HtmlElement) -> dict[HtmlElement, _Note]:
    """The blocks that hold a linked note.

    Word writes ``<a href="#_ftn1" name="_ftnref1">[1]</a>`` and ``<a name="_ftn1">`` in the note;
    portals write ``<sup><a href="#fn1">1</a></sup>`` and ``<li id="fn1">``. Only links that lead
    forward count: those from a note lead back.
    """
    named: dict[str, HtmlElement] = {}
    order: dict[HtmlElement, int] = {}
    for place, element in enumerate(page.iter()):
        if isinstance(element.tag, str):
            order[element] = place
            for key in (element.get("id"), element.get("name")):
                if key:
                    named.setdefault(key, element)
    notes: dict[HtmlElement, _Note] = {}
    for link in page.iter("a"):
        shown, key = words(link), _target(link)
        block = named.get(key) if key else None
        if block is None or not footnotes.looks_like_mark(shown) or order[block] <= order[link]:
            continue
        while block.tag not in BLOCKS and block.getparent() is not None:
            block = block.getparent()
        above = [link, *link.iterdescendants(), *link.iterancestors("sup", "span")]
        back = {k for e in above for k in (e.get("id"), e.get("name")) if k}
        leads_back = any(_target(other) in back for other in block.iter("a"))
        # A table of contents leads to articles, which do not lead back.
        if link in set(block.iterdescendants()) or (ARTICLE.match(words(block)) and not leads_back):
            continue
        earlier = notes.get(block)
        notes[block] = _Note(
            earlier.mark if earlier else footnotes.bare(shown),
            frozenset(back) | (earlier.back if earlier else frozenset()),
        )
    return notes


def _target(link: HtmlElement) -> str | None:
    href = link.get("href") or ""
    return href.rsplit("#", 1)[1] if "#" in href else None


def _ids(notes: dict[HtmlElement, _Note]) -> frozenset[str]:
    found: set[str] = set()
    for block in notes:
        for element in block.iter():
            if isinstance(element.tag, str):
                found.update(k for k in (element.get("id"), element.get("name")) if k)
    return frozenset(found)


@dataclass
class _Walker:
    """Collects the lines of elements, one at a time."""

    linked: dict[HtmlElement, _Note]
    note_ids: frozenset[str]
    lines: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seen: set[HtmlElement] = field(default_factory=set)
    _words: list[str] = field(default_factory=list)
    _lead: str = ""
    _note: _Note | None = None
    _opens: bool = False
    _count: int = 0

    def walk(self, element: HtmlElement) -> None:
        """Add the lines of ``element``."""
        self._element(element)
        self._flush()

    def separated(self) -> footnotes.Separated:
        """What has been collected, footnote marks out of the body."""
        return replace(footnotes.separate(self.lines, self.notes), warnings=tuple(self.warnings))

    def _flush(self) -> None:
        text = fold("".join(self._words))
        self._words.clear()
        if not text or _RULE.match(text):
            return
        numbered = bool(self._lead) and not _ITEM.match(text)
        if numbered:
            text = f"{self._lead} {text}"
        self._lead = ""
        self._add(text, Role.BODY, numbered=numbered)

    def _add(self, text: str, role: Role, *, numbered: bool = False) -> None:
        self._count += 1
        place = f"đoạn {self._count}"
        if self._note is None:
            self.lines.append(Line(text, place, role, numbered))
            return
        if self._opens:
            text = f"{footnotes.mark(self._note.mark, sure=True)} {text}"
            self._opens = False
        self.notes.append(Line(text, place, Role.NOTE))

    def _element(self, element: HtmlElement) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in UNSEEN:
            return
        if element in self.linked and self._note is None:
            self._linked_note(element)
        elif tag == "br":
            self._flush()
        elif tag == "img":
            self._picture(element)
        elif tag in {"sup", "a"} and self._is_mark(element):
            return
        elif tag == "table":
            self._flush()
            self._table(element)
        elif tag in {"ol", "ul"}:
            self._flush()
            self._list(element)
        elif tag in BLOCKS:
            self._flush()
            self._children(element)
            self._flush()
        else:
            self._children(element)

    def _picture(self, element: HtmlElement) -> None:
        """A picture may hold a formula or a whole table: say that it was not read."""
        sides = [re.match(r"\d+", element.get(side) or "") for side in ("width", "height")]
        if any(side and int(side[0]) < _ICON for side in sides):
            return
        name = fold(_picture_name(element))
        self.warnings.append(
            f"Hình (công thức, bảng hoặc mẫu) không đọc được ở đoạn {self._count + 1}: {name}"
        )

    def _children(self, element: HtmlElement) -> None:
        if element.text:
            self._words.append(element.text)
        for child in element:
            self._element(child)
            if child.tail:
                self._words.append(child.tail)

    def _linked_note(self, element: HtmlElement) -> None:
        self._flush()
        self.seen.add(element)
        self._lead = ""
        self._note, self._opens = self.linked[element], True
        self._children(element)
        self._flush()
        self._note = None

    def _is_mark(self, element: HtmlElement) -> bool:
        """Take a note mark, or the way back from a note, as such; False for other elements."""
        shown = words(element)
        targets = {key for link in element.iter("a") if (key := _target(link))}
        if self._note is not None:
            names = {element.get("name"), element.get("id")} - {None}
            at_start = not "".join(self._words).strip() and self._opens
            own = footnotes.looks_like_mark(shown) and footnotes.bare(shown) == self._note.mark
            # The number or the arrow that leads back to the body is no word of the note.
            return bool(targets & self._note.back) or (own and at_start and bool(targets or names))
        if not footnotes.looks_like_mark(shown):
            return False
        if targets & self.note_ids:
            self._words.append(footnotes.mark(shown, sure=True))
            return True
        if element.tag == "sup":
            self._words.append(footnotes.mark(shown))
            return True
        return False

    def _list(self, element: HtmlElement) -> None:
        kind = _list_kind(element)
        start = element.get("start") or ""
        number = int(start) if start.isdigit() else 1
        if element.text and element.text.strip():
            self._words.append(element.text)
            self._flush()
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if child.tag == "li":
                value = child.get("value") or ""
                number = int(value) if value.isdigit() else number
                self._lead = list_mark(kind, number)
                number += 1
            self._element(child)
            self._flush()
            self._lead = ""
            if child.tail and child.tail.strip():
                self._words.append(child.tail)
                self._flush()

    def _table(self, table: HtmlElement) -> None:
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        if _only_places(table, rows):
            self._children(table)
            self._flush()
            return
        for caption in table.iter("caption"):
            self._children(caption)
            self._flush()
        for row in rows:
            cells = [self._cell(cell) for cell in row if cell.tag in {"td", "th"}]
            if row_text := table_row(cells):
                self._add(row_text, Role.TABLE)

    def _cell(self, cell: HtmlElement) -> str:
        inner = _Walker(self.linked, self.note_ids)
        inner.walk(cell)
        self.notes += inner.notes
        self.warnings += inner.warnings
        self.seen |= inner.seen
        return " ".join(line.text.replace("|", "/") for line in inner.lines)


def _picture_name(element: HtmlElement) -> str:
    name = (element.get("src") or "").split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
    return element.get("alt") or ("hình nhúng" if name.startswith("data:") else name[:80])


def _list_kind(element: HtmlElement) -> str:
    style = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", element.get("style") or "")
    if style:
        return style[1]
    return "disc" if element.tag == "ul" else element.get("type") or "decimal"


def _only_places(table: HtmlElement, rows: list[HtmlElement]) -> bool:
    """Whether the table only places text on the page: a letterhead, a frame around the law."""
    text = words(table)
    if (
        table.get("role") == "presentation"
        or next(table.iterdescendants("table"), None) is not None
    ):
        return True
    if any(ARTICLE.match(start) for _, start in line_starts(table)):
        return True
    if len(text) < 1500 and _LETTERHEAD.search(text):
        return True
    return max((sum(cell.tag in {"td", "th"} for cell in row) for row in rows), default=0) <= 1
