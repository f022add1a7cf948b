"""JSON as scraped from the portal vbpl.vn: articles under chapters, or one field of HTML or text.

The shape is not fixed, so it is found: a list whose members have a number ("Điều 5") and words
is a list of articles; failing that, the longest field that holds "Điều 1" is the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.lines import Line, SourceError, SourceText
from indexer.sources.container import load
from indexer.sources.folding import fold
from indexer.sources.html_content import content
from indexer.sources.html_lines import read_lines
from indexer.sources.html_page import parse
from indexer.sources.plain import paragraphs

_NUMBER = re.compile(r"\d{1,4}/\d{4}/[A-ZĐ][A-ZĐ\d-]+")
_ARTICLE = re.compile(r"^\s*(?:Điều|ĐIỀU)\s*\d+", re.IGNORECASE)
_HTML = re.compile(r"<(?:p|div|br|span|table|html|body|strong|b)\b", re.IGNORECASE)
_HEAD = ("number", "so", "label", "title", "ten", "name")
_NAME = ("heading", "subtitle", "tieu_de", "tieuDe", "title", "ten", "name")
_WORDS = ("body", "text", "content", "noi_dung", "noiDung", "html")
_TITLES = ("title", "ten_van_ban", "tenVanBan", "name", "trich_yeu", "trichYeu")
_DEEPEST = 40
_ADVICE = "Hãy lấy tệp JSON của trang toàn văn, hoặc bản .docx của văn bản đó"


def read_portal_json(path: Path) -> SourceText:
    """Read one JSON file; SourceError when it is broken or holds no law."""
    raw = load(path)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        place = f"dòng {error.lineno}" if isinstance(error, json.JSONDecodeError) else None
        raise SourceError(
            path.name, "Tệp JSON bị hỏng hoặc tải chưa xong", _ADVICE, place
        ) from error
    notes: tuple[Line, ...] = ()
    if _has_articles(data, 0):
        lines = tuple(_members(data, "", 0))
    else:
        document = max(_strings(data, 0), key=_weight, default="")
        if not re.search(r"Điều\s+1\b", document):
            raise SourceError(path.name, "Trong tệp JSON không có điều luật nào", _ADVICE)
        lines, notes = _from_string(document)
    return SourceText(path.name, lines, notes, number=_number(data), title=_title(data))


def _has_articles(data: Any, depth: int) -> bool:
    """Whether some list holds members that are articles with their words."""
    if depth > _DEEPEST:
        return False
    if isinstance(data, list):
        return any(_is_article(member) for member in data) or any(
            _has_articles(member, depth + 1) for member in data
        )
    if isinstance(data, dict):
        return any(_has_articles(value, depth + 1) for value in data.values())
    return False


def _is_article(member: Any) -> bool:
    return isinstance(member, dict) and bool(_ARTICLE.match(_first(member, _HEAD)))


def _members(data: Any, above: str, depth: int) -> Iterator[Line]:
    """The lines of a tree of chapters and articles in the order in which they stand."""
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for member in data:
            yield from _members(member, above, depth + 1)
        return
    if not isinstance(data, dict):
        return
    head, name, body = _first(data, _HEAD), _first(data, _NAME), _first(data, _WORDS)
    place = above
    if depth and head:
        if _is_article(data):
            place = fold(head)
            named = head.rstrip(" .:") + (f". {name}" if name and name != head else "")
            yield Line(fold(named), place)
        else:
            yield from (Line(fold(text), fold(head)) for text in (head, name) if fold(text))
    for line in _lines_of(body):
        yield Line(line, place or "đầu văn bản")
    for value in data.values():
        if isinstance(value, list | dict):
            yield from _members(value, place, depth + 1)


def _lines_of(body: str) -> list[str]:
    lines = _from_string(body)[0] if body.strip() else ()
    return [line.text for line in lines]


def _from_string(text: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Body lines and notes of a field that holds HTML or plain text."""
    if _HTML.search(text):
        root = parse(text)
        if root is not None:
            separated = read_lines(content(root) or [root])
            return tuple(separated.body), tuple(separated.notes)
    return tuple(paragraphs(text)), ()


def _strings(data: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _strings(value, depth + 1)


def _weight(text: str) -> tuple[int, int]:
    """Fields with more articles first, then the longer one."""
    return len(re.findall(r"Điều\s+\d+\s*[.:]", text)), len(text)


def _first(data: dict[str, Any], keys: tuple[str, ...]) -> str:
    """The first of the fields that holds words or a number."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _number(data: Any) -> str | None:
    """The document's number, when a field of the file holds nothing else."""
    if not isinstance(data, dict):
        return None
    fields = [*data.values()]
    fields += [value for inner in fields if isinstance(inner, dict) for value in inner.values()]
    return next(
        (
            value.strip()
            for value in fields
            if isinstance(value, str) and _NUMBER.fullmatch(value.strip())
        ),
        None,
    )


def _title(data: Any) -> str | None:
    title = fold(_first(data, _TITLES)) if isinstance(data, dict) else ""
    return title or None
