"""Web pages of legal portals and Word's "save as HTML": the law's own lines, no furniture."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import html
from lxml.html import HtmlElement

from indexer.lines import SourceError, SourceText
from indexer.sources.container import load
from indexer.sources.html_content import content
from indexer.sources.html_lines import read_lines
from indexer.sources.html_page import decode, parse, words

ADVICE = (
    "Hãy mở trang toàn văn của văn bản (vbpl.vn, congbao.chinhphu.vn, thuvienphapluat.vn), lưu "
    "cả trang rồi nạp lại, hoặc tải bản .docx"
)


def read_portal_html(path: Path) -> SourceText:
    """Read one saved page. Raises SourceError when it holds no law."""
    root = parse(decode(load(path)))
    if root is None:
        raise SourceError(path.name, "Trang không có chữ nào", ADVICE)
    elements = content(root)
    if not elements:
        raise SourceError(path.name, _why_no_law(root), ADVICE)
    separated = read_lines(elements)
    return SourceText(
        name=path.name,
        lines=separated.body,
        notes=separated.notes,
        warnings=separated.warnings,
    )


def _why_no_law(root: HtmlElement) -> str:
    source = html.tostring(root, encoding="unicode")
    if ".VnTime" in source or "§iÒu" in source:
        return "Trang dùng phông chữ cũ TCVN3 (.VnTime) chứ không phải Unicode"
    if re.search(r"""type\s*=\s*["']?password""", source, re.IGNORECASE):
        return "Không thấy điều luật nào; có thể đây là trang đăng nhập"
    if len(re.findall(r"Điều\s+\d+", words(root))) > 2:
        return (
            "Trang nhắc tới điều luật nhưng không phải toàn văn một văn bản "
            "(trang hỏi đáp, tin bài hoặc kết quả tìm kiếm)"
        )
    return "Không thấy dòng “Điều 1.” nào trong trang"
