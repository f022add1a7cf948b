"""The register: every document we know of, how people call it, and the hashes of its articles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from knowledge import datafile
from knowledge.clause import Document
from knowledge.language import fold as language
from knowledge.register.entry import LawEntry

FOLDER = Path(__file__).parent
_NOT_WORD = re.compile(r"[^0-9a-z]+")


class RegisterError(Exception):
    """The register's files contradict each other; the message says where and what to do."""


class HashFile(BaseModel):
    """Hashes of one text: article number to the fingerprint of its normalised words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    source_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    articles: dict[str, str]


class Register:
    """All documents, laws before their consolidations."""

    def __init__(
        self,
        documents: Iterable[Document],
        hashes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.documents: tuple[Document, ...] = tuple(documents)
        self._hashes = dict(hashes or {})
        self._by_number: dict[str, Document] = {}
        for document in self.documents:
            if document.number in self._by_number:
                raise RegisterError(f"{document.number} đăng ký hai lần; bỏ một tệp")
            self._by_number[document.number] = document
        for number in self._hashes:
            if number not in self._by_number:
                raise RegisterError(
                    f"có mã băm của {number} nhưng văn bản ấy chưa đăng ký; "
                    "đăng ký văn bản, hoặc xoá tệp của nó trong knowledge/register/articles"
                )
        self._names = self._collect_names()

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __contains__(self, number: str) -> bool:
        return number in self._by_number

    @property
    def laws(self) -> tuple[Document, ...]:
        """The laws and decrees themselves, without their consolidations."""
        return tuple(d for d in self.documents if d.consolidates is None)

    def get(self, number: str) -> Document:
        """The document of that number or text id. Raises KeyError that lists what to do."""
        try:
            return self._by_number[number]
        except KeyError:
            raise KeyError(
                f"{number} is not registered; add it to knowledge/register/documents"
            ) from None

    def law_of(self, number: str) -> Document:
        """The law itself, whether ``number`` is its own or one of its consolidations'."""
        document = self.get(number)
        return document if document.consolidates is None else self.get(document.consolidates)

    def texts_of(self, law: str) -> tuple[Document, ...]:
        """The law and its consolidations, the original first. Raises KeyError."""
        original = self.law_of(law)
        others = (d for d in self.documents if d.consolidates == original.number)
        return (original, *others)

    def hashes(self, text: str) -> Mapping[str, str]:
        """Article number to fingerprint; empty for a text that has none (grade C)."""
        self.get(text)
        return self._hashes.get(text, {})

    @property
    def names(self) -> Mapping[str, tuple[Document, ...]]:
        """Every name a law goes by, folded (see ``fold``), newest law first."""
        return self._names

    def by_abbreviation(self, text: str, day: date | None = None) -> Document | None:
        """The law people mean by ``text`` ("blld", "luật BHXH", "nđ 145").

        A name that a law shares with its predecessor gives the one in force on ``day``; without
        a day, or when none was in force then, the newest. None when nobody is called so.
        """
        found = self._names.get(fold(text), ())
        if day is not None:
            found = tuple(d for d in found if d.in_force(day)) or found
        return found[0] if found else None

    def _collect_names(self) -> dict[str, tuple[Document, ...]]:
        names: dict[str, set[str]] = {}
        for document in self.documents:
            if document.consolidates is None:
                written = (*document.abbreviations, document.short_title, document.title)
                for name in (*written, *_number_names(document)):
                    names.setdefault(fold(name), set()).add(document.number)
            else:
                names.setdefault(fold(document.number), set()).add(document.consolidates)
        return {
            name: tuple(
                sorted(
                    (self._by_number[number] for number in numbers),
                    key=lambda d: (d.effective, d.number),
                    reverse=True,
                )
            )
            for name, numbers in names.items()
            if name
        }


def fold(text: str) -> str:
    """How names are compared: without marks, lower case, words set apart by single spaces."""
    return _NOT_WORD.sub(" ", language.fold(text)).strip()


def _number_names(document: Document) -> Iterator[str]:
    """How a document's number is written: in full, "45/2019", "nghị định 145", "nđ 145"."""
    serial, year = document.number.split("/")[:2]
    yield document.number
    yield f"{serial}/{year}"
    if document.kind == "nghị định":
        for word in ("nghị định", "nghị định số", "nđ", "nđ số"):
            for tail in (serial, f"{serial}/{year}", document.number):
                yield f"{word} {tail}"
        yield f"nđ{serial}"
        yield f"nđ{serial}/{year}"
    else:
        for word in ("luật", "luật số", "bộ luật", "bộ luật số"):
            for tail in (f"{serial}/{year}", document.number):
                yield f"{word} {tail}"


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Register:
    """Read the register. Raises DataFileError (file and line) or RegisterError."""
    documents: list[Document] = []
    for path in sorted((folder / "documents").glob("*.yaml")):
        documents.extend(datafile.read(path, LawEntry).documents())
    if not documents:
        raise RegisterError(
            f"không có văn bản nào trong {folder / 'documents'}; hãy lấy lại thư mục ấy"
        )
    hashes: dict[str, Mapping[str, str]] = {}
    for path in sorted((folder / "articles").glob("*.json")):
        stored = _read_hashes(path)
        hashes[stored.text] = stored.articles
    register = Register(documents, hashes)
    _check_successors(register)
    return register


def _read_hashes(path: Path) -> HashFile:
    try:
        return HashFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise datafile.DataFileError(
            path,
            f"không phải là tệp mã băm của các điều ({str(error).splitlines()[0]})",
            "Ghi lại bằng indexer.register_check.write_hashes",
            getattr(error, "lineno", None),
        ) from error


def _check_successors(register: Register) -> None:
    for document in register:
        if document.replaced_by is None:
            continue
        if document.replaced_by not in register:
            raise RegisterError(
                f"{document.number} bị thay bởi {document.replaced_by}, văn bản ấy chưa đăng ký; "
                "thêm vào hoặc sửa replaced_by"
            )
