"""Fetching: what a channel says of a file becomes what is stored of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import select

from bot import fetching
from bot.channels.port import (
    Accept,
    Capabilities,
    Delivery,
    FetchFailed,
    FetchRefused,
    FileKind,
    Incoming,
    IncomingFile,
)
from bot.fetching import FetchWorker
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.files import FILE_LIMIT, Files
from bot.store.inbox import Inbox
from bot.store.models import File

WIRE = ("wire",)
SECRET = "https://media.example/?ticket=bimat"


class Wire:
    """A channel whose files are as told."""

    name = "wire"
    capabilities = Capabilities(files=True)

    def __init__(self) -> None:
        self.content: bytes | Exception | None = b"JPEG"
        self.limits: list[int] = []

    async def run(self, accept: Accept) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        return None

    async def fetch(self, remote: str, limit: int) -> bytes:
        self.limits.append(limit)
        if self.content is None:
            await asyncio.Event().wait()
        if isinstance(self.content, Exception):
            raise self.content
        assert self.content is not None
        return self.content


class House:
    """A store with one file that waits, and the worker that fetches."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = datetime(2026, 10, 5, 12, tzinfo=UTC)
        database.now = lambda: self.now
        self.wire = Wire()
        self.files = Files(database)
        self.worker = FetchWorker(self.files, {"wire": self.wire})
        photo = IncomingFile(kind=FileKind.PHOTO, remote=SECRET)
        given = {"channel": "wire", "chat_id": "an", "update_id": "1", "sent_at": self.now}
        Inbox(database).accept(Incoming(**given, files=(photo,)))

    async def fetch(self) -> None:
        taken = self.files.take(WIRE)
        assert taken is not None
        await self.worker.work(taken)

    def standing(self) -> tuple[str, str | None, int]:
        with self.database.read() as session:
            row = session.execute(select(File.status, File.reason, File.attempts)).one()
            return row.status, row.reason, row.attempts


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    return House(database)


async def test_what_is_fetched_is_kept(house: House) -> None:
    await house.fetch()
    assert house.standing() == ("kept", None, 0)
    assert house.wire.limits == [FILE_LIMIT]
    found = house.files.read(1)
    assert found is not None
    assert found[1] == b"JPEG"


async def test_a_refusal_is_final(house: House) -> None:
    house.wire.content = FetchRefused("Tệp đã bị nền tảng xóa.")
    await house.fetch()
    assert house.standing() == ("refused", "Tệp đã bị nền tảng xóa.", 0)


@pytest.mark.parametrize("trouble", [FetchFailed("mất mạng"), RuntimeError(SECRET), None])
async def test_a_failure_is_tried_again_and_says_nothing_it_should_not(
    house: House, monkeypatch: pytest.MonkeyPatch, trouble: Exception | None
) -> None:
    monkeypatch.setattr(fetching, "_TIMEOUT", 0.05)
    house.wire.content = trouble
    with structlog.testing.capture_logs() as logs:
        await house.fetch()
    status, reason, attempts = house.standing()
    assert (status, attempts) == ("waiting", 1)
    assert "bimat" not in f"{logs}{reason}"
    assert house.files.take(WIRE) is None, "not at once"
    house.wire.content = b"JPEG"
    house.now += timedelta(seconds=11)
    await house.fetch()
    assert house.standing()[0] == "kept"


async def test_a_file_that_never_comes_is_given_up(house: House) -> None:
    house.wire.content = FetchFailed("mất mạng")
    with structlog.testing.capture_logs() as logs:
        for _ in range(6):
            await house.fetch()
            house.now += timedelta(hours=1)
    assert house.standing()[0] == "refused"
    assert logs[-1]["event"] == "fetch.given_up"
    assert house.files.take(WIRE) is None


async def test_content_larger_than_was_asked_for_is_refused(house: House) -> None:
    house.wire.content = bytes(FILE_LIMIT + 1)
    await house.fetch()
    assert house.standing()[0] == "refused"


async def test_what_was_fetched_waits_for_a_store_that_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = house.files.keep
    tries = 0

    def away(file: int, content: bytes) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StoreUnavailable("đi vắng")
        keep(file, content)

    monkeypatch.setattr(house.files, "keep", away)
    await house.fetch()
    assert house.standing()[0] == "kept"
    assert len(house.wire.limits) == 1, "fetched once"


async def test_a_long_fetch_is_not_taken_over(database: Database) -> None:
    house = House(database)
    database.now = lambda: datetime.now(UTC)
    house.files.lease = timedelta(seconds=0.4)
    house.worker = FetchWorker(house.files, {"wire": house.wire})
    house.wire.content = None
    house.worker.start()
    taken = house.files.take(WIRE)
    assert taken is not None
    work = asyncio.create_task(house.worker.work(taken))
    for _ in range(10):
        await asyncio.sleep(0.1)
        assert await asyncio.to_thread(house.files.take, WIRE) is None
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    async with asyncio.timeout(20):
        while await asyncio.to_thread(house.files.take, WIRE) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    house.worker.stop()
