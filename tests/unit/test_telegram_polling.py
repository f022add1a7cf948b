"""Long polling against a server in memory that keeps to Telegram's rule of offsets."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from structlog.testing import capture_logs
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.port import Incoming
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.reading import Me
from bot.store.errors import StoreUnavailable

AN = 5_400_000_001
WORDS = "công ty nợ lương tôi"


def update(number: int, **fields: Any) -> dict[str, Any]:
    chat = {"id": AN, "type": "private"}
    person = {"id": AN, "is_bot": False, "first_name": "An"}
    message = {"message_id": number, "date": 1_772_400_000, "chat": chat, "from": person}
    return {"update_id": number, "message": {**message, "text": WORDS, **fields}}


class Server:
    """Keeps updates until an offset acknowledges them; ``troubles`` come first."""

    def __init__(self, *updates: object) -> None:
        self.waiting = list(updates)
        self.troubles: deque[TelegramError] = deque()
        self.once_more: list[object] = []
        self.offsets: list[int | None] = []
        self.answered: list[str] = []
        self.bot = self

    async def updates(self, offset: int | None, wait: int) -> list[object]:
        if self.troubles:
            raise self.troubles.popleft()
        self.offsets.append(offset)
        if offset is not None:
            self.waiting = [u for u in self.waiting if _number(u) is None or _number(u) >= offset]
        again, self.once_more = self.once_more, []
        if not self.waiting and not again:
            await asyncio.sleep(0.005)
        return again + self.waiting

    async def answer_callback_query(self, query: str) -> None:
        self.answered.append(query)
        raise NetworkError("query is too old")


def _number(raw: object) -> Any:
    return raw.get("update_id") if isinstance(raw, dict) else None


class Inbox:
    """Takes updates; ``faults`` are raised before it does."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.tries = 0
        self.faults: deque[Exception] = deque()
        self.on_accept: Callable[[Incoming], Awaitable[None]] | None = None

    async def accept(self, incoming: Incoming) -> bool:
        self.tries += 1
        if self.on_accept:
            await self.on_accept(incoming)
        if self.faults:
            raise self.faults.popleft()
        self.taken.append(incoming.update_id)
        return True


async def poll(server: Server, inbox: Inbox, until: Callable[[], bool]) -> list[Any]:
    """Poll until the condition holds; what was logged."""
    client = cast(TelegramClient, server)
    intake = Intake(client, inbox.accept, Me(1, "caunoi_bot"), ())
    with capture_logs() as logs:
        task = asyncio.create_task(Polling(client, intake, first=0.002, longest=0.01).run())
        async with asyncio.timeout(5):
            while not until() and not task.done():  # noqa: ASYNC110 - what is watched has no event
                await asyncio.sleep(0.002)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await intake.close()
    return logs


async def test_an_update_is_acknowledged_once_all_before_it_are_committed() -> None:
    server, inbox = Server(update(7), update(8), update(9)), Inbox()
    inbox.faults.append(StoreUnavailable("đĩa đầy"))
    held: list[int] = []

    async def look(_incoming: Incoming) -> None:
        held.append(len(server.waiting))

    inbox.on_accept = look
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7", "8", "9"]
    # The server still had all three whenever one of them was being committed.
    assert held == [3, 3, 3, 3]
    assert server.offsets[:3] == [None, None, 10]
    assert [log["event"] for log in logs] == ["telegram.store_away"]


async def test_a_store_that_stays_away_loses_nothing_and_is_said_once() -> None:
    server, inbox = Server(update(7), update(8)), Inbox()
    inbox.faults.extend([StoreUnavailable("x")] * 8)
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7", "8"]
    assert len(logs) == 1
    assert set(server.offsets[:9]) == {None}


async def test_a_malformed_update_does_not_stop_the_stream() -> None:
    broken = {"update_id": 8, "message": {"message_id": WORDS}}
    server, inbox = Server(update(7), broken, update(9)), Inbox()
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7", "9"]
    assert [log["event"] for log in logs] == ["telegram.update_not_taken"] * 2 + [
        "telegram.update_let_go"
    ]
    assert {log["update"] for log in logs} == {8}
    assert WORDS not in repr(logs)
    # Two tries were not acknowledged.
    assert server.offsets[:4] == [None, 8, 8, 10]


async def test_a_fault_of_the_house_is_tried_longer_than_a_malformed_update() -> None:
    server, inbox = Server(update(7)), Inbox()
    inbox.faults.extend([RuntimeError("not started")] * 10)
    await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7"]


async def test_but_not_for_ever() -> None:
    server, inbox = Server(update(7), update(8)), Inbox()

    async def refuse(incoming: Incoming) -> None:
        if incoming.update_id == "7":
            raise RuntimeError(WORDS)

    inbox.on_accept = refuse
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["8"]
    assert inbox.tries == 21
    assert WORDS not in repr(logs)


@pytest.mark.parametrize("junk", [{}, {"update_id": "7"}, {"update_id": True}, None, "x", [1]])
async def test_what_is_no_update_is_passed_over(junk: object) -> None:
    server, inbox = Server(junk, update(7)), Inbox()
    await poll(server, inbox, lambda: 8 in server.offsets)
    assert inbox.taken == ["7"]


async def test_an_old_update_that_comes_again_does_not_turn_the_offset_back() -> None:
    server, inbox = Server(update(9), update(3)), Inbox()

    def repeat() -> bool:
        if server.offsets[-1:] == [10] and "again" not in inbox.taken:
            inbox.taken.append("again")
            server.once_more.append(update(3))
        return len(server.offsets) > 5

    await poll(server, inbox, repeat)
    assert inbox.taken == ["3", "9", "again", "3"]
    numbers = [offset or 0 for offset in server.offsets]
    assert numbers == sorted(numbers)


async def test_a_conflict_is_said_once_and_tried_again() -> None:
    server, inbox = Server(update(7)), Inbox()
    words = "terminated by other getUpdates request; make sure that only one bot instance"
    server.troubles.extend(Conflict(words) for _ in range(5))
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7"]
    (said,) = [log for log in logs if log["event"] == "telegram.conflict"]
    assert "Một chương trình khác" in said["advice"]


async def test_one_conflict_after_a_restart_is_no_news() -> None:
    server, inbox = Server(update(7)), Inbox()
    server.troubles.append(Conflict("terminated by other getUpdates request"))
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert [log["event"] for log in logs] == ["telegram.polls_again"]


async def test_a_webhook_in_the_way_is_said_at_once() -> None:
    server, inbox = Server(update(7)), Inbox()
    server.troubles.append(Conflict("can't use getUpdates method while webhook is active"))
    logs = await poll(server, inbox, lambda: not server.waiting)
    assert "webhook delete" in logs[0]["advice"]
    assert inbox.taken == ["7"]


async def test_a_refused_token_ends_it_quietly() -> None:
    server, inbox = Server(update(7)), Inbox()
    server.troubles.append(InvalidToken("Unauthorized"))
    logs = await poll(server, inbox, lambda: False)
    assert [log["event"] for log in logs] == ["telegram.token_refused"]
    assert inbox.taken == []


@pytest.mark.parametrize(
    "trouble",
    [
        NetworkError("Bad Gateway"),
        TelegramError("Invalid server response"),
        RetryAfter(0),
        InvalidToken("Not Found"),
    ],
)
async def test_other_troubles_pass(trouble: TelegramError) -> None:
    server, inbox = Server(update(7)), Inbox()
    server.troubles.extend([trouble] * 3)
    await poll(server, inbox, lambda: not server.waiting)
    assert inbox.taken == ["7"]


async def test_a_pressed_button_is_released_even_where_that_fails() -> None:
    asked = {"message_id": 40, "date": 1, "chat": {"id": AN, "type": "private"}}
    person = {"id": AN, "is_bot": False, "first_name": "An"}
    query = {"id": "77", "from": person, "chat_instance": "1", "message": asked, "data": "1.o1"}
    server, inbox = Server({"update_id": 7, "callback_query": query}, update(8)), Inbox()
    inbox.faults.append(StoreUnavailable("x"))
    await poll(server, inbox, lambda: bool(not server.waiting and server.answered))
    assert inbox.taken == ["7", "8"]
    assert server.answered == ["77"]
