"""Footnotes and endnotes: their words kept apart, their marks taken out of the body.

A reader wraps whatever may be a note mark (raised digits, a link to a note) with ``mark`` while
it collects lines; ``separate`` then decides. A mark leaves the body only where a note with
that mark exists, so the raised 2 of "m2" stays what it is: part of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.lines import Line, Role

# Private-use characters: they occur in no official text and survive white space folding and NFC.
_MAYBE, _SURE, _END = "\ue000", "\ue001", "\ue002"
_WRAPPED = re.compile(rf"(\s*)([{_MAYBE}{_SURE}])([^{_END}]*){_END}")
_BRACKETED = re.compile(r"\s?\[(\d{1,3})\]")
_OPENING = re.compile(rf"^\s*(?:[{_MAYBE}{_SURE}]([^{_END}]*){_END}|\[(\d{{1,3}})\])\s*")
_MARK = re.compile(r"^[\[(]?(\d{1,3}|\*{1,3}|[†‡])[\])]?$")
_ARTICLE = re.compile(r"^[“\"]?Điều\s+\d+[a-zđ]?\s*[.:]", re.IGNORECASE)
_APPENDIX = re.compile(r"^(?:PHỤ LỤC|Phụ lục|MẪU SỐ|Mẫu số)\b")


@dataclass(frozen=True, slots=True)
class Separated:
    """Body without note marks, and the notes, each opening as ``[1] words``.

    ``warnings`` (Vietnamese) say what the reader could not read.
    """

    body: tuple[Line, ...]
    notes: tuple[Line, ...]
    warnings: tuple[str, ...] = ()


def looks_like_mark(text: str) -> bool:
    """Whether ``text`` could be a note mark: 1, [1], (1), *, †."""
    return bool(_MARK.match(text.strip()))


def bare(text: str) -> str:
    """The mark without its brackets."""
    found = _MARK.match(text.strip())
    return found[1] if found else text.strip()


def mark(text: str, *, sure: bool = False) -> str:
    """Wrap a possible mark. ``sure``: the file itself links it to its note."""
    return f"{_SURE if sure else _MAYBE}{bare(text)}{_END}"


def separate(lines: Sequence[Line], notes: Sequence[Line] = ()) -> Separated:
    """Take endnotes off the end of ``lines`` and every mark of a known note out of the body.

    ``notes`` are those the reader has already recognised by their place (the foot of a PDF
    page, a linked block of a web page); each opens with its mark or continues the one before.
    """
    begin = _endnotes_begin(lines)
    end = next(
        (at for at in range(begin, len(lines)) if _APPENDIX.match(lines[at].text)), len(lines)
    )
    found = [*notes, *lines[begin:end]]
    known = {opening for note in found if (opening := _opening(note.text)) is not None}
    body = [*lines[:begin], *lines[end:]]
    return Separated(
        body=tuple(
            replace(line, text=text) for line in body if (text := _without(line.text, known))
        ),
        notes=tuple(_notes(found, known)),
    )


def _opening(text: str) -> str | None:
    found = _OPENING.match(text)
    return (found[1] or found[2]) if found else None


def _notes(lines: Sequence[Line], known: set[str]) -> list[Line]:
    """One line a note; a line without a mark goes on the note before it."""
    notes: list[Line] = []
    for line in lines:
        found = _OPENING.match(line.text)
        text = _without(line.text[found.end() :] if found else line.text, known)
        if found:
            notes.append(Line(f"[{found[1] or found[2]}] {text}".strip(), line.place, Role.NOTE))
        elif text and notes and notes[-1].text.startswith("["):
            notes[-1] = replace(notes[-1], text=f"{notes[-1].text} {text}")
        elif text:
            notes.append(Line(text, line.place, Role.NOTE))
    return notes


def _without(text: str, known: set[str]) -> str:
    def wrapped(found: re.Match[str]) -> str:
        if found[2] == _SURE or found[3] in known:
            return ""
        return f"{found[1]}{found[3]}"

    def bracketed(found: re.Match[str]) -> str:
        return "" if found[1] in known else found[0]

    return " ".join(_BRACKETED.sub(bracketed, _WRAPPED.sub(wrapped, text)).split())


def _endnotes_begin(lines: Sequence[Line]) -> int:
    """Index where the list of endnotes begins, ``len(lines)`` when there is none.

    Endnotes open with a mark that the text above refers to, the first of them with the first
    mark; no article of the law comes after them, but a note may quote articles in “ ”.
    """
    referred: set[str] = set()
    begin = len(lines)
    for at, line in enumerate(lines):
        opening = _opening(line.text)
        if opening in {"1", "*"} and opening in referred:
            begin = at
            break
        rest = _OPENING.sub("", line.text)
        referred |= {found[3] for found in _WRAPPED.finditer(rest)}
        referred |= {found[1] for found in _BRACKETED.finditer(rest)}
    depth = 0
    for line in lines[begin:]:
        if _ARTICLE.match(line.text) and depth <= 0 and not line.text.startswith(("“", '"')):
            return len(lines)
        depth += line.text.count("“") - line.text.count("”")
    return begin


def opens(text: str) -> bool:
    """Whether a line opens with a possible note mark."""
    return _opening(text) is not None
