"""Word .docx: paragraphs, Word's own numbering, tables, footnotes, text boxes, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.lines import Line, Role, SourceError, SourceText
from indexer.sources.folding import fold, table_row
from indexer.sources.word_headings import unnumbered_headings
from indexer.sources.word_numbering import WordNumbers
from indexer.sources.word_package import WordPackage, attribute, child, tag

_GONE = frozenset({"del", "moveFrom", "delText", "instrText", "delInstrText", "rPr", "pPr"})
_BLOCKS = frozenset({"p", "tbl"})
_HEADS_UNIT = re.compile(r"(?:Điều|ĐIỀU|Chương|CHƯƠNG|Mục|MỤC|Phần|PHẦN)\s+\w+")
_ARTICLE = re.compile(r"^(?:Điều|ĐIỀU)\s+\d+[a-zđ]?\s*[.:]")
_MARK = re.compile(r"^\s*\[?\d{1,3}\]?\s*$")


def read_docx(path: Path) -> SourceText:
    """Read a .docx file; SourceError when it is broken, locked, or something else."""
    package = WordPackage(path)
    numbering, styles = package.part("numbering.xml"), package.part("styles.xml")
    body = child(package.document(), "body")
    blocks = list(_blocks(body)) if body is not None else []
    lost = unnumbered_headings(blocks, WordNumbers(numbering, styles))
    reader = _Reader(WordNumbers(numbering, styles), lost)
    for block in blocks:
        reader.take(block)
    notes = [
        *_notes(package.part("footnotes.xml"), "footnote", reader.footnotes),
        *_notes(package.part("endnotes.xml"), "endnote", reader.endnotes),
    ]
    if not reader.lines:
        raise SourceError(
            path.name,
            "Tệp Word không có chữ nào",
            "Nếu tệp chỉ chứa ảnh chụp, hãy lấy bản có chữ từ cổng chính thức",
        )
    return SourceText(path.name, tuple(reader.lines), tuple(notes), warnings=tuple(reader.warnings))


@dataclass
class _Reader:
    """Walks the blocks of a document and keeps their lines."""

    numbers: WordNumbers
    lost: dict[Any, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    endnotes: list[str] = field(default_factory=list)
    auto_numbered: bool = False  # whether Word numbers the paragraph read last
    paragraphs: int = 0
    tables: int = 0

    def take(self, block: Any) -> None:
        """One paragraph or table of the body."""
        if tag(block) == "p":
            for at, text in enumerate(self.paragraph(block)):
                numbered = at == 0 and self.auto_numbered
                place = f"đoạn {self.paragraphs}"
                self.lines.append(Line(text, place, auto_numbered=numbered))
            for box in _text_boxes(block):
                for inner in _blocks(box):
                    self.take(inner)
        else:
            self.tables += 1
            self._table(block)

    def paragraph(self, element: Any) -> list[str]:
        """The lines of one paragraph: soft breaks divide it, Word's number stands first."""
        self.paragraphs += 1
        properties = child(element, "pPr")
        label = self.numbers.label(self.lost.get(element, properties))
        self.auto_numbered = bool(label.strip())
        parts = [fold(part) for part in self._text(element).split("\n")]
        parts = [part for part in parts if part]
        if element in self.lost:
            self.warnings.append(
                f"Tiêu đề “{' '.join(parts)}” mất số tự động của Word, được đọc là {label.strip()} "
                f"(đoạn {self.paragraphs})"
            )
        if parts:
            return [fold(label + parts[0]), *parts[1:]]
        return [fold(label)] if _HEADS_UNIT.match(label) else []

    def _table(self, element: Any) -> None:
        rows = [
            [cell for cell in _inside(row, "tc") if not _continues_above(cell)]
            for row in _inside(element, "tr")
            if child(row, "trPr", "del") is None
        ]
        place = f"bảng {self.tables}"
        if _is_layout(rows):
            for row in rows:
                for cell in row:
                    for block in _blocks(cell):
                        self.take(block)
            return
        for at, row in enumerate(rows, start=1):
            text = table_row([" ".join(self._cell(cell)) for cell in row])
            if text:
                self.lines.append(Line(text, f"{place}, hàng {at}", Role.TABLE))

    def _cell(self, cell: Any) -> Iterator[str]:
        for block in _blocks(cell):
            if tag(block) == "p":
                yield from self.paragraph(block)
                for box in _text_boxes(block):
                    yield from self._cell(box)
            else:
                for row in _inside(block, "tr"):
                    for inner in _inside(row, "tc"):
                        yield from self._cell(inner)

    def _text(self, element: Any) -> str:
        """The words of a paragraph; deleted and hidden text and footnote marks left out."""
        out: list[str] = []
        self._collect(element, out)
        return "".join(out)

    def _collect(self, element: Any, out: list[str]) -> None:
        for below in element:
            name = tag(below)
            if name in _GONE or name == "txbxContent":
                continue
            if name == "r":
                self._run(below, out)
            elif name == "t":
                out.append(below.text or "")
            elif name == "AlternateContent":
                self._collect(_chosen(below), out)
            else:
                self._collect(below, out)

    def _run(self, run: Any, out: list[str]) -> None:
        properties = child(run, "rPr")
        if _is_on(child(properties, "vanish")):
            return
        words: list[str] = []
        for below in run:
            match tag(below):
                case "t":
                    words.append(below.text or "")
                case "tab" | "ptab":
                    words.append(" ")
                case "br" | "cr":
                    words.append("\n")
                case "noBreakHyphen":
                    words.append("-")
                case "footnoteReference":
                    self.footnotes.append(attribute(below, "id") or "")
                case "endnoteReference":
                    self.endnotes.append(attribute(below, "id") or "")
                case "AlternateContent":
                    self._collect(_chosen(below), words)
                case "pict" | "object" | "drawing":
                    self._collect(below, words)
                case _:
                    pass
        text = "".join(words)
        raised = attribute(child(properties, "vertAlign"), "val") == "superscript"
        before = "".join(out)[-1:]
        if raised and _MARK.match(text) and not (before in "mM" or before.isdigit()):
            return  # a footnote mark typed by hand; m² and 10⁵ are kept
        out.append(text)


def _notes(part: Any | None, name: str, order: list[str]) -> list[Line]:
    """Footnotes in the order of their marks, each beginning with its mark."""
    if part is None:
        return []
    kept = _Reader(WordNumbers(None, None))
    texts: dict[str, str] = {}
    for element in part:
        if tag(element) == name and attribute(element, "type") in (None, "normal"):
            words = [text for block in _blocks(element) for text in _lines_of(kept, block)]
            texts[attribute(element, "id") or ""] = re.sub(
                r"^\[\d+\]\s*", "", fold(" ".join(words))
            )
    spoken = "chú thích" if name == "footnote" else "chú thích cuối"
    return [
        Line(f"[{mark}] {texts[identity]}", f"{spoken} {mark}", Role.NOTE)
        for mark, identity in enumerate(dict.fromkeys(order), start=1)
        if texts.get(identity)
    ]


def _lines_of(reader: _Reader, block: Any) -> list[str]:
    if tag(block) == "p":
        return reader.paragraph(block)
    return [
        text
        for row in _inside(block, "tr")
        for cell in _inside(row, "tc")
        for text in reader._cell(cell)
    ]


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in reading order, through content controls and tracked changes."""
    for below in element:
        name = tag(below)
        if name in _BLOCKS:
            yield below
        elif name == "AlternateContent":
            yield from _blocks(_chosen(below))
        elif name not in _GONE and name not in ("sectPr", "tblPr", "tcPr", "sdtPr"):
            yield from _blocks(below)


def _inside(element: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, through content controls and tracked changes."""
    for below in element:
        found = tag(below)
        if found == name:
            yield below
        elif found in ("sdt", "sdtContent", "customXml", "ins", "smartTag"):
            yield from _inside(below, name)


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    """The text boxes anchored in a paragraph, each once though Word stores two forms."""
    for below in paragraph:
        name = tag(below)
        if name == "txbxContent":
            yield below
        elif name == "AlternateContent":
            yield from _text_boxes(_chosen(below))
        elif name not in _GONE:
            yield from _text_boxes(below)


def _chosen(alternate: Any) -> Any:
    """The form of an alternate content that is read: the first that there is."""
    for name in ("Choice", "Fallback"):
        found = child(alternate, name)
        if found is not None:
            return found
    return alternate


def _continues_above(cell: Any) -> bool:
    """Whether the cell only continues a cell of the row above (merged downwards)."""
    merge = child(cell, "tcPr", "vMerge")
    return merge is not None and attribute(merge, "val") in (None, "continue")


def _is_layout(rows: list[list[Any]]) -> bool:
    """Whether a table only places running text: one cell, or cells that hold articles."""
    cells = [cell for row in rows for cell in row]
    if len(cells) == 1:
        return True
    return any(
        _ARTICLE.match(fold("".join(paragraph.itertext())))
        for cell in cells
        for paragraph in _blocks(cell)
        if tag(paragraph) == "p"
    )


def _is_on(element: Any | None) -> bool:
    return element is not None and attribute(element, "val") not in ("0", "false", "off")
