"""Files people send: noted with their message, fetched right away, kept or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from bot.channels.port import FileKind, IncomingFile
from bot.plain_text import clean
from bot.store.database import Database
from bot.store.models import KEY_LENGTH, Chat, File, FileContent

FILE_LIMIT = 20 * 1024 * 1024
"""Bytes of one file that are taken."""
TOO_LARGE = f"Tệp lớn hơn {FILE_LIMIT // 1024 // 1024} MB nên không lưu được."
NOT_FETCHED = "Không tải được tệp sau nhiều lần thử."

_UNUSABLE = "Nền tảng không cho địa chỉ tải tệp dùng được."
_MAX_TRIES = 6
_REASON_LENGTH = 300
_LARGEST_INT = 2**31 - 1
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+_-]*/[a-z0-9][a-z0-9.+_-]*")

_WAITS = (
    # Spelled out: with a parameter neither database would use the partial index.
    File.status == literal_column("'waiting'"),
    File.free_at <= bindparam("now"),
    Chat.channel.in_(bindparam("channels", expanding=True)),
)
_FREE = select(File.id).join(Chat, Chat.id == File.chat).where(*_WAITS).limit(1)
_TAKE = (
    select(File, Chat.channel)
    .join(Chat, Chat.id == File.chat)
    .where(*_WAITS)
    .order_by(File.free_at, File.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=File)
)


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file to be fetched over ``channel`` from ``remote``, held until its lease lapses."""

    id: int
    channel: str
    remote: str
    kind: FileKind


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is known; ``size`` in bytes. ``status`` as in ``bot.store.models.File``."""

    id: int
    chat: int
    message: int
    kind: FileKind
    name: str
    media_type: str
    size: int | None
    status: str
    reason: str | None


class Files:
    """The files that came with messages. ``lease`` is how long a silent fetcher is waited for."""

    def __init__(self, database: Database, lease: timedelta = timedelta(seconds=20)) -> None:
        self._database = database
        self.lease = lease

    def take(self, channels: Collection[str]) -> TakenFile | None:
        """The file that waits longest to be fetched; None when none does.

        Any number of processes may call this: nobody else gets it before its lease lapses.
        Raises StoreUnavailable.
        """
        if not self._database.lapses():
            return None
        now = self._database.now()
        given = {"channels": list(channels), "now": now}
        with self._database.read() as session:
            # Without the write lock first: most looks find nothing to do.
            if session.scalar(_FREE, given) is None:
                return None
        with self._database.write() as session:
            found = session.execute(_TAKE, given).first()
            if found is None:
                return None
            file, channel = found
            file.free_at = now + self.lease
            return TakenFile(file.id, channel, file.remote, FileKind(file.kind))

    def renew(self, tokens: Collection[str]) -> None:
        """Say that those who fetch these files (ids in digits) are alive. Raises
        StoreUnavailable."""
        if not tokens:
            return
        with self._database.write() as session:
            session.execute(
                update(File)
                .where(File.id.in_([int(each) for each in tokens]), File.status == "waiting")
                .values(free_at=self._database.now() + self.lease)
            )

    def keep(self, file: int, content: bytes) -> None:
        """Store what was fetched. Harmless when the file is gone or settled already.

        More than ``FILE_LIMIT`` bytes are refused. Raises StoreUnavailable.
        """
        if len(content) > FILE_LIMIT:
            self.refuse(file, TOO_LARGE)
            return
        with self._database.write() as session:
            row = _lock_waiting(session, file)
            if row is not None:
                row.status = "kept"
                row.size = len(content)
                row.remote = ""
                row.reason = None
                session.add(FileContent(file=file, data=content))

    def refuse(self, file: int, reason: str) -> None:
        """The file can never be had. Harmless when it is gone or settled already."""
        with self._database.write() as session:
            row = _lock_waiting(session, file)
            if row is not None:
                _refuse(row, reason)

    def failed(self, file: int, reason: str) -> bool:
        """Count a try that failed; whether that was the last one, after which it is refused.

        The tries are spread over about an hour. Raises StoreUnavailable.
        """
        with self._database.write() as session:
            row = _lock_waiting(session, file)
            if row is None:
                return False
            row.attempts += 1
            if row.attempts >= _MAX_TRIES:
                _refuse(row, f"{NOT_FETCHED} ({clean(reason)})")
                return True
            row.reason = clean(reason)[:_REASON_LENGTH]
            row.free_at = self._database.now() + timedelta(seconds=10 * 4 ** (row.attempts - 1))
            return False

    def read(self, file: int) -> tuple[StoredFile, bytes] | None:
        """A kept file with its content; None when there is none. Raises StoreUnavailable."""
        found = (
            select(File, FileContent.data)
            .join(FileContent, FileContent.file == File.id)
            .where(File.id == file)
        )
        with self._database.read() as session:
            row = session.execute(found).first()
            return None if row is None else (_stored(row[0]), row[1])


def add_files(
    session: Session, chat: int, message: int, files: Sequence[IncomingFile], now: datetime
) -> None:
    """Note the files of a message; content that came along is kept at once."""
    for each in files:
        status, reason = _standing(each)
        row = File(
            chat=chat,
            message=message,
            kind=each.kind,
            name=_clean_name(each.name),
            media_type=clean_media_type(each.media_type),
            size=_clean_size(each),
            remote=each.remote if status == "waiting" else "",
            status=status,
            reason=reason,
            attempts=0,
            free_at=now,
        )
        session.add(row)
        if status == "kept" and each.content is not None:
            session.flush()
            session.add(FileContent(file=row.id, data=each.content))


def as_incoming(file: File) -> IncomingFile:
    """A stored file as a turn sees it: what it is, not where it lies."""
    return IncomingFile(
        kind=FileKind(file.kind), name=file.name, media_type=file.media_type, size=file.size
    )


def clean_media_type(given: str) -> str:
    """A media type without parameters, in lower case; empty when it is not one."""
    plain = given.partition(";")[0].strip().lower()
    return plain if len(plain) <= 100 and _MEDIA_TYPE.fullmatch(plain) else ""


def _clean_name(given: str) -> str:
    """A file's own name, safe to show: no folders, no control characters, bounded."""
    name = " ".join(re.split(r"[\\/]", clean(given))[-1].split())
    if len(name) <= KEY_LENGTH:
        return name
    ending = PurePosixPath(name).suffix[:20]
    return name[: KEY_LENGTH - len(ending)] + ending


def _clean_size(file: IncomingFile) -> int | None:
    size = file.size if file.content is None else len(file.content)
    return None if size is None or size < 0 else min(size, _LARGEST_INT)


def _standing(file: IncomingFile) -> tuple[str, str | None]:
    """The status a file begins with, and why when it is refused from the start."""
    if file.content is None and not file.remote:
        return "bare", None
    if (_clean_size(file) or 0) > FILE_LIMIT:
        return "refused", TOO_LARGE
    if file.content is not None:
        return "kept", None
    if "\0" in file.remote or any("\ud800" <= c <= "\udfff" for c in file.remote):
        return "refused", _UNUSABLE  # no database takes it
    return "waiting", None


def _lock_waiting(session: Session, file: int) -> File | None:
    """The row of a file that still waits, locked until the end of the transaction."""
    return session.scalar(
        select(File).where(File.id == file, File.status == "waiting").with_for_update()
    )


def _refuse(row: File, reason: str) -> None:
    row.status = "refused"
    row.reason = clean(reason)[:_REASON_LENGTH]
    row.remote = ""


def _stored(row: File) -> StoredFile:
    return StoredFile(
        id=row.id,
        chat=row.chat,
        message=row.message,
        kind=FileKind(row.kind),
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        status=row.status,
        reason=row.reason,
    )
