"""PDF files with a text layer: the law's paragraphs, tables and notes. Scans are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium

from indexer.lines import Role, SourceError, SourceText
from indexer.sources import footnotes
from indexer.sources.container import load
from indexer.sources.pdf_furniture import without_furniture
from indexer.sources.pdf_page import Page, read_pages
from indexer.sources.pdf_paragraphs import paragraphs, split_notes
from indexer.sources.pdf_rows import page_rows

_FEW_LETTERS = 60
"""A page of a law has hundreds of letters; a scan's signature or stamp has a few dozen."""
_LOCKED = "Hãy mở tệp bằng mật khẩu rồi in lại ra PDF không khóa, hoặc tải bản .docx"
_AGAIN = "Hãy tải lại tệp từ cổng chính thức"
_SCANNED = (
    "Hãy tải bản .docx hoặc trang .html của văn bản từ vbpl.vn hay congbao.chinhphu.vn; nếu chỉ "
    "có bản quét thì chạy nhận dạng chữ (OCR, ví dụ ocrmypdf -l vie) rồi đối chiếu với bản gốc"
)


def read_pdf(path: Path) -> SourceText:
    """Read one PDF. Raises SourceError for a scan and for a broken, locked or empty file."""
    document = _open(path)
    try:
        pages = list(read_pages(document))
    except pdfium.PdfiumError as error:
        raise SourceError(path.name, f"Tệp PDF hỏng giữa chừng ({error})", _AGAIN) from error
    finally:
        document.close()
    _refuse_scan(path.name, pages)
    rows = without_furniture([page_rows(page) for page in pages])
    body, notes = split_notes(rows)
    separated = footnotes.separate(paragraphs(body), paragraphs(notes, Role.NOTE))
    if not separated.body:
        raise SourceError(path.name, "Tệp PDF không có chữ nào", _SCANNED)
    return SourceText(
        name=path.name, lines=separated.body, notes=separated.notes, warnings=_warnings(pages)
    )


def _open(path: Path) -> pdfium.PdfDocument:
    data = load(path)
    if b"%PDF-" not in data[:1024]:
        raise SourceError(path.name, "Tệp không phải PDF", "Hãy kiểm tra lại tên và nội dung tệp")
    if b"%%EOF" not in data[-4096:]:
        raise SourceError(path.name, "Tệp PDF bị cắt cụt, thiếu phần cuối", _AGAIN)
    try:
        document = pdfium.PdfDocument(data)
        count = len(document)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise SourceError(path.name, "Tệp PDF bị khóa bằng mật khẩu", _LOCKED) from error
        raise SourceError(path.name, f"Tệp PDF hỏng, không mở được ({error})", _AGAIN) from error
    if count == 0:
        raise SourceError(path.name, "Tệp PDF không có trang nào", _AGAIN)
    return document


def _letters(page: Page) -> int:
    return sum(len(word.text) for word in page.words)


def _is_picture(page: Page) -> bool:
    return page.pictured > 0.4 and _letters(page) < _FEW_LETTERS


def _refuse_scan(name: str, pages: Sequence[Page]) -> None:
    pictures = [page.number for page in pages if _is_picture(page)]
    letters = sum(_letters(page) for page in pages)
    if len(pictures) == len(pages) or (pictures and letters < _FEW_LETTERS * len(pages)):
        raise SourceError(name, "Tệp là bản quét (ảnh chụp trang giấy), không có lớp chữ", _SCANNED)
    # A picture on the cover loses nothing; elsewhere it may hold articles.
    inner = [number for number in pictures if number > 1]
    if inner:
        shown = ", ".join(str(number) for number in inner[:10])
        raise SourceError(
            name, "Có trang chỉ là ảnh, không đọc được chữ", _SCANNED, f"trang {shown}"
        )
    if letters == 0:
        raise SourceError(name, "Tệp PDF không có chữ nào", _SCANNED)
    if not any(_readable(page) for page in pages):
        problem = "Chữ trong tệp không đọc được (phông cũ hoặc phông không kèm bảng mã Unicode)"
        raise SourceError(name, problem, _SCANNED)


def _readable(page: Page) -> bool:
    """Whether the page has Vietnamese words that every law has."""
    text = " ".join(word.text for word in page.words)
    return bool(re.search(r"Điều|ĐIỀU|quy định|CỘNG HÒA|của", text))


def _warnings(pages: Sequence[Page]) -> tuple[str, ...]:
    warnings = []
    if _is_picture(pages[0]):
        warnings.append("Trang đầu là ảnh, không đọc chữ trong đó")
    recognised = sum(page.recognised for page in pages)
    if recognised:
        warnings.append(
            f"{recognised} trang là bản quét, chữ do máy nhận dạng (OCR): "
            "phải đối chiếu với bản gốc trước khi trích dẫn"
        )
    return tuple(warnings)
