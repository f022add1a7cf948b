"""Backup while the house runs, restore into a clean or used folder, refusals that lose nothing."""

from __future__ import annotations

import io
import sqlite3
import stat
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.port import FileKind, Incoming, IncomingFile
from bot.store.backup import KEY, STORE, BackupRefused, Held, back_up, restore
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.migrate import upgrade


def say(database: Database, number: int) -> None:
    file = IncomingFile(kind=FileKind.PHOTO, media_type="image/jpeg", content=b"\xff\xd8" * 100)
    Inbox(database).accept(
        Incoming(
            channel="web",
            chat_id="w1",
            update_id=f"u{number}",
            text=f"câu hỏi {number}",
            files=(file,),
            sent_at=datetime(2026, 11, 2, tzinfo=UTC),
        )
    )


def url(data: Path) -> str:
    return f"sqlite:///{data / STORE}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    upgrade(url(folder))
    (folder / KEY).write_text("ab" * 32)
    return folder


def test_what_was_backed_up_comes_back(data: Path, tmp_path: Path) -> None:
    database = Database(url(data))
    say(database, 1)
    # The house is open and writes on: its log file holds what the backup must hold too.
    held = back_up(data, True, tmp_path / "out" / "a.tar.gz")
    say(database, 2)
    database.close()
    assert held == Held(chats=1, messages=1, cases=0)
    assert stat.S_IMODE((tmp_path / "out" / "a.tar.gz").stat().st_mode) == 0o600

    other = tmp_path / "other"
    assert restore(other, True, tmp_path / "out" / "a.tar.gz") == (held, None)
    assert (other / KEY).read_text() == "ab" * 32
    again = Database(url(other))
    assert [each.text for each in Chats(again).history("web", "w1")] == ["câu hỏi 1"]
    say(again, 3)
    again.close()


def test_what_stood_there_is_moved_aside(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    back_up(data, True, archive)
    database = Database(url(data))
    say(database, 1)
    database.close()
    held, aside = restore(data, True, archive)
    assert held.messages == 0
    assert aside is not None
    with sqlite3.connect(aside / STORE) as former:
        assert former.execute("SELECT count(*) FROM messages").fetchone() == (1,)
    assert (aside / KEY).exists()


def test_a_running_house_is_not_restored_over(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    back_up(data, True, archive)
    database = Database(url(data))
    say(database, 1)
    with pytest.raises(BackupRefused, match="đang chạy"):
        restore(data, True, archive)
    assert len(Chats(database).history("web", "w1")) == 1
    database.close()


def test_an_archive_is_never_overwritten(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(b"older")
    with pytest.raises(BackupRefused, match="đã có"):
        back_up(data, True, archive)
    assert archive.read_bytes() == b"older"


def test_nothing_to_back_up_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="Chưa có kho dữ liệu"):
        back_up(tmp_path, True, tmp_path / "a.tar.gz")
    assert list(tmp_path.iterdir()) == []


def test_postgres_is_backed_up_by_its_own_tools(data: Path, tmp_path: Path) -> None:
    for act in (back_up, restore):
        with pytest.raises(BackupRefused, match="pg_dump"):
            act(data, False, tmp_path / "a.tar.gz")


def _archive(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("kind", ["cut", "not an archive", "no store", "broken store", "missing"])
def test_a_bad_archive_replaces_nothing(data: Path, tmp_path: Path, kind: str) -> None:
    database = Database(url(data))
    say(database, 1)
    database.close()
    archive = tmp_path / "a.tar.gz"
    if kind == "cut":
        back_up(data, True, archive)
        archive.write_bytes(archive.read_bytes()[:-3000])
    elif kind == "not an archive":
        archive.write_bytes(b"hello")
    elif kind == "no store":
        _archive(archive, web__key=b"00")
    elif kind == "broken store":
        _archive(archive, caunoi__sqlite3=b"SQLite format 3\x00" + b"\x01" * 9000)
    with pytest.raises(BackupRefused, match="bản sao lưu khác"):
        restore(data, True, archive)
    database = Database(url(data))
    assert len(Chats(database).history("web", "w1")) == 1
    database.close()


def test_names_in_an_archive_lead_nowhere(data: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.tar.gz"
    back_up(data, True, good)
    with tarfile.open(good) as archive:
        found = archive.extractfile(STORE)
        assert found is not None
        store = found.read()
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as archive:
        for name, content in ((STORE, store), ("../escaped", b"x"), ("/tmp/escaped-too", b"x")):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    other = tmp_path / "deep" / "other"
    restore(other, True, bad)
    assert sorted(path.name for path in other.iterdir()) == [STORE]
    assert not (tmp_path / "deep" / "escaped").exists()
