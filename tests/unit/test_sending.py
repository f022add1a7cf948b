"""Sending: what a channel says of a message becomes what is done with its chat."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import sending
from bot.channels.port import (
    Accept,
    Capabilities,
    Delivery,
    FetchRefused,
    Incoming,
    Outgoing,
    SendFailed,
    SendRefused,
    UpdateKind,
)
from bot.consent import Consent
from bot.sending import SendWorker
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.models import Chat, Message, Parcel
from bot.store.outbox import BLOCKED, Outbox
from bot.store.turns import Effects, Turns

WIRE = ("wire",)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HANG = TimeoutError("hang")


class Wire:
    """A channel that does as told, then takes everything."""

    name = "wire"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.trouble: list[Exception] = []
        self.tried: list[str] = []
        self.sent: list[str] = []

    async def run(self, accept: Accept) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        self.tried.append(delivery.message.text)
        if self.trouble:
            trouble = self.trouble.pop(0)
            if trouble is HANG:
                await asyncio.Event().wait()
            raise trouble
        self.sent.append(delivery.message.text)
        return f"xa-{len(self.sent)}"

    async def fetch(self, remote: str, limit: int) -> bytes:
        raise FetchRefused("none")


class House:
    """A store with one chat's messages waiting, and the worker that sends."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        database.now = lambda: self.now
        self.wire = Wire()
        self.inbox, self.turns = Inbox(database), Turns(database)
        self.outbox = Outbox(database)
        self.worker = SendWorker(self.outbox, {"wire": self.wire})
        self.count = 0

    def write(self, kind: UpdateKind = UpdateKind.MESSAGE) -> None:
        self.count += 1
        self.now += timedelta(seconds=1)
        given = {"channel": "wire", "chat_id": "an", "update_id": str(self.count)}
        self.inbox.accept(Incoming(**given, kind=kind, text="hỏi", sent_at=NOON))

    def say(self, *texts: str) -> None:
        self.write()
        taken = self.turns.take(WIRE)
        assert taken is not None
        messages = [Outgoing(text=text) for text in texts]
        self.turns.finish(taken, Effects(messages, Consent.ASKED, {}))

    async def send(self) -> None:
        """Send all that may be sent now."""
        while taken := self.outbox.take(WIRE):
            self.now += timedelta(seconds=1)
            await self.worker.work(taken)

    async def rest(self) -> timedelta:
        """Until the chat may be sent to again; sends then."""
        begun, tried = self.now, len(self.wire.tried)
        while len(self.wire.tried) == tried:
            self.now += timedelta(seconds=1)
            assert self.now < begun + timedelta(days=2)
            if self.now - begun > timedelta(minutes=5):
                self.now += timedelta(minutes=30)
            await self.send()
        return self.now - begun

    def outcomes(self) -> list[str | None]:
        with self.database.read() as session:
            return list(session.scalars(select(Parcel.outcome).order_by(Parcel.message)))


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    return House(database)


async def test_messages_go_in_order_and_are_known_by_the_platforms_ids(house: House) -> None:
    house.say("một", "hai")
    await house.send()
    assert house.wire.sent == ["một", "hai"]
    assert house.outcomes() == ["sent", "sent"]
    with house.database.read() as session:
        ids = select(Message.remote_id).where(Message.author == "bot").order_by(Message.id)
        assert list(session.scalars(ids)) == ["xa-1", "xa-2"]


async def test_a_refused_message_does_not_hold_back_the_next(house: House) -> None:
    house.say("một", "hai")
    house.wire.trouble = [SendRefused("quá dài")]
    await house.send()
    assert house.wire.sent == ["hai"]
    assert house.outcomes() == ["refused", "sent"]


async def test_a_block_ends_all_sending_until_the_person_writes_again(house: House) -> None:
    house.say("một", "hai", "ba")
    house.wire.trouble = [SendRefused("Forbidden", blocked=True)]
    await house.send()
    assert house.wire.tried == ["một"]
    assert house.outcomes() == ["refused"] * 3
    with house.database.read() as session:
        reasons = list(session.scalars(select(Parcel.reason).order_by(Parcel.message)))
        assert reasons == ["Forbidden", BLOCKED, BLOCKED]
        assert session.scalar(select(Chat.blocked_at)) is not None
    house.say("bốn")
    await house.send()
    assert house.wire.sent == ["bốn"]


async def test_after_a_block_was_told_nothing_touches_the_wire(house: House) -> None:
    house.say("một")
    house.write(UpdateKind.BLOCKED)
    await house.send()
    assert house.wire.tried == []
    assert house.outcomes() == ["refused"]
    house.write(UpdateKind.UNBLOCKED)
    house.say("hai")
    await house.send()
    assert house.wire.sent == ["hai"]


async def test_a_platforms_wait_is_honoured_for_its_chat(house: House) -> None:
    house.say("một", "hai")
    house.wire.trouble = [SendFailed("quá nhiều", retry_after=37.0)]
    await house.send()
    assert timedelta(seconds=36) <= await house.rest() <= timedelta(seconds=38)
    assert house.wire.tried == ["một", "một", "hai"]
    assert house.outcomes() == ["sent", "sent"]


async def test_other_chats_do_not_wait_with_it(house: House) -> None:
    house.say("một")
    given = {"channel": "wire", "chat_id": "binh", "update_id": "1", "sent_at": NOON}
    house.inbox.accept(Incoming(**given, text="hỏi"))
    taken = house.turns.take(WIRE)
    assert taken is not None
    house.turns.finish(taken, Effects([Outgoing(text="cho Bình")], Consent.ASKED, {}))
    house.wire.trouble = [SendFailed("quá nhiều", retry_after=3600.0)]
    await house.send()
    assert house.wire.sent == ["cho Bình"]


async def test_however_long_a_platform_asks_us_to_wait_we_ask_again_after_a_day(
    house: House,
) -> None:
    house.say("một")
    house.wire.trouble = [SendFailed("hết hạn mức", retry_after=10.0**9)]
    await house.send()
    assert timedelta(hours=23) < await house.rest() < timedelta(hours=25)


async def test_failures_rest_longer_each_time(house: House) -> None:
    house.say("một")
    house.wire.trouble = [SendFailed("mất mạng") for _ in range(4)]
    await house.send()
    waits = [await house.rest() for _ in range(4)]
    assert waits == sorted(waits)
    assert waits[-1] >= timedelta(seconds=8)
    assert house.wire.sent == ["một"]


@pytest.mark.parametrize(
    "trouble", [SendFailed("mất câu trả lời", uncertain=True), HANG, KeyError("message_id")]
)
async def test_what_may_have_arrived_is_not_sent_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 0.05)
    house.say("một", "hai")
    house.wire.trouble = [trouble] * 3
    await house.send()
    for _ in range(2):
        await house.rest()
    assert house.wire.tried == ["một", "một", "một", "hai"]
    assert house.outcomes() == ["unknown", "sent"]
