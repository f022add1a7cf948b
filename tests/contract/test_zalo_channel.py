"""What comes in by the Zalo channel, from the stand-in of the platform."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette

from bot.channels.port import (
    FetchRefused,
    FileKind,
    Incoming,
    UpdateKind,
)
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.polling import Pace
from bot.channels.zalo_bot.setup import delete_webhook, describe
from bot.channels.zalo_bot.webhook import PATH
from bot.leading import LeadershipLost, leading
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.leases import Leases
from tests.contract.zalo_channel_made import (
    QUICK,
    SECRET,
    Taken,
    channel,
    delivery,
    running,
    until,
)
from tests.contract.zalo_stand_in import ZaloStandIn
from tests.contract.zalo_stand_in.serving import Serving

pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)


@pytest.fixture
def hooked(zalo: ZaloStandIn) -> Callable[[ZaloBotChannel], Awaitable[Serving]]:
    """Serves a channel's webhook and sets it; the caller stops it."""

    async def serve(made: ZaloBotChannel) -> Serving:
        zalo.switches.local_webhooks = True
        zalo.switches.webhook_retries = (0.02,) * 20
        zalo.switches.webhook_timeout = 1.0
        served = Serving(Starlette(routes=made.routes()), "127.0.0.1", 0)
        await asyncio.to_thread(served.start)
        await made.client.set_webhook(served.address + PATH, SECRET)
        return served

    return serve


@pytest.mark.parametrize("idle", ["http408", "200"])
@pytest.mark.parametrize("named", [True, False])
async def test_polled_messages_come_in_order(zalo: ZaloStandIn, idle: str, named: bool) -> None:
    zalo.switches.idle, zalo.switches.poll_names_event = idle, named  # type: ignore[assignment]
    taken = Taken()
    async with running(channel(zalo, pace=Pace(poll=0.05, again=0.01)), taken):
        await until(lambda: len(zalo.calls("getUpdates")) > 2)  # idle ones
        zalo.say_all([("Lan", f"tin {number}") for number in range(30)])
        await until(lambda: len(taken.all) == 30)
    assert taken.texts() == [f"tin {number}" for number in range(30)]
    assert {incoming.chat_id for incoming in taken.all} == {zalo.chat("Lan")}


async def test_replays_are_taken_once(zalo: ZaloStandIn) -> None:
    zalo.switches.consumed = "replay"
    taken = Taken()
    async with running(channel(zalo, pace=QUICK), taken):
        ids = zalo.say_all([("Lan", "một"), ("Lan", "hai")])
        await until(lambda: all(zalo.handed(one) > 1 for one in ids))
        zalo.say("Lan", "ba")
        await until(lambda: len(taken.all) == 3)
    assert taken.texts() == ["một", "hai", "ba"]


@pytest.mark.parametrize(
    "fault", ["401", "403", "429", "500", "502", "504", "not-json", "cut-json", "drop"]
)
async def test_polling_outlives_every_fault(zalo: ZaloStandIn, fault: str) -> None:
    zalo.fail_next("getUpdates", fault, 2)
    zalo.fail_next("getMe", fault)
    taken = Taken()
    async with running(channel(zalo), taken):
        await until(lambda: len(zalo.calls("getUpdates")) >= 3)
        zalo.say("Lan", "còn đó không")
        await until(lambda: taken.all)
    assert taken.texts() == ["còn đó không"]


async def test_what_was_polled_is_kept_while_the_store_is_away(zalo: ZaloStandIn) -> None:
    taken = Taken()
    taken.away = 2
    async with running(channel(zalo), taken):
        first = zalo.say("Lan", "một")
        zalo.say("Lan", "hai")
        await until(lambda: len(taken.all) == 2)
    assert taken.texts() == ["một", "hai"]
    assert zalo.handed(first) == 1


async def test_a_webhook_that_is_set_is_left_alone(zalo: ZaloStandIn) -> None:
    zalo.switches.local_webhooks = True
    made, taken = channel(zalo), Taken()
    await made.client.set_webhook("http://127.0.0.1:9/x", SECRET)
    async with running(made, taken):
        await until(lambda: len(zalo.calls("getUpdates")) > 2)
        findings = await describe(made.client, None)
        assert findings[1].state == "wrong"
        assert not zalo.calls("deleteWebhook")
        await delete_webhook(made.client)
        zalo.say("Lan", "giờ thì được")
        await until(lambda: taken.all)


async def test_only_one_of_two_polls(zalo: ZaloStandIn, database: Database) -> None:
    def lead(name: str) -> AbstractAsyncContextManager[None]:
        return leading(Leases(database), name, seconds=2, look_every=0.05)

    taken = Taken()
    async with running(channel(zalo, lead=lead), taken) as first:
        await until(lambda: zalo.calls("getUpdates"))
        second = asyncio.create_task((other := channel(zalo, lead=lead)).run(taken))
        await asyncio.sleep(0.2)
        assert len(zalo.calls("getMe")) == 1
        assert first is not other
    # The first has gone: the second takes over.
    await until(lambda: len(zalo.calls("getMe")) == 2)
    zalo.say("Lan", "còn đó không")
    await until(lambda: taken.all)
    second.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await second
    await other.close()


async def test_a_poller_that_loses_its_lease_waits_for_it_again(zalo: ZaloStandIn) -> None:
    turns = 0

    @asynccontextmanager
    async def lead(_name: str) -> AsyncIterator[None]:
        nonlocal turns
        turns += 1
        if turns < 3:
            raise LeadershipLost("x")
        yield

    taken = Taken()
    async with running(channel(zalo, lead=lead), taken):
        zalo.say("Lan", "một")
        await until(lambda: taken.all)
    assert turns == 3


@pytest.mark.parametrize("envelope", ["flat", "wrapped"])
async def test_posted_messages(zalo: ZaloStandIn, hooked: Any, envelope: str) -> None:
    zalo.switches.envelope = envelope  # type: ignore[assignment]
    taken = Taken()
    async with running(channel(zalo, secret=SECRET), taken) as made:
        served = await hooked(made)
        try:
            ids = zalo.say_all([("Lan", f"tin {number}") for number in range(20)])
            await until(lambda: len(taken.all) == 20)
            zalo.redeliver(ids[0])
            await until(lambda: len(zalo.deliveries(ids[0])) == 2)
            assert await asyncio.to_thread(zalo.empty_probe, True) == 200
            assert await asyncio.to_thread(zalo.empty_probe, False) == 200
            assert await asyncio.to_thread(zalo.post, '{"message":{}}', "sai") == 403
        finally:
            await asyncio.to_thread(served.stop)
    assert taken.texts() == [f"tin {number}" for number in range(20)]
    assert [zalo.deliveries(one)[0] for one in ids] == [200] * 20
    assert not zalo.calls("getUpdates")


async def test_posts_are_acknowledged_only_once_they_are_in(zalo: ZaloStandIn, hooked: Any) -> None:
    taken = Taken()
    taken.away = 3
    async with running(channel(zalo, secret=SECRET), taken) as made:
        served = await hooked(made)
        try:
            posted = zalo.say("Lan", "một")
            await until(lambda: zalo.deliveries(posted)[-1:] == [200])
        finally:
            await asyncio.to_thread(served.stop)
    assert taken.texts() == ["một"]
    assert zalo.deliveries(posted) == [503, 503, 503, 200]


@pytest.mark.parametrize("field", ["photo_url", "photo"])
async def test_pictures_and_recordings(zalo: ZaloStandIn, field: Any) -> None:
    taken = Taken()
    async with running(channel(zalo), taken) as made:
        zalo.photo("Lan", b"\xff\xd8 anh", "bảng lương", field=field)
        zalo.voice("Lan", b"\xff\xf1 tieng")
        await until(lambda: len(taken.all) == 2)
        photo, voice = (incoming.files[0] for incoming in taken.all)
        assert (photo.kind, voice.kind) == (FileKind.PHOTO, FileKind.VOICE)
        assert taken.all[0].text == "bảng lương"
        assert await made.fetch(photo.remote, 1000) == b"\xff\xd8 anh"
        assert await made.fetch(voice.remote, 1000) == b"\xff\xf1 tieng"
        with pytest.raises(FetchRefused):
            await made.fetch(photo.remote, 3)
        zalo.expire_media()
        with pytest.raises(FetchRefused):
            await made.fetch(photo.remote, 1000)


async def test_all_that_people_send(zalo: ZaloStandIn) -> None:
    taken = Taken()
    async with running(channel(zalo), taken) as made:
        zalo.sticker("Lan")
        zalo.unsupported("Lan", with_message=True)
        zalo.unsupported("Lan", with_message=False)
        zalo.unknown_event("Lan")
        zalo.link("Lan", "https://vi.du/1")
        zalo.say_in_group("Tổ may", "Lan", "sếp nợ lương")
        zalo.switches.echo_self = True
        await made.send(delivery(zalo.chat("Lan"), "bot nói"))
        zalo.say("Lan", "hết")
        await until(lambda: "hết" in taken.texts())
    kinds = [
        (incoming.kind, incoming.text, [file.kind for file in incoming.files])
        for incoming in taken.all
    ]
    assert kinds == [
        (UpdateKind.MESSAGE, "", [FileKind.STICKER]),
        (UpdateKind.MESSAGE, "", [FileKind.WITHHELD]),
        (UpdateKind.MESSAGE, "https://vi.du/1", []),
        (UpdateKind.GROUP, "", []),
        (UpdateKind.MESSAGE, "hết", []),
    ]


async def test_all_that_is_read_goes_into_the_inbox(zalo: ZaloStandIn, database: Database) -> None:
    inbox, news = Inbox(database), []

    async def accept(incoming: Incoming) -> bool:
        news.append(await asyncio.to_thread(inbox.accept, incoming))
        return news[-1]

    async with running(channel(zalo), accept):
        zalo.photo("Lan", b"anh", "xem giúp")
        zalo.sticker("Lan")
        one = zalo.say("Lan", "một")
        zalo.redeliver(one)
        zalo.say("Lan", "\x00\u202e " + "x" * 1990)
        await until(lambda: len(news) == 5)
    assert news == [True, True, True, False, True]


async def test_a_wrong_token_says_so_and_is_not_told(
    zalo: ZaloStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    made = channel(zalo, token="1:khong-phai-cua-ai")
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        (finding,) = await describe(made.client, None)
        async with running(made, Taken()):
            await until(lambda: logs)
    assert finding.state == "wrong"
    assert [line["event"] for line in logs] == ["zalo.not_polled"]
    assert "ZALO_BOT_TOKEN" in logs[0]["reason"]
    # What uvicorn logs is the stand-in's, not ours.
    ours = [line.getMessage() for line in caplog.records if not line.name.startswith("uvicorn")]
    assert "khong-phai-cua-ai" not in repr([ours, logs, made.client, finding])
