"""The board with the real way to a group, against the stand-in of Telegram's server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.cases.board import TOPIC, Board
from bot.cases.board_watching import watch
from bot.cases.states import Result, Urgency
from bot.channels.port import Incoming
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.pacing import Pace
from bot.store.database import Database
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_worker import Unhurried
from tests.unit.desk_made import MadeDesk

LAN = 5_400_000_002
ADDRESS = "https://tuvan.example.vn"


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


class Told:
    """A board of one group of the stand-in, with the channel it belongs to."""

    def __init__(
        self, telegram: TelegramStandIn, made: MadeDesk, group: int, pace: Pace | None = None
    ) -> None:
        config = TelegramConfig(
            telegram.token,
            telegram.address,
            telegram.file_address,
            desk_groups=frozenset({group}),
        )
        self.leases = Leases(made.database)
        self.channel = TelegramChannel(
            config, self.leases, pace=pace or Unhurried(), timeout=2.0, poll_wait=1, pause=0.01
        )
        self.board = Board(made.database, group, self.channel.desk_group, ADDRESS)

    async def sync(self) -> None:
        self.leases.hold(self.board.lease, "test", 1e6)
        assert await self.board.sync() == 0.0


@pytest.fixture
async def group(telegram: TelegramStandIn) -> int:
    return telegram.group()


@pytest.fixture
async def told(telegram: TelegramStandIn, made: MadeDesk, group: int) -> AsyncIterator[Told]:
    board = Told(telegram, made, group)
    yield board
    await board.channel.close()


async def test_the_life_of_a_case(
    telegram: TelegramStandIn, made: MadeDesk, told: Told, group: int
) -> None:
    lan = made.staff("chị <b>Lan</b> & em")
    case = made.opened(Urgency.URGENT, question="em là Bông <b>0912345678")
    await told.sync()
    (sent,) = telegram.sent(group)
    assert sent.text.startswith("‼️ KHẨN CẤP · Hồ sơ số 1\n")
    assert sent.buttons == [("Mở hồ sơ", f"{ADDRESS}/tu-van/ho-so/{case}")]
    assert "Bông" not in str(sent.api)
    made.desk.take(case, lan)
    await told.sync()
    assert "Đang trả lời: chị <b>Lan</b> & em" in telegram.sent(group)[0].text
    made.says("em là Bông <b>0912345678")
    await told.sync()
    made.desk.close(case, lan, Result.ANSWERED, None, made.case(case).number)
    await told.sync()
    (sent,) = telegram.sent(group)
    assert sent.text == "Hồ sơ số 1 · đã kết thúc: đã trả lời."
    assert len(sent.edits) == 2
    assert sent.buttons == []
    assert telegram.call_count("editMessageText") == 2
    assert all("0912345678" not in str(call.parameters) for call in telegram.calls())


async def test_a_deleted_message(
    telegram: TelegramStandIn, made: MadeDesk, told: Told, group: int
) -> None:
    case = made.opened()
    await told.sync()
    telegram.delete_message(group, telegram.sent(group)[0].message_id)
    made.desk.take(case, made.staff())
    await told.sync()
    (left,) = [each for each in telegram.sent(group) if not each.deleted]
    assert "Đang trả lời" in left.text


@pytest.mark.parametrize("words", ["message thread not found", "TOPIC_DELETED"])
async def test_topics_deleted_and_closed(
    telegram: TelegramStandIn, made: MadeDesk, words: str
) -> None:
    forum = telegram.group(forum=True)
    told = Told(telegram, made, forum)
    made.opened(chat="a")
    await told.sync()
    (first,) = telegram.topics(forum)
    assert first["name"] == TOPIC
    telegram.close_topic(forum, first["thread_id"])
    made.opened(chat="b")
    await told.sync()
    assert not telegram.topics(forum)[0]["closed"]
    telegram.delete_topic(forum, first["thread_id"], words)
    made.opened(chat="c")
    await told.sync()
    _, second = telegram.topics(forum)
    left = [each for each in telegram.sent(forum) if not each.deleted and each.kind == "text"]
    assert {each.thread_id for each in left} == {second["thread_id"]}
    assert sorted(each.text.splitlines()[0][-1] for each in left) == ["1", "2", "3"]
    await told.channel.close()


async def test_a_forum_without_the_right_to_topics(
    telegram: TelegramStandIn, made: MadeDesk
) -> None:
    forum = telegram.group(forum=True, rights=["can_manage_chat"])
    told = Told(telegram, made, forum)
    made.opened()
    await told.sync()
    (sent,) = telegram.sent(forum)
    assert sent.thread_id is None
    await told.channel.close()


async def test_a_group_made_a_supergroup(telegram: TelegramStandIn, made: MadeDesk) -> None:
    old = telegram.group(kind="group", owner=LAN)
    told = Told(telegram, made, old)
    case = made.opened(chat="a")
    await told.sync()
    new = telegram.migrate(old)
    made.desk.take(case, made.staff())
    made.opened(chat="b")
    await told.sync()  # learns of it
    await told.sync()
    texts = [each.text for each in telegram.sent(new)]
    assert len(texts) == 2
    assert any("Đang trả lời" in text for text in texts)
    await told.channel.close()


async def test_a_bot_put_out_and_let_in_again(
    telegram: TelegramStandIn, made: MadeDesk, told: Told, group: int
) -> None:
    telegram.set_bot(group, "kicked", by=LAN)
    made.opened()
    told.leases.hold(told.board.lease, "test", 1e6)
    assert await told.board.sync() > 0
    telegram.set_bot(group, "member", by=LAN)
    await told.sync()
    assert len(telegram.sent(group)) == 1


async def test_asked_to_wait(
    telegram: TelegramStandIn, made: MadeDesk, told: Told, group: int
) -> None:
    made.opened()
    telegram.fail_next("sendMessage", "429", retry_after=9)
    assert await told.board.sync() == 9.0
    assert telegram.call_count("sendMessage") == 1
    await told.sync()
    assert len(telegram.sent(group)) == 1


async def test_a_hundred_at_once_at_twenty_a_minute(
    telegram: TelegramStandIn, made: MadeDesk, group: int
) -> None:
    now = [0.0]
    told = Told(telegram, made, group, Pace(patience=0.0, clock=lambda: now[0]))
    for n in range(100):
        made.opened(Urgency.URGENT if n % 10 == 0 else Urgency.NORMAL, chat=f"n{n}")
    lan = made.staff("chị Lan")
    at: list[float] = []
    while (wait := await told.board.sync()) > 0:
        at += [now[0]] * (telegram.sent_count() - len(at))
        if len(at) == 15 and made.case(100).state == "open":
            made.desk.take(100, lan)
        now[0] += wait
    at += [now[0]] * (telegram.sent_count() - len(at))
    sent = telegram.sent(group)
    assert len(sent) == 100
    assert all("KHẨN CẤP" in each.text for each in sent[:10])
    # Taken while it waited for its turn: said once, as it is now.
    assert sum("chị Lan" in each.text for each in sent) == 1
    assert telegram.call_count("editMessageText") == 0
    assert all(later - first >= 60.0 for first, later in zip(at, at[20:], strict=False))
    assert at[-1] < 5 * 60.0  # and no slower than need be
    await told.channel.close()


async def test_the_group_knows_soon_and_its_own_talk_goes_nowhere(
    telegram: TelegramStandIn, made: MadeDesk, told: Told, group: int
) -> None:
    taken: list[Incoming] = []

    async def accept(incoming: Incoming) -> bool:
        taken.append(incoming)
        return True

    tasks = [
        asyncio.create_task(watch(told.board, told.leases)),
        asyncio.create_task(told.channel.run(accept)),
    ]
    try:
        await asyncio.to_thread(made.opened)
        (sent,) = await telegram.eventually(lambda: telegram.sent(group), seconds=5.0)
        reply = "Trả lời: gọi 0912345678"
        telegram.say_in_group(group, LAN, reply, reply_to=sent.message_id)
        telegram.say(LAN, "tin riêng")
        await telegram.eventually(lambda: taken and telegram.pending() == 0)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [each.text for each in taken] == ["tin riêng"]
    assert len(telegram.sent(group)) == 1
