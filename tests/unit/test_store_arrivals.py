"""What comes in besides plain words: files, changed wordings, blocks, words from groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from bot.channels.port import FileKind, Incoming, IncomingFile, Outgoing, UpdateKind
from bot.consent import Consent
from bot.store.chats import Chats
from bot.store.database import Database
from bot.store.files import FILE_LIMIT, TOO_LARGE, Files
from bot.store.inbox import Inbox
from bot.store.models import Chat, File, Message, Update
from bot.store.turns import Effects, TakenTurn, Turns

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
WIRE = ("wire",)


class House:
    """A store with its entrance."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        database.now = lambda: self.now
        self.inbox, self.turns = Inbox(database), Turns(database)
        self.count = 0

    def comes(self, text: str = "", kind: UpdateKind = UpdateKind.MESSAGE, **more: object) -> bool:
        self.count += 1
        self.now += timedelta(seconds=1)
        given = {"update_id": str(self.count), "chat_id": "an", **more}
        return self.inbox.accept(
            Incoming(channel="wire", text=text, kind=kind, sent_at=self.now, **given)  # type: ignore[arg-type]
        )

    def take(self) -> TakenTurn:
        taken = self.turns.take(WIRE)
        assert taken is not None
        return taken

    def answer(self) -> TakenTurn:
        taken = self.take()
        self.turns.finish(taken, Effects([Outgoing(text="đáp")], Consent.ASKED, {}))
        return taken

    def rows(self, model: type) -> list[object]:
        with self.database.read() as session:
            found = list(session.scalars(select(model).order_by(model.id)))  # type: ignore[attr-defined]
            session.expunge_all()
        return found

    def messages(self) -> list[Message]:
        return [each for each in self.rows(Message) if isinstance(each, Message)]

    def files(self) -> list[File]:
        return [each for each in self.rows(File) if isinstance(each, File)]

    def blocked_at(self) -> datetime | None:
        with self.database.read() as session:
            return session.scalar(select(Chat.blocked_at).where(Chat.chat_id == "an"))


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    return House(database)


def photo(remote: str = "xa:1", **more: object) -> IncomingFile:
    return IncomingFile(kind=FileKind.PHOTO, remote=remote, **more)  # type: ignore[arg-type]


# -- files


def test_files_come_with_their_message_and_reach_the_turn(house: House) -> None:
    note = IncomingFile(
        kind=FileKind.DOCUMENT,
        name="phiếu lương.pdf",
        media_type="application/pdf",
        content=b"%PDF",
    )
    sticker = IncomingFile(kind=FileKind.STICKER)
    house.comes("xem giúp", files=(photo(size=900), note, sticker), remote_id="77", album="a1")

    incoming = house.take().incoming
    assert (incoming.kind, incoming.text) == (UpdateKind.MESSAGE, "xem giúp")
    assert (incoming.remote_id, incoming.album) == ("77", "a1")
    assert [(f.kind, f.name, f.media_type, f.size) for f in incoming.files] == [
        (FileKind.PHOTO, "", "", 900),
        (FileKind.DOCUMENT, "phiếu lương.pdf", "application/pdf", 4),
        (FileKind.STICKER, "", "", None),
    ]
    (message,) = house.messages()
    assert (message.remote_id, message.album, message.edits) == ("77", "a1", None)
    assert [f.message for f in house.files()] == [message.id] * 3
    assert [f.status for f in house.files()] == ["waiting", "kept", "bare"]
    kept = Files(house.database).read(house.files()[1].id)
    assert kept is not None
    assert kept[1] == b"%PDF"


def test_one_message_with_files_is_one_turn(house: House) -> None:
    house.comes("", files=tuple(photo(f"xa:{n}") for n in range(4)))
    assert len(house.answer().incoming.files) == 4
    assert house.turns.take(WIRE) is None


def test_a_redelivered_file_is_kept_once(house: House) -> None:
    for expected in (True, False):
        assert house.comes("", files=(photo(),), update_id="u1") is expected
    assert len(house.files()) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\luong\\thang 10.xls", "thang 10.xls"),
        ("hop\u202efdp.exe\x00\x1b", "hopfdp.exe"),
        ("một\ndòng \t hai.txt", "một dòng hai.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("a" * 250, "a" * 200),
    ],
)
def test_names_are_made_safe_to_show(house: House, given: str, shown: str) -> None:
    house.comes("", files=(photo(name=given),))
    assert house.files()[0].name == shown


def test_bad_types_and_sizes_of_files_do_not_stop_the_message(house: House) -> None:
    odd = (
        photo(media_type="text/html; charset=utf-8"),
        photo(media_type="<script>"),
        photo(size=-5),
        photo(size=2**40),
        photo(remote="a\x00b"),
        photo(remote="a\ud800b"),
        photo(content=b"x" * (FILE_LIMIT + 1)),
    )
    assert house.comes("", files=odd)
    stored = house.files()
    assert [f.media_type for f in stored[:2]] == ["text/html", ""]
    assert [f.size for f in stored[2:4]] == [None, 2**31 - 1]
    assert [f.status for f in stored] == ["waiting"] * 3 + ["refused"] * 4
    assert stored[3].reason == stored[6].reason == TOO_LARGE
    assert stored[4].remote == stored[5].remote == ""
    assert "�" not in (stored[4].reason or "")
    assert Files(house.database).read(stored[6].id) is None


# -- changed wordings


def test_an_edit_is_a_message_of_its_own_that_names_what_it_changes(house: House) -> None:
    house.comes("lương 2 tháng", remote_id="9")
    house.answer()
    house.comes("lương 3 tháng", UpdateKind.EDIT, remote_id="9")
    house.comes("lương 4 tháng", UpdateKind.EDIT, remote_id="9")

    taken = house.answer()
    assert (taken.incoming.kind, taken.incoming.text) == (UpdateKind.EDIT, "lương 3 tháng")
    worker = [m for m in house.messages() if m.author == "worker"]
    assert [m.text for m in worker] == ["lương 2 tháng", "lương 3 tháng", "lương 4 tháng"]
    assert [m.edits for m in worker] == [None, worker[0].id, worker[1].id]


def test_an_edit_of_something_unknown_is_an_ordinary_message(house: House) -> None:
    house.comes("của người khác", chat_id="binh", remote_id="9")
    house.answer()
    house.comes("câu đã sửa", UpdateKind.EDIT, remote_id="9")
    taken = house.answer()
    assert taken.incoming.kind is UpdateKind.MESSAGE
    assert house.messages()[-2].edits is None, "and not of another chat's message"


def test_an_edit_that_changes_nothing_is_marked_and_makes_no_turn(house: House) -> None:
    house.comes("một", remote_id="9", files=(photo(size=5),))
    house.answer()
    for same in ("một", " một\x00 "):
        assert house.comes(same, UpdateKind.EDIT, remote_id="9", files=(photo("xa:2", size=5),))
    assert not house.comes("một", UpdateKind.EDIT, remote_id="9", update_id=str(house.count))
    assert house.turns.take(WIRE) is None
    assert [m.text for m in house.messages()] == ["một", "đáp"]
    assert len(house.files()) == 1
    assert house.comes("hai", UpdateKind.EDIT, remote_id="9")
    assert house.comes("một", UpdateKind.EDIT, remote_id="9"), "back to an older wording"
    assert [house.answer().incoming.text for _ in range(2)] == ["hai", "một"]


def test_an_edit_keeps_only_the_files_that_are_new(house: House) -> None:
    house.comes("ảnh bảng lương", remote_id="9", files=(photo(size=5),))
    file = house.files()[0]
    Files(house.database).keep(file.id, b"12345")
    house.comes("ảnh bảng lương tháng 9", UpdateKind.EDIT, remote_id="9", files=(photo("xa:2"),))
    assert len(house.files()) == 1, "the same picture under another address"
    house.comes("ảnh khác", UpdateKind.EDIT, remote_id="9", files=(photo("xa:3", size=99),))
    house.comes("ảnh khác", UpdateKind.EDIT, remote_id="9", files=(photo("xa:4", size=100),))
    assert [f.remote for f in house.files()] == ["", "xa:3", "xa:4"]


def test_what_the_bot_said_is_not_what_an_edit_changes(house: House) -> None:
    house.comes("hỏi", remote_id="1")
    house.answer()
    with house.database.write() as session:
        said = session.scalar(select(Message).where(Message.author == "bot"))
        assert said is not None
        said.remote_id = "2"
    house.comes("đáp", UpdateKind.EDIT, remote_id="2")
    assert house.answer().incoming.kind is UpdateKind.MESSAGE


# -- blocks and groups


def test_a_block_is_marked_without_a_message_or_a_turn(house: House) -> None:
    house.comes("hỏi")
    house.answer()
    before = house.messages()
    assert house.comes(kind=UpdateKind.BLOCKED)
    blocked = house.now
    assert house.blocked_at() == blocked
    assert house.comes(kind=UpdateKind.BLOCKED, update_id="again")
    assert house.blocked_at() == blocked, "since when it was first said"
    assert not house.comes(kind=UpdateKind.BLOCKED, update_id="again")
    assert [m.id for m in house.messages()] == [m.id for m in before]
    assert house.turns.take(WIRE) is None
    with house.database.read() as session:
        assert session.scalar(select(Chat.consent)) == Consent.ASKED
        assert all(session.scalars(select(Update.finished_at)))

    assert house.comes(kind=UpdateKind.UNBLOCKED)
    assert house.blocked_at() is None
    assert house.turns.take(WIRE) is None


def test_whoever_writes_lets_us_write_but_a_redelivery_says_nothing_new(house: House) -> None:
    house.comes("hỏi", update_id="old")
    house.comes(kind=UpdateKind.BLOCKED)
    assert not house.comes("hỏi", update_id="old")
    assert house.blocked_at() is not None
    house.comes("mình quay lại")
    assert house.blocked_at() is None


def test_someone_who_blocks_before_ever_writing_is_asked_nothing(house: House) -> None:
    house.comes(kind=UpdateKind.BLOCKED)
    with house.database.read() as session:
        assert session.scalar(select(Chat.consent)) == Consent.UNASKED
    assert house.messages() == []


def test_of_what_is_said_in_a_group_nothing_is_kept(house: House) -> None:
    secret = "sếp tên Long nợ lương tôi"
    house.comes(secret, UpdateKind.GROUP, files=(photo(name=secret),), remote_id="5")
    incoming = house.take().incoming
    assert (incoming.kind, incoming.text, incoming.files) == (UpdateKind.GROUP, "", ())
    assert [s.text for s in Chats(house.database).history("wire", "an")] == [""]
    assert house.files() == []


@pytest.mark.parametrize("name", ["remote_id", "album"])
@pytest.mark.parametrize("bad", ["", "x" * 201, "a\x00b"])
def test_unusable_ids_of_messages_are_a_fault_of_the_channel(
    house: House, name: str, bad: str
) -> None:
    with pytest.raises(ValueError, match=name):
        house.comes("hỏi", **{name: bad})
    assert house.messages() == []


def test_a_plain_message_costs_no_more_statements_than_before(house: House) -> None:
    house.comes("hỏi")
    house.answer()
    statements: list[str] = []

    @event.listens_for(house.database.engine, "before_cursor_execute")
    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        statements.append(statement)

    house.comes("hỏi nữa", remote_id="8")
    arrived = len([s for s in statements if not s.startswith("BEGIN")])
    assert arrived == 4, statements
    statements.clear()
    house.answer()
    done = len([s for s in statements if not s.startswith("BEGIN")])
    assert done == 11, statements
