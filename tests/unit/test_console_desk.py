"""The counsellor's pages: queue, case, every form, and what workers send into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from bot.cases.staff import Staff
from bot.cases.states import CaseState, Happened, Result, Role, Urgency
from bot.console.desk.audit import Action
from bot.console.desk.logins import COOKIE
from bot.store.database import Database
from tests.made_desk import DeskHouse, picture

HOST = "http://desk.test"


class Browser:
    """Someone of the desk with an open browser."""

    def __init__(self, house: DeskHouse, staff: Staff, client: TestClient) -> None:
        self.house = house
        self.staff = staff
        self.client = client
        client.cookies.set(COOKIE, house.signed(staff), domain="desk.test", path="/tu-van")

    def get(self, path: str, **headers: str) -> str:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def press(self, case: int, form: str, fields: dict[str, str] | None = None) -> object:
        """A form of the case's page as HTMX sends it."""
        page = self.get(f"/tu-van/ho-so/{case}")
        number = re.search(r'name="number" value="(\d+)"', page)
        assert number
        return self.send(case, form, {"number": number[1], **(fields or {})})

    def send(self, case: int, form: str, fields: dict[str, str]) -> object:
        page = self.get(f"/tu-van/ho-so/{case}")
        token = re.search(r'"x-form-token":"(\w+)"', page)
        assert token
        return self.client.post(
            f"/tu-van/ho-so/{case}/{form}",
            data=fields,
            headers={"hx-request": "true", "origin": HOST, "x-form-token": token[1]},
        )


@pytest.fixture
def house(database: Database) -> DeskHouse:
    return DeskHouse(database)


@pytest.fixture
def client(house: DeskHouse) -> Iterator[TestClient]:
    with TestClient(house.app, HOST, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture
def lan(house: DeskHouse, client: TestClient) -> Browser:
    return Browser(house, house.staff("Lan"), client)


def _order(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li class="row[^"]*" id="ho-so-(\d+)"', page)]


def _visible(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


def test_the_queue_goes_by_danger_then_deadline_and_says_both_in_words(
    house: DeskHouse, lan: Browser
) -> None:
    first = house.asks("hỏi trước", chat="a")
    house.move(minutes=1)
    second = house.asks("hỏi sau", chat="b")
    urgent = house.asks("đang bị đánh", chat="c", urgency=Urgency.URGENT)
    mine = house.asks("của Lan", chat="d")
    house.desk.take(mine, lan.staff)
    theirs = house.asks("của Minh", chat="e")
    house.desk.take(theirs, house.staff("Minh"))
    page = lan.get("/tu-van")
    assert _order(page) == [mine, urgent, first, second, theirs]
    words = _visible(page)
    assert "Khẩn cấp" in words, "urgency is a word, not only a colour"
    assert "còn 15 phút" in words
    assert "Minh đang giúp" in words
    house.move(minutes=25)
    assert "quá hạn 10 phút" in _visible(lan.get("/tu-van/hang-doi"))


def test_one_press_takes_a_case_and_opens_it(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em cần người")
    number = str(house.case(case).number)
    answer = lan.send(case, "nhan", {"from": "queue", "number": number})
    assert answer.headers["hx-redirect"] == f"/tu-van/ho-so/{case}"
    assert house.case(case).holder == lan.staff.id


def test_taking_what_a_colleague_took_first_says_so(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em cần người")
    house.desk.take(case, house.staff("Minh"))
    answer = lan.send(case, "nhan", {"from": "queue"})
    assert answer.status_code == 409
    assert "Minh đang giữ hồ sơ này" in answer.text
    assert house.case(case).holder != lan.staff.id


def test_a_reply_goes_out_once_however_often_it_is_pressed(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    number = str(house.case(case).number)
    fields = {"text": "Chào bạn,\nmình  là Lan.", "number": number}
    first, second = (lan.send(case, "tra-loi", fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "caunoi-done" in first.headers["hx-trigger"]
    assert house.answers() == ["Chào bạn,\nmình  là Lan."]
    other = lan.send(case, "tra-loi", {**fields, "text": "Câu khác"})
    assert other.status_code == 409, "other words on an old page are no second press"
    assert other.headers["hx-retarget"] == "#says-tra-loi"
    assert len(house.answers()) == 1


def test_the_same_words_of_two_people_are_two_things(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    number = house.case(case).number
    lead = house.staff("Minh", Role.LEAD)
    house.desk.hand_to(case, lead, lead.id, "", number)
    house.desk.reply(case, lead, "Chào bạn", None)
    answer = lan.send(case, "tra-loi", {"text": "Chào bạn", "number": str(number)})
    assert answer.status_code == 409
    assert house.answers() == ["Chào bạn"]


def test_the_whole_life_of_a_case_by_its_forms(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    minh = house.staff("Minh")
    assert lan.press(case, "nhan").status_code == 200
    assert lan.press(case, "tra-loi", {"text": "Chào bạn"}).status_code == 200
    assert lan.press(case, "ghi-chu", {"text": "nhớ xem lại"}).status_code == 200
    raised = lan.press(case, "muc-khan", {"urgency": "urgent", "why": "bị đe dọa"})
    assert raised.status_code == 200
    assert lan.press(case, "tra-lai", {"why": "hết ca"}).status_code == 200
    assert house.case(case).state == CaseState.WAITING
    assert lan.press(case, "nhan").status_code == 200
    closed = lan.press(case, "khep", {"result": "answered", "topic": "bhxh", "words": "Chào nhé"})
    assert closed.status_code == 200
    assert (house.case(case).result, house.case(case).topic) == (Result.ANSWERED, "bhxh")
    late = lan.send(case, "tra-loi", {"text": "một câu nữa"})
    assert late.status_code == 409
    assert "đã khép" in late.text
    assert lan.press(case, "mo-lai", {"why": "còn việc"}).status_code == 200
    assert lan.press(case, "nhan").status_code == 200
    assert lan.press(case, "chuyen", {"colleague": str(minh.id), "why": "rành hơn"})
    assert house.case(case).holder == minh.id
    assert house.answers() == ["Chào bạn", "Chào nhé"]
    words = _visible(lan.get(f"/tu-van/ho-so/{case}"))
    for said in (
        "Lan nhận hồ sơ",
        "Lan trả lời",
        "nhớ xem lại",
        "đổi mức khẩn: bình thường → khẩn cấp",
        "hết ca",
        "Lan khép hồ sơ: đã trả lời xong",
        "Lan mở lại hồ sơ",
        "Lan chuyển hồ sơ cho Minh",
    ):
        assert said in words, said


def test_handing_back_lets_the_machine_answer(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    assert lan.press(case, "giao-may").status_code == 200
    assert house.case(case).result == Result.HANDED_BACK


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("tra-loi", {"text": " \u200b\n"}),
        ("muc-khan", {"urgency": "terrible"}),
        ("khep", {"result": "won"}),
        ("khep", {"result": "cancelled"}),
        ("khep", {"result": "answered", "topic": "bees"}),
        ("chuyen", {"colleague": ""}),
        ("chuyen", {"colleague": "9" * 40}),
        ("gui-lai", {"message": "1"}),
        ("gui-lai", {"message": "x"}),
    ],
)
def test_forms_that_make_no_sense_change_nothing(
    house: DeskHouse, lan: Browser, form: str, fields: dict[str, str]
) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    before = house.events(case)
    answer = lan.press(case, form, fields)
    assert answer.status_code == 409
    assert answer.headers["hx-retarget"] == f"#says-{form}"
    assert house.events(case) == before


def test_a_closed_page_of_another_login_keeps_what_was_typed(
    house: DeskHouse, lan: Browser
) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    token = re.search(r'"x-form-token":"(\w+)"', lan.get(f"/tu-van/ho-so/{case}"))
    assert token
    lan.client.cookies.clear()
    answer = lan.client.post(
        f"/tu-van/ho-so/{case}/tra-loi",
        data={"text": "Chào bạn"},
        headers={"hx-request": "true", "origin": HOST, "x-form-token": token[1]},
    )
    assert answer.status_code == 401
    assert answer.headers["hx-retarget"] == "#notice"
    assert house.answers() == []


def test_what_did_not_arrive_is_said_and_can_be_sent_again_once(
    house: DeskHouse, lan: Browser
) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, lan.staff)
    message = house.desk.reply(case, lan.staff, "Chào bạn", None)
    assert "Đang gửi…" in lan.get(f"/tu-van/ho-so/{case}")
    house.delivered("refused", "nền tảng từ chối")
    page = lan.get(f"/tu-van/ho-so/{case}")
    assert "Không gửi được: nền tảng từ chối" in _visible(page)
    assert f'name="message" value="{message}"' in page
    assert lan.press(case, "gui-lai", {"message": str(message)}).status_code == 200
    assert house.answers() == ["Chào bạn", "Chào bạn"]
    house.delivered()
    page = lan.get(f"/tu-van/ho-so/{case}")
    assert f'name="message" value="{message}"' not in page
    assert "Đã gửi" in page


def test_looking_is_on_record_once_for_each_login_and_case(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.sends("", picture(media="application/pdf", name="a.pdf"))
    for _ in range(3):
        lan.get(f"/tu-van/ho-so/{case}")
        lan.get(f"/tu-van/ho-so/{case}/phan")
    lan.client.get("/tu-van/tep/1")
    entries = house.audit.page().entries
    assert [(one.action, one.target) for one in entries] == [
        (Action.FILE, f"hồ sơ {case}"),
        (Action.VIEW, f"hồ sơ {case}"),
    ]


def test_what_does_not_exist_is_a_page_that_says_so(lan: Browser) -> None:
    for path in ("/tu-van/ho-so/77", f"/tu-van/ho-so/{10**30}", "/tu-van/khong-co"):
        answer = lan.client.get(path)
        assert answer.status_code == 404
        assert "Không có trang này" in answer.text


def test_a_deleted_conversation_leaves_its_history(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("điều riêng tư")
    house.says("/xoa", forget=True, channel="telegram")
    page = lan.get(f"/tu-van/ho-so/{case}")
    assert "riêng tư" not in page
    assert "đã xóa cuộc trò chuyện" in page
    assert "/mo-lai" not in page


def test_who_only_looks_gets_no_forms_that_cannot_do(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.desk.take(case, house.staff("Minh"))
    page = lan.get(f"/tu-van/ho-so/{case}")
    for form in ("tra-loi", "khep", "chuyen", "tra-lai", "giao-may", "muc-khan", "nhan"):
        assert f"/{form}" not in page, form
    assert "/ghi-chu" in page
    assert "Minh đang giúp người này" in page


def test_events_have_words_for_everything_that_can_happen(house: DeskHouse, lan: Browser) -> None:
    from bot.cases.shown import EventLine
    from bot.cases.states import Actor
    from bot.console.desk import wording

    for kind in Happened:
        bare = EventLine(1, kind, Actor.CLOCK, None, "", {}, house.at)
        assert wording.happened(bare)
