"""Official texts and cards to an index version: an immutable folder, complete or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import faiss
import numpy as np
from filelock import FileLock, Timeout

from indexer.encoder_model import forget_unused, prepare
from indexer.gather import Gathered, gather, missing
from indexer.validity import clause_versions
from indexer.vector_cache import VectorCache
from knowledge import cards as card_store
from knowledge import lexical
from knowledge.articles import ArticleSpan, group
from knowledge.cards import Card, Pointer
from knowledge.clause import Clause
from knowledge.encoder import DEFAULT_MODEL, Encoder, Vectors
from knowledge.index_format import (
    CARDS,
    CLAUSES,
    MANIFEST,
    POINTERS,
    VECTORS,
    IndexDamaged,
    Manifest,
    sha256_of,
)
from knowledge.language import fold
from knowledge.language.dictionary import expand
from knowledge.lexical import LexicalIndex
from knowledge.library import Library, ask_rows, card_rows, card_text
from knowledge.register import Register
from knowledge.register import load as load_register
from knowledge.versions import FOLDER, folder_of, listed

IN_FORCE_TOKENS = 112
EXPIRED_TOKENS = 40
"""How much of a clause is encoded. The encoder was taught on beginnings of 80 tokens; repealed
texts are asked for seldom, and encoding all of everything would double the time of a build."""

_STAMP = "%Y%m%d-%H%M%S"


class BuildRefused(Exception):
    """Nothing was built, and nothing published was touched; the message says why and what to do."""


@dataclass
class Reporter:
    """Where a long build tells how far it is; the defaults say nothing."""

    stage: Callable[[str, int], None] = lambda _name, _total: None
    step: Callable[[int], None] = lambda _count: None
    note: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True)
class Source:
    """Where a build takes things from and puts them.

    ``register``, ``cards`` and ``pointers`` None: those of this program; no pointers when only
    cards are given.
    """

    folders: Sequence[Path]
    root: Path
    models: Path
    cache: Path
    encoder: str = DEFAULT_MODEL
    threads: int = 2
    allow_faulty: bool = False
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    register: Register | None = None
    cards: Sequence[Card] | None = None
    pointers: Sequence[Pointer] | None = None


@dataclass(frozen=True)
class Built:
    """A finished version. ``fresh`` is False when an equal one was there already."""

    manifest: Manifest
    gathered: Gathered
    fresh: bool


@dataclass(frozen=True)
class _Content:
    """What goes into a version, and the words indexed of it on each level."""

    clauses: Sequence[Clause]
    spans: Sequence[ArticleSpan]
    cards: Sequence[Card]
    pointers: Sequence[Pointer]
    texts: dict[str, list[str]]

    @classmethod
    def of(
        cls, clauses: Sequence[Clause], cards: Sequence[Card], pointers: Sequence[Pointer]
    ) -> _Content:
        spans = group(clauses)
        texts = {
            "clauses": [passage(clause) for clause in clauses],
            "articles": [span.text(clauses) for span in spans],
            "asks": [expand(text) for text, _ in ask_rows(cards, pointers)],
            "cards": [card_text(card, wording) for card, wording in card_rows(cards)],
        }
        return cls(clauses, spans, cards, pointers, texts)

    def digest(self, encoder: Encoder) -> str:
        """Of all that a version is made of: texts, cards, encoder, and how the words are cut."""
        cuts = f"{encoder.fingerprint}|{IN_FORCE_TOKENS}|{EXPIRED_TOKENS}"
        digest = hashlib.sha256(cuts.encode())
        for module in (lexical, fold):
            digest.update(Path(str(module.__file__)).read_bytes())
        for item in (*self.clauses, *self.cards, *self.pointers):
            digest.update(item.model_dump_json(by_alias=True).encode())
        for text in (*self.texts["clauses"], *self.texts["asks"]):
            digest.update(text.encode())
        return digest.hexdigest()


def build(source: Source, report: Reporter | None = None) -> Built:
    """Build a version. Raises BuildRefused, ValidityError or datafile errors; then nothing is left.

    One build at a time works on a root; a second one is refused.
    """
    report = report or Reporter()
    try:
        source.root.mkdir(parents=True, exist_ok=True)
        with FileLock(source.root / ".build.lock", timeout=0):
            return _build(source, report)
    except Timeout:
        raise BuildRefused(
            "Một lần xây chỉ mục khác đang chạy. Hãy đợi nó xong rồi chạy lại."
        ) from None
    except OSError as error:
        raise BuildRefused(
            f"Không ghi được dữ liệu ({error.strerror or error}: {error.filename or source.root}). "
            "Hãy giải phóng đĩa hoặc sửa quyền ghi rồi chạy lại; chỉ mục cũ vẫn nguyên."
        ) from error
    except sqlite3.Error as error:
        raise BuildRefused(
            f"Không ghi được bộ nhớ đệm vectơ trong {source.cache} ({error}). Hãy giải phóng đĩa "
            "hoặc sửa quyền ghi rồi chạy lại; chỉ mục cũ vẫn nguyên."
        ) from error


def _build(source: Source, report: Reporter) -> Built:
    _clear_leftovers(source.root)
    register = source.register or load_register()
    cards, pointers = _told(source)
    report.stage("Đọc văn bản", 0)
    gathered = gather(source.folders, register, source.cache / "parsed", report.note)
    _refuse_faulty(gathered, source.allow_faulty)
    clauses = _clauses(gathered, register)
    if not clauses and not cards:
        raise BuildRefused("Không có văn bản và không có thẻ nào để xây chỉ mục.")
    report.stage("Chuẩn bị bộ mã hoá", 0)
    encoder = prepare(source.encoder, source.models, threads=source.threads)
    content = _Content.of(clauses, cards, pointers)
    digest = content.digest(encoder)
    equal = _equal_version(source.root, digest, register)
    if equal:
        return Built(equal, gathered, fresh=False)
    vectors = _vectors(source, encoder, content, report)
    report.stage("Ghi chỉ mục", 0)
    manifest = Manifest(
        version=f"{_stamp(source.root)}-{digest[:8]}",
        created=datetime.now(UTC),
        encoder=source.encoder,
        encoder_fingerprint=encoder.fingerprint,
        texts=tuple(gathered.used),
        missing=tuple(law.number for law in missing(register, gathered)),
        warnings=tuple(gathered.warnings),
        clauses=len(clauses),
        articles=len(content.spans),
        cards=len(cards),
        asks=len(content.texts["asks"]),
        pointers=len(pointers),
        content_hash=digest,
    )
    manifest = _write(source.root, manifest, content, vectors)
    forget_unused(source.models, _encoders(source.root))
    return Built(manifest, gathered, fresh=True)


def _told(source: Source) -> tuple[Sequence[Card], Sequence[Pointer]]:
    """The cards and pointers that go in."""
    if source.cards is None:
        return card_store.load(), card_store.load_pointers()
    return source.cards, source.pointers or ()


def _refuse_faulty(gathered: Gathered, allowed: bool) -> None:
    faulty = [
        refused
        for refused in gathered.refused
        if refused.faulty and refused.law not in gathered.texts
    ]
    if faulty and not allowed:
        listed = "\n".join(f"- {refused.file}: {refused.reason}" for refused in faulty)
        raise BuildRefused(
            f"Có văn bản chưa dùng được, chưa phát hành gì:\n{listed}\nHãy thay bằng bản tốt, bỏ "
            "tệp đó ra, hoặc chạy lại với --without-faulty để xây phần còn lại."
        )


def _clauses(gathered: Gathered, register: Register) -> list[Clause]:
    clauses: list[Clause] = []
    for law in register.laws:
        texts = gathered.texts.get(law.number)
        if texts:
            clauses += clause_versions(law, texts)
    return clauses


def _equal_version(root: Path, digest: str, register: Register) -> Manifest | None:
    """An undamaged version of that content; a damaged one does not stand in for a new build."""
    for path in sorted((root / FOLDER).glob(f"[!.]*-{digest[:8]}/{MANIFEST}"), reverse=True):
        try:
            manifest = Manifest.read(path.parent)
            if manifest.content_hash == digest:
                Library.open(path.parent, register)
                return manifest
        except IndexDamaged:
            continue
    return None


def _encoders(root: Path) -> set[str]:
    """The encoders the versions on disk were built with."""
    found = set()
    for version in listed(root):
        with contextlib.suppress(IndexDamaged):
            found.add(Manifest.read(folder_of(root, version)).encoder_fingerprint)
    return found


def _stamp(root: Path) -> str:
    """The time now, or the second after the newest version's: names sort by age even when the
    clock was set back or two builds end in one second."""
    now = datetime.now(UTC).replace(microsecond=0)
    for version in listed(root)[-1:]:
        try:
            newest = datetime.strptime(version.rpartition("-")[0], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        now = max(now, newest + timedelta(seconds=1))
    return now.strftime(_STAMP)


def _vectors(
    source: Source, encoder: Encoder, content: _Content, report: Reporter
) -> dict[str, Vectors]:
    cache = VectorCache(source.cache / "vectors.sqlite3")
    texts, clauses = content.texts, content.clauses
    try:
        expired = [c.valid_until is not None and c.valid_until < source.today for c in clauses]
        out = np.zeros((len(clauses), encoder.dimensions), dtype=np.float32)
        jobs = []
        for past, cut in ((False, IN_FORCE_TOKENS), (True, EXPIRED_TOKENS)):
            rows = [row for row, is_past in enumerate(expired) if is_past is past]
            role = f"{encoder.fingerprint}|passage|{cut}"
            jobs.append((rows, [texts["clauses"][row] for row in rows], role, cut))
        ask_role = f"{encoder.fingerprint}|query"
        card_role = f"{encoder.fingerprint}|passage|{IN_FORCE_TOKENS}"
        todo = cache.count_missing(card_role, texts["cards"])
        todo += cache.count_missing(ask_role, texts["asks"])
        todo += sum(cache.count_missing(role, words) for _, words, role, _ in jobs)
        report.stage("Mã hoá điều khoản", todo)
        for rows, words, role, cut in jobs:
            encode = partial(_passages, encoder, cut, report)
            out[rows] = cache.encode(role, words, encoder.dimensions, encode)

        encode_cards = partial(_passages, encoder, IN_FORCE_TOKENS, report)

        def encode_asks(part: Sequence[str]) -> Vectors:
            vectors = encoder.encode_queries(part)
            report.step(len(part))
            return vectors

        return {
            "clauses": out,
            "articles": _means(out, content.spans),
            "asks": cache.encode(ask_role, texts["asks"], encoder.dimensions, encode_asks),
            "cards": cache.encode(card_role, texts["cards"], encoder.dimensions, encode_cards),
        }
    finally:
        cache.close()


def _passages(encoder: Encoder, cut: int, report: Reporter, part: Sequence[str]) -> Vectors:
    return encoder.encode_passages(part, cut, report.step)


def passage(clause: Clause) -> str:
    """What is indexed of a clause: its article's title, then its words."""
    return f"{clause.article_title}. {clause.full_text}"


def _means(vectors: Vectors, spans: Sequence[ArticleSpan]) -> Vectors:
    """An article's vector: the mean of its clauses', which costs nothing and ranks as well."""
    out = np.zeros((len(spans), vectors.shape[1]), dtype=np.float32)
    for row, span in enumerate(spans):
        mean = vectors[list(span.rows)].mean(axis=0)
        out[row] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return out


def _write(
    root: Path, manifest: Manifest, content: _Content, vectors: dict[str, Vectors]
) -> Manifest:
    """Write the folder whole, then give it its name. Returns the manifest with file hashes."""
    work = root / FOLDER / f".building-{manifest.version}"
    try:
        work.mkdir(parents=True)
        _write_lines(work / CLAUSES, [c.model_dump_json() for c in content.clauses])
        _write_lines(work / CARDS, [c.model_dump_json(by_alias=True) for c in content.cards])
        _write_lines(work / POINTERS, [p.model_dump_json() for p in content.pointers])
        for level in VECTORS:
            LexicalIndex.build(content.texts[level]).save(work / "lexical" / level)
            flat = faiss.IndexFlatIP(vectors[level].shape[1])
            flat.add(np.ascontiguousarray(vectors[level]))
            # Written by us, because faiss.write_index does not notice a disk that fills up.
            (work / f"{level}.faiss").write_bytes(faiss.serialize_index(flat).tobytes())
        files = sorted(path for path in work.rglob("*") if path.is_file())
        hashes = {path.relative_to(work).as_posix(): sha256_of(path) for path in files}
        manifest = manifest.model_copy(update={"files": hashes})
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        for path in (*files, work / MANIFEST, *{file.parent for file in files}):
            _sync(path)
        work.rename(folder_of(root, manifest.version))
        _sync(root / FOLDER)
        return manifest
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write_lines(path: Path, rows: Sequence[str]) -> None:
    path.write_text(
        "".join(f"{json.dumps(json.loads(row), ensure_ascii=False)}\n" for row in rows),
        encoding="utf-8",
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear_leftovers(root: Path) -> None:
    """Half-built and half-deleted folders of a killed process; the build lock is held."""
    for pattern in (".building-*", ".deleting-*"):
        for path in (root / FOLDER).glob(pattern):
            shutil.rmtree(path, ignore_errors=True)
