"""What counsellors do: who may, who comes first, what the worker hears, what is written down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from desk_made import MadeDesk, local
from sqlalchemy import select

from bot.cases.errors import (
    AnotherActive,
    CaseClosed,
    CaseGone,
    CaseOpen,
    ChangedMeanwhile,
    ChatBlocked,
    DeskRefused,
    EmptyReply,
    HeldByAnother,
    KeptForAnother,
    NotAllowed,
    NotYours,
    ReplyTooLong,
    Unusable,
)
from bot.cases.states import CaseState, Happened, Result, Role, Urgency
from bot.cases.steps import ReopenCase
from bot.consent import Consent
from bot.store.database import Database
from bot.store.models import Chat, Message


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


def block(made: MadeDesk) -> None:
    with made.database.write() as session:
        session.scalars(select(Chat)).one().blocked_at = made.at


def test_taking_is_told_to_the_worker_once(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan, 1)
    made.desk.take(case, lan, 1)
    assert [text for text in made.heard() if "Lan" in text] == made.heard()
    assert len(made.heard()) == 1
    assert made.events(case) == ["opened", "taken"]
    assert made.woken == 1
    assert made.case(case).state == CaseState.HELD


def test_a_reply_takes_a_queued_case_and_owes_nothing_more(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    message = made.desk.reply(case, lan, "Anh chị giữ lại bảng lương nhé.\x00", 1)
    assert made.heard()[1:] == ["Anh chị giữ lại bảng lương nhé."]
    stored = made.case(case)
    assert (stored.state, stored.holder, stored.due_at) == (CaseState.HELD, lan.id, None)
    assert stored.counsellor_at == made.at
    with made.database.read() as session:
        said = session.get_one(Message, message)
        assert (said.author, said.user) == ("counsellor", lan.id)
    # The same reply sent by a second click is told, not sent.
    with pytest.raises(ChangedMeanwhile):
        made.desk.reply(case, lan, "Anh chị giữ lại bảng lương nhé.", 1)
    assert len(made.heard()) == 2


def test_long_replies_are_split_for_the_channel_in_order(made: MadeDesk) -> None:
    lan = made.staff("Lan")
    case = made.opened(channel="zalo")
    sentences = [f"Đây là câu thứ {n} của lời đáp." for n in range(20)]
    made.desk.reply(case, lan, " ".join(sentences), 1)
    parts = made.heard()
    assert all(len(part) <= 100 for part in parts)
    assert " ".join(parts).endswith(" ".join(sentences))
    with pytest.raises(ReplyTooLong):
        made.desk.reply(case, lan, "dài " * 5000, None)


def test_what_the_worker_adds_does_not_stop_a_reply_but_a_closing(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    seen = made.case(case).number
    made.says("em gửi thêm ảnh")
    with pytest.raises(ChangedMeanwhile):
        made.desk.close(case, lan, Result.ANSWERED, None, seen)
    with pytest.raises(ChangedMeanwhile):
        made.desk.hand_back(case, lan, seen)
    made.desk.reply(case, lan, "cảm ơn em", seen)
    with pytest.raises(ChangedMeanwhile):
        made.desk.reply(case, lan, "số của tương lai", 99)


def test_of_two_who_take_at_once_one_wins_and_the_other_hears_the_name(made: MadeDesk) -> None:
    people = [made.staff("Lan"), made.staff("Minh")]
    for round in range(5):
        case = made.opened(chat=f"chat{round}")
        ready = Barrier(2)

        def act(who: int, case: int = case, ready: Barrier = ready) -> DeskRefused | None:
            ready.wait()
            try:
                made.desk.reply(case, people[who], "chào em", 1)
            except DeskRefused as error:
                return error
            return None

        with ThreadPoolExecutor(2) as pool:
            refused = list(pool.map(act, range(2)))
        winner = refused.index(None)
        lost = refused[1 - winner]
        assert isinstance(lost, HeldByAnother)
        assert lost.name == people[winner].shown
        assert lost.name in str(lost)
        assert made.events(case) == ["opened", "taken", "answered"]
        assert made.heard(f"chat{round}").count("chào em") == 1


def test_another_holds_so_nothing_may_be_done(made: MadeDesk) -> None:
    lan, minh, ha = made.staff("Lan"), made.staff("Minh"), made.staff("Hà", Role.LEAD)
    case = made.opened()
    made.desk.take(case, lan)
    for by in (minh, ha):
        with pytest.raises(HeldByAnother):
            made.desk.take(case, by)
        with pytest.raises(HeldByAnother):
            made.desk.reply(case, by, "chen vào", None)
        with pytest.raises(HeldByAnother):
            made.desk.close(case, by, Result.ANSWERED, None, None)
        with pytest.raises(HeldByAnother):
            made.desk.hand_back(case, by, None)
    with pytest.raises(HeldByAnother):
        made.desk.hand_to(case, minh, minh.id, "", None)
    with pytest.raises(HeldByAnother):
        made.desk.release(case, minh, "", None)
    with pytest.raises(HeldByAnother):
        made.desk.set_urgency(case, minh, Urgency.URGENT, "", None)
    assert made.events(case) == ["opened", "taken"]
    made.desk.hand_to(case, ha, ha.id, "Lan nghỉ ốm", None)
    made.desk.reply(case, ha, "chị giúp tiếp nhé", None)
    assert made.case(case).holder == ha.id
    assert made.events(case) == ["opened", "taken", "handed", "answered"]


def test_handing_on_is_silent_for_the_worker(made: MadeDesk) -> None:
    lan, minh = made.staff("Lan"), made.staff("Minh")
    case = made.opened()
    made.desk.take(case, lan)
    told = made.heard()
    made.desk.hand_to(case, lan, minh.id, "Minh rành thai sản", 2)
    assert made.heard() == told
    assert made.case(case).holder == minh.id
    made.dismiss(lan)
    with pytest.raises(Unusable):
        made.desk.hand_to(case, minh, lan.id, "", None)
    with pytest.raises(Unusable):
        made.desk.hand_to(case, minh, minh.id, "", None)


def test_a_queued_case_is_handed_out_by_a_lead_only(made: MadeDesk) -> None:
    lan, ha = made.staff("Lan"), made.staff("Hà", Role.LEAD)
    case = made.opened()
    with pytest.raises(NotYours):
        made.desk.hand_to(case, lan, ha.id, "", 1)
    made.desk.hand_to(case, ha, lan.id, "", 1)
    assert "Lan" in made.heard()[0]
    assert made.case(case).holder == lan.id


def test_release_tells_the_worker_and_queues(made: MadeDesk) -> None:
    lan, minh = made.staff("Lan"), made.staff("Minh")
    case = made.opened()
    with pytest.raises(NotYours):
        made.desk.release(case, lan, "", None)
    made.desk.reply(case, lan, "chờ chị chút", 1)
    made.move(minutes=1)
    made.desk.release(case, lan, "bận họp", None)
    stored = made.case(case)
    assert (stored.state, stored.holder) == (CaseState.WAITING, None)
    assert stored.due_at == local(2026, 10, 6, 10, 1)  # the term of a first answer again
    assert not made.says("alo")
    made.desk.take(case, minh)
    assert [("Lan" in text, "Minh" in text) for text in made.heard() if "viên" in text] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_closing_tells_the_worker_once_with_the_way_back(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    with pytest.raises(Unusable):
        made.desk.close(case, lan, Result.ANSWERED, "không-có", 2)
    with pytest.raises(Unusable):
        made.desk.close(case, lan, Result.CANCELLED, None, 2)
    made.desk.close(case, lan, Result.REFERRED, "tien-luong", 2, "Em đến số 12 nhé.")
    with pytest.raises(CaseClosed):
        made.desk.close(case, lan, Result.REFERRED, "tien-luong", 2, "Em đến số 12 nhé.")
    with pytest.raises(CaseClosed):
        made.desk.reply(case, lan, "còn nữa", None)
    _, last, farewell = made.heard()
    assert last == "Em đến số 12 nhé."
    assert "Lan" in farewell
    stored = made.case(case)
    assert (stored.state, stored.result, stored.topic) == ("closed", "referred", "tien-luong")
    assert stored.due_at is None
    shown = made.reading.conversation(case)
    assert shown[-1].choices == ("Gặp lại tư vấn viên",)
    assert [line.author for line in shown][-4:] == ["bot", "bot", "counsellor", "bot"]
    said_later = len(shown)
    made.move(seconds=1)
    made.says("chuyện khác")
    assert len(made.reading.conversation(case)) == said_later
    assert not made.says("cảm ơn")


@pytest.mark.parametrize(
    "result", [each for each in Result if each not in {Result.CANCELLED, Result.HANDED_BACK}]
)
def test_every_result_has_its_words(made: MadeDesk, result: Result) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.close(case, lan, result, None, 1)
    assert len(made.heard()) == 1
    assert "Trong 1 ngày tới" in made.heard()[0]


def test_handing_back_closes_and_says_that_the_machine_answers(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    with pytest.raises(NotYours):
        made.desk.hand_back(case, lan, 1)
    made.desk.take(case, lan)
    made.desk.hand_back(case, lan, 2)
    assert "máy" in made.heard()[-1]
    assert made.case(case).result == Result.HANDED_BACK
    assert len(made.heard()) == 2


def test_a_case_that_comes_back_is_kept_for_its_counsellor(made: MadeDesk) -> None:
    lan, minh, ha = made.staff("Lan"), made.staff("Minh"), made.staff("Hà", Role.LEAD)
    case = made.opened()
    made.desk.take(case, lan)
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    made.move(days=1)
    made.says("em hỏi tiếp", ReopenCase())
    stored = made.case(case)
    assert (stored.state, stored.preferred) == (CaseState.REOPENED, lan.id)
    assert stored.preferred_until == local(2026, 10, 6, 15)
    for act in (
        lambda: made.desk.take(case, minh),
        lambda: made.desk.reply(case, minh, "chào", None),
        lambda: made.desk.close(case, minh, Result.ANSWERED, None, None),
    ):
        with pytest.raises(KeptForAnother, match=r"Lan.*15:00 06/10"):
            act()
    made.at = local(2026, 10, 6, 15)
    made.desk.take(case, minh)
    assert "Minh" in made.heard()[-1]
    made.desk.close(case, minh, Result.ANSWERED, None, None)
    made.says("nữa ạ", ReopenCase())
    made.desk.take(case, ha)  # a lead need not wait


def test_what_is_urgent_is_kept_for_nobody(made: MadeDesk) -> None:
    lan, minh = made.staff("Lan"), made.staff("Minh")
    case = made.opened(Urgency.URGENT)
    made.desk.take(case, lan)
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    made.says("lại bị đánh", ReopenCase())
    made.desk.take(case, minh)


def test_reopening_by_the_desk(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    with pytest.raises(CaseOpen):
        made.desk.reopen(case, lan, "")
    made.desk.close(case, lan, Result.ANSWERED, None, 1)
    told = made.heard()
    made.desk.reopen(case, lan, "quên dặn")
    assert made.heard() == told
    assert made.case(case).preferred == lan.id
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    other = made.opened()
    with pytest.raises(AnotherActive) as refused:
        made.desk.reopen(case, lan, "")
    assert refused.value.case == other


def test_a_blocked_chat_is_told_at_the_reply(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    told = made.heard()
    block(made)
    with pytest.raises(ChatBlocked, match="chặn"):
        made.desk.reply(case, lan, "em còn đó không", None)
    with pytest.raises(ChatBlocked):
        made.desk.close(case, lan, Result.UNREACHABLE, None, None, "chào em")
    assert made.heard() == told
    made.desk.close(case, lan, Result.UNREACHABLE, None, None)
    assert made.reading.search(state=CaseState.CLOSED).rows[0].blocked


def test_a_refused_reply_can_be_sent_again_once(made: MadeDesk) -> None:
    lan, minh, case = made.staff("Lan"), made.staff("Minh"), made.opened()
    message = made.desk.reply(case, lan, "địa chỉ là số 12", 1)
    with pytest.raises(Unusable):
        made.desk.resend(case, lan, message)
    made.outbox.settle(message, "refused", "quá dài")
    with pytest.raises(HeldByAnother):
        made.desk.resend(case, minh, message)
    again = made.desk.resend(case, lan, message)
    assert again > message
    with pytest.raises(Unusable):
        made.desk.resend(case, lan, message)
    with pytest.raises(Unusable):
        made.desk.resend(case, lan, made.reading.conversation(case)[0].id)
    assert made.heard().count("địa chỉ là số 12") == 2


def test_urgency_moves_the_promise_forward_never_back(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened(Urgency.SOON)
    due = made.case(case).due_at
    made.desk.set_urgency(case, lan, Urgency.NORMAL, "không gấp", 1)
    assert made.case(case).due_at == due
    made.desk.set_urgency(case, lan, Urgency.URGENT, "bị dọa", 2)
    assert made.case(case).due_at == local(2026, 10, 5, 9, 15)
    with pytest.raises(Unusable):
        made.desk.set_urgency(case, lan, Urgency.URGENT, "", 3)


def test_notes_and_their_limits(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.note(case, lan, "đã gọi công đoàn cơ sở")
    with pytest.raises(EmptyReply):
        made.desk.note(case, lan, " \u200b ")
    with pytest.raises(EmptyReply):
        made.desk.reply(case, lan, "\n", None)
    view = made.reading.case(case)
    assert view is not None
    assert (view.events[-1].why, view.events[-1].name) == ("đã gọi công đoàn cơ sở", "Lan")
    made.desk.reply(case, lan, "chào em", 1)  # a note is beside the point


def test_who_is_not_at_the_desk_does_nothing(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    false_lead = made.staff("Minh")
    pretends = type(lan)(false_lead.id, false_lead.name, false_lead.shown, Role.LEAD)
    with pytest.raises(NotAllowed):
        made.desk.take(case, pretends)
    made.dismiss(lan)
    with pytest.raises(NotAllowed):
        made.desk.reply(case, lan, "chào", None)
    with pytest.raises(CaseGone):
        made.desk.take(999, false_lead)
    assert made.events(case) == [Happened.OPENED]
    assert made.woken == 0


@pytest.mark.parametrize(
    ("consent", "time"),
    [(Consent.AGREED, "7 ngày"), (Consent.ASKED, "1 ngày"), (Consent.REFUSED, "45 phút")],
)
def test_nobody_is_promised_to_find_again_what_will_be_deleted(
    made: MadeDesk, consent: Consent, time: str
) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    with made.database.write() as session:
        session.scalars(select(Chat)).one().consent = consent
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    assert f"Trong {time} tới nếu còn vướng" in made.heard()[-1]
