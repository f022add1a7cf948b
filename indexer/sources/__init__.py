"""One official file to its texts, whatever kind of file it really is."""

from __future__ import annotations

import zipfile
from pathlib import Path

from indexer.lines import SourceError, SourceText
from indexer.sources.container import SPOKEN, kind_of, load
from indexer.sources.html_page import decode
from indexer.sources.pdf_text import read_pdf
from indexer.sources.phapdien import is_phapdien, read_phapdien
from indexer.sources.plain import read_plain
from indexer.sources.portal_html import read_portal_html
from indexer.sources.portal_json import read_portal_json
from indexer.sources.word_doc import read_doc
from indexer.sources.word_docx import read_docx

READ_KINDS = ".docx, .doc, .html, .mht, .pdf, .json, .txt, .md"
"""What can be brought in, as said to people."""

_PAGES = {".html", ".htm", ".xhtml", ".mht", ".mhtml"}


def read(path: Path) -> list[SourceText]:
    """Read one file. An export of the pháp điển gives several texts, the law first; others one.

    The content decides; the name is asked only where the content leaves it open (a web page
    that begins without a tag). Raises SourceError with advice.
    """
    if path.is_dir():
        raise SourceError(path.name, "Đây là thư mục, không phải tệp", "Hãy chỉ rõ một tệp")
    raw = load(path)
    kind = kind_of(raw)
    if kind in {"html", "mhtml"} or (kind in {"text", "unknown"} and _is_page(path, raw)):
        if kind != "mhtml" and is_phapdien(decode(raw)):
            return read_phapdien(path)
        return [read_portal_html(path)]
    if kind == "zip":
        return [_read_zip(path)]
    if kind in {"ole", "rtf"}:
        return [read_doc(path)]
    if kind == "pdf":
        return [read_pdf(path)]
    if kind == "json":
        return [read_portal_json(path)]
    if kind == "text" or path.suffix.lower() in {".txt", ".md"}:
        return [read_plain(path)]
    raise SourceError(path.name, "Không nhận ra loại tệp", f"Chỉ đọc được {READ_KINDS}")


def _is_page(path: Path, raw: bytes) -> bool:
    """Whether a file that begins with plain words, or is UTF-16, holds a web page."""
    if path.suffix.lower() in _PAGES:
        return True
    head = decode(raw[:65536]).lower()
    return "<html" in head or ("<body" in head and "</" in head)


def _read_zip(path: Path) -> SourceText:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        # A truncated .docx: its own reader says so.
        names = {"word/document.xml"} if path.suffix.lower() == ".docx" else set()
    if "[Content_Types].xml" in names and not any(n.startswith("word/") for n in names):
        problem, advice = "Tệp Excel hoặc PowerPoint, không phải văn bản", "Hãy nạp bản .docx"
        raise SourceError(path.name, problem, advice)
    if not any(name.startswith("word/") for name in names):
        problem = f"Tệp là {SPOKEN['zip']}, không phải Word .docx"
        raise SourceError(path.name, problem, "Hãy giải nén rồi nạp từng tệp bên trong")
    return read_docx(path)
