"""Plain text and Markdown: .txt and .md files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from indexer.lines import Line, Role, SourceError, SourceText
from indexer.sources.folding import fold, table_row

_LARGEST = 32 * 1024 * 1024
_FRONT = re.compile(r"\A---\s*\n.*?\n---\s*\n", re.DOTALL)
_ROW = re.compile(r"^\|.*\|$")
_RULE = re.compile(r"^[\s|:=*_—–-]*$")
_SAVE_UTF8 = "Hãy mở tệp bằng Word hoặc Notepad và lưu lại với mã UTF-8"


def read_plain(path: Path) -> SourceText:
    """Read a .txt or .md file; SourceError when it is empty, no text, or in another encoding."""
    text = _decode(path)
    if path.suffix.lower() in (".md", ".markdown"):
        text = _without_markdown(text)
    lines = tuple(_lines(text))
    if not lines:
        raise SourceError(path.name, "Tệp không có chữ nào", "Hãy tải lại tệp từ cổng chính thức")
    return SourceText(path.name, lines)
