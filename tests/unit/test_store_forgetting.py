"""What people wrote goes when they say so or when its time is over; what waits never goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.port import Incoming, Outgoing
from bot.consent import Consent, Retention
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.forgetting import Keeper
from bot.store.inbox import Inbox
from bot.store.models import Chat, Message, Parcel, Update
from bot.store.outbox import Outbox
from bot.store.turns import Effects, Turns

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
KEEP = Retention(
    agreed=timedelta(days=30), undecided=timedelta(days=1), refused=timedelta(minutes=45)
)


class Talk:
    """Chats in which things are said at chosen moments."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        database.now = lambda: self.now
        self.inbox, self.turns, self.outbox = Inbox(database), Turns(database), Outbox(database)
        self.updates = 0

    def write(self, text: str, chat: str = "an") -> str:
        self.updates += 1
        update = str(self.updates)
        incoming = Incoming(
            channel="web", chat_id=chat, update_id=update, text=text, sent_at=self.now
        )
        assert self.inbox.accept(incoming)
        return update

    def answer(self, text: str, consent: Consent = Consent.AGREED, *, forget: bool = False) -> None:
        taken = self.turns.take(["web"])
        assert taken is not None
        context = {} if forget else {"answers": [{"question": taken.incoming.text}]}
        self.turns.finish(taken, Effects([Outgoing(text=text)], consent, context, forget=forget))

    def send(self) -> None:
        while taken := self.outbox.take(["web"]):
            for delivery in taken.deliveries:
                self.outbox.settle(delivery.id)
            self.outbox.release(taken)

    def said(self, chat: str = "an") -> list[str]:
        return [s.text for s in Chats(self.database).history("web", chat)]

    def context(self, chat: str = "an") -> object:
        with self.database.read() as session:
            return session.scalar(select(Chat.context).where(Chat.chat_id == chat))


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database)


def test_deleting_takes_everything_up_to_the_request_and_leaves_bare_marks(talk: Talk) -> None:
    old = talk.write("sếp mắng tôi")
    talk.answer("lời khuyên")
    talk.write("của người khác", chat="binh")
    talk.answer("đáp người khác")
    talk.write("/xoa")
    talk.write("câu hỏi mới")
    talk.answer("đã xóa", forget=True)

    assert talk.said() == ["câu hỏi mới", "đã xóa"]
    assert talk.said("binh") == ["của người khác", "đáp người khác"]
    assert talk.context() == {}
    redelivered = Incoming(
        channel="web", chat_id="an", update_id=old, text="sếp mắng tôi", sent_at=NOON
    )
    assert not talk.inbox.accept(redelivered), "recognised, so not answered again"
    assert talk.said() == ["câu hỏi mới", "đã xóa"]
    talk.answer("đáp câu mới")
    assert talk.said() == ["câu hỏi mới", "đã xóa", "đáp câu mới"]


def test_what_was_not_yet_sent_goes_too(talk: Talk) -> None:
    talk.write("một")
    talk.answer("chưa gửi")
    held = talk.outbox.take(["web"])
    assert held is not None
    talk.write("/xoa")
    talk.answer("đã xóa", forget=True)
    talk.outbox.settle(held.deliveries[0].id)  # a sender that was under way: harmless
    talk.outbox.release(held)
    rest = talk.outbox.take(["web"])
    assert rest is not None
    assert [d.message.text for d in rest.deliveries] == ["đã xóa"]
    assert rest.deliveries[0].id > held.deliveries[0].id, "ids are never used again"


def test_deleted_words_are_gone_from_the_disk(talk: Talk, database: Database) -> None:
    if not database.sqlite:
        pytest.skip("PostgreSQL clears deleted rows by its own vacuum")
    path = Path(str(database.engine.url.database))
    secret = "quandoctenLongdanhtoi"
    talk.write(f"{secret} " * 40)
    talk.answer(f"về {secret}")

    def on_disk() -> bool:
        return any(
            secret.encode() in each.read_bytes() for each in path.parent.glob(path.name + "*")
        )

    assert on_disk()
    talk.write("/xoa")
    talk.answer("đã xóa", forget=True)
    assert not on_disk()


def test_the_sweep_keeps_to_each_consent(talk: Talk, database: Database) -> None:
    chats = {
        "agreed": Consent.AGREED,
        "undecided": Consent.ASKED,
        "refused": Consent.REFUSED,
    }
    for chat, consent in chats.items():
        talk.write("hỏi", chat)
        talk.answer("đáp", consent)
    talk.send()
    keeper = Keeper(database, KEEP)

    def left() -> set[str]:
        return {chat for chat in chats if talk.said(chat) and talk.context(chat) != {}}

    for wait, expected in (
        (timedelta(minutes=44), {"agreed", "undecided", "refused"}),
        (timedelta(minutes=46), {"agreed", "undecided"}),
        (timedelta(hours=25), {"agreed"}),
        (timedelta(days=31), set()),
    ):
        talk.now = NOON + wait
        keeper.sweep()
        assert left() == expected
        assert all(talk.context(chat) in ({}, None) for chat in chats if chat not in expected)
    with database.read() as session:
        for table in (Update, Message, Parcel, Chat):
            assert session.scalar(select(func.count()).select_from(table)) == 0, "nothing at all"


def test_what_waits_is_never_swept(talk: Talk, database: Database) -> None:
    talk.write("chờ trả lời")
    talk.write("đã trả lời", chat="binh")
    taken = None
    for _ in range(2):
        taken = talk.turns.take(["web"])
        assert taken is not None
        if taken.incoming.chat_id == "binh":
            break
    assert taken is not None
    talk.turns.finish(taken, Effects([Outgoing(text="chờ gửi")], Consent.REFUSED, {}))
    talk.now = NOON + timedelta(days=400)
    assert Keeper(database, KEEP).purge(talk.now) == 1, "only the question that was answered"
    assert talk.said() == ["chờ trả lời"]
    assert talk.said("binh") == ["chờ gửi"]


def test_marks_outlive_a_short_retention_by_the_time_channels_redeliver(
    talk: Talk, database: Database
) -> None:
    update = talk.write("hỏi")
    talk.answer("đáp")
    talk.send()
    keeper = Keeper(database, Retention(agreed=timedelta(hours=1)))
    talk.now = NOON + timedelta(days=2)
    keeper.sweep()
    assert talk.said() == []
    again = Incoming(channel="web", chat_id="an", update_id=update, text="hỏi", sent_at=NOON)
    assert not talk.inbox.accept(again)


def test_purging_spares_what_is_younger(talk: Talk, database: Database) -> None:
    talk.write("cũ")
    talk.answer("đáp cũ")
    talk.now = NOON + timedelta(days=5)
    talk.write("mới")
    talk.answer("đáp mới")
    talk.send()
    assert Keeper(database, KEEP).purge(NOON + timedelta(days=1)) == 2
    assert talk.said() == ["mới", "đáp mới"]
