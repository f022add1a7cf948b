"""The whole program on PostgreSQL: two processes share the work, and the server goes read-only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.conversation import wording
from tests.acceptance.test_worker_story import (
    LATE,
    LATE_SAYS,
    NOON,
    NOON_SAYS,
    PAY,
    PAY_SAYS,
    answered,
    asked,
    replies,
)
from tests.conftest import POSTGRES
from tests.made_server import MadeServer
from tests.web_talker import talking

pytestmark = pytest.mark.postgres


@pytest.fixture
def servers(postgres_url: str, tmp_path: Path) -> list[MadeServer]:
    """Two servers on one database, with the same key for cookies, not started yet."""
    one = MadeServer(tmp_path / "one", postgres_url)
    other = MadeServer(tmp_path / "other", postgres_url)
    return [one, other]


async def test_two_processes_one_conversation(servers: list[MadeServer]) -> None:
    one, other = servers
    one.start()
    (other.folder / "web.key").write_bytes((one.folder / "web.key").read_bytes())
    other.start()
    try:
        async with talking(one.address) as here:
            assert NOON_SAYS in await asked(here, NOON)
            async with talking(other.address, cookies=here.client.cookies) as there:
                questions = [f"{text} lần {n}" for n in range(4) for text in (PAY, LATE)]
                for number, question in enumerate(questions):
                    last = await (here, there)[number % 2].say(question)
                await answered(here, last)
                for page in (here, there):
                    await page.until(lambda p=page: len(replies(p)) >= len(questions), "answers")
                    assert page.said("worker") == [NOON, *questions]
                    assert replies(page) == [PAY_SAYS, LATE_SAYS] * 4
                # One dies: the other goes on with the conversation.
                one.kill()
                assert NOON_SAYS in await asked(there, NOON, 60)
    finally:
        one.stop()
        other.stop()


async def test_a_read_only_server_costs_patience_not_words(
    servers: list[MadeServer], postgres_url: str
) -> None:
    server = servers[0]
    server.start()
    try:
        async with talking(server.address) as worker:
            await asked(worker, NOON)
            with server.thinking():
                await worker.say(PAY)
                read_only(postgres_url, True)
            refused = await worker.post("lúc này không nhận được")
            assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
            late = asyncio.create_task(worker.say(LATE))
            await asyncio.sleep(1.0)
            assert not late.done()
            assert replies(worker) == []
            read_only(postgres_url, False)
            await answered(worker, await late, 60)
            await worker.until(lambda: len(replies(worker)) == 2, "both answers")
            assert worker.said("worker") == [NOON, PAY, LATE]
            assert replies(worker) == [PAY_SAYS, LATE_SAYS]
            await asked(worker, "/xoa")
            await worker.say("xóa hết")
            await worker.until(lambda: worker.said("bot") == [wording.FORGOTTEN], "farewell")
    finally:
        read_only(postgres_url, False)
        server.stop()
    assert "PostgreSQL đang ở chế độ chỉ đọc" in server.log.read_text()


def read_only(url: str, on: bool) -> None:
    """Make the database refuse writes, on every connection, or take them again."""
    name = make_url(url).database
    with psycopg.connect(POSTGRES + "postgres", autocommit=True) as connection:
        connection.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if on else "off"}'
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
