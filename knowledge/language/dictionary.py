"""How workers write, in standard words: short forms, slang, regional words, misspellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge import datafile
from knowledge.cards.schema import Review
from knowledge.language.fold import fold

FILE = Path(__file__).with_name("dictionary.yaml")
_WORD = re.compile(r"\w+")
_LONGEST = 4


class Kind(StrEnum):
    """What sort of word it is. Slang keeps its own colour: it is explained, not replaced."""

    ABBREVIATION = "abbreviation"
    SPELLING = "spelling"
    REGIONAL = "regional"
    SLANG = "slang"


class Entry(BaseModel):
    """One thing people say, up to four syllables, and the standard words for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str = Field(min_length=1, max_length=40)
    means: str = Field(min_length=1, max_length=80)
    kind: Kind
    region: str | None = Field(default=None, pattern="^(Bắc|Trung|Nam)$")
    example: str = Field(min_length=8)
    review: Review

    @model_validator(mode="after")
    def _shown_in_use(self) -> Entry:
        words = _key(self.says)
        if not 1 <= len(words.split()) <= _LONGEST:
            raise ValueError(f"'{self.says}' dài quá {_LONGEST} chữ; chỉ giữ phần đặc trưng")
        if f" {words} " not in f" {_key(self.example)} ":
            raise ValueError(f"câu ví dụ không có '{self.says}'; viết câu khác")
        return self


class Entries(BaseModel):
    """The whole file; what is said stands once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: tuple[Entry, ...]

    @model_validator(mode="after")
    def _once(self) -> Entries:
        seen: set[str] = set()
        for entry in self.entries:
            key = _key(entry.says)
            if key in seen:
                raise ValueError(f"'{entry.says}' ghi hai lần; chỉ giữ một")
            seen.add(key)
        return self


@lru_cache(maxsize=2)
def load(file: Path = FILE) -> tuple[Entry, ...]:
    """All entries. Raises DataFileError (file and line)."""
    return datafile.read(file, Entries).entries


def expand(text: str) -> str:
    """The text in standard words: "cty ko trả lương" gives "công ty không trả lương".

    Slang stays: see ``meanings``.
    """
    text = unicodedata.normalize("NFC", text)
    out: list[str] = []
    end = 0
    for start, stop, entry in _found(text, _plain()):
        out += (text[end:start], entry.means)
        end = stop
    return "".join((*out, text[end:]))


def meanings(text: str) -> tuple[str, ...]:
    """The standard words for the slang in a text, each once.

    Of words typed without any marks, only phrases are known: a single bare syllable may be
    anything.
    """
    text = unicodedata.normalize("NFC", text)
    slang, bare = _slang()
    found = [entry for _, _, entry in _found(text, slang)]
    if fold(text) == text.lower():
        found += [entry for _, _, entry in _found(text, bare)]
    return tuple(dict.fromkeys(entry.means for entry in found))


def _found(text: str, known: Mapping[str, Entry]) -> Iterator[tuple[int, int, Entry]]:
    """Where known phrases stand, the longest first; they do not overlap."""
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            row = words[at : at + length]
            between = [text[a.end() : b.start()] for a, b in pairwise(row)]
            entry = known.get(" ".join(word.group().lower() for word in row))
            if entry and all(gap.isspace() for gap in between):
                yield row[0].start(), row[-1].end(), entry
                at += length
                break
        else:
            at += 1


@lru_cache(maxsize=1)
def _plain() -> dict[str, Entry]:
    return {_key(entry.says): entry for entry in load() if entry.kind is not Kind.SLANG}


@lru_cache(maxsize=1)
def _slang() -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Slang by its words, and its phrases by their words without marks."""
    marked = {_key(entry.says): entry for entry in load() if entry.kind is Kind.SLANG}
    bare = {fold(says): entry for says, entry in marked.items() if " " in says}
    return marked, bare


def _key(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", text).lower()))
