"""What people wrote goes when they say so or when its time is over; what waits never goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.port import FileKind, Incoming, IncomingFile, Outgoing
from bot.consent import Consent, Retention
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent
from bot.store.files import Files
from bot.store.forgetting import Keeper
from bot.store.inbox import Inbox
from bot.store.models import Chat, File, FileContent, Message, Parcel, Update
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

    def write(self, text: str, chat: str = "an", content: bytes | None = None) -> str:
        self.updates += 1
        update = str(self.updates)
        files = () if content is None else (IncomingFile(kind=FileKind.PHOTO, content=content),)
        incoming = Incoming(
            channel="web",
            chat_id=chat,
            update_id=update,
            text=text,
            files=files,
            sent_at=self.now,
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

    def open_case(self, chat: str = "an", state: str = "open") -> int:
        """A case with words in every place that can hold some."""
        with self.database.write() as session:
            row = session.scalar(select(Chat).where(Chat.chat_id == chat))
            assert row is not None
            case = Case(
                chat=row.id,
                state=state,
                urgency="normal",
                reason="asked",
                topic="wages",
                question="nợ lương",
                proposed="trả lời đề xuất",
                refs=[{"law": "X", "article": "1"}],
                facts={"wage": "8 triệu"},
                since=1,
                number=1,
                opened_at=self.now,
                queued_at=self.now,
                closed_at=self.now if state == "closed" else None,
                reminded=0,
            )
            session.add(case)
            session.flush()
            note = {"case": case.id, "kind": "noted", "actor": "user", "at": self.now}
            session.add(CaseEvent(**note, why="chị ấy sợ sếp", data={"words": "sợ"}))
            return case.id

    def close_case(self, case: int) -> None:
        with self.database.write() as session:
            row = session.get(Case, case)
            assert row is not None
            row.state, row.closed_at = "closed", self.now

    def words_of_case(self, case: int) -> list[object]:
        with self.database.read() as session:
            row = session.get(Case, case)
            assert row is not None
            events = session.execute(
                select(CaseEvent.why, CaseEvent.data).where(CaseEvent.case == case)
            )
            worded = [row.question, row.proposed, row.refs, row.facts, row.since]
            return [each for each in (*worded, *(x for e in events for x in e)) if each]

    def count(self, table: type) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

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


def test_deleting_takes_files_and_the_words_of_cases(talk: Talk) -> None:
    talk.write("ảnh phiếu lương", content=b"anh")
    talk.answer("đáp")
    talk.write("của người khác", chat="binh", content=b"khac")
    talk.answer("đáp người khác")
    mine, old, other = talk.open_case(), talk.open_case(state="closed"), talk.open_case("binh")
    talk.write("/xoa")
    talk.write("ảnh mới", content=b"moi")
    talk.answer("đã xóa", forget=True)

    assert talk.words_of_case(mine) == talk.words_of_case(old) == []
    assert len(talk.words_of_case(other)) == 7, "everything"
    assert talk.count(CaseEvent) == talk.count(Case) == 3, "that there was a case is still known"
    with talk.database.read() as session:
        data = session.scalars(select(FileContent.data).order_by(FileContent.file)).all()
        assert list(data) == [b"khac", b"moi"]
        assert session.scalar(select(Case.topic).where(Case.id == mine)) == "wages"


def test_a_file_that_was_being_fetched_when_it_was_deleted_is_not_kept(talk: Talk) -> None:
    photo = IncomingFile(kind=FileKind.PHOTO, remote="xa:1")
    given = {"channel": "web", "chat_id": "an", "sent_at": talk.now}
    talk.inbox.accept(Incoming(**given, update_id="p", files=(photo,)))
    talk.answer("đã nhận ảnh")
    files = Files(talk.database)
    taken = files.take(["web"])
    assert taken is not None
    talk.write("/xoa")
    talk.answer("đã xóa", forget=True)
    files.keep(taken.id, b"anh")
    assert not files.failed(taken.id, "mất mạng")
    files.refuse(taken.id, "quá lớn")
    assert talk.count(File) == talk.count(FileContent) == 0


def test_deleted_pictures_are_gone_from_the_disk(talk: Talk, database: Database) -> None:
    if not database.sqlite:
        pytest.skip("PostgreSQL clears deleted rows by its own vacuum")
    path = Path(str(database.engine.url.database))
    picture = b"anhchupphieuluong" * 5_000
    talk.write("ảnh", content=picture)
    talk.answer("đáp")

    def on_disk() -> bool:
        return any(
            picture[:1000] in each.read_bytes() for each in path.parent.glob(path.name + "*")
        )

    assert on_disk()
    talk.write("/xoa")
    talk.answer("đã xóa", forget=True)
    assert not on_disk()


def test_what_is_in_human_hands_is_not_swept_whatever_was_agreed(
    talk: Talk, database: Database
) -> None:
    talk.write("hỏi", content=b"anh")
    talk.answer("đáp", Consent.REFUSED)
    talk.send()
    case = talk.open_case()
    keeper = Keeper(database, KEEP)
    talk.now = NOON + timedelta(days=400)
    assert keeper.sweep() == 0
    assert keeper.purge(talk.now) == 0
    assert talk.said() == ["hỏi", "đáp"]
    assert talk.context() != {}
    assert talk.count(FileContent) == 1
    assert len(talk.words_of_case(case)) == 7

    talk.close_case(case)
    assert keeper.sweep() == 2
    assert talk.said() == []
    assert talk.context() == {}
    assert talk.count(File) == talk.count(FileContent) == 0
    assert len(talk.words_of_case(case)) == 7, "the case itself was closed only just now"
    talk.now += timedelta(minutes=46)
    keeper.sweep()
    assert talk.words_of_case(case) == []
    assert talk.count(Case) == talk.count(CaseEvent) == talk.count(Chat) == 1


@pytest.mark.parametrize(
    ("consent", "kept_for"),
    [
        (Consent.AGREED, KEEP.agreed),
        (Consent.ASKED, KEEP.undecided),
        (Consent.REFUSED, KEEP.refused),
    ],
)
def test_the_words_of_closed_cases_go_when_their_time_is_over(
    talk: Talk, database: Database, consent: Consent, kept_for: timedelta
) -> None:
    talk.write("hỏi")
    talk.answer("đáp", consent)
    case = talk.open_case(state="closed")
    keeper = Keeper(database, KEEP)
    talk.now = NOON + kept_for - timedelta(minutes=1)
    keeper.sweep()
    assert len(talk.words_of_case(case)) == 7
    talk.now = NOON + kept_for + timedelta(minutes=1)
    keeper.sweep()
    assert talk.words_of_case(case) == []


def test_a_case_that_was_closed_once_and_reopened_keeps_its_words(
    talk: Talk, database: Database
) -> None:
    talk.write("hỏi")
    talk.answer("đáp")
    case = talk.open_case(state="closed")
    with database.write() as session:
        row = session.get(Case, case)
        assert row is not None
        row.state = "reopened"
    talk.now += timedelta(days=400)
    Keeper(database, KEEP).purge(talk.now)
    assert len(talk.words_of_case(case)) == 7


def test_words_that_came_to_a_wiped_case_later_are_wiped_too(
    talk: Talk, database: Database
) -> None:
    talk.write("hỏi")
    talk.answer("đáp")
    case = talk.open_case(state="closed")
    talk.now += timedelta(days=31)
    Keeper(database, KEEP).sweep()
    with database.write() as session:
        note = {"case": case, "kind": "noted", "actor": "user", "at": talk.now}
        session.add(CaseEvent(**note, why="gọi lại sau", data={}))
    assert talk.words_of_case(case) == ["gọi lại sau"]
    Keeper(database, KEEP).purge(talk.now)
    assert talk.words_of_case(case) == []


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
