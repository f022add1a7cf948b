"""The counsellors' group, the operator's checks, and the webhook, against the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.port import Incoming
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.config import TelegramConfig, TelegramWrong
from bot.channels.telegram.group import (
    DeskGroup,
    GroupGone,
    GroupMoved,
    Link,
    MessageGone,
    NotAllowed,
    ThreadClosed,
    ThreadGone,
    TryLater,
)
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.setup import SetupFailed, delete_webhook, describe, set_webhook
from bot.channels.telegram.webhook import routes
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn

AN, LAN = 5_400_000_001, 5_400_000_002
SECRET = "s3cret_of-the-webhook"
LINK = Link("Mở ca", "https://tuvan.example.vn/tu-van/ca/7")


def configured(telegram: TelegramStandIn, **more: object) -> TelegramConfig:
    return TelegramConfig(
        telegram.token,
        telegram.address,
        telegram.file_address,
        **more,  # type: ignore[arg-type]
    )


class Unhurried(Pace):
    def take(self, chat: int) -> float:
        return 0.0


@pytest.fixture
async def desk(telegram: TelegramStandIn) -> AsyncIterator[DeskGroup]:
    client = TelegramClient(configured(telegram), timeout=2.0)
    yield DeskGroup(client, Unhurried())
    await client.close()


async def test_posts_and_edits(telegram: TelegramStandIn, desk: DeskGroup) -> None:
    group = telegram.group()
    message = await desk.post(group, "<b>Ca 7</b> &amp; gấp", LINK)
    await desk.edit(group, message, "Ca 7: chị Lan đang xử lý", LINK)
    await desk.edit(group, message, "Ca 7: chị Lan đang xử lý", LINK)  # unchanged: no error
    (sent,) = telegram.sent(group)
    assert (sent.edits, sent.text) == (["Ca 7 & gấp"], "Ca 7: chị Lan đang xử lý")
    assert sent.buttons == [("Mở ca", LINK.url)]
    await desk.edit(group, message, "Ca 7: xong")
    assert telegram.sent(group)[0].buttons == []
    assert not await desk.is_forum(group)


async def test_topics(telegram: TelegramStandIn, desk: DeskGroup) -> None:
    forum = telegram.group(forum=True)
    assert await desk.is_forum(forum)
    thread = await desk.create_topic(forum, "Lương " * 40)
    await desk.post(forum, "một", thread=thread)
    telegram.close_topic(forum, thread)
    # An admin may write to a closed topic or not, by its rights: what counts is the error's kind.
    telegram.fail_next("sendMessage", "400", description="TOPIC_CLOSED")
    with pytest.raises(ThreadClosed):
        await desk.post(forum, "hai", thread=thread)
    await desk.reopen_topic(forum, thread)
    await desk.reopen_topic(forum, thread)
    await desk.post(forum, "ba", thread=thread)
    await desk.close_topic(forum, thread)
    await desk.close_topic(forum, thread)
    assert telegram.topics(forum)[0]["closed"]
    for words in ("message thread not found", "TOPIC_DELETED"):
        other = await desk.create_topic(forum, "Bảo hiểm")
        telegram.delete_topic(forum, other, words)
        with pytest.raises(ThreadGone):
            await desk.post(forum, "bốn", thread=other)


async def test_what_is_wrong_with_a_group(telegram: TelegramStandIn, desk: DeskGroup) -> None:
    group = telegram.group()
    message = await desk.post(group, "Ca 7")
    telegram.delete_message(group, message)
    with pytest.raises(MessageGone):
        await desk.edit(group, message, "Ca 7: xong")
    with pytest.raises(GroupGone):
        await desk.post(-1_009_999_999_999, "Ca 7")
    with pytest.raises(NotAllowed):
        await desk.create_topic(telegram.group(forum=True, rights=[]), "Lương")
    with pytest.raises(NotAllowed):
        await desk.create_topic(group, "Lương")
    with pytest.raises(GroupGone):
        await desk.post(telegram.group(status="kicked"), "Ca 7")
    old = telegram.group(kind="group", owner=LAN)
    new = telegram.migrate(old)
    with pytest.raises(GroupMoved) as moved:
        await desk.post(old, "Ca 7")
    assert moved.value.to == new


async def test_a_group_that_answers_later(telegram: TelegramStandIn, desk: DeskGroup) -> None:
    group = telegram.group()
    telegram.fail_next("sendMessage", "429", retry_after=9)
    with pytest.raises(TryLater) as later:
        await desk.post(group, "Ca 7")
    assert (later.value.retry_after, later.value.uncertain) == (9, False)
    telegram.fail_next("sendMessage", "drop", taken=True)
    with pytest.raises(TryLater) as later:
        await desk.post(group, "Ca 7")
    assert later.value.uncertain


async def test_twenty_a_minute_to_the_group(telegram: TelegramStandIn) -> None:
    now = [0.0]
    client = TelegramClient(configured(telegram), timeout=2.0)
    desk, group = DeskGroup(client, Pace(clock=lambda: now[0])), telegram.group()
    for n in range(20):
        await desk.post(group, f"Ca {n}")
        now[0] += 1.0
    with pytest.raises(TryLater) as later:
        await desk.post(group, "Ca 20")
    assert later.value.retry_after == pytest.approx(40.0)
    assert len(telegram.sent(group)) == 20
    await client.close()


async def findings(config: TelegramConfig) -> tuple[str, str]:
    """What is not right, by state."""
    found = await describe(config)
    wrong, warned = (
        " ".join(each.says for each in found if each.state == state)
        for state in ("wrong", "warning")
    )
    return wrong, warned


async def test_what_an_operator_is_told(telegram: TelegramStandIn) -> None:
    wrong, warned = await findings(configured(telegram))
    assert not wrong
    assert "/tuvan" in warned  # the menu is set when the bot first runs

    telegram.webhook(allow_http=True)
    other = configured(telegram, mode="webhook", webhook_address="https://a.vn/x",
                       webhook_secret=SECRET)  # fmt: skip
    wrong, _ = await findings(other)
    assert "webhook set" in wrong
    assert await set_webhook(other) == "https://a.vn/x"
    assert (await findings(other))[0] == ""
    wrong, _ = await findings(configured(telegram))
    assert "webhook delete" in wrong
    await delete_webhook(other)
    assert (await findings(configured(telegram)))[0] == ""

    call = telegram.calls("setWebhook")[0].parameters
    assert call["secret_token"] == SECRET
    assert "callback_query" in call["allowed_updates"]
    assert call.get("drop_pending_updates", "false").lower() == "false"


async def test_rights_in_the_desks_groups(telegram: TelegramStandIn) -> None:
    good, plain = telegram.group(forum=True), telegram.group()
    groups = frozenset({good, plain})
    assert (await findings(configured(telegram, desk_groups=groups)))[0] == ""
    for bad, words in (
        (telegram.group(forum=True, rights=["can_manage_chat"]), "quản lý chủ đề"),
        (telegram.group(status="member"), "quản trị"),
        (-1_009_999_999_999, "không thấy nhóm"),
    ):
        wrong, _ = await findings(configured(telegram, desk_groups=groups | {bad}))
        assert words in wrong
        assert str(bad) in wrong


async def test_setting_up_what_cannot_be(telegram: TelegramStandIn) -> None:
    bad = TelegramConfig("1:wrong", telegram.address, telegram.file_address)
    (only,) = await describe(bad)
    assert only.state == "wrong"
    assert "@BotFather" in only.says
    with pytest.raises(SetupFailed, match="BotFather"):
        await delete_webhook(bad)
    with pytest.raises(TelegramWrong):
        await set_webhook(configured(telegram))
    plain = configured(telegram, webhook_address="http://a.vn", webhook_secret=SECRET)
    with pytest.raises(TelegramWrong, match="https"):
        await set_webhook(plain)
    assert telegram.call_count("setWebhook") == 0
    telegram.close()
    (only,) = await describe(configured(telegram))
    assert "Không nối được" in only.says


class Hooked:
    """A channel in webhook mode behind a real server on localhost."""

    def __init__(self, telegram: TelegramStandIn, leases: Leases) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.config = configured(
            telegram, mode="webhook", webhook_address=address, webhook_secret=SECRET
        )
        self.channel = TelegramChannel(self.config, leases, timeout=2.0, pause=0.01)
        self.taken: list[str] = []
        self.seen: set[str] = set()
        self.away = False

    async def accept(self, incoming: Incoming) -> bool:
        if self.away:
            raise StoreUnavailable("đĩa đầy")
        new = incoming.update_id not in self.seen
        if new:
            self.seen.add(incoming.update_id)
            self.taken.append(incoming.text)
        return new

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = Starlette(routes=routes(self.channel))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([self._socket]))
        running = asyncio.create_task(self.channel.run(self.accept))
        try:
            yield
        finally:
            running.cancel()
            server.should_exit = True
            await asyncio.gather(serving, running, return_exceptions=True)
            await self.channel.close()


async def test_updates_by_webhook(
    telegram: TelegramStandIn, sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "caunoi.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    hooked = Hooked(telegram, Leases(database))
    telegram.webhook(allow_http=True, backoff=0.02)
    telegram.say(AN, "trước khi chạy")
    async with opened(hooked.config) as client:
        await client.bot.set_webhook(hooked.config.webhook_url, secret_token=SECRET)
    async with hooked.serving():
        await telegram.eventually(lambda: hooked.taken == ["trước khi chạy"])
        telegram.send_twice(1, at_once=True)
        telegram.say(AN, "hai lần")
        await telegram.eventually(lambda: telegram.handed_out()[-1] >= 2 and not telegram.pending())
        hooked.away = True
        telegram.say(AN, "lúc kho nghỉ")
        await telegram.eventually(lambda: telegram.handed_out()[-1] >= 2)
        assert telegram.pending() == 1
        hooked.away = False
        await telegram.eventually(lambda: telegram.pending() == 0)
        telegram.reorder(2)
        telegram.say(AN, "một")
        telegram.say(LAN, "hai")
        await telegram.eventually(lambda: len(hooked.taken) == 5)
        async with httpx.AsyncClient() as stranger:
            forged = await stranger.post(hooked.config.webhook_url, json={"update_id": 1})
            assert forged.status_code == 401
    assert hooked.taken == ["trước khi chạy", "hai lần", "lúc kho nghỉ", "hai", "một"]
    assert telegram.call_count("getUpdates") == 0
    database.close()


@contextlib.asynccontextmanager
async def opened(config: TelegramConfig) -> AsyncIterator[TelegramClient]:
    client = TelegramClient(config, timeout=2.0)
    yield client
    await client.close()
