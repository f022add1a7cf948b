"""Is this copy what it claims to be? Its articles against the hashes in the register."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.sources.plain import read_plain
from indexer.statute import Statute
from indexer.structure import parse
from knowledge.clause import Document
from knowledge.register import Register, load
from knowledge.register.register import FOLDER, HashFile

NEARLY = 0.99
_RECOGNISED = 0.5
_NAMED = 6


class Verdict(StrEnum):
    """How a copy stands to the registered text it resembles most."""

    EQUAL = "equal"
    NEARLY = "nearly"
    DIFFERS = "differs"
    UNVERIFIED = "unverified"
    UNREGISTERED = "unregistered"


@dataclass(frozen=True)
class CheckReport:
    """``text`` is the registered text (a law's number or a consolidation's), None when none fits.

    ``differing``, ``missing`` and ``extra`` are article numbers; ``unverified`` are articles for
    which the register holds no hash. ``sentence`` says in Vietnamese what to do.
    """

    text: str | None
    law: str | None
    verdict: Verdict
    sentence: str
    matching: int = 0
    expected: int = 0
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Match:
    """One registered text held against a copy; ``consistent`` counts articles as they should be."""

    document: Document
    consistent: int
    expected: int
    matching: int
    differing: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    unverified: tuple[str, ...]


def check(statute: Statute, register: Register) -> CheckReport:
    """Which registered text the copy is, and how many of its articles agree."""
    known = statute.number is not None and statute.number in register
    family = register.texts_of(statute.number or "") if known else register.documents
    held = {article.number: article.fingerprint for article in statute.articles}
    matches = [match for text in family if (match := _match(held, text, register))]
    best = max(matches, key=lambda m: (m.consistent / m.expected, m.matching), default=None)
    if best is None or (not known and best.consistent / best.expected < _RECOGNISED):
        return _without_hashes(statute, register) if known else _unregistered(statute)
    verdict = _verdict(best)
    return CheckReport(
        text=best.document.number,
        law=best.document.consolidates or best.document.number,
        verdict=verdict,
        sentence=_sentence(best, verdict),
        matching=best.matching,
        expected=best.expected,
        differing=best.differing,
        missing=best.missing,
        extra=best.extra,
        unverified=best.unverified,
    )


def _match(held: Mapping[str, str], text: Document, register: Register) -> _Match | None:
    """The copy's article hashes against one text; None when nothing is registered for it.

    A consolidation without hashes of its own is held against the original's: articles no
    included change touches must be the original's, the others must not be.
    """
    hashes = dict(register.hashes(text.number))
    open_to: set[str] = set()
    if not hashes and text.consolidates is not None:
        hashes = dict(register.hashes(text.consolidates))
        open_to = {
            place.article for change in text.changes for place in change.places if place.article
        }
    if not hashes:
        return None
    both = [number for number in hashes if number in held]
    same = [number for number in both if held[number] == hashes[number]]
    changed = [number for number in both if number in open_to and held[number] != hashes[number]]
    return _Match(
        document=text,
        consistent=len([n for n in same if n not in open_to]) + len(changed),
        expected=len(hashes),
        matching=len(same),
        differing=tuple(n for n in both if n not in same and n not in open_to),
        missing=tuple(number for number in hashes if number not in held),
        extra=tuple(number for number in held if number not in hashes),
        unverified=tuple(changed),
    )


def _verdict(match: _Match) -> Verdict:
    spotless = not (match.differing or match.missing or match.extra)
    if spotless:
        return Verdict.UNVERIFIED if match.unverified else Verdict.EQUAL
    wrong = len(match.differing) + len(match.missing) + len(match.extra)
    return Verdict.NEARLY if 1 - wrong / match.expected >= NEARLY else Verdict.DIFFERS


def _sentence(match: _Match, verdict: Verdict) -> str:
    name = f"{match.document.number} ({match.document.short_title})"
    if verdict is Verdict.EQUAL:
        return f"Bản này trùng khớp {name} ở cả {match.expected} điều; có thể dùng."
    if verdict is Verdict.UNVERIFIED:
        return (
            f"Bản này là {name}: {match.matching} điều không bị sửa trùng khớp bản gốc, còn "
            f"{_articles(match.unverified)} chưa có mã băm để đối chiếu. Hãy so các điều đó với "
            "bản chính thức; khi trả lời, người đọc sẽ được lưu ý."
        )
    wrong = " ".join(
        f"{word} {_articles(numbers)}."
        for word, numbers in (
            ("Khác ở", match.differing),
            ("Thiếu", match.missing),
            ("Thừa", match.extra),
        )
        if numbers
    )
    if verdict is Verdict.NEARLY:
        return (
            f"Bản này là {name}, khớp {match.matching}/{match.expected} điều. {wrong} Hãy so các "
            "điều đó với bản chính thức trước khi dùng."
        )
    return (
        f"Bản này gần nhất với {name} nhưng chỉ khớp {match.matching}/{match.expected} điều. "
        f"{wrong} Đừng đưa vào sử dụng: hãy tải bản khác; nếu đây là văn bản mới được sửa đổi, hãy "
        "ghi sửa đổi đó vào sổ đăng ký trước."
    )


def _without_hashes(statute: Statute, register: Register) -> CheckReport:
    law = register.law_of(statute.number or "")
    count, expected = len(statute.articles), law.articles
    sentence = (
        f"Sổ đăng ký chưa có mã băm của {law.number} ({law.short_title}) vì chưa có bản đã kiểm "
        f"chứng. Bản này có {count} điều, sổ đăng ký ghi {expected} điều. Hãy so với bản chính "
        "thức; khi trả lời, người đọc sẽ được lưu ý."
    )
    return CheckReport(
        text=statute.number,
        law=law.number,
        verdict=Verdict.UNVERIFIED if count == expected else Verdict.DIFFERS,
        sentence=sentence,
        expected=expected,
        unverified=tuple(article.number for article in statute.articles),
    )


def _unregistered(statute: Statute) -> CheckReport:
    named = statute.number or f"không đọc được số hiệu, tệp {statute.name}"
    return CheckReport(
        text=None,
        law=None,
        verdict=Verdict.UNREGISTERED,
        sentence=(
            f"Văn bản này ({named}) chưa có trong sổ đăng ký. Hãy thêm một tệp vào "
            "knowledge/register/documents với số hiệu, ngày hiệu lực và số điều rồi đọc lại."
        ),
        extra=tuple(article.number for article in statute.articles),
    )


def _articles(numbers: tuple[str, ...]) -> str:
    shown = ", ".join(numbers[:_NAMED])
    more = len(numbers) - _NAMED
    return f"Điều {shown}" + (f" và {more} điều nữa" if more > 0 else "")


def compute(path: Path, text: str) -> HashFile:
    """The hashes of a plain-text copy, to be registered under the text id ``text``.

    Raises SourceError or StructureError when the file is no law or does not add up.
    """
    statute = parse(read_plain(path))
    return HashFile(
        text=text,
        source_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        articles={article.number: article.fingerprint for article in statute.articles},
    )


def write_hashes(hashes: HashFile, folder: Path = FOLDER / "articles") -> Path:
    """Store the hashes where the register looks for them; returns the file."""
    name = hashes.text.lower().replace("đ", "d").replace("/", "-").replace(" ", "-")
    name = name.replace("hiện-hành", "hien-hanh")
    path = folder / f"{name}.json"
    path.write_text(
        json.dumps(hashes.model_dump(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return path


def main() -> None:
    """``python -m indexer.register_check TEXT_ID FILE``: register the hashes of one copy."""
    if len(sys.argv) != 3:
        raise SystemExit(f"usage: {main.__doc__}")
    text, path = sys.argv[1], Path(sys.argv[2])
    document = load().get(text)
    if document.grade == "C":
        raise SystemExit(f"{text} is of grade C: hashes would vouch for words nobody has checked")
    hashes = compute(path, text)
    if len(hashes.articles) != document.articles:
        raise SystemExit(
            f"{path.name} has {len(hashes.articles)} articles, the register says "
            f"{document.articles}; correct one of the two first"
        )
    sys.stdout.write(f"{write_hashes(hashes)}\n")


if __name__ == "__main__":
    main()
