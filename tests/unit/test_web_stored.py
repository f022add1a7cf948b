"""Conversations of the web channel, read from a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.port import Choice, Incoming, Outgoing, Passage
from bot.channels.web.stored import StoredConversations
from bot.consent import Consent
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.inbox import Inbox
from bot.store.turns import Effects, Turns


def ask(database: Database, update: str, *, channel: str = "web", chat: str = "w1") -> None:
    Inbox(database).accept(
        Incoming(
            channel=channel,
            chat_id=chat,
            update_id=update,
            text=f"câu hỏi {update}",
            sent_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
    )


def answer(database: Database, *messages: Outgoing, forget: bool = False) -> None:
    turns = Turns(database)
    taken = turns.take(["web", "other"])
    assert taken is not None
    turns.finish(taken, Effects(messages, consent=Consent.AGREED, context={}, forget=forget))


async def test_both_sides_come_back_in_order_with_all_that_belongs_to_them(
    database: Database,
) -> None:
    said = Outgoing(
        text="trả lời",
        choices=(Choice(id="c", label="Có"),),
        passages=(Passage(citation="Điều 1", text="lời", note="lưu ý"),),
    )
    ask(database, "u1")
    answer(database, said)
    ask(database, "u2", chat="somebody else")
    ask(database, "u2", channel="other")
    conversations = StoredConversations(database)
    worker, bot = await conversations.history("w1", 0, 10)
    assert (worker.role, worker.text, worker.update_id) == ("worker", "câu hỏi u1", "u1")
    assert (bot.role, bot.update_id) == ("bot", None)
    assert Outgoing(text=bot.text, choices=bot.choices, passages=bot.passages) == said
    assert worker.id < bot.id
    assert worker.at.tzinfo is not None


async def test_reading_on_and_reading_back(database: Database) -> None:
    for number in range(5):
        ask(database, f"u{number}")
    conversations = StoredConversations(database)
    ids = [m.id for m in await conversations.history("w1", 0, 10)]
    assert [m.id for m in await conversations.history("w1", ids[1], 2)] == ids[2:4]
    assert [m.id for m in await conversations.before("w1", None, 2)] == ids[3:]
    assert [m.id for m in await conversations.before("w1", ids[3], 2)] == ids[1:3]
    assert await conversations.history("nobody", 0, 10) == []


@pytest.mark.parametrize("made_up", [2**31, 10**18 - 1])
async def test_ids_no_store_ever_gave_are_no_fault(database: Database, made_up: int) -> None:
    ask(database, "u1")
    conversations = StoredConversations(database)
    assert await conversations.history("w1", made_up, 10) == []
    assert len(await conversations.before("w1", made_up, 10)) == 1


async def test_ids_are_not_used_again_after_erasing(database: Database) -> None:
    ask(database, "u1")
    conversations = StoredConversations(database)
    (old,) = await conversations.history("w1", 0, 10)
    answer(database, Outgoing(text="đã xoá"), forget=True)
    (new,) = await conversations.history("w1", 0, 10)
    assert (new.text, new.id > old.id) == ("đã xoá", True)


async def test_a_store_that_is_gone_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")
    with pytest.raises(StoreUnavailable):
        await StoredConversations(database).history("w1", 0, 1)


async def test_a_turn_that_ended_without_a_word_is_over(database: Database) -> None:
    conversations = StoredConversations(database)
    ask(database, "u1")
    assert await conversations.answering("w1")
    assert not await conversations.answering("w2")
    answer(database)
    assert not await conversations.answering("w1")
