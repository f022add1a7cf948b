"""Exports of the Bộ pháp điển: articles of many documents interleaved, set apart again.

The codification orders articles by subject. Each stands under its own label
("Điều 20.2.LQ.1.") and is followed by a note in brackets that says which article of which
document it is. The note decides; where it cannot be read, the label's prefix ("20.2.LQ") does,
as every article of one document shares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml.html import HtmlElement

from indexer.lines import Line, Role, SourceError, SourceText
from indexer.sources.container import load
from indexer.sources.folding import fold
from indexer.sources.html_lines import plain_lines
from indexer.sources.html_page import BLOCKS, decode, parse, words

_LABEL = re.compile(
    r"^Điều\s+(?P<prefix>\d+(?:\.\d+)+\.[A-ZĐ]{2,}(?:\.\d+)*?)\.(?P<article>\d+[a-zđ]?)\.?"
    r"(?:\s+(?P<title>.*))?$"
)
_SOURCE = re.compile(
    r"^\(\s*Điều\s+(?P<article>\d+[a-zđ]?)\.?\s+(?P<kind>\D+?)\s+số\s*:?\s*"
    r"(?P<number>\d+\w*(?:/\d{4})?/[^\s,;)]+(?:(?<=-)\s+[A-ZĐ][^\s,;)]*)?)\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_ISSUED = re.compile(r"^(?P<title>.*?)\s+ngày\s+\d{1,2}/\d{1,2}/\d{4}\s+của\b")
_SEE_ALSO = re.compile(
    r"^\(\s*(?:Điều|Tiểu mục|Mục|Chương|Phần|Khoản) này có nội dung liên quan", re.IGNORECASE
)
_LAWS = ("Bộ luật", "Luật", "Pháp lệnh")
_INNER = {"div", "section", "article", "main", "form", "center"}
_ADVICE = (
    "Hãy tải lại đề mục từ phapdien.moj.gov.vn (nút Tải về), hoặc nạp bản .docx của từng văn bản"
)


@dataclass
class _Piece:
    """One article as it stands in the export."""

    prefix: str
    article: str
    title: str
    place: str
    headings: list[Line]
    document: tuple[str, str, str | None] | None = None
    lines: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(Line(f"Điều {self.article}: {text}", self.place, Role.NOTE))


@dataclass
class _Document:
    """The articles of one document."""

    number: str
    kind: str
    title: str | None = None
    pieces: dict[str, _Piece] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def is_phapdien(text: str) -> bool:
    """Whether a page is an export of the codification."""
    return bool(re.search(r"Điều\s+\d+\.\d+\.[A-ZĐ]{2,}\.\d+", text)) and "(Điều" in text


def read_phapdien(path: Path) -> list[SourceText]:
    """One text a document, the subject's law first, articles in the document's own order.

    The export of a subject holds some documents only in part; their texts then have gaps in the
    numbering, which the structure refuses. Raises SourceError when no article can be assigned,
    or when one stands there twice with different words.
    """
    root = parse(decode(load(path)))
    if root is None:
        raise SourceError(path.name, "Tệp không có chữ nào", _ADVICE)
    documents = _grouped(path.name, _pieces(root))
    return [_text(path.name, document) for document in documents]


def _pieces(root: HtmlElement) -> list[_Piece]:
    pieces: list[_Piece] = []
    headings: list[Line] = []
    body = root.find("body")
    for count, element in enumerate(_blocks(body if body is not None else root), start=1):
        place, text = f"đoạn {count}", fold(words(element))
        label = _LABEL.match(text)
        if "pChuong" in (element.get("class") or ""):
            headings.append(Line(text, place))
        elif label:
            title = label["title"] or ""
            pieces.append(_Piece(label["prefix"], label["article"], title, place, headings))
            headings = []
        elif pieces and not _SEE_ALSO.match(text):
            _fill(pieces[-1], element, text, place)
    return pieces


def _fill(piece: _Piece, element: HtmlElement, text: str, place: str) -> None:
    is_first = piece.document is None and not piece.lines
    source = _SOURCE.match(text) if is_first else None
    if source:
        issued = _ISSUED.match(source["rest"])
        number = re.sub(r"\s+", "", source["number"])
        title = fold(issued["title"]) if issued else None
        piece.article = source["article"]
        piece.document = (number, fold(source["kind"]), title or None)
        piece.note(text)
    elif is_first and "pGhiChu" in (element.get("class") or ""):
        piece.note(text)
    elif _is_attachment(element):
        piece.note(f"tệp kèm theo {text}")
    else:
        read = plain_lines(element)
        piece.lines += [replace(line, place=place) for line in read.body]
        for note in read.notes:
            piece.note(note.text)
        piece.warnings += [f"Điều {piece.article}: {warning}" for warning in read.warnings]


def _grouped(name: str, pieces: list[_Piece]) -> list[_Document]:
    """The documents, the subject's own law first, the others as the export brings them."""
    known = {piece.prefix: piece.document for piece in pieces if piece.document}
    documents: dict[str, _Document] = {}
    lost: list[_Piece] = []
    for piece in pieces:
        source = piece.document or known.get(piece.prefix)
        if source is None:
            lost.append(piece)
            continue
        number, kind, title = source
        document = documents.setdefault(number, _Document(number, kind))
        document.title = document.title or title
        _place(name, document, piece)
    if not documents:
        raise SourceError(name, "Không thấy điều nào có ghi nguồn văn bản", _ADVICE)
    laws = [document for document in documents.values() if document.kind.startswith(_LAWS)]
    first = max(laws or documents.values(), key=lambda document: len(document.pieces))
    _head(first, pieces)
    for piece in lost:
        label = f"Điều {piece.prefix}.{piece.article}. {piece.title}"
        first.warnings.append(f"Bỏ ngoài “{label}” ({piece.place}): không ghi văn bản nguồn")
    return [first, *(document for document in documents.values() if document is not first)]


def _head(subject: _Document, pieces: list[_Piece]) -> None:
    """Give each heading to the next article of the subject's law, whose chapters they are."""
    waiting: list[Line] = []
    for piece in pieces:
        waiting += piece.headings
        piece.headings = []
        if subject.pieces.get(piece.article) is piece:
            piece.headings, waiting = waiting, []


def _place(name: str, document: _Document, piece: _Piece) -> None:
    earlier = document.pieces.setdefault(piece.article, piece)
    if earlier is piece:
        return
    if [line.text for line in earlier.lines] != [line.text for line in piece.lines]:
        problem = (
            f"Điều {piece.article} của {document.number} đứng hai lần với lời khác nhau "
            f"({earlier.place} và {piece.place})"
        )
        raise SourceError(name, problem, _ADVICE, piece.place)
    earlier.note(f"đứng hai lần trong tệp, cùng lời ({piece.place})")


def _text(name: str, document: _Document) -> SourceText:
    lines: list[Line] = []
    notes: list[Line] = []
    warnings = list(document.warnings)
    for piece in sorted(document.pieces.values(), key=lambda piece: _order(piece.article)):
        lines += piece.headings
        lines.append(Line(f"Điều {piece.article}. {piece.title}".strip(), piece.place))
        lines += piece.lines
        notes += piece.notes
        warnings += piece.warnings
    return SourceText(
        name=name,
        lines=tuple(lines),
        notes=tuple(notes),
        number=document.number,
        title=document.title or f"{document.kind} số {document.number}",
        warnings=tuple(warnings),
    )


def _order(article: str) -> tuple[int, str]:
    digits = re.match(r"\d+", article)
    return (int(digits[0]), article[digits.end() :]) if digits else (0, article)


def _blocks(element: HtmlElement) -> Iterator[HtmlElement]:
    """Paragraphs, whole tables and lists, and links to attached files, in reading order."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        inner = child.tag in _INNER and any(
            isinstance(e.tag, str) and (e.tag in BLOCKS or e.tag == "a") for e in child
        )
        if inner:
            yield from _blocks(child)
        elif _is_attachment(child) or child.tag == "img" or _says_something(child):
            yield child


def _says_something(element: HtmlElement) -> bool:
    shown = bool(words(element)) or element.find(".//img") is not None
    return element.tag in BLOCKS and shown


def _is_attachment(element: HtmlElement) -> bool:
    """A link that stands as a block of its own leads to a form or an appendix as a file."""
    return element.tag == "a" and bool(element.get("href")) and bool(words(element))
