"""The machine's clock is set forward a day or back an hour: nothing twice, nothing stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.port import (
    Accept,
    Capabilities,
    Delivery,
    FetchRefused,
    FileKind,
    Incoming,
    IncomingFile,
    Outgoing,
)
from bot.consent import Consent, Retention
from bot.conversation.state import ChatState
from bot.conversation.turn import Turn
from bot.store.clock_watch import ClockWatch
from bot.store.database import Database
from bot.store.files import Files
from bot.store.forgetting import Keeper
from bot.store.inbox import Inbox
from bot.store.leases import Leases
from bot.store.models import Parcel
from bot.store.outbox import Outbox
from bot.store.turns import Effects, TakenTurn, Turns
from bot.worker import Route
from knowledge.answer import Act, Answer

WIRE = ("wire",)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LEASE = timedelta(seconds=20)
FORWARD, BACK = timedelta(days=1), -timedelta(hours=1)


class Time:
    """What the clock shows, and the seconds that really go by."""

    def __init__(self) -> None:
        self.shown, self.ticks = NOON, 0.0

    def pass_by(self, seconds: float) -> None:
        self.shown += timedelta(seconds=seconds)
        self.ticks += seconds

    def set_by(self, jump: timedelta) -> None:
        """Somebody sets the clock."""
        self.shown += jump


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def house(database_url: str, time: Time) -> Iterator[Database]:
    """A store whose clock is watched, as that of every process is."""
    watch = ClockWatch(lambda: time.shown, lambda: time.ticks)
    opened = Database(database_url, lambda: time.shown, watch)
    yield opened
    opened.close()


def wrote(number: int = 1, chat: str = "an", **more: object) -> Incoming:
    return Incoming(
        channel="wire",
        chat_id=chat,
        update_id=str(number),
        text=f"hỏi về chuyện {number}",
        sent_at=NOON,
        **more,  # type: ignore[arg-type]
    )


def taken_turn(house: Database, number: int = 1) -> TakenTurn:
    assert Inbox(house).accept(wrote(number))
    taken = Turns(house).take(WIRE)
    assert taken is not None
    return taken


def answered(house: Database, taken: TakenTurn) -> None:
    Turns(house).finish(taken, Effects([Outgoing(text="đáp")], Consent.ASKED, {}))


def test_the_watch_sees_jumps_forward_and_rests(time: Time) -> None:
    watch = ClockWatch(lambda: time.shown, lambda: time.ticks)
    for _ in range(50):
        time.pass_by(7)
        time.set_by(timedelta(milliseconds=-3))  # clocks are corrected all the time
        assert watch.trusted()
    time.pass_by(100_000)
    assert watch.trusted(), "a long time is no jump"
    time.set_by(FORWARD)
    for _ in range(9):
        assert not watch.trusted()
        time.pass_by(1)
    time.pass_by(1)
    assert watch.trusted()
    time.set_by(BACK)
    assert watch.trusted(), "then leases lapse too late, not too early"


def test_set_forward_what_is_being_sent_is_not_sent_by_another(house: Database, time: Time) -> None:
    answered(house, taken_turn(house))
    outbox, other = Outbox(house, LEASE), Outbox(house, LEASE)
    taken = outbox.take(WIRE)
    assert taken is not None
    time.set_by(FORWARD)
    assert other.take(WIRE) is None
    time.pass_by(5)
    outbox.renew([taken.token])  # as the heartbeat does, four times a lease
    time.pass_by(6)
    assert other.take(WIRE) is None
    outbox.settle(taken.deliveries[0].id, ending=taken)
    time.pass_by(60)
    assert other.take(WIRE) is None, "sent once"


def test_set_forward_a_turn_that_ends_does_not_hand_over_what_is_being_sent(
    house: Database, time: Time
) -> None:
    answered(house, taken_turn(house))
    outbox = Outbox(house, LEASE)
    sending = outbox.take(WIRE)
    assert sending is not None
    next_turn = taken_turn(house, 2)
    time.set_by(FORWARD)
    effects = Effects([Outgoing(text="đáp nữa")], Consent.ASKED, {})
    assert Turns(house).finish_and_take(next_turn, effects, outbox) is None
    outbox.settle(sending.deliveries[0].id, ending=sending)
    time.pass_by(11)
    later = outbox.take(WIRE)
    assert later is not None
    assert [each.message.text for each in later.deliveries] == ["đáp nữa"]


def test_set_forward_a_turn_is_not_done_twice(house: Database, time: Time) -> None:
    turns = Turns(house, LEASE)
    taken = taken_turn(house)
    time.set_by(FORWARD)
    assert turns.take(WIRE) is None
    time.pass_by(5)
    turns.renew([taken.token])
    time.pass_by(6)
    assert turns.take(WIRE) is None
    answered(house, taken)  # raises ClaimLost if it was taken over


@pytest.mark.parametrize("jump", [FORWARD, BACK], ids=["forward", "back"])
def test_what_a_dead_process_held_is_free_after_the_jump_and_a_lease(
    house: Database, time: Time, jump: timedelta
) -> None:
    taken_turn(house)
    Inbox(house).accept(wrote(2, chat="binh"))
    other = Turns(house, LEASE).take(WIRE)
    assert other is not None
    answered(house, other)
    assert Outbox(house, LEASE).take(WIRE) is not None
    assert Leases(house).hold("poll", "dead", LEASE.total_seconds())
    time.set_by(jump)
    assert Turns(house, LEASE).take(WIRE) is None
    if jump < timedelta():
        time.pass_by(-jump.total_seconds())
    time.pass_by(LEASE.total_seconds())
    assert Turns(house, LEASE).take(WIRE) is not None
    assert Outbox(house, LEASE).take(WIRE) is not None
    assert Leases(house).hold("poll", "next", LEASE.total_seconds())


def test_set_forward_a_leader_stays_the_only_one(house: Database, time: Time) -> None:
    leases = Leases(house)
    assert leases.hold("poll", "a", 15)
    time.set_by(FORWARD)
    assert not leases.hold("poll", "b", 15)
    assert leases.hold("clock", "b", 15), "what nobody has is free"
    time.pass_by(3)
    assert leases.renew("poll", "a", 15)
    time.pass_by(10)
    assert not leases.hold("poll", "b", 15)
    time.set_by(BACK)
    assert leases.renew("poll", "a", 15)
    time.pass_by(16)
    assert leases.hold("poll", "b", 15), "renewing took the clock as it is now"


def test_set_back_a_pause_lasts_no_longer_than_the_jump(house: Database, time: Time) -> None:
    answered(house, taken_turn(house))
    outbox = Outbox(house, LEASE)
    taken = outbox.take(WIRE)
    assert taken is not None
    outbox.failed(taken.deliveries[0].id, "đường truyền đứt")
    outbox.release(taken, timedelta(seconds=4))
    time.set_by(BACK)
    assert outbox.take(WIRE) is None
    time.pass_by(3600 + 4)
    again = outbox.take(WIRE)
    assert again is not None
    outbox.settle(again.deliveries[0].id, ending=again)
    assert outbox.take(WIRE) is None


def test_set_forward_a_day_nothing_is_given_up_or_forgotten_that_waits(
    house: Database, time: Time
) -> None:
    answered(house, taken_turn(house))
    Inbox(house).accept(wrote(2))
    outbox, keeper = Outbox(house, LEASE), Keeper(house, Retention())
    taken = outbox.take(WIRE)
    assert taken is not None
    time.set_by(FORWARD)
    assert outbox.failed(taken.deliveries[0].id, "đường truyền đứt")[1] is None
    outbox.release(taken)
    keeper.sweep()
    time.set_by(-FORWARD)
    keeper.sweep()
    assert not Inbox(house).accept(wrote(1)), "a redelivery is still known"
    later = Turns(house, LEASE).take(WIRE)
    assert later is not None
    assert later.incoming.text == "hỏi về chuyện 2"
    assert outbox.take(WIRE) is not None


def test_set_forward_a_file_is_fetched_by_one(house: Database, time: Time) -> None:
    photo = IncomingFile(kind=FileKind.PHOTO, remote="a")
    Inbox(house).accept(wrote(1, files=(photo,)))
    files = Files(house, LEASE)
    assert files.take(WIRE) is not None
    time.set_by(FORWARD)
    assert files.take(WIRE) is None
    time.pass_by(11)
    assert files.take(WIRE) is not None, "whoever had it is dead"


class SlowWire:
    """A channel whose sends last until they are let go."""

    name = "wire"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.going = asyncio.Event()

    async def run(self, accept: Accept) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        self.tried.append(delivery.message.text)
        await self.going.wait()
        return None

    async def fetch(self, remote: str, limit: int) -> bytes:
        raise FetchRefused("none")


class Echo:
    """Answers with the question."""

    def answer(self, question: str, *_: object) -> Answer:
        return Answer(act=Act.ANSWER, text=f"đáp {question}", as_of=NOON.date())

    def leans(self, question: str, previous: object) -> bool:
        return False

    def questions(self, text: str) -> tuple[str, ...]:
        return (text,)

    def clause(self, *_: object) -> None:
        return None

    def sources(self) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize("jump", [FORWARD, BACK], ids=["forward", "back"])
async def test_a_house_at_work_says_everything_once(
    house: Database, time: Time, jump: timedelta
) -> None:
    wire = SlowWire()

    def said(words: str) -> int:
        return sum(words in each for each in wire.tried)

    turn = Turn(Echo(), days_kept=90)
    route = Route(house, [wire], turn, Retention(), lease=timedelta(seconds=1), poll=0.01)
    await route.start()
    try:
        await route.accept(wrote(1))
        await until(lambda: bool(wire.tried))
        time.set_by(jump)
        # While it is on the wire others look for work again and again.
        await asyncio.sleep(0.5)
        first = len(wire.tried)
        wire.going.set()
        await until(lambda: said("chuyện 1") and not waits(house))
        time.pass_by(11)
        await route.accept(wrote(2))
        await until(lambda: said("chuyện 2") and not waits(house))
    finally:
        await route.stop()
    assert first == 1, wire.tried
    assert (said("chuyện 1"), said("chuyện 2")) == (1, 1)
    assert len(wire.tried) == len(set(wire.tried))


def waits(house: Database) -> bool:
    with house.read() as session:
        return session.scalar(select(Parcel.message).where(Parcel.settled_at.is_(None))) is not None


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - watches plain values
            await asyncio.sleep(0.01)


def test_set_back_a_flood_is_not_thought_to_go_on() -> None:
    turn, state = Turn(Echo(), days_kept=90), ChatState()
    for number in range(1, 15):
        state = turn.run(wrote(number), state, Capabilities(), number).state
    assert state.flood_told
    later = wrote(15).model_copy(update={"sent_at": NOON + BACK})
    assert not turn.run(later, state, Capabilities(), 15).state.flood_told
