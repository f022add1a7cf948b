"""Which law a text names: by title, abbreviation or number, nearest to a given word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.register import Register

_LONGEST_NAME = 16
_TOPIC_REACH = 2
_NUMBER = re.compile(r"\b\d{1,3} \d{4}\b")
_LIKE_A_MONTH = re.compile(r"(?:0?[1-9]|1[0-2]) \d{4}")


@dataclass(frozen=True)
class Named:
    """A law's name in a text: its folded words and where they stand (``end`` exclusive)."""

    name: str
    start: int
    end: int

    def distance(self, at: int) -> int:
        """Words between the name and the word at ``at``."""
        return self.start - at - 1 if self.start > at else at - self.end


def nearest(tokens: Sequence[str], at: int, register: Register) -> Named | None:
    """The law named nearest to the word at ``at``, the one after it if two are as near.

    ``tokens`` are folded words. A bare topic ("bhxh") names its law only right beside ``at``:
    further off it is what the question is about.
    """
    near = [
        named
        for named in _joined(_mentions(tokens, register), tokens, register)
        if not _is_topic(named.name, register) or named.distance(at) <= _TOPIC_REACH
    ]
    return min(near, key=lambda named: (named.distance(at), named.start < at), default=None)


def _mentions(tokens: Sequence[str], register: Register) -> list[Named]:
    """Every name in the text, the longest at each place, without overlaps."""
    found: list[Named] = []
    start = 0
    while start < len(tokens):
        for end in range(min(len(tokens), start + _LONGEST_NAME), start, -1):
            name = " ".join(tokens[start:end])
            if name in register.names:
                found.append(Named(name, start, end))
                start = end - 1
                break
        start += 1
    return found


def _joined(mentions: list[Named], tokens: Sequence[str], register: Register) -> list[Named]:
    """Title and number written together are one name, and the number decides.

    "bộ luật lao động 10/2012/QH13" is the law of 2012. A number that could as well be a month
    ("12/2012") counts only where it agrees with the title before it.
    """
    joined: list[Named] = []
    for named in mentions:
        title = joined[-1] if joined else None
        beside = (
            title is not None
            and _NUMBER.search(named.name)
            and not _NUMBER.search(title.name)
            and all(word == "so" for word in tokens[title.end : named.start])
        )
        like_a_month = _LIKE_A_MONTH.fullmatch(named.name)
        if title is not None and beside:
            shared = set(_numbers(title.name, register)) & set(_numbers(named.name, register))
            if shared or not like_a_month:
                joined[-1] = Named(named.name, title.start, named.end)
                continue
        if not like_a_month:
            joined.append(named)
    return joined


def _numbers(name: str, register: Register) -> list[str]:
    return [document.number for document in register.names[name]]


def _is_topic(name: str, register: Register) -> bool:
    """Whether the name is also an everyday word: "bhxh" beside "luật bhxh"."""
    return not re.search(r"\d", name) and f"luat {name}" in register.names
