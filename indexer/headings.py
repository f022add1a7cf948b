"""The headings above articles: phần, chương, mục, tiểu mục, each with its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LEVELS = (
    re.compile(
        r"^(?:PHẦN|Phần)\s+(?:(?:THỨ|thứ)\s+\w+|CHUNG|[IVXLC]+|\d{1,2}|[A-Z])"
        r"(?=\s*$|\s*[.:–-]|\s+\S)"
    ),
    re.compile(r"^(?:CHƯƠNG|Chương)\s+(?:[IVXLC]+|\d{1,2})[a-z]?(?=\s*$|\s*[.:–-]|\s+\S)"),
    re.compile(r"^(?:MỤC|Mục)\s+(?:[IVXLC]+|\d{1,2}|[A-ZĐ])[a-z]?(?=\s*$|\s*[.:–-]|\s+\S)"),
    re.compile(r"^(?:TIỂU MỤC|Tiểu mục)\s+(?:[IVXLC]+|\d{1,2})(?=\s*$|\s*[.:–-]|\s+\S)"),
)
_MOST_LINES = 12
_LONGEST = 300


def level_of(text: str) -> int | None:
    """0 for phần, 1 chương, 2 mục, 3 tiểu mục; None when the line is no such heading."""
    for level, pattern in enumerate(_LEVELS):
        found = pattern.match(text)
        if found:
            name = text[found.end() :].lstrip(" .:–-")
            # "Chương III của Luật này" at the start of a wrapped line is a reference.
            return None if name[:1].islower() else level
    return None


def headings_at_end(texts: Sequence[str]) -> int:
    """How many lines at the end of ``texts`` (which stand above an article) are headings.

    A heading is only taken for one when nothing but headings and their names stand between it
    and the article, so that a reference at the start of a wrapped line stays where it is.
    """
    first = len(texts)
    for back in range(1, min(_MOST_LINES, len(texts)) + 1):
        at = len(texts) - back
        text = texts[at]
        if level_of(text) is not None:
            first = at
        elif len(text) > _LONGEST or text.endswith((";", ":")) or not _may_be_name(text):
            break
    return len(texts) - first


def _may_be_name(text: str) -> bool:
    """A name is set in capitals, or is a short line that is no sentence."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return False
    capitals = sum(char.isupper() for char in letters)
    if capitals > 0.6 * len(letters):
        return True
    return (
        len(text) < 160
        and not re.match(r"^(?:\d{1,2}[a-zđ]?\.|[a-zđ]\d?\)|[-–+•])", text)
        and (not text.endswith((".", ",", "”")))
    )


class HeadingStack:
    """The headings that stand over the next article."""

    def __init__(self) -> None:
        self._open: dict[int, str] = {}

    def add(self, lines: Sequence[str]) -> None:
        """Take in heading lines in reading order; a higher heading ends the lower ones."""
        level: int | None = None
        for text in lines:
            found = level_of(text)
            if found is not None:
                level = found
                self._open = {k: v for k, v in self._open.items() if k < found}
                self._open[found] = text.rstrip(" .:")
            elif level is not None:
                joint = " " if self._named(level) else ". "
                self._open[level] += f"{joint}{text}"

    def as_tuple(self) -> tuple[str, ...]:
        """From the highest to the lowest."""
        return tuple(self._open[level] for level in sorted(self._open))

    def _named(self, level: int) -> bool:
        """Whether the heading already has (part of) its name."""
        return not re.fullmatch(
            r"\S+(?: mục| MỤC)?\s+(?:(?:thứ|THỨ)\s+)?\w+", self._open[level].strip()
        )
