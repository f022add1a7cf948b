"""Cases inside turns: opened, added to, raised, cancelled, reopened, forgotten; and the outlook."""

from __future__ import annotations

import pytest
from desk_made import MadeDesk, local
from sqlalchemy import select

from bot.cases.errors import Unusable
from bot.cases.states import CaseState, Reason, Result, Role, Urgency
from bot.cases.steps import CancelCase, CaseNow, OpenCase, RaiseCase, ReopenCase
from bot.channels.port import UpdateKind
from bot.store.database import Database
from bot.store.models import Chat
from knowledge.clause import Ref


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


def now(made: MadeDesk) -> CaseNow | None:
    with made.database.write() as session:
        return made.book.now(session, session.scalars(select(Chat)).one())


def test_the_context_goes_along(made: MadeDesk) -> None:
    for n in range(15):
        made.says(f"câu {n}")
    assert now(made) is None
    ref = Ref(law="45/2019/QH14", article="97", clause="4")
    step = OpenCase(
        Reason.WEAK,
        Urgency.SOON,
        "lương trả chậm",
        topic="tien-luong",
        proposed="Công ty phải trả lãi.",
        refs=(ref,),
        facts={"tháng": "2"},
    )
    assert not made.says("gặp người thật", step)
    view = made.reading.case(1)
    assert view is not None
    assert (view.proposed, view.refs, view.facts) == (
        "Công ty phải trả lãi.",
        (ref,),
        {"tháng": "2"},
    )
    assert (view.row.reason, view.row.topic, view.row.channel) == (
        Reason.WEAK,
        "tien-luong",
        "web",
    )
    assert view.row.due_at == local(2026, 10, 5, 15)
    texts = [line.text for line in made.reading.conversation(1)]
    assert texts[0] == "(máy trả lời)"
    assert [text for text in texts if text != "(máy trả lời)"] == [
        *(f"câu {n}" for n in range(11, 15)),
        "gặp người thật",
    ]
    assert len(texts) == 11  # ten before the opening, and the bot's word to it
    seen = now(made)
    assert seen is not None
    assert seen.active
    assert not seen.held


def test_asking_again_opens_no_second_case_but_may_raise_it(made: MadeDesk) -> None:
    case = made.opened(question="lương")
    made.says("gặp người", OpenCase(Reason.ASKED, Urgency.NORMAL, "gặp người"))
    made.says("bị đánh", OpenCase(Reason.URGENT, Urgency.URGENT, "bị đánh"))
    made.says("thôi từ từ", RaiseCase(Urgency.SOON, "thôi từ từ"))
    assert made.events(case) == ["opened", "added", "raised", "added"]
    stored = made.case(case)
    assert (stored.urgency, stored.due_at) == (Urgency.URGENT, local(2026, 10, 5, 9, 15))
    assert stored.question == "bị đánh\n\nlương"
    assert stored.number == 4


def test_a_held_case_silences_the_bot_and_owes_an_answer(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.reply(case, lan, "chào em", 1)
    assert made.case(case).due_at is None
    made.move(minutes=30)
    assert made.says("dạ em gửi ảnh")
    stored = made.case(case)
    assert (stored.due_at, stored.worker_at) == (local(2026, 10, 5, 15, 30), made.at)
    made.move(minutes=30)
    assert made.says("và một tấm nữa")
    assert made.case(case).due_at == local(2026, 10, 5, 15, 30)
    assert made.reading.held(lan.id)[0].waiting


def test_what_is_said_in_a_group_is_not_for_the_desk(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.reply(case, lan, "chào em", 1)
    assert made.says("trong nhóm", kind=UpdateKind.GROUP)
    assert made.events(case)[-1] == "answered"
    assert made.case(case).due_at is None


def test_who_asks_before_saying_why_may_say_it_next(made: MadeDesk) -> None:
    case = made.opened(question="")
    made.says("em bị nợ lương hai tháng")
    made.says("ở xưởng may")
    assert made.case(case).question == "em bị nợ lương hai tháng"


def test_the_worker_may_cancel_even_what_is_held(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    assert not made.says("thôi khỏi", CancelCase())
    stored = made.case(case)
    assert (stored.state, stored.result, stored.due_at) == ("closed", "cancelled", None)
    assert made.events(case)[-1] == "cancelled"
    assert not made.says("thôi khỏi", CancelCase())
    seen = now(made)
    assert seen is not None
    assert seen.reopens


def test_one_cancelled_in_the_queue_is_not_reopened(made: MadeDesk) -> None:
    made.opened()
    made.says("thôi", CancelCase())
    seen = now(made)
    assert seen is not None
    assert not seen.reopens
    made.says("cho gặp lại", ReopenCase())
    assert made.case(2).question == "cho gặp lại"


def test_coming_back_in_time_and_too_late(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    made.move(days=7)
    seen = now(made)
    assert seen is not None
    assert seen.reopens
    assert seen.result is Result.ANSWERED
    made.move(seconds=1)
    late = now(made)
    assert late is not None
    assert not late.reopens
    # The turn still believed so: the worker gets a counsellor all the same.
    made.says("em hỏi lại", ReopenCase())
    assert made.case(case).state == CaseState.CLOSED
    assert made.case(2).question == "em hỏi lại"


def test_a_raise_after_the_closing_opens_anew(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.close(case, lan, Result.ANSWERED, None, 1)
    made.says("nó dọa giết", RaiseCase(Urgency.URGENT, "nó dọa giết"))
    assert (made.case(2).reason, made.case(2).urgency) == (Reason.URGENT, Urgency.URGENT)


def test_a_reopened_case_forgets_the_one_who_left(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    made.dismiss(lan)
    made.says("em đây", ReopenCase())
    assert made.case(case).preferred is None


def test_forgetting_leaves_no_word_of_the_worker(made: MadeDesk) -> None:
    lan = made.staff("Lan")
    first = made.opened(question="bí mật một")
    made.desk.note(first, lan, "bí mật hai")
    made.desk.close(first, lan, Result.ANSWERED, "tien-luong", None)
    second = made.opened(question="bí mật ba")
    made.desk.take(second, lan)
    assert not made.says("/xoa", forget=True)
    for case in (first, second):
        view = made.reading.case(case)
        assert view is not None
        assert "bí mật" not in repr(view)
        assert view.forgotten
        assert view.events[-1].kind == "forgotten"
        assert made.reading.conversation(case) == []
        assert made.case(case).number == len(made.events(case))
    assert made.case(second).state == CaseState.CLOSED
    assert now(made) is None
    with pytest.raises(Unusable):
        made.desk.reopen(second, lan, "")
    made.says("/xoa", forget=True)
    assert made.events(second).count("forgotten") == 1


def test_the_outlook_counts_those_before(made: MadeDesk) -> None:
    look = made.outlook.outlook
    assert not look(Urgency.NORMAL).staffed
    made.dismiss(made.staff("Cũ"))
    assert not look(Urgency.NORMAL).staffed
    made.staff("Mới", signed_in=False)
    assert not look(Urgency.NORMAL).staffed
    lan = made.staff("Lan")
    first = made.opened(chat="a")
    made.move(minutes=1)
    second = made.opened(chat="b")
    urgent = made.opened(Urgency.URGENT, chat="c")
    assert look(Urgency.NORMAL).staffed
    assert [look(Urgency.NORMAL, case).position for case in (urgent, first, second)] == [1, 2, 3]
    assert look(Urgency.NORMAL).position == 4
    assert look(Urgency.URGENT).position == 2
    assert look(Urgency.NORMAL, first).answer_by == local(2026, 10, 6, 10)
    assert look(Urgency.NORMAL).opens_at is None
    made.desk.take(urgent, lan)
    assert look(Urgency.NORMAL, second).position == 2
    assert look(Urgency.NORMAL, urgent).position == 1
    # What was promised stays told when it was broken; at night there is an opening to tell.
    made.at = local(2026, 10, 6, 18)
    late = look(Urgency.NORMAL, first)
    assert late.answer_by == local(2026, 10, 6, 10)
    assert late.opens_at == local(2026, 10, 7, 8)
    assert look(Urgency.NORMAL).answer_by == local(2026, 10, 8, 9)


def test_cases_of_equal_age_have_places_of_their_own(made: MadeDesk) -> None:
    made.staff("Lan", Role.ADMIN)
    cases = [made.opened(chat=f"c{n}") for n in range(4)]
    shown = [row.id for row in made.reading.queue()]
    places = [made.outlook.outlook(Urgency.NORMAL, case).position for case in shown]
    assert (sorted(shown), places) == (cases, [1, 2, 3, 4])
