"""Files as work: fetched once, tried again with patience, kept or refused with a reason."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.channels.port import FileKind, Incoming, IncomingFile
from bot.store.database import Database
from bot.store.files import FILE_LIMIT, NOT_FETCHED, TOO_LARGE, Files, StoredFile, TakenFile
from bot.store.inbox import Inbox
from bot.store.models import File, FileContent

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
WIRE = ("wire",)


class Shelf:
    """Files that arrive and are fetched, at chosen moments."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        database.now = lambda: self.now
        self.inbox = Inbox(database)
        self.files = Files(database, lease=timedelta(seconds=20))
        self.count = 0

    def arrive(self, *remotes: str, channel: str = "wire") -> None:
        self.count += 1
        files = tuple(
            IncomingFile(kind=FileKind.PHOTO, name="anh.jpg", remote=remote) for remote in remotes
        )
        given = {"channel": channel, "chat_id": "an", "update_id": str(self.count)}
        self.inbox.accept(Incoming(**given, files=files, sent_at=NOON))

    def take(self) -> TakenFile:
        taken = self.files.take(WIRE)
        assert taken is not None
        return taken

    def row(self, file: int) -> File:
        with self.database.read() as session:
            row = session.get(File, file)
            assert row is not None
            session.expunge(row)
        return row


@pytest.fixture
def shelf(database: Database) -> Iterator[Shelf]:
    return Shelf(database)


def test_a_file_is_fetched_and_kept(shelf: Shelf) -> None:
    shelf.arrive("xa:1")
    taken = shelf.take()
    assert (taken.channel, taken.remote, taken.kind) == ("wire", "xa:1", FileKind.PHOTO)
    assert shelf.files.take(WIRE) is None
    assert shelf.files.read(taken.id) is None
    shelf.files.keep(taken.id, b"JPEG")
    shelf.files.keep(taken.id, b"another process was slower")
    found = shelf.files.read(taken.id)
    assert found is not None
    stored, content = found
    assert content == b"JPEG"
    assert isinstance(stored, StoredFile)
    assert (stored.name, stored.status, stored.size) == ("anh.jpg", "kept", 4)
    assert shelf.row(taken.id).remote == "", "the address has served its purpose"
    shelf.now += timedelta(hours=1)
    assert shelf.files.take(WIRE) is None
    assert shelf.files.read(taken.id + 1) is None


def test_files_are_taken_in_order_and_only_of_our_channels(shelf: Shelf) -> None:
    shelf.arrive("xa:0", channel="other")
    shelf.arrive("xa:1", "xa:2")
    assert [shelf.take().remote, shelf.take().remote] == ["xa:1", "xa:2"]
    assert shelf.files.take(WIRE) is None


def test_a_dead_fetchers_file_is_fetched_by_another(shelf: Shelf) -> None:
    shelf.arrive("xa:1")
    dead = shelf.take()
    shelf.now += timedelta(seconds=15)
    shelf.files.renew([str(dead.id)])
    shelf.now += timedelta(seconds=15)
    assert shelf.files.take(WIRE) is None, "alive"
    shelf.now += timedelta(seconds=6)
    assert shelf.take() == dead
    assert shelf.row(dead.id).attempts == 0, "a kill is nobody's refusal"


def test_tries_are_spread_over_an_hour_and_end(shelf: Shelf) -> None:
    shelf.arrive("xa:1")
    waits = []
    for n in range(6):
        taken = shelf.take()
        last = shelf.files.failed(taken.id, f"lỗi thứ {n}\x00")
        assert last is (n == 5)
        begun = shelf.now
        while not last and shelf.files.take(WIRE) is None:
            shelf.now += timedelta(seconds=5)
        waits.append(shelf.now - begun)
        if not last:
            shelf.now += timedelta(seconds=20)  # the look above took it
    assert waits[:3] == [timedelta(seconds=s) for s in (10, 40, 160)]
    assert timedelta(minutes=40) < sum(waits, timedelta()) < timedelta(minutes=90)
    row = shelf.row(taken.id)
    assert (row.status, row.attempts, row.remote) == ("refused", 6, "")
    assert row.reason == f"{NOT_FETCHED} (lỗi thứ 5)"


def test_a_refused_file_says_why_and_is_left_alone(shelf: Shelf) -> None:
    shelf.arrive("xa:1", "xa:2")
    first, second = shelf.take(), shelf.take()
    shelf.files.refuse(first.id, "Tệp không còn nữa.")
    shelf.files.keep(second.id, b"x" * (FILE_LIMIT + 1))
    assert [shelf.row(f.id).reason for f in (first, second)] == ["Tệp không còn nữa.", TOO_LARGE]
    shelf.files.keep(first.id, b"late")
    shelf.now += timedelta(days=1)
    assert shelf.files.take(WIRE) is None
    with shelf.database.read() as session:
        assert session.scalars(select(FileContent.file)).all() == []


def test_the_largest_file_fits(shelf: Shelf) -> None:
    shelf.arrive("xa:1")
    taken = shelf.take()
    shelf.files.keep(taken.id, bytes(FILE_LIMIT))
    found = shelf.files.read(taken.id)
    assert found is not None
    assert len(found[1]) == FILE_LIMIT


def test_many_fetchers_never_fetch_the_same_file(shelf: Shelf) -> None:
    remotes = [f"xa:{n}" for n in range(30)]
    shelf.arrive(*remotes)
    got: list[str] = []
    together = threading.Barrier(4)

    def fetch() -> None:
        together.wait()
        misses = 0
        while misses < 20:
            taken = shelf.files.take(WIRE)
            if taken is None:
                misses += 1
                continue
            got.append(taken.remote)
            shelf.files.keep(taken.id, taken.remote.encode())

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(fetch) for _ in range(4)]:
            done.result()
    assert sorted(got) == sorted(remotes)


def test_looking_for_files_uses_its_index(shelf: Shelf) -> None:
    if not shelf.database.sqlite:
        pytest.skip("PostgreSQL scans a table this small anyway")
    with shelf.database.read() as session:
        plan = session.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT files.id FROM files JOIN chats ON chats.id = files.chat "
                "WHERE files.status = 'waiting' AND files.free_at <= '2026' LIMIT 1"
            )
        )
        assert "ix_files_waiting" in str(plan.all())
