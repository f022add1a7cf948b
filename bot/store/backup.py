"""A backup of the house: one archive with a consistent store, its keys and the serving version."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

STORE = "caunoi.sqlite3"
KEY = "web.key"
_ABOUT = "caunoi-backup.txt"
_ONLY_SQLITE = (
    "Kho dữ liệu đang ở PostgreSQL: hãy dùng pg_dump và pg_restore (xem docs/operations.md), và "
    "chép thêm tệp {key}."
)


class BackupRefused(Exception):
    """Nothing was written or replaced. The message is Vietnamese and says what to do."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an archive or a restored folder holds: how many chats, messages and cases."""

    chats: int
    messages: int
    cases: int


def back_up(data: Path, sqlite: bool, target: Path) -> Held:
    """Write an archive to ``target`` while the house runs. Raises BackupRefused, OSError.

    ``data`` is the data folder. The store is copied as of one moment; the archive appears under
    its name only when it is whole and on disk, readable by its owner alone.
    """
    if not sqlite:
        raise BackupRefused(_ONLY_SQLITE.format(key=data / KEY))
    if not (data / STORE).exists():
        raise BackupRefused(f"Chưa có kho dữ liệu trong {data}; chưa có gì để sao lưu.")
    if target.exists():
        raise BackupRefused(f"{target} đã có. Hãy chọn tên khác để không ghi đè bản sao lưu cũ.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy = Path(folder) / STORE
        with closing(_opened(data / STORE)) as store, closing(sqlite3.connect(copy)) as into:
            store.backup(into)
        held = _held(copy)
        made = Path(folder) / "archive"
        with os.fdopen(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                about = f"Cầu Nối, {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode()
                entry = tarfile.TarInfo(_ABOUT)
                entry.size = len(about)
                archive.addfile(entry, io.BytesIO(about))
                archive.add(copy, STORE)
                if (data / KEY).exists():
                    archive.add(data / KEY, KEY)
            file.flush()
            os.fsync(file.fileno())
        os.link(made, target)
    return held


def restore(data: Path, sqlite: bool, source: Path) -> tuple[Held, Path | None]:
    """Put an archive's store and key into ``data``; what stood there is moved aside.

    Returns what it holds and where the former store went (None: there was none). The house must
    not be running. Raises BackupRefused when the archive is not whole, and OSError.
    """
    if not sqlite:
        raise BackupRefused(_ONLY_SQLITE.format(key=data / KEY))
    data.mkdir(parents=True, exist_ok=True)
    _refuse_running(data / STORE)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:gz") as archive:
                members = {member.name: member for member in archive if member.isreg()}
                for wanted in (STORE, KEY):
                    if wanted in members:
                        content = archive.extractfile(members[wanted])
                        assert content is not None  # noqa: S101 - it is a regular file
                        with (folder / wanted).open("wb") as file:
                            shutil.copyfileobj(content, file)
            held = _held(folder / STORE)
        except (tarfile.TarError, EOFError, sqlite3.Error, FileNotFoundError) as error:
            raise BackupRefused(
                f"{source} không phải bản sao lưu dùng được ({type(error).__name__}). Chưa thay "
                "gì; hãy thử bản sao lưu khác."
            ) from None
        aside = _aside(data)
        for wanted in (STORE, KEY):
            if (folder / wanted).exists():
                os.chmod(folder / wanted, 0o600)
                os.replace(folder / wanted, data / wanted)
    return held, aside


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def _held(path: Path) -> Held:
    """Count what a store holds; proves that it can be read to the end."""
    if not path.exists():
        raise FileNotFoundError(path)
    with closing(_opened(path)) as store:
        (sound,) = store.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError("integrity_check")
        counts = [
            store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our names
            for table in ("chats", "messages", "cases")
        ]
    return Held(*counts)


def _refuse_running(path: Path) -> None:
    """Whoever serves from the store holds it open in WAL; a lock on all of it shows that."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as store:
        try:
            store.execute("PRAGMA locking_mode=EXCLUSIVE")
            store.execute("BEGIN EXCLUSIVE")
            store.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            if "lock" not in str(error) and "busy" not in str(error):
                return  # damaged: that is why one restores
            raise BackupRefused(
                "Hệ thống đang chạy trên kho dữ liệu này. Hãy dừng nó rồi phục hồi lại."
            ) from None


def _aside(data: Path) -> Path | None:
    """Move the present store and key into a folder of their own; None when there are none."""
    present = [path for path in (*sorted(data.glob(f"{STORE}*")), data / KEY) if path.exists()]
    if not present:
        return None
    aside = data / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    aside.mkdir(mode=0o700)
    for path in present:
        os.replace(path, aside / path.name)
    return aside
