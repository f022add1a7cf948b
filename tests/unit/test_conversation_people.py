"""Turns of people who want a person, wait for one, or talk with one; the same on every channel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.cases.states import CaseState, Reason, Urgency
from bot.cases.steps import CancelCase, CaseNow, OpenCase, Outlook, RaiseCase, ReopenCase
from bot.channels.port import Capabilities, FileKind, IncomingFile, UpdateKind
from bot.consent import Consent
from bot.conversation import person_wording, wording
from bot.conversation.state import ChatState
from bot.conversation.times import VIETNAM
from knowledge.answer import Act
from tests.unit.test_conversation_turn import CHANNELS, REF, Worker

BY = datetime(2026, 11, 23, 10, 27, tzinfo=VIETNAM)
OPENS = datetime(2026, 11, 23, 8, tzinfo=VIETNAM)
PERSON = "Gặp tư vấn viên"
PHOTO = (IncomingFile(kind=FileKind.PHOTO, remote="r"),)
STICKER = (IncomingFile(kind=FileKind.STICKER),)
WITHHELD = (IncomingFile(kind=FileKind.WITHHELD),)


class Desk:
    """A desk that promises the same to everyone."""

    def __init__(self) -> None:
        self.now = Outlook(staffed=True, position=3, answer_by=BY, opens_at=None)
        self.asked: list[tuple[Urgency, int | None]] = []

    def outlook(self, urgency: Urgency, case: int | None = None) -> Outlook:
        self.asked.append((urgency, case))
        return self.now


@pytest.fixture(params=CHANNELS.values(), ids=CHANNELS)
def can(request: pytest.FixtureRequest) -> Capabilities:
    found: Capabilities = request.param
    return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def known(can: Capabilities, desk: Desk) -> Worker:
    return Worker(can, ChatState(consent=Consent.AGREED), desk)


def case(state: CaseState = CaseState.OPEN, **fields: object) -> CaseNow:
    given: dict[str, object] = {
        "id": 7,
        "state": state,
        "urgency": Urgency.NORMAL,
        "due_at": BY,
        "closed_at": None,
        "result": None,
    }
    return CaseNow(**{**given, **fields})  # type: ignore[arg-type]


def opened(worker: Worker) -> OpenCase:
    assert worker.last is not None
    assert isinstance(worker.last.step, OpenCase)
    return worker.last.step


def step(worker: Worker) -> object:
    assert worker.last is not None
    return worker.last.step


# -- asking


def test_a_person_is_asked_for_in_words_and_the_context_goes_along(known: Worker) -> None:
    known.write("công ty khất lương")
    said = known.write("cho gap nguoi that")
    assert known.last is not None
    assert len(known.last.messages) == 1
    assert said.startswith(person_wording.OPENED)
    assert "thứ 3" in said
    assert "trước 10 giờ 30 sáng thứ Hai 23/11" in said
    assert "“rút yêu cầu”" in said
    assert "được giữ" in said
    assert ("gửi ảnh" in said) == known.can.files
    assert person_wording.TELL_US not in said
    assert "ngoài giờ" not in said
    found = opened(known)
    assert (found.reason, found.urgency) == (Reason.ASKED, Urgency.NORMAL)
    assert (found.question, found.topic, found.refs) == (
        "công ty khất lương",
        "tien-luong",
        (REF,),
    )
    assert found.proposed.startswith("Đáp: công ty khất lương")
    assert "Điều 98 luật thử" in found.proposed
    assert known.knowledge.asked == [("công ty khất lương", None)]


@pytest.mark.parametrize("command", ["/tuvan", "/tuvan@CauNoiBot", PERSON, "gap tu van vin"])
def test_commands_and_the_label_nearly_spelt_do_the_same(known: Worker, command: str) -> None:
    known.write("hỏi")
    known.write(command)
    assert opened(known).question == "hỏi"


def test_without_a_question_a_few_words_are_asked_for_in_the_same_message(known: Worker) -> None:
    said = known.write("gặp tư vấn viên")
    assert person_wording.TELL_US in said
    assert opened(known) == OpenCase(Reason.ASKED, Urgency.NORMAL, "")


@pytest.mark.parametrize(
    "text", ["công ty nợ lương, cho em gặp tư vấn viên", "/tuvan công ty nợ lương"]
)
def test_what_else_the_request_says_is_what_it_is_about(known: Worker, text: str) -> None:
    known.write("chuyện khác")
    said = known.write(text)
    assert "Đáp" not in said, "a person was asked for, not the machine"
    assert opened(known).question == "công ty nợ lương"
    assert opened(known).proposed.startswith("Đáp: công ty nợ lương")


def test_a_request_about_a_danger_is_answered_at_once_and_urgent(known: Worker) -> None:
    known.knowledge.act = Act.URGENT
    said = known.write("máy cắt đứt tay bạn em, cho em gặp tư vấn viên")
    assert said.startswith("Đáp: máy cắt đứt tay bạn em")
    assert (opened(known).reason, opened(known).urgency) == (Reason.URGENT, Urgency.URGENT)


def test_a_question_that_followed_another_brings_it_along(known: Worker) -> None:
    known.knowledge.leaning = {"còn thử việc thì sao?"}
    known.write("nghỉ ốm có lương không")
    known.write("còn thử việc thì sao?")
    known.write("/tuvan")
    assert opened(known).question == "nghỉ ốm có lương không\ncòn thử việc thì sao?"


def test_outside_hours_the_worker_hears_when_the_desk_opens(known: Worker, desk: Desk) -> None:
    desk.now = Outlook(staffed=True, position=1, answer_by=BY, opens_at=OPENS)
    said = known.write("/tuvan")
    assert "làm việc lại lúc 8 giờ sáng thứ Hai 23/11" in said
    assert "đứng đầu hàng chờ" in said


def test_who_declined_keeping_hears_that_it_is_kept_for_the_case(can: Capabilities) -> None:
    worker = Worker(can, ChatState(consent=Consent.REFUSED), Desk())
    assert "Dù bạn đã chọn không lưu" in worker.write("/tuvan")
    worker.case = case()
    assert "một giờ" not in worker.write("không lưu"), "that promise cannot be kept now"
    assert worker.state.consent is Consent.REFUSED


@pytest.mark.parametrize("there", [False, True], ids=["no desk", "nobody at it"])
def test_where_nobody_serves_it_is_said_honestly(can: Capabilities, there: bool) -> None:
    desk = Desk()
    desk.now = Outlook(staffed=False, position=1, answer_by=BY, opens_at=None)
    worker = Worker(can, ChatState(consent=Consent.AGREED), desk if there else None)
    assert worker.write("cho gặp người thật") == person_wording.NOBODY_HERE
    assert step(worker) is None
    worker.knowledge.act = Act.OUT_OF_SCOPE
    worker.write("thời tiết")
    assert PERSON not in worker.labels
    worker.knowledge.act = Act.URGENT
    assert worker.write("cháy xưởng").startswith("Đáp")
    assert step(worker) is None
    assert ("/tuvan" in worker.write("trợ giúp")) == there


def test_welcome_and_help_name_the_way_to_a_person(can: Capabilities, desk: Desk) -> None:
    newcomer = Worker(can, desk=desk)
    assert "/tuvan" in newcomer.write("chào")
    assert "gặp tư vấn viên" in newcomer.write("/trogiup")
    assert "/tuvan" not in Worker(can).write("chào")


# -- waiting


def test_asking_again_tells_position_and_time_and_opens_nothing(known: Worker, desk: Desk) -> None:
    known.case = case(urgency=Urgency.SOON)
    for text in (PERSON, "/tuvan", "tới lượt mình chưa", "bao gio co nguoi tra loi"):
        said = known.write(text)
        assert said.startswith(person_wording.STILL_WAITING)
        assert "thứ 3" in said
        assert "10 giờ 30 sáng" in said
        assert step(known) is None
        assert desk.asked[-1] == (Urgency.SOON, 7)
    assert known.knowledge.asked == []


def test_a_broken_promise_is_owned(known: Worker) -> None:
    known.case = case(due_at=known.at - timedelta(hours=1))
    assert "đã quá giờ hẹn" in known.write("/tuvan")


def test_who_waits_goes_on_asking_but_a_weak_answer_is_only_noted(known: Worker) -> None:
    known.case = case()
    assert known.write("hỏi").startswith("Đáp")
    assert step(known) is None
    known.knowledge.doubt = "chưa rõ."
    assert known.write("kể thêm chuyện") == person_wording.ADDED
    assert known.labels == []
    known.knowledge.card = "the-luat"
    assert known.write("hỏi nữa").startswith("Đáp"), "a reviewed answer with an open point"
    known.knowledge.act = Act.OUT_OF_SCOPE
    assert known.write("kể thêm chuyện") == person_wording.ADDED
    assert known.write("cảm ơn") == wording.THANKS
    assert known.write("dạ vâng") == wording.OK
    known.knowledge.broken = True
    assert known.write("kể thêm nữa") == person_wording.ADDED


def test_a_picked_option_is_answered_even_when_weak(known: Worker) -> None:
    known.case = case()
    known.write("hỏi")
    known.knowledge.doubt = "chưa rõ."
    assert known.press("Ngày lễ thì sao?").startswith("Đáp: Ngày lễ")


@pytest.mark.parametrize(
    "text", ["/huy", "rút yêu cầu", "Rut yeu cau", "rut yeu cao", "thôi không cần gặp nữa", "hủy"]
)
@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.WAITING, CaseState.REOPENED])
def test_withdrawing(known: Worker, text: str, state: CaseState) -> None:
    known.case = case(state)
    assert known.write(text) == person_wording.CANCELLED
    assert step(known) == CancelCase()
    assert known.last is not None
    assert known.last.commanded


def test_withdrawing_by_the_button_under_the_promise(known: Worker) -> None:
    known.write("/tuvan")
    assert known.labels == (["Rút yêu cầu"] if known.can.buttons else [])
    known.case = case()
    known.press("Rút yêu cầu")
    assert step(known) == CancelCase()


def test_nothing_to_withdraw(known: Worker) -> None:
    assert known.write("/huy") == person_wording.NOTHING_TO_CANCEL
    assert step(known) is None
    assert known.write("hủy").startswith("Đáp"), "perhaps a contract"


def test_numbers_while_waiting(known: Worker) -> None:
    known.case = case()
    assert known.write("3") == person_wording.ADDED
    known.write("hỏi")
    assert known.press("Ca đêm thì sao?").startswith("Đáp: Ca đêm")


# -- coming back


@pytest.mark.parametrize("text", [PERSON, "/tuvan", "mở lại", "/molai", "Gặp lại tư vấn viên"])
@pytest.mark.parametrize("reopens", [True, False])
def test_coming_back_to_a_closed_case(known: Worker, text: str, reopens: bool) -> None:
    known.case = case(CaseState.CLOSED, closed_at=known.at, reopens=reopens)
    said = known.write(text)
    if reopens:
        assert step(known) == ReopenCase()
        assert said.startswith(person_wording.REOPENED)
    else:
        assert opened(known).reason is Reason.ASKED


def test_coming_back_by_the_choice_under_a_weak_answer(known: Worker) -> None:
    known.case = case(CaseState.CLOSED, closed_at=known.at, reopens=True)
    known.knowledge.doubt = "chưa rõ."
    known.write("hỏi")
    known.press("Gặp lại tư vấn viên")
    assert step(known) == ReopenCase()


def test_the_bot_answers_again_after_a_case(known: Worker) -> None:
    known.case = case(CaseState.CLOSED, closed_at=known.at, reopens=True)
    assert known.write("hỏi").startswith("Đáp")
    assert known.write("mo lai hop dong cu").startswith("Đáp")


# -- dangers


def test_a_danger_is_answered_and_calls_a_person(known: Worker, desk: Desk) -> None:
    known.knowledge.act = Act.URGENT
    said = known.write("cháy xưởng")
    answer, told = said.split("\n---\n", 1)
    assert answer.startswith("Đáp: cháy xưởng")
    assert told.startswith(person_wording.OPENED_URGENT)
    assert "“rút yêu cầu”" in told
    found = opened(known)
    assert (found.reason, found.urgency, found.question) == (
        Reason.URGENT,
        Urgency.URGENT,
        "cháy xưởng",
    )
    assert PERSON not in known.labels
    known.case = case(urgency=Urgency.URGENT)
    assert person_wording.OPENED_URGENT not in known.write("cháy lan rồi")
    assert step(known) is None


def test_a_danger_hastens_a_case_that_waits(known: Worker) -> None:
    known.case = case()
    known.knowledge.act = Act.URGENT
    assert person_wording.RAISED in known.write("cháy xưởng")
    assert step(known) == RaiseCase(Urgency.URGENT, "cháy xưởng")


# -- offering


@pytest.mark.parametrize("weak", ["doubt", "escalate", "scope", "broken"])
def test_weak_answers_offer_a_person(known: Worker, weak: str) -> None:
    known.knowledge.doubt = "chưa rõ." if weak == "doubt" else None
    known.knowledge.broken = weak == "broken"
    acts = {"escalate": Act.ESCALATE, "scope": Act.OUT_OF_SCOPE}
    known.knowledge.act = acts.get(weak, Act.ANSWER)
    known.write("chuyện khó")
    assert known.labels[-1] == PERSON
    known.press(PERSON)
    assert opened(known).reason is Reason.WEAK
    assert opened(known).question == "chuyện khó", "even of a question that could not be answered"


def test_a_good_answer_does_not_push_a_person(known: Worker) -> None:
    known.write("hỏi")
    assert PERSON not in known.labels


@pytest.mark.parametrize("text", ["không đúng ý tôi", "tra loi gi ky vay", "chưa rõ", "sai rồi"])
def test_dissatisfaction_offers_a_person(known: Worker, text: str) -> None:
    known.write("hỏi")
    assert known.write(text).startswith(person_wording.UNHAPPY_PERSON)
    assert known.labels == [PERSON]
    assert len(known.knowledge.asked) == 1
    known.press(PERSON)
    assert opened(known).question == "hỏi"


def test_dissatisfaction_of_who_waits_goes_to_the_counsellor(known: Worker) -> None:
    known.case = case()
    known.write("hỏi")
    assert known.write("sai rồi") == person_wording.UNHAPPY_WAITING
    assert known.labels == []


def test_unsure_may_be_the_reply_to_what_we_asked(known: Worker) -> None:
    known.knowledge.act = Act.ASK_BACK
    known.write("hỏi")
    assert known.write("chưa rõ").startswith("Đáp: chưa rõ")


def test_only_the_last_menu_counts(known: Worker) -> None:
    known.knowledge.doubt = "chưa rõ."
    known.write("hỏi")
    known.write("sai rồi")
    if not known.can.buttons:
        assert "từ 1 đến 1" in known.write("3")
        known.write("1")
        assert isinstance(step(known), OpenCase)


# -- in a counsellor's hands


@pytest.mark.parametrize(
    "text",
    ["còn lương tháng 10?", "cảm ơn", "1", "có", "đồng ý", "hủy", "gặp tư vấn viên", "/start", ""],
)
def test_while_a_counsellor_holds_the_case_the_bot_is_silent(known: Worker, text: str) -> None:
    known.write("hỏi")
    known.case = case(CaseState.HELD)
    before = known.state
    known.knowledge.asked.clear()
    assert known.write(text) == ""
    assert known.last is not None
    assert (known.last.step, known.last.forget, known.last.commanded) == (None, False, False)
    assert known.state == before.model_copy(update={"offered": ()})
    assert known.knowledge.asked == []


def test_files_edits_and_old_buttons_are_left_to_the_counsellor(known: Worker) -> None:
    known.write("hỏi")
    old = known.state.offered[0]
    known.case = case(CaseState.HELD)
    for kind in (FileKind.PHOTO, FileKind.STICKER, FileKind.WITHHELD):
        assert known.write(files=(IncomingFile(kind=kind),)) == ""
    assert known.write("/xoa", kind=UpdateKind.EDIT) == ""
    assert known.write(old.label, choice=old.id) == ""


def test_deleting_in_a_held_case_asks_and_tells_what_goes(known: Worker) -> None:
    known.case = case(CaseState.HELD)
    said = known.write("/xoa")
    assert person_wording.FORGET_CASE in said
    assert known.last is not None
    assert known.last.commanded
    assert "1. " not in said, "a number may be the reply to the counsellor"
    for ambiguous in ("có", "1"):
        assert person_wording.FORGET_CASE in known.write(ambiguous)
        assert not known.last.forget
    said = known.press("Xóa hết")
    assert person_wording.FORGOTTEN_CASE in said
    assert known.last.forget
    assert known.last.commanded


def test_a_deletion_begun_while_waiting_is_never_done_by_a_reply_to_the_counsellor(
    known: Worker,
) -> None:
    known.case = case()
    assert person_wording.FORGET_CASE in known.write("/xoa")
    known.case = case(CaseState.HELD)
    known.write("1")
    assert known.last is not None
    assert not known.last.forget


def test_withdrawing_and_consent_count_in_a_held_case(known: Worker) -> None:
    known.case = case(CaseState.HELD)
    assert known.write("rút yêu cầu") == person_wording.CANCELLED
    assert step(known) == CancelCase()
    assert known.last is not None
    assert known.last.commanded
    assert known.write("không lưu") == person_wording.DECLINED_CASE
    assert known.state.consent is Consent.REFUSED


# -- files, edits, groups


def test_pictures_are_told_once_an_album_and_a_person_is_offered(known: Worker) -> None:
    said = known.write(files=PHOTO, album="a")
    assert said.startswith("Mình đã nhận ảnh")
    assert "gặp tư vấn viên" in said
    assert known.labels == [PERSON]
    assert known.hurry(files=PHOTO, album="a") == ""
    known.at += timedelta(minutes=3)
    assert known.hurry(files=PHOTO, album="a") == ""
    assert known.hurry(files=PHOTO, album="b").startswith("Mình đã nhận ảnh")
    if known.can.buttons:
        known.press(PERSON)
    else:
        known.write("1")
    assert opened(known).question == ""


def test_pictures_without_album_that_follow_at_once_are_told_once(known: Worker) -> None:
    assert known.write(files=PHOTO)
    assert known.hurry(files=PHOTO) == ""
    assert known.write(files=PHOTO)


def test_pictures_for_who_waits_go_to_the_counsellor(known: Worker) -> None:
    known.case = case()
    said = known.write(files=PHOTO)
    assert "để tư vấn viên xem" in said
    assert known.labels == []


def test_a_caption_is_a_question_and_its_picture_is_told_with_the_answer(known: Worker) -> None:
    said = known.write("bảng lương này đúng chưa", files=PHOTO)
    assert said.startswith("Đáp: bảng lương")
    assert said.count("Mình đã nhận ảnh") == 1
    assert known.labels[-1] == PERSON
    assert "Mình đã nhận ảnh" in known.write("/tuvan", files=PHOTO), "whatever the words are"
    assert isinstance(step(known), OpenCase)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FileKind.DOCUMENT, "tài liệu, nhưng máy chưa đọc"),
        (FileKind.VOICE, "tin thoại, nhưng máy chưa nghe"),
        (FileKind.VIDEO, "video, nhưng máy chưa xem"),
    ],
)
def test_each_kind_has_its_words(known: Worker, kind: FileKind, words: str) -> None:
    assert words in known.write(files=(IncomingFile(kind=kind),))


def test_stickers_and_withheld_messages(known: Worker) -> None:
    known.knowledge.doubt = "chưa rõ."
    known.write("hỏi")
    assert known.write(files=STICKER) == person_wording.STICKER
    assert known.write(files=WITHHELD) == person_wording.WITHHELD
    assert known.state.offered[-1].label == PERSON, "the choices stay"
    known.case = case()
    assert known.write(files=STICKER) == ""


def test_a_newcomer_may_begin_with_a_picture_or_a_sticker(can: Capabilities, desk: Desk) -> None:
    for files in (PHOTO, STICKER, WITHHELD):
        newcomer = Worker(can, desk=desk)
        newcomer.write(files=files)
        assert newcomer.last is not None
        assert len(newcomer.last.messages) == 2
        assert newcomer.state.consent is Consent.ASKED


def test_an_edit_is_answered_anew_with_a_remark(known: Worker) -> None:
    known.write("lương thử viec")
    said = known.write("lương thử việc", kind=UpdateKind.EDIT)
    assert said.startswith("Đáp: lương thử việc")
    assert wording.EDITED in said
    assert known.write("lương thử việc", kind=UpdateKind.EDIT) == "", "nothing changed in words"
    assert wording.EDITED not in known.write("câu khác")
    assert wording.EDITED not in known.write("/tuvan", kind=UpdateKind.EDIT)


def test_an_edit_never_confirms_a_deletion(known: Worker) -> None:
    known.write("/xoa")
    known.write("có", kind=UpdateKind.EDIT)
    assert known.last is not None
    assert not known.last.forget


def test_in_a_group_one_line_and_nothing_else(can: Capabilities, desk: Desk) -> None:
    worker = Worker(can, desk=desk)
    for text in ("công ty nợ lương", "gặp tư vấn viên", "/xoa"):
        assert worker.write(text, kind=UpdateKind.GROUP) == wording.GROUP
        assert worker.labels == []
        assert step(worker) is None
    assert worker.state == ChatState()
    assert worker.knowledge.asked == []


def test_choice_ids_are_opaque_and_short(known: Worker) -> None:
    known.knowledge.doubt = "chưa rõ."
    known.write("hỏi")
    assert known.state.offered[-1].id == "person.ask"


def test_state_with_its_context_stays_small(known: Worker) -> None:
    for n in range(8):
        known.write(f"chuyện {n}")
    assert [bool(a.text) for a in known.state.answers] == [False] * 4 + [True]
