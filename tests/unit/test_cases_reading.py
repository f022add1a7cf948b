"""What the desk's pages are given: order, search, marks that change, nothing of who it is."""

from __future__ import annotations

import pytest
from desk_made import MadeDesk, local

from bot.cases.reading import PAGE
from bot.cases.shown import Counts
from bot.cases.states import CaseState, Result, Role, Urgency
from bot.channels.port import FileKind, Incoming, IncomingFile
from bot.store.database import Database
from bot.store.inbox import Inbox


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


def test_the_queue_goes_by_danger_then_deadline_then_age(made: MadeDesk) -> None:
    normal = made.opened(chat="a")
    made.move(hours=1)
    younger = made.opened(chat="b")
    soon = made.opened(Urgency.SOON, chat="c")
    urgent = made.opened(Urgency.URGENT, chat="d")
    assert [row.id for row in made.reading.queue()] == [urgent, soon, normal, younger]
    made.move(minutes=1)
    made.desk.set_urgency(younger, made.staff(), Urgency.SOON, "", 1)
    assert [row.id for row in made.reading.queue(limit=3)] == [urgent, soon, younger]
    made.at = local(2026, 10, 6, 10)
    rows = {row.id: row.overdue for row in made.reading.queue()}
    assert rows == {urgent: True, soon: True, younger: True, normal: True}
    assert made.reading.counts() == Counts(queued=4, overdue=4, urgent=1)


def test_held_cases_that_owe_come_first(made: MadeDesk) -> None:
    lan, minh = made.staff("Lan"), made.staff("Minh")
    answered = made.opened(Urgency.URGENT, chat="a")
    owing = made.opened(chat="b")
    other = made.opened(chat="c")
    made.desk.reply(answered, lan, "chào em", None)
    made.desk.take(owing, lan)
    made.desk.take(other, minh)
    assert [row.id for row in made.reading.held(lan.id)] == [owing, answered]
    assert {row.id: row.holder_name for row in made.reading.held()}[other] == "Minh"
    assert made.reading.counts() == Counts(queued=0, overdue=0, urgent=0)
    assert made.reading.queue() == []


def test_search_by_words_with_or_without_marks(made: MadeDesk) -> None:
    lan = made.staff("Lan")
    odd = made.opened(chat="c", question="ĐÌNH CHỈ\n(đuổi)")
    wages = made.opened(chat="a", question="Công ty quỵt LƯƠNG tháng 9")
    leave = made.opened(chat="b", question="em xin nghỉ thai sản")
    made.desk.close(leave, lan, Result.ANSWERED, "thai-san", None)
    found = made.reading.search

    def ids(**by: object) -> list[int]:
        return [row.id for row in found(**by).rows]  # type: ignore[arg-type]

    assert ids() == [leave, wages, odd]
    assert ids(words="quyt luong") == [wages]
    assert ids(words="lương quỵt") == [wages]
    assert ids(words="ty quỵt, LUONG") == [wages]
    assert ids(words="uong") == []
    assert ids(words="ky luat") == []
    assert ids(words=f"#{leave}") == [leave]
    assert ids(words="9999999999999999") == []
    assert ids(words="dinh chi duoi") == [odd]
    assert ids(words="đình đuổi") == [odd]
    assert ids(words="%") == [leave, wages, odd]  # nothing but signs asks for nothing
    assert ids(state=CaseState.CLOSED) == [leave]
    assert ids(topic="thai-san") == [leave]
    assert ids(holder=lan.id) == [leave]
    assert ids(words="luong", state=CaseState.CLOSED) == []


def test_search_turns_pages(made: MadeDesk) -> None:
    cases = [made.opened(chat=f"c{n}", question=f"lương {n % 2}") for n in range(PAGE + 5)]
    first, second = made.reading.search(), made.reading.search(page=2)
    assert [row.id for row in (*first.rows, *second.rows)] == cases[::-1]
    assert (first.more, second.more) == (True, False)
    found = [made.reading.search("luong", page=page) for page in (1, 2, 3)]
    assert [(len(page.rows), page.more) for page in found] == [(PAGE, True), (5, False), (0, False)]
    assert made.reading.search(page=-1).page == 1


def test_the_conversation_has_files_names_edits_and_fates(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    message = made.desk.reply(case, lan, "em gửi ảnh nhé", 1)
    made.outbox.settle(message, "refused", "quá dài")
    photo = IncomingFile(kind=FileKind.PHOTO, media_type="image/jpeg", content=b"x", size=1)
    sent = Incoming(
        channel="web", chat_id="an", update_id="p", text="đây ạ", files=(photo,), sent_at=made.at
    )
    Inbox(made.database).accept(sent)
    lines = made.reading.conversation(case)
    assert [line.author for line in lines] == ["worker", "bot", "bot", "counsellor", "worker"]
    reply, picture = lines[-2:]
    assert (reply.name, reply.delivery, reply.delivery_reason) == ("Lan", "refused", "quá dài")
    assert (picture.delivery, [each.kind for each in picture.files]) == (None, ["photo"])
    assert lines[0].delivery is None
    assert lines[1].delivery == "waiting"
    assert made.reading.conversation(case, after=reply.id) == [picture]
    assert made.reading.conversation(case, limit=1) == [picture]
    assert made.reading.conversation(999) == []
    assert made.reading.case(999) is None


def test_the_mark_changes_with_whatever_a_page_shows(made: MadeDesk) -> None:
    seen = [made.reading.mark()]

    def changed() -> bool:
        seen.append(made.reading.mark())
        assert made.reading.mark() == seen[-1]
        return seen[-1] not in seen[:-1]

    lan = made.staff("Lan")
    assert changed()
    case = made.opened()
    assert changed()
    made.desk.note(case, lan, "nhớ gọi lại")
    assert changed()
    message = made.desk.reply(case, lan, "chào em", None)
    assert changed()
    made.outbox.failed(message, "mạng chậm")
    assert changed()
    made.outbox.settle(message)
    assert changed()
    made.says("dạ")
    assert changed()
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    assert changed()
    made.dismiss(lan)
    assert changed()
    made.move(hours=1)
    assert not changed()


def test_nothing_tells_who_the_worker_is(made: MadeDesk) -> None:
    lan = made.staff("Lan", Role.ADMIN)
    case = made.opened(chat="0912345678")
    made.desk.reply(case, lan, "chào em", 1)
    shown = (
        made.reading.queue(),
        made.reading.held(),
        made.reading.search(),
        made.reading.case(case),
        made.reading.conversation(case),
    )
    assert "0912345678" not in repr(shown)
