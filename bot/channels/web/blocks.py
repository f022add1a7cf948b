"""The plain text of an answer as blocks a page can show: paragraphs, lists, the fine print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "lead", "bullets", "numbers", "points", "fine"]

_BULLET = re.compile(r"[-•–]\s+(.*)")
_NUMBER = re.compile(r"(\d{1,2})[.)]\s+(.*)")
_POINT = re.compile(r"[a-zđ]\)\s+\S.*")
_FINE = ("căn cứ", "tính đến ngày", "trả lời tự động", "nguồn:")


@dataclass(slots=True)
class Block:
    """Lines shown as one element.

    A ``lead`` is a line that announces the list after it. ``numbers`` hold the number each line
    was written with, since a choice is answered by its number. ``points`` are the lettered points
    of a clause, with their letters. ``fine`` is what an answer rests
    on and its notices: there for whoever looks, quieter than the answer.
    """

    kind: Kind
    lines: list[str]
    numbers: list[int] = field(default_factory=list)
    small: bool = False


def blocks(text: str) -> list[Block]:
    """The blocks of ``text`` in order; every word of it stands in exactly one of them.

    Only the marks in front of list lines are left out, they are drawn by the page.
    """
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        found += _paragraph(paragraph.split("\n"))
    return found


def _paragraph(lines: list[str]) -> Iterator[Block]:
    here: list[Block] = []
    for raw in lines:
        line = raw.strip()
        if not line:
            continue
        kind, words, number = _read(line)
        if not here or here[-1].kind != kind or kind == "fine":
            if kind in ("bullets", "numbers") and here and here[-1].kind == "text":
                _announce(here)
            small = bool(here) and (here[-1].kind == "fine" or here[-1].small) and kind != "text"
            here.append(Block(kind, [], small=small))
        here[-1].lines.append(words)
        if number is not None:
            here[-1].numbers.append(number)
    yield from here


def _announce(here: list[Block]) -> None:
    """Make the last line before a list its lead, if it ends like one."""
    before = here[-1]
    if before.lines[-1].endswith(":"):
        line = before.lines.pop()
        if not before.lines:
            here.pop()
        here.append(Block("lead", [line]))


def _read(line: str) -> tuple[Kind, str, int | None]:
    if bullet := _BULLET.fullmatch(line):
        return "bullets", bullet[1], None
    if number := _NUMBER.fullmatch(line):
        return "numbers", number[2], int(number[1])
    if _POINT.fullmatch(line):
        return "points", line, None
    if line.lower().startswith(_FINE):
        return "fine", line, None
    return "text", line, None
