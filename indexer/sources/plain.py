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
_SMALL_MARK = re.compile(r"^[a-zđ]{1,4}\d{0,2}\s?[).]")
_FRONT_NUMBER = re.compile(r"^so_?hieu:\s*\"?(?P<number>\d+/\S+?)\"?\s*$", re.MULTILINE)
_RULE = re.compile(r"^[\s|:=*_—–-]*$")
_SAVE_UTF8 = "Hãy mở tệp bằng Word hoặc Notepad và lưu lại với mã UTF-8"


def read_plain(path: Path) -> SourceText:
    """Read a .txt or .md file; SourceError when it is empty, no text, or in another encoding."""
    text = _decode(path)
    number = None
    if path.suffix.lower() in (".md", ".markdown"):
        number = _front_number(text)
        text = _without_markdown(text)
    lines = tuple(paragraphs(text))
    if not lines:
        raise SourceError(path.name, "Tệp không có chữ nào", "Hãy tải lại tệp từ cổng chính thức")
    return SourceText(path.name, lines, number=number)


def _decode(path: Path) -> str:
    """The file's text. UTF-8 with or without mark, UTF-16 with mark; nothing else is guessed."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise SourceError(
            path.name, f"Không mở được tệp: {error.strerror}", "Hãy kiểm tra đường dẫn và quyền đọc"
        ) from error
    if size > _LARGEST:
        raise SourceError(
            path.name,
            f"Tệp quá lớn ({size // 2**20} MB, tối đa {_LARGEST // 2**20} MB)",
            "Hãy tách riêng từng văn bản",
        )
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise SourceError(
            path.name,
            "Tệp không dùng mã UTF-8 (có thể là windows-1258, TCVN3 hoặc VNI)",
            _SAVE_UTF8,
            place,
        ) from error
    odd = sum(unicodedata.category(char) in ("Cc", "Co", "Cn") for char in text[:20000])
    odd -= sum(text[:20000].count(char) for char in "\n\r\t\f\v")
    if odd > 0.01 * max(len(text[:20000]), 1):
        raise SourceError(path.name, "Tệp không phải văn bản đọc được", _SAVE_UTF8)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def paragraphs(text: str) -> list[Line]:
    """One line a paragraph: a sentence that runs on over several lines is put together."""
    found: list[Line] = []
    after_blank = True
    for index, raw in enumerate(text.split("\n"), start=1):
        line = fold(raw)
        if not line or _RULE.match(line):
            after_blank = True
            continue
        if _ROW.match(line):
            cells = [cell for cell in line.strip("|").split("|")]
            row = table_row(cells)
            if row and not _RULE.match(line):
                found.append(Line(row, f"dòng {index}", Role.TABLE))
            after_blank = True
            continue
        if not after_blank and found and _runs_on(found[-1], line):
            found[-1] = Line(f"{found[-1].text} {line}", found[-1].place)
        else:
            found.append(Line(line, f"dòng {index}"))
        after_blank = False
    return found


def _runs_on(above: Line, line: str) -> bool:
    """Whether ``line`` continues the sentence above it: small letter after no full stop."""
    if above.role is Role.TABLE or above.text.isupper() or not line[0].islower():
        return False
    if _SMALL_MARK.match(line):
        return False
    return not above.text.endswith((".", ";", ":", "”", '"', "!", "?", "|"))


def _front_number(text: str) -> str | None:
    """The document's number as the front matter of a Markdown file states it."""
    front = _FRONT.match(text)
    found = _FRONT_NUMBER.search(front.group()) if front else None
    return found["number"] if found else None


def _without_markdown(text: str) -> str:
    """The words without Markdown's marks, line by line, tables as ``| a | b |``."""
    text = _FRONT.sub("", text)
    text = re.sub(r"<br\s*/?>", "\n\n", text, flags=re.IGNORECASE)
    text = re.sub(r"(?m)^\s*\[\^(\d{1,3})\]:\s*", r"[\1] ", text)
    text = re.sub(r"(?<![mM\d])<sup>\s*(?:\[?\d{1,3}\]?)\s*</sup>|\[\^[^\]]{1,10}\](?!:)", "", text)
    text = re.sub(r"</?[a-zA-Z][^<>\n]{0,200}>|<!--.*?-->", "", text)
    text = re.sub(r"!\[[^\]\n]*\]\([^)\n]*\)", "", text)
    text = re.sub(r"\[([^\]\n]+)\]\((?:https?:|/|#|mailto:)[^)\n]*\)", r"\1", text)
    return "\n".join(_plain_line(line) for line in text.split("\n"))


def _plain_line(line: str) -> str:
    line = re.sub(r"^\s*(?:>\s?)+", "", line)
    line = re.sub(r"^\s{0,3}#{1,6}\s+|\s+#+\s*$", "", line)
    line = re.sub(r"^(\s*)[*+]\s+(?=\S)", r"\1- ", line)
    line = line.replace("\\*", "\x00")
    line = re.sub(r"\*{2,}|_{2,}", "", line)
    # A single star is emphasis unless it stands free, as in "lương * 12".
    line = re.sub(r"(?<=\S)\*|\*(?=\S)", "", line)
    line = re.sub(r"(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", "", line)
    line = re.sub(r"\\([\\`_{}\[\]()#+\-.!|>~<])", r"\1", line).replace("\x00", "*").strip()
    if line.endswith("|") and not line.startswith("|"):
        cells = [cell for cell in line[:-1].split("|") if cell.strip()]
        line = f"| {' | '.join(cells)} |" if len(cells) > 1 else "".join(cells)
    return line
