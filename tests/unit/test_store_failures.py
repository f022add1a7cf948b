"""A full, read-only, locked or broken store: said so that an admin can act, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.channels.port import Incoming, Outgoing
from bot.consent import Consent
from bot.store import database as database_module
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.inbox import Inbox
from bot.store.migrate import upgrade
from bot.store.turns import Effects, Turns

SECRET = "câu chuyện riêng của tôi"


def wrote(update: str, text: str = SECRET) -> Incoming:
    return Incoming(
        channel="web", chat_id="an", update_id=update, text=text, sent_at=datetime.now(UTC)
    )


def fill(ballast: Path) -> None:
    """Leave no byte free on the file system of ``ballast``."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=False)


def test_a_full_disk_is_told_and_overcome(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/caunoi.db"
    upgrade(url)
    database = Database(url)
    inbox, turns = Inbox(database), Turns(database)
    assert inbox.accept(wrote("1"))
    taken = turns.take(["web"])
    assert taken is not None

    ballast = small_disk / "ballast"
    fill(ballast)
    accepted = ["1"]
    with pytest.raises(StoreUnavailable, match="đã đầy") as told:
        # The log's own space may be used again, so it can take more than one try.
        accepted.extend(u for u in map(str, range(2, 60)) if inbox.accept(wrote(u, SECRET * 100)))
    assert SECRET not in str(told.value)
    with pytest.raises(StoreUnavailable):
        turns.finish(taken, Effects([Outgoing(text="đáp " * 30_000)], Consent.ASKED, {}))
    assert Chats(database).history("web", "an")[0].text == SECRET, "reading goes on"

    ballast.unlink()
    turns.finish(taken, Effects([Outgoing(text="đáp " * 10)], Consent.ASKED, {}))
    assert inbox.accept(wrote("later"))
    assert not any(inbox.accept(wrote(update)) for update in accepted), "none of them was lost"
    said = [s.author for s in Chats(database).history("web", "an")]
    assert said.count("bot") == 1
    database.close()


def test_a_disk_turned_read_only_is_told_and_overcome(small_disk: Path) -> None:
    path = small_disk / "caunoi.db"
    upgrade(f"sqlite:///{path}")
    options = ["mount", "-o", "remount,ro", str(small_disk)]
    if subprocess.run(options, check=False, capture_output=True).returncode:
        pytest.skip("remounting read-only is not allowed here")
    database = Database(f"sqlite:///{path}")
    try:
        with pytest.raises(StoreUnavailable, match="ghi"):
            Inbox(database).accept(wrote("1"))
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert Inbox(database).accept(wrote("1"))
    database.close()


def test_a_read_only_store_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/caunoi.db"
    upgrade(url)
    database = Database(url)
    event.listen(
        database.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON").close()
    )
    with pytest.raises(StoreUnavailable, match="chỉ cho đọc"):
        Inbox(database).accept(wrote("1"))
    database.close()


def test_a_store_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)
    url = f"sqlite:///{tmp_path}/caunoi.db"
    upgrade(url)
    database = Database(url)
    other = sqlite3.connect(tmp_path / "caunoi.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="chương trình"):
        Inbox(database).accept(wrote("1"))
    other.execute("ROLLBACK")
    assert Inbox(database).accept(wrote("1"))
    other.close()
    database.close()


@pytest.mark.parametrize(
    ("content", "says"), [(b"not a database at all, surely" * 100, "không phải"), (None, "mở")]
)
def test_a_broken_or_missing_place_is_told(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "nowhere" / "caunoi.db"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=says):
        upgrade(f"sqlite:///{path}")


def test_a_server_that_is_away_is_told() -> None:
    database = Database("postgresql+psycopg://postgres@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(StoreUnavailable, match="PostgreSQL"):
        database.check()
    database.close()


def test_a_fault_of_the_program_does_not_pass_for_a_bad_disk_nor_quote_people(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/caunoi.db"
    upgrade(url)
    database = Database(url)
    with pytest.raises(Exception, match="no such table") as fault, database.write() as session:
        session.connection().exec_driver_sql("INSERT INTO absent VALUES (?)", (SECRET,))
    assert not isinstance(fault.value, StoreUnavailable)
    assert SECRET not in str(fault.value)
    database.close()
