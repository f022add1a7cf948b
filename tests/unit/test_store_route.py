"""Inbox, turns and outbox: each update once, order per chat, claims that hold and that lapse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.port import Choice, Incoming, Outgoing, Passage
from bot.consent import Consent
from bot.plain_text import READ_LIMIT
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.errors import ClaimLost
from bot.store.heartbeat import Heartbeat
from bot.store.inbox import Inbox
from bot.store.models import Parcel
from bot.store.outbox import Outbox
from bot.store.turns import Effects, TakenTurn, Turns

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
WEB = ("web",)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(database: Database) -> Iterator[Clock]:
    clock = Clock()
    database.now = clock
    return clock


def wrote(update: str, text: str = "chuyện lương", chat: str = "an", **more: str) -> Incoming:
    return Incoming(channel="web", chat_id=chat, update_id=update, text=text, sent_at=NOON, **more)


def says(*texts: str, **more: object) -> Effects:
    return Effects(
        messages=[Outgoing(text=text) for text in texts],
        consent=Consent.ASKED,
        context={},
        **more,  # type: ignore[arg-type]
    )


def take(turns: Turns) -> TakenTurn:
    taken = turns.take(WEB)
    assert taken is not None
    return taken


def test_an_update_is_taken_once_in_any_order_of_ids(database: Database) -> None:
    inbox = Inbox(database)
    assert [inbox.accept(wrote(u)) for u in ("7", "3", "7", "5", "3")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert inbox.accept(wrote("7", chat="binh")), "another chat has ids of its own"
    assert [s.author for s in Chats(database).history("web", "an")] == ["worker"] * 3


def test_one_update_delivered_by_many_threads_at_once_is_taken_once(database: Database) -> None:
    inbox = Inbox(database)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: inbox.accept(wrote("1")), range(12)))
    assert sorted(results) == [False] * 11 + [True]


def test_turns_of_a_chat_come_one_at_a_time_in_order(database: Database) -> None:
    inbox, turns = Inbox(database), Turns(database)
    for update in ("a1", "a2"):
        inbox.accept(wrote(update))
    inbox.accept(wrote("b1", chat="binh"))

    first, other = take(turns), take(turns)
    assert (first.incoming.update_id, other.incoming.update_id) == ("a1", "b1")
    assert turns.take(WEB) is None, "a2 waits for a1"
    turns.finish(first, says("xong"))
    assert take(turns).incoming.update_id == "a2"


def test_channels_of_other_processes_are_left_alone(database: Database) -> None:
    Inbox(database).accept(wrote("1"))
    assert Turns(database).take(("telegram",)) is None


def test_a_claim_lapses_when_its_holder_is_silent_and_its_late_result_is_dropped(
    database: Database, clock: Clock
) -> None:
    Inbox(database).accept(wrote("1"))
    turns = Turns(database, lease=timedelta(seconds=20))
    dead = take(turns)
    clock.move(seconds=19)
    assert turns.take(WEB) is None
    clock.move(seconds=2)
    heir = take(turns)
    assert heir.update == dead.update
    assert heir.attempts == 2

    with pytest.raises(ClaimLost):
        turns.finish(dead, says("của người cũ"))
    turns.finish(heir, says("của người mới"))
    with pytest.raises(ClaimLost):
        turns.finish(heir, says("lần nữa"))
    assert [s.text for s in Chats(database).history("web", "an")] == [
        "chuyện lương",
        "của người mới",
    ]


def test_a_claim_is_not_taken_from_a_live_long_turn(database: Database, clock: Clock) -> None:
    Inbox(database).accept(wrote("1"))
    turns = Turns(database, lease=timedelta(seconds=20))
    held = take(turns)
    for _ in range(10):
        clock.move(seconds=15)
        turns.renew([held.token])
        assert turns.take(WEB) is None
    turns.finish(held, says("rốt cuộc cũng xong"))


def test_the_heartbeat_renews_what_it_holds_and_no_more() -> None:
    seen: list[frozenset[str]] = []
    thrice = threading.Event()

    def renew(tokens: object) -> None:
        assert isinstance(tokens, frozenset)
        seen.append(tokens)
        if len(seen) == 1:
            heartbeat.drop("b")
        if len(seen) == 2:
            raise RuntimeError("one failed beat must not stop the heart")
        if len(seen) == 3:
            thrice.set()

    heartbeat = Heartbeat(renew, timedelta(seconds=0.04))
    heartbeat.add("a")
    heartbeat.add("b")
    heartbeat.start()
    assert thrice.wait(10)
    heartbeat.stop()
    assert seen[0] == {"a", "b"}
    assert seen[2] == {"a"}


def test_a_turn_that_was_put_back_is_as_new(database: Database) -> None:
    Inbox(database).accept(wrote("1"))
    turns = Turns(database)
    turns.release(take(turns))
    assert take(turns).attempts == 1


def test_a_finished_turn_carries_state_and_consent(database: Database) -> None:
    inbox, turns = Inbox(database), Turns(database)
    inbox.accept(wrote("1"))
    turns.finish(take(turns), Effects([], Consent.AGREED, {"answers": [{"turn": 1}]}))
    inbox.accept(wrote("2"))
    taken = take(turns)
    assert taken.consent is Consent.AGREED
    assert taken.context == {"answers": [{"turn": 1}]}


def test_outgoing_messages_keep_order_and_what_goes_with_them(database: Database) -> None:
    Inbox(database).accept(wrote("1"))
    turns, outbox = Turns(database), Outbox(database)
    second = Outgoing(
        text="hai",
        choices=(Choice(id="1.o0", label="Hỏi tiếp"),),
        passages=(Passage(citation="điều thử", text="chữ thử", note="ghi chú"),),
    )
    ids = turns.finish(take(turns), Effects([Outgoing(text="một"), second], Consent.ASKED, {}))
    taken = outbox.take(WEB)
    assert taken is not None
    assert [d.id for d in taken.deliveries] == ids == sorted(ids)
    assert taken.deliveries[1].message == second
    assert outbox.take(WEB) is None, "one sender a chat"
    shown = Chats(database).history("web", "an")[-1]
    assert (shown.id, shown.choices, shown.passages) == (ids[1], second.choices, second.passages)


def test_a_finished_turn_hands_its_messages_to_the_sender_unless_another_one_sends(
    database: Database, clock: Clock
) -> None:
    for update in ("1", "2", "3", "4"):
        Inbox(database).accept(wrote(update))
    turns, outbox = Turns(database), Outbox(database)
    handed = turns.finish_and_take(take(turns), says("một"), outbox)
    assert handed is not None
    assert [d.message.text for d in handed.deliveries] == ["một"]
    assert outbox.take(WEB) is None, "held under the token that was handed over"
    assert turns.finish_and_take(take(turns), says("hai"), outbox) is None, "one sender a chat"

    outbox.release(handed, pause=timedelta(seconds=5))
    assert turns.finish_and_take(take(turns), says("ba"), outbox) is None, "the line rests"
    clock.move(seconds=6)
    rest = turns.finish_and_take(take(turns), says("bốn"), outbox)
    assert rest is not None
    assert [d.message.text for d in rest.deliveries] == ["một", "hai", "ba", "bốn"]


def test_what_is_settled_is_not_sent_again_and_what_failed_waits(
    database: Database, clock: Clock
) -> None:
    Inbox(database).accept(wrote("1"))
    turns, outbox = Turns(database), Outbox(database, give_up_after=timedelta(hours=1))
    ids = turns.finish(take(turns), says("một", "hai", "ba"))
    taken = outbox.take(WEB)
    assert taken is not None
    outbox.settle(ids[0])
    assert outbox.failed(ids[1], "đường truyền") == (1, None)
    outbox.release(taken, pause=timedelta(seconds=8))
    clock.move(seconds=7)
    assert outbox.take(WEB) is None
    clock.move(seconds=2)
    again = outbox.take(WEB)
    assert again is not None
    assert [d.message.text for d in again.deliveries] == ["hai", "ba"]

    clock.move(hours=2)
    assert outbox.failed(ids[1], "đường truyền") == (2, "given_up")
    outbox.settle(ids[2], "refused", "bị chặn")
    outbox.release(again)
    assert outbox.take(WEB) is None
    with database.read() as session:
        outcomes = session.execute(select(Parcel.outcome).order_by(Parcel.message)).scalars()
        assert list(outcomes) == ["sent", "given_up", "refused"]


def test_a_dead_senders_messages_are_sent_by_another(database: Database, clock: Clock) -> None:
    Inbox(database).accept(wrote("1"))
    turns, outbox = Turns(database), Outbox(database, lease=timedelta(seconds=20))
    turns.finish(take(turns), says("một"))
    dead = outbox.take(WEB)
    assert dead is not None
    clock.move(seconds=15)
    outbox.renew([dead.token])
    clock.move(seconds=15)
    assert outbox.take(WEB) is None, "alive"
    clock.move(seconds=6)
    heir = outbox.take(WEB)
    assert heir is not None
    assert heir.deliveries == dead.deliveries, "the same ids, so the receiver shows them once"
    outbox.release(dead)
    assert outbox.take(WEB) is None, "a late release does not open what another holds"


def test_many_workers_share_the_turns_without_doing_one_twice(database: Database) -> None:
    inbox, turns = Inbox(database), Turns(database)
    chats = [f"chat{n}" for n in range(6)]
    for n in range(5):
        for chat in chats:
            inbox.accept(wrote(str(n), f"{n}", chat))

    def work() -> None:
        idle = 0
        while idle < 20:
            taken = turns.take(WEB)
            if taken is None:
                idle += 1
                threading.Event().wait(0.01)
                continue
            idle = 0
            turns.finish(taken, says(f"đáp {taken.incoming.text}"))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    for chat in chats:
        said = [s.text for s in Chats(database).history("web", chat) if s.author == "bot"]
        assert said == [f"đáp {n}" for n in range(5)]


def test_a_pressed_choice_is_shown_in_its_words(database: Database) -> None:
    inbox, turns = Inbox(database), Turns(database)
    inbox.accept(wrote("1"))
    offer = Outgoing(text="Bạn chọn", choices=(Choice(id="1.o0", label="Làm ca đêm"),))
    turns.finish(take(turns), Effects([offer], Consent.ASKED, {}))
    inbox.accept(wrote("2", "", choice="1.o0"))
    inbox.accept(wrote("3", "", choice="9.o9"))
    assert [s.text for s in Chats(database).history("web", "an", after=2)] == ["Làm ca đêm", ""]
    taken = take(turns)
    assert (taken.incoming.choice, taken.incoming.text) == ("1.o0", "Làm ca đêm")


def test_a_huge_or_dirty_text_is_cut_and_cleaned_before_it_is_kept(database: Database) -> None:
    inbox, turns = Inbox(database), Turns(database)
    inbox.accept(wrote("1", "lương " * 200_000))
    inbox.accept(wrote("2", "đ" * 5_000))
    inbox.accept(wrote("3", "a\x00b\x1b[31m\u202e\ud800c\r\nd\te" + "o\u0301"))
    huge, long, dirty = Chats(database).history("web", "an")
    assert len(huge.text) <= 200
    assert len(long.text) == READ_LIMIT
    assert dirty.text == "ab[31mc\nd eó"
    taken = take(turns)
    assert taken.length == 1_200_000


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\x00b", "a\nb\r", "\ud800"])
def test_unusable_ids_are_a_fault_of_the_channel(database: Database, bad: str) -> None:
    with pytest.raises(ValueError, match="update_id"):
        Inbox(database).accept(wrote(bad))
    assert Chats(database).history("web", "an") == []


def test_history_gives_the_latest_then_what_follows(database: Database) -> None:
    inbox = Inbox(database)
    for n in range(10):
        inbox.accept(wrote(str(n), f"tin {n}"))
    chats = Chats(database)
    latest = chats.history("web", "an", limit=3)
    assert [s.text for s in latest] == ["tin 7", "tin 8", "tin 9"]
    first = chats.history("web", "an", limit=100)[0]
    assert [s.text for s in chats.history("web", "an", after=first.id, limit=2)] == [
        "tin 1",
        "tin 2",
    ]
    assert chats.history("web", "binh") == []
    assert latest[0].at.tzinfo is not None
