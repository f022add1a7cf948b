"""The route in one process: wakes at once, survives its neighbours' troubles, stops in order."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import event, select

from bot import turning, worker
from bot.channels.port import (
    Accept,
    Capabilities,
    Delivery,
    FetchFailed,
    FetchRefused,
    FileKind,
    Incoming,
    IncomingFile,
    SendFailed,
    SendRefused,
    UpdateKind,
)
from bot.consent import Consent, Retention
from bot.conversation import wording
from bot.conversation.state import Remembered
from bot.conversation.turn import Turn
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.models import Chat, File, FileContent, Message, Parcel
from bot.store.outbox import Outbox
from bot.worker import Route
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref


class Knowledge:
    """Answers with the question; the tests put a stick between its spokes."""

    def __init__(self) -> None:
        self.before: Callable[[str], None] = lambda question: None

    def answer(
        self, question: str, as_of: date | None = None, previous: Remembered | None = None
    ) -> Answer:
        self.before(question)
        return Answer(act=Act.ANSWER, text=f"đáp {question}", as_of=date(2026, 10, 5))

    def leans(self, question: str, previous: object) -> bool:
        return False

    def questions(self, text: str) -> tuple[str, ...]:
        return (text,)

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        return None

    def sources(self) -> Sequence[str]:
        return ()


class Wire:
    """A channel that keeps what is sent, and fails as told."""

    capabilities = Capabilities(buttons=True)

    def __init__(self, name: str = "wire") -> None:
        self.name = name
        self.sent: list[Delivery] = []
        self.trouble: list[Exception] = []
        self.files: dict[str, bytes | Exception] = {}
        self.fetched: list[str] = []
        self.runs = 0

    async def run(self, accept: Accept) -> None:
        self.runs += 1
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(delivery)
        return f"xa-{delivery.id}"

    async def fetch(self, remote: str, limit: int) -> bytes:
        self.fetched.append(remote)
        content = self.files[remote]
        if isinstance(content, Exception):
            raise content
        return content

    @property
    def answers(self) -> list[str]:
        """What was sent but for the welcome."""
        return [d.message.text for d in self.sent if "mình là Cầu Nối" not in d.message.text]


class House:
    """A route with its parts at hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.knowledge = Knowledge()
        self.wire = Wire()
        self.other = Wire("other")
        self.count = 0
        self.route = self.make()

    def make(self, **settings: Any) -> Route:
        turn = Turn(self.knowledge, days_kept=30, flood_messages=10_000)
        # A poll this slow shows that it is the wake-up that moves things.
        given = {"poll": 30.0, **settings}
        return Route(self.database, [self.wire, self.other], turn, Retention(), **given)

    async def write(self, text: str, chat: str = "an", channel: str = "wire", **more: Any) -> None:
        self.count += 1
        incoming = Incoming(
            channel=channel,
            chat_id=chat,
            update_id=str(self.count),
            text=text,
            sent_at=datetime.now(UTC),
            **more,
        )
        assert await self.route.accept(incoming)


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - watches plain values
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(route: Route) -> AsyncIterator[None]:
    await route.start()
    try:
        yield
    finally:
        await route.stop(grace=5)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_question_is_answered_at_once_and_stands_in_the_log(house: House) -> None:
    async with running(house.route):
        await house.write("chuyện một")
        await house.write("chuyện hai")
        await house.write("ở kênh kia", channel="other")
        await until(lambda: len(house.wire.answers) == 2 and len(house.other.answers) == 1)
    assert [a.split("\n")[0] for a in house.wire.answers] == ["đáp chuyện một", "đáp chuyện hai"]
    said = Chats(house.database).history("wire", "an")
    assert [s.id for s in said if s.author == "bot"] == [d.id for d in house.wire.sent]


async def test_what_waited_before_the_start_is_done_after_it(house: House) -> None:
    await house.write("đã chờ từ trước")
    async with running(house.route):
        await until(lambda: len(house.wire.answers) == 1)


async def test_one_chats_long_turn_does_not_hold_up_the_others(house: House) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(question: str) -> None:
        if question == "lâu":
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(20)

    house.knowledge.before = hold
    house.route = house.make(lease=timedelta(seconds=0.8), poll=0.1)
    rival = house.make(lease=timedelta(seconds=0.8), poll=0.1)
    async with running(house.route):
        await house.write("lâu")
        await asyncio.sleep(0.3)
        async with running(rival):
            await house.write("nhanh", chat="binh")
            await until(lambda: len(house.wire.answers) == 1)
            await asyncio.sleep(1.5)  # two leases: a rival would take a silent holder's turn
            release.set()
            await until(lambda: len(house.wire.answers) == 2)
    assert [a.split("\n")[0] for a in house.wire.answers] == ["đáp nhanh", "đáp lâu"]


async def test_a_failing_line_is_tried_again_in_order_and_a_refusal_passed_over(
    house: House,
) -> None:
    house.wire.trouble = [SendFailed("mất mạng"), SendFailed("mất mạng")]
    house.route = house.make(poll=0.1)
    async with running(house.route):
        await house.write("một")
        await until(lambda: len(house.wire.sent) == 2)
        house.wire.trouble = [SendRefused("bị chặn")]
        await house.write("hai")
        await until(lambda: not house.wire.trouble)
        house.wire.trouble = [RuntimeError("lỗi của kênh")]
        await house.write("ba")
        await until(lambda: len(house.wire.sent) == 3)
    assert [d.id for d in house.wire.sent] == sorted(d.id for d in house.wire.sent)
    assert [a.split("\n")[0] for a in house.wire.answers] == ["đáp một", "đáp ba"]


async def test_a_channel_that_breaks_down_is_started_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_RESTART_CHANNEL_AFTER", 0.01)
    started = house.wire.run

    async def break_down(accept: Accept) -> None:
        if house.wire.runs < 2:
            house.wire.runs += 1
            raise OSError("cổng đang bận")
        await started(accept)

    monkeypatch.setattr(house.wire, "run", break_down)
    async with running(house.route):
        await until(lambda: house.wire.runs == 3)


async def test_a_fault_in_the_answer_is_an_apology_and_no_endless_retry(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(question: str) -> None:
        raise KeyError(question)

    house.knowledge.before = fault
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        async with running(house.route):
            await house.write("chuyện rất riêng")
            await until(lambda: house.wire.answers == [wording.FAILED])
    assert [entry["kind"] for entry in logs if entry["event"] == "turn.failed"] == ["KeyError"]
    assert "riêng" not in repr(logs) + caplog.text
    assert Outbox(house.database).take(["wire"]) is None


async def test_a_fault_in_the_turn_itself_is_an_apology_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Turn, "run", fault)
    async with running(house.route):
        await house.write("hỏi")
        await until(lambda: house.wire.answers == [wording.FAILED])


async def test_an_update_that_keeps_killing_the_process_gets_an_apology(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turning, "MAX_ATTEMPTS", 0)
    async with running(house.route):
        await house.write("hỏi")
        await until(lambda: house.wire.answers == [wording.FAILED])


async def test_a_store_that_goes_away_during_a_turn_is_waited_for(house: House) -> None:
    away = False

    def refuse(connection: Any) -> None:
        if away and connection.get_execution_options().get("writes"):
            raise OSError(28, "No space left on device")

    event.listen(house.database.engine, "begin", refuse)

    def go_away(question: str) -> None:
        nonlocal away
        away = True

    house.knowledge.before = go_away
    async with running(house.route):
        await house.write("hỏi")
        await until(lambda: away)
        with pytest.raises(StoreUnavailable, match="No space"):
            await house.write("không nhận được, nên không được báo là đã nhận")
        await asyncio.sleep(0.3)
        assert house.wire.sent == []
        house.knowledge.before = lambda question: None
        away = False
        await until(lambda: len(house.wire.answers) == 1)
        await house.write("sau đó")
        await until(lambda: len(house.wire.answers) == 2)
    said = Chats(house.database).history("wire", "an")
    assert [s.text for s in said if s.author == "worker"] == ["hỏi", "sau đó"]


async def test_stopping_finishes_the_turn_and_sends_what_it_said(house: House) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(question: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.3), loop).result(20)

    house.knowledge.before = slow
    await house.route.start()
    await house.write("đang dở")
    await begun.wait()
    await house.write("để lần sau")
    await house.route.stop()
    assert [a.split("\n")[0] for a in house.wire.answers] == ["đáp đang dở"]

    house.route = house.make()
    async with running(house.route):
        await until(lambda: len(house.wire.answers) == 2)


async def test_forgetting_through_the_whole_route(house: House) -> None:
    async with running(house.route):
        for text in ("chuyện riêng", "đồng ý", "/xoa", "xóa hết"):
            await house.write(text)
        await until(lambda: wording.FORGOTTEN in house.wire.answers)
    assert [s.text for s in Chats(house.database).history("wire", "an")] == [wording.FORGOTTEN]


async def test_many_chats_at_once_lose_nothing_and_keep_order(house: House) -> None:
    async def talk(chat: str) -> None:
        for n in range(5):
            await house.write(f"chuyện {n} của {chat}", chat=chat)

    chats = [f"chat{c}" for c in range(8)]
    async with running(house.route):
        await asyncio.gather(*(talk(chat) for chat in chats))
        await until(lambda: len(house.wire.answers) == 8 * 5, 60)
    for chat in chats:
        mine = [d.message.text.split("\n")[0] for d in house.wire.sent if d.chat_id == chat]
        assert mine[1:] == [f"đáp chuyện {n} của {chat}" for n in range(5)]
    assert len({d.id for d in house.wire.sent}) == len(house.wire.sent)


async def test_consent_reaches_the_store(house: House) -> None:
    async with running(house.route):
        await house.write("hỏi")
        await house.write("không lưu")
        await until(lambda: wording.DECLINED in house.wire.answers)
        await house.write("hỏi nữa")
        await until(lambda: len(house.wire.answers) == 3)
    with house.database.read() as session:
        assert session.scalar(select(Chat.consent)) == Consent.REFUSED


async def test_files_are_fetched_at_once_and_kept(house: House) -> None:
    house.wire.files = {"a": b"one", "b": FetchRefused("Tệp không còn."), "c": FetchFailed("mạng")}
    files = tuple(IncomingFile(kind=FileKind.PHOTO, remote=remote) for remote in "abc")

    def standings() -> list[str]:
        with house.database.read() as session:
            return list(session.scalars(select(File.status).order_by(File.id)))

    async with running(house.route):
        await house.write("ảnh phiếu lương", files=files)
        await until(lambda: len(house.wire.fetched) == 3)
        await until(lambda: standings() == ["kept", "refused", "waiting"])
    with house.database.read() as session:
        assert session.scalars(select(FileContent.data)).all() == [b"one"]


async def test_files_that_waited_before_the_start_are_fetched_after_it(house: House) -> None:
    house.wire.files = {"a": b"one"}
    await house.write("", files=(IncomingFile(kind=FileKind.PHOTO, remote="a"),))
    async with running(house.route):
        await until(lambda: house.wire.fetched == ["a"])


async def test_a_changed_wording_is_answered_and_both_stay(house: House) -> None:
    async with running(house.route):
        await house.write("nợ lương hai tháng", remote_id="7")
        await house.write("nợ lương ba tháng", remote_id="7", kind=UpdateKind.EDIT)
        await house.write("nợ lương ba tháng", remote_id="7", kind=UpdateKind.EDIT)
        await house.write("câu cuối")
        await until(lambda: any("câu cuối" in a for a in house.wire.answers))
    said = Chats(house.database).history("wire", "an")
    assert [s.text for s in said if s.author == "worker"] == [
        "nợ lương hai tháng",
        "nợ lương ba tháng",
        "câu cuối",
    ]
    assert len([a for a in house.wire.answers if "ba tháng" in a]) == 1


async def test_a_person_who_blocked_us_is_left_in_peace_until_they_come_back(house: House) -> None:
    async with running(house.route):
        await house.write("một")
        await until(lambda: len(house.wire.answers) == 1)
        house.wire.trouble = [SendRefused("Forbidden", blocked=True)]
        await house.write("hai")
        await until(lambda: not house.wire.trouble)
        await house.write("", kind=UpdateKind.BLOCKED)
        await house.write("ba")
        await until(lambda: len(house.wire.answers) == 2)
    assert [a.split("\n")[0] for a in house.wire.answers] == ["đáp một", "đáp ba"]


async def test_what_the_desk_puts_into_the_outbox_is_sent_when_it_says_so(house: House) -> None:
    def reply() -> None:
        with house.database.write() as session:
            chat = session.scalar(select(Chat).with_for_update())
            assert chat is not None
            now = house.database.now()
            given: dict[str, Any] = {"chat": chat.id, "choices": [], "passages": [], "at": now}
            message = Message(author="counsellor", text="chào bạn", **given)
            session.add(message)
            session.flush()
            session.add(Parcel(message=message.id, chat=chat.id, created_at=now, attempts=0))
        house.route.wake_sending()

    house.route.wake_sending()  # before the start: harmless
    async with running(house.route):
        await house.write("hỏi")
        await until(lambda: len(house.wire.answers) == 1)
        desk = threading.Thread(target=reply)
        desk.start()
        # The pump itself looks only every half minute.
        await until(lambda: house.wire.answers[-1] == "chào bạn", 10)
        desk.join()
    house.route.wake_sending()  # after the end, too
