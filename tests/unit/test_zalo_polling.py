"""Polling: nothing that was handed out is dropped, nothing spins, nothing stops the stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import stamina
import structlog

from bot.channels.port import Incoming
from bot.channels.zalo_bot import errors
from bot.channels.zalo_bot.client import Account
from bot.channels.zalo_bot.intake import Intake
from bot.channels.zalo_bot.polling import Pace, Poller
from bot.store.errors import StoreUnavailable

PACE = Pace(poll=0, again=0, first=0, longest=0, quota=0, settled=0, parting=2)
BOT = "b0"


class Client:
    """Hands out ``line`` (events or errors) one a poll, then ends the test's wait."""

    def __init__(self, *line: dict[str, Any] | errors.ZaloError) -> None:
        self.line = list(line)
        self.account: list[errors.ZaloError] = []
        self.polls = 0
        self.done = asyncio.Event()

    async def get_me(self) -> Account:
        if self.account:
            raise self.account.pop(0)
        return Account(id=BOT, name="bot.thu")

    async def get_updates(self, wait: float) -> list[dict[str, Any]]:
        self.polls += 1
        if not self.line:
            self.done.set()
            await asyncio.Event().wait()
        piece = self.line.pop(0)
        if isinstance(piece, errors.ZaloError):
            raise piece
        return [piece] if piece else []


def text(number: int, sender: str = "a1") -> dict[str, Any]:
    return {
        "event_name": "message.text.received",
        "message": {
            "message_id": f"m{number}",
            "date": 1_795_402_770_000 + number,
            "from": {"id": sender},
            "chat": {"id": "a1", "chat_type": "PRIVATE"},
            "text": f"tin {number}",
        },
    }


class Inbox:
    """Takes each update once; ``faults`` are raised first."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.taken: list[str] = []
        self.asked = 0

    async def __call__(self, incoming: Incoming) -> bool:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        if incoming.text in self.taken:
            return False
        self.taken.append(incoming.text)
        return True


async def polled(
    client: Client, inbox: Inbox, pace: Pace = PACE, clock: Callable[[], float] | None = None
) -> list[Any]:
    """Poll until the line is empty: what was logged."""
    intake = Intake(clock) if clock else Intake()
    intake.accept = inbox
    with structlog.testing.capture_logs() as logs:
        task = asyncio.create_task(Poller(client, intake, pace).run())  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await client.done.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return logs


def told(logs: list[Any], event: str) -> list[Any]:
    return [line for line in logs if line["event"] == event]


async def test_events_come_in_order() -> None:
    inbox = Inbox()
    logs = await polled(Client(text(1), {}, text(2), text(3)), inbox)
    assert inbox.taken == ["tin 1", "tin 2", "tin 3"]
    assert told(logs, "zalo.joined")[0]["bot"] == "bot.thu"


async def test_an_event_is_kept_until_the_store_takes_it() -> None:
    inbox = Inbox(*[StoreUnavailable("đầy")] * 8)
    with stamina.set_testing(True, attempts=100):
        await polled(Client(text(1), text(2)), inbox)
    assert inbox.taken == ["tin 1", "tin 2"]


async def test_an_event_that_breaks_something_does_not_stop_the_stream() -> None:
    inbox = Inbox(*[RuntimeError("chuyện riêng")] * 3)
    logs = await polled(Client(text(1), text(2)), inbox)
    assert inbox.taken == ["tin 2"]
    assert [line["tries_left"] for line in told(logs, "zalo.event_not_taken")] == [2, 1, 0]
    assert "chuyện riêng" not in str(logs)


async def test_a_stop_does_not_drop_what_was_handed_out() -> None:
    class Slow(Inbox):
        begun = asyncio.Event()

        async def __call__(self, incoming: Incoming) -> bool:
            self.begun.set()
            await asyncio.sleep(0.05)
            return await super().__call__(incoming)

    inbox, intake = Slow(), Intake()
    intake.accept = inbox
    task = asyncio.create_task(Poller(Client(text(1)), intake, PACE).run())  # type: ignore[arg-type]
    await inbox.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inbox.taken == ["tin 1"]


async def test_a_stop_waits_only_so_long_for_the_store() -> None:
    class Stuck(Inbox):
        begun = asyncio.Event()

        async def __call__(self, incoming: Incoming) -> bool:
            self.begun.set()
            await asyncio.Event().wait()
            raise AssertionError

    inbox, intake = Stuck(), Intake()
    intake.accept = inbox
    pace = Pace(parting=0.01)
    with structlog.testing.capture_logs() as logs:
        task = asyncio.create_task(Poller(Client(text(1)), intake, pace).run())  # type: ignore[arg-type]
        await inbox.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert told(logs, "zalo.event_lost")


class Naps:
    """Stands in for the poller's sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lengths: list[float] = []
        real = asyncio.sleep

        async def nap(seconds: float) -> None:
            self.lengths.append(seconds)
            await real(0)

        monkeypatch.setattr("bot.channels.zalo_bot.polling.asyncio.sleep", nap)


async def test_a_poll_without_news_is_followed_by_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    naps = Naps(monkeypatch)
    line = [text(1), text(2), text(1), {}, text(3, sender=BOT)]
    await polled(Client(*line), Inbox(), Pace(again=60))
    # Not after the two that were news; after the replay, the empty poll and our own echo.
    assert len(naps.lengths) == 3
    assert all(length > 50 for length in naps.lengths)


async def test_failures_are_waited_out_ever_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    naps = Naps(monkeypatch)
    fault = errors.ServerFault("getUpdates", "502")
    logs = await polled(Client(*[fault] * 8, text(1), fault), Inbox(), Pace(first=1, longest=60))
    assert naps.lengths == [1, 2, 4, 8, 16, 32, 60, 60, 1]
    assert len(told(logs, "zalo.not_polled")) == 2  # once until it was well again
    assert told(logs, "zalo.polled_again")[0]["failures"] == 8


async def test_quota_is_waited_out_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    naps = Naps(monkeypatch)
    await polled(Client(*[errors.QuotaSpent("getUpdates", "x")] * 7), Inbox(), Pace())
    assert naps.lengths == [30, 60, 120, 240, 480, 600, 600]


@pytest.mark.parametrize("kind", [errors.WebhookIsSet, errors.WrongToken, errors.NotThere])
async def test_what_a_person_must_mend_is_said_once_and_tried_slowly(
    kind: type[errors.Rejected], monkeypatch: pytest.MonkeyPatch
) -> None:
    naps = Naps(monkeypatch)
    logs = await polled(Client(*[kind("getUpdates", "x")] * 3, text(1)), inbox := Inbox(), Pace())
    assert naps.lengths == [60, 60, 60]
    (said,) = told(logs, "zalo.not_polled")
    assert "Hãy" in said["reason"]
    assert inbox.taken == ["tin 1"]


async def test_a_wrong_token_is_found_before_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    Naps(monkeypatch)
    client = Client(text(1))
    client.account = [errors.WrongToken("getMe", "Unauthorized")] * 2
    logs = await polled(client, inbox := Inbox(), Pace())
    assert len(told(logs, "zalo.not_polled")) == 1
    assert inbox.taken == ["tin 1"]


async def test_a_lost_answer_is_told_as_a_possible_loss() -> None:
    logs = await polled(Client(errors.AnswerLost("getUpdates", "ReadError")), Inbox())
    assert told(logs, "zalo.event_perhaps_lost")
    logs = await polled(Client(errors.Unreachable("getUpdates", "ConnectError")), Inbox())
    assert not told(logs, "zalo.event_perhaps_lost")


async def test_replays_are_counted_once_a_minute() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 20.0
        return now

    inbox = Inbox()
    logs = await polled(Client(*[text(1)] * 8), inbox, clock=clock)
    assert inbox.asked == 8
    assert [line["count"] for line in told(logs, "zalo.seen_again")] == [1, 3, 3]


async def test_nothing_people_say_is_logged() -> None:
    unread = {"event_name": "user.followed", "message": text(9)["message"]}
    del unread["message"]["text"]
    logs = await polled(Client(text(1), text(1), unread), Inbox())
    assert told(logs, "zalo.passed_over")[0]["event_name"] == "user.followed"
    assert "tin 1" not in str(logs)
