"""Turns and cases: a counsellor silences the bot, and hears which of their words did not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.cases.states import CaseState, Happened, Reason, Urgency
from bot.cases.steps import CancelCase, CaseNow, CaseStep, OpenCase
from bot.channels.port import Incoming, Outgoing, UpdateKind
from bot.consent import Consent
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent
from bot.store.inbox import Inbox
from bot.store.models import Chat, Message, Parcel, Update
from bot.store.outbox import BLOCKED, Outbox
from bot.store.turns import Effects, TakenTurn, Turns

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
WIRE = ("wire",)
OPEN = OpenCase(reason=Reason.ASKED, urgency=Urgency.NORMAL, question="nợ lương")


class PlainBook:
    """A case book with the simplest rules."""

    def __init__(self) -> None:
        self.asked = 0
        self.settled: list[tuple[int, CaseStep | None, bool]] = []
        self.said_before: list[int] = []

    def now(self, session: Session, chat: Chat) -> CaseNow | None:
        self.asked += 1
        row = session.scalar(select(Case).where(Case.chat == chat.id).order_by(Case.id.desc()))
        if row is None:
            return None
        state, urgency = CaseState(row.state), Urgency(row.urgency)
        return CaseNow(row.id, state, urgency, row.due_at, row.closed_at, None)

    def settle(
        self, session: Session, chat: Chat, update: int, step: CaseStep | None, *, forget: bool
    ) -> bool:
        self.settled.append((update, step, forget))
        self.said_before.append(len(session.scalars(select(Message.id)).all()))
        row = session.scalar(select(Case).where(Case.chat == chat.id, Case.state != "closed"))
        if isinstance(step, OpenCase) and row is None:
            session.add(a_case(chat.id))
        if row is not None and (forget or isinstance(step, CancelCase)):
            row.state = "closed"
        return row is not None and row.state == "held"


def a_case(chat: int, state: str = "open") -> Case:
    return Case(
        chat=chat,
        state=state,
        urgency="normal",
        reason="asked",
        question="nợ lương",
        proposed="",
        refs=[],
        facts={},
        number=1,
        opened_at=NOON,
        queued_at=NOON,
        reminded=0,
    )


class House:
    """A store with a desk that knows its rules."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        database.now = lambda: self.now
        self.book = PlainBook()
        self.inbox, self.outbox = Inbox(database), Outbox(database)
        self.turns = Turns(database, book=self.book)
        self.count = 0

    def write(self, text: str = "hỏi", kind: UpdateKind = UpdateKind.MESSAGE) -> None:
        self.count += 1
        self.now += timedelta(seconds=1)
        assert self.inbox.accept(
            Incoming(
                channel="wire",
                chat_id="an",
                update_id=str(self.count),
                kind=kind,
                text=text,
                sent_at=NOON,
            )
        )

    def take(self) -> TakenTurn:
        taken = self.turns.take(WIRE)
        assert taken is not None
        return taken

    def answer(self, text: str = "đáp", **more: Any) -> TakenTurn:
        self.write()
        taken = self.take()
        self.turns.finish(taken, says(text, **more))
        return taken

    def move(self, state: str) -> None:
        """The desk does something with the chat's latest case."""
        with self.database.write() as session:
            row = session.scalar(select(Case).order_by(Case.id.desc()))
            assert row is not None
            row.state = state

    def reply(self, text: str) -> int:
        """A counsellor answers."""
        with self.database.write() as session:
            chat = session.scalar(select(Chat).with_for_update())
            assert chat is not None
            message = Message(
                chat=chat.id, author="counsellor", text=text, choices=[], passages=[], at=self.now
            )
            session.add(message)
            session.flush()
            session.add(Parcel(message=message.id, chat=chat.id, created_at=self.now, attempts=0))
        return message.id

    def said(self) -> list[str]:
        with self.database.read() as session:
            rows = select(Message.text).where(Message.author == "bot").order_by(Message.id)
            return list(session.scalars(rows))

    def chat(self) -> Any:
        with self.database.read() as session:
            return session.execute(select(Chat.context, Chat.consent, Chat.blocked_at)).one()

    def told(self) -> list[Any]:
        with self.database.read() as session:
            row = select(CaseEvent.kind, CaseEvent.actor, CaseEvent.why, CaseEvent.data)
            return list(session.execute(row.order_by(CaseEvent.id)).all())


def says(*texts: str, consent: Consent = Consent.ASKED, **more: Any) -> Effects:
    given = {"context": {"answers": list(texts)}, **more}
    return Effects(messages=[Outgoing(text=text) for text in texts], consent=consent, **given)


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    return House(database)


def test_a_turn_knows_the_case_and_moves_it_in_its_own_commit(house: House) -> None:
    assert house.answer("đã chuyển", step=OPEN).case is None
    assert house.book.settled == [(1, OPEN, False)]
    assert house.book.said_before == [1], "before the turn's own messages"
    taken = house.answer()
    assert taken.case is not None
    assert (taken.case.state, taken.case.active) == (CaseState.OPEN, True)
    assert house.said() == ["đã chuyển", "đáp"]


def test_a_chat_without_cases_costs_one_statement_more(house: House) -> None:
    house.answer()
    statements: list[str] = []
    house.write()

    @event.listens_for(house.database.engine, "before_cursor_execute")
    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        statements.append(statement)

    house.book.settle = lambda *_, **__: False  # type: ignore[method-assign]
    taken = house.take()
    house.turns.finish(taken, says("đáp"))
    assert house.book.asked == 0
    assert len([s for s in statements if not s.startswith("BEGIN")]) == 11


def test_without_a_book_there_is_no_desk(house: House) -> None:
    house.answer(step=OPEN)
    house.move("held")
    house.turns = Turns(house.database)
    assert house.answer("một mình").case is None
    assert house.said() == ["đáp", "một mình"]


def test_what_a_turn_says_is_dropped_when_a_counsellor_took_the_case_meanwhile(
    house: House,
) -> None:
    house.answer(step=OPEN)
    before = house.chat()
    house.write("lương của tôi đâu")
    taken = house.take()
    house.move("held")
    assert house.turns.finish(taken, says("máy trả lời", consent=Consent.AGREED)) == []
    assert house.said() == ["đáp"]
    assert house.chat().context == before.context, "what was not said is not remembered"
    assert house.chat().consent == Consent.AGREED, "what the person decided is"
    assert house.turns.take(WIRE) is None, "the turn is over"


def test_a_question_that_was_dropped_was_not_asked(house: House) -> None:
    house.write()
    taken = house.take()
    with house.database.write() as session:
        session.add(a_case(taken.chat, "held"))
    house.turns.finish_and_take(taken, says("bạn cho lưu không?"), house.outbox)
    assert house.chat().consent == Consent.UNASKED
    assert house.outbox.take(WIRE) is None


def test_a_command_is_answered_even_then(house: House) -> None:
    house.answer(step=OPEN)
    house.move("held")
    house.answer("đã rút yêu cầu", step=CancelCase(), commanded=True)
    assert house.said() == ["đáp", "đã rút yêu cầu"]


def test_a_silent_turn_of_a_held_case_keeps_its_state(house: House) -> None:
    house.answer(step=OPEN)
    house.move("held")
    house.write()
    house.turns.finish(house.take(), Effects([], Consent.ASKED, {"recent": [1]}))
    assert house.chat().context == {"recent": [1]}


@pytest.mark.parametrize("state", ["held", "open"])
def test_a_turn_that_counted_on_a_case_closed_meanwhile_is_done_anew(
    house: House, state: str
) -> None:
    house.answer(step=OPEN)
    house.move(state)
    house.write("còn một chuyện nữa")
    taken = house.take()
    house.move("closed")
    assert house.turns.finish(taken, says(*(["đã thêm"] if state == "open" else []))) == []
    again = house.take()
    assert (again.update, again.attempts) == (taken.update, 1)
    assert again.case is not None
    assert not again.case.active
    house.turns.finish(again, says("máy trả lời"))
    assert house.said() == ["đáp", "máy trả lời"]


def test_a_case_that_was_closed_before_does_not_hold_a_turn_up(house: House) -> None:
    house.answer(step=OPEN)
    house.move("closed")
    taken = house.answer("đáp tiếp")
    assert taken.case is not None
    assert house.said() == ["đáp", "đáp tiếp"]


def test_forgetting_is_told_to_the_book_after_the_words_are_gone(house: House) -> None:
    house.answer(step=OPEN)
    house.move("held")
    house.write("/xoa")
    house.turns.finish(house.take(), says("đã xóa", forget=True, commanded=True, context={}))
    assert house.book.settled[-1] == (2, None, True)
    assert house.book.said_before[-1] == 0
    with house.database.read() as session:
        assert session.execute(select(Case.state, Case.question)).all() == [("closed", "")]


# -- what becomes of a counsellor's words


def sent_by_a_counsellor(house: House) -> tuple[int, Any]:
    house.answer(step=OPEN)
    house.move("held")
    for each in iter(lambda: house.outbox.take(WIRE), None):
        house.outbox.settle(each.deliveries[-1].id, ending=each)
    message = house.reply("mời bạn gửi hợp đồng")
    house.now += timedelta(seconds=1)
    taken = house.outbox.take(WIRE)
    assert taken is not None
    assert [d.id for d in taken.deliveries] == [message]
    return message, taken


def test_a_refused_reply_is_told_to_the_desk_with_its_reason(house: House) -> None:
    message, taken = sent_by_a_counsellor(house)
    house.outbox.settle(message, "refused", "không tìm thấy cuộc trò chuyện", taken)
    house.outbox.settle(message, "refused", "lần nữa", taken)
    assert house.told() == [
        (
            Happened.REFUSED,
            "bot",
            "không tìm thấy cuộc trò chuyện",
            {"message": message, "outcome": "refused"},
        )
    ]
    with house.database.read() as session:
        assert session.scalar(select(Case.number)) == 2, "one more than it was, told once"
    assert house.chat().blocked_at is None


def test_what_the_bot_could_not_say_is_not_the_desks_business(house: House) -> None:
    house.answer(step=OPEN)
    taken = house.outbox.take(WIRE)
    assert taken is not None
    house.outbox.settle(taken.deliveries[0].id, "refused", "quá dài", taken)
    assert house.told() == []


def test_a_reply_sent_is_known_by_the_platforms_id(house: House) -> None:
    message, taken = sent_by_a_counsellor(house)
    house.outbox.settle(message, ending=taken, remote_id="xa-77")
    with house.database.read() as session:
        row = session.get(Message, message)
        assert row is not None
        assert row.remote_id == "xa-77"
    assert house.told() == []


def test_a_reply_whose_fate_is_unknown_is_tried_thrice_then_told(house: House) -> None:
    message, _ = sent_by_a_counsellor(house)
    assert house.outbox.failed(message, "mất mạng") == (1, None)
    assert house.outbox.failed(message, "mất câu trả lời", uncertain=True) == (2, None)
    assert house.outbox.failed(message, "mất câu trả lời", uncertain=True) == (3, None)
    assert house.told() == []
    assert house.outbox.failed(message, "mất câu trả lời", uncertain=True) == (4, "unknown")
    assert [(why, data["outcome"]) for _, _, why, data in house.told()] == [
        ("mất câu trả lời", "unknown")
    ]


def test_waiting_at_the_platforms_word_buys_a_day(house: House) -> None:
    message, _ = sent_by_a_counsellor(house)
    house.now += timedelta(days=3, hours=12)
    assert house.outbox.failed(message, "quá nhiều tin", retry_after=30.0)[1] is None
    assert house.outbox.failed(message, "quá nhiều tin", retry_after=90_000.0)[1] == "given_up"
    assert house.told()[0].data["outcome"] == "given_up"

    second = house.reply("còn nữa")
    house.now += timedelta(days=4, hours=1)
    assert house.outbox.failed(second, "quá nhiều tin", retry_after=30.0)[1] == "given_up"


def test_a_block_met_while_sending_refuses_the_rest_without_trying(house: House) -> None:
    message, taken = sent_by_a_counsellor(house)
    second = house.reply("bạn còn đó không")
    house.outbox.settle(message, "refused", "Forbidden: bot was blocked", taken, blocked=True)
    assert house.chat().blocked_at is not None
    assert house.outbox.take(WIRE) is None
    with house.database.read() as session:
        row = session.get(Parcel, second)
        assert row is not None
        assert (row.outcome, row.reason, row.attempts) == ("refused", BLOCKED, 0)
    assert [(e.why, e.data["message"]) for e in house.told()] == [
        ("Forbidden: bot was blocked", message),
        (BLOCKED, second),
    ]


def test_a_turn_for_a_blocked_chat_says_nothing_on_the_wire(house: House) -> None:
    house.write("hỏi rồi chặn")
    house.write(kind=UpdateKind.BLOCKED)
    assert house.turns.finish_and_take(house.take(), says("đáp"), house.outbox) is None
    assert house.outbox.take(WIRE) is None
    with house.database.read() as session:
        assert session.scalar(select(Parcel.outcome)) == "refused"


def test_who_wrote_while_we_learned_of_the_block_is_not_blocked(house: House) -> None:
    message, taken = sent_by_a_counsellor(house)
    house.write("mình bỏ chặn rồi đây")
    house.outbox.settle(message, "refused", "Forbidden: bot was blocked", taken, blocked=True)
    assert house.chat().blocked_at is None
    handed = house.turns.finish_and_take(house.take(), says("đáp", commanded=True), house.outbox)
    assert handed is not None


def test_many_blocked_chats_do_not_hold_up_the_others(house: House) -> None:
    for n in range(4):
        house.inbox.accept(
            Incoming(channel="wire", chat_id=f"c{n}", update_id="1", text="hỏi", sent_at=NOON)
        )
    for _ in range(4):
        house.turns.finish(house.take(), says("đáp"))
    for n in range(3):
        blocked = UpdateKind.BLOCKED
        house.inbox.accept(
            Incoming(channel="wire", chat_id=f"c{n}", update_id="2", kind=blocked, sent_at=NOON)
        )
    taken = house.outbox.take(WIRE)
    assert taken is not None
    assert taken.deliveries[0].chat_id == "c3"
    with house.database.read() as session:
        assert len(session.scalars(select(Update.id)).all()) == 7
