"""The counsellors' desk in a real browser: from the queue to a closed case."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from bot.cases.staff import Staff
from bot.cases.states import CaseState, Result, Urgency
from bot.console.desk.logins import COOKIE
from bot.console.desk.saved import SavedAnswers
from bot.store.database import Database
from knowledge.clause import Ref
from tests.made_desk import DeskHouse, picture, serving
from tests.web_page import DESK, NEEDS_BROWSER, PHONE, Page, browser

pytestmark = NEEDS_BROWSER

PROPOSED = "Công ty mẫu phải trả đủ lương.\n\nBạn nên giữ bảng chấm công."


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Iterator[DeskHouse]:
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    made = DeskHouse(database)
    made.at = datetime.now(UTC)
    yield made
    database.close()


@pytest.fixture
def lan(house: DeskHouse) -> Staff:
    return house.staff("Nguyễn Thị Lan")


class DeskPage(Page):
    """What a counsellor does and sees."""

    @property
    def reply(self) -> WebElement:
        return self.driver.find_element(By.ID, "reply-text")

    def lines(self, author: str) -> list[str]:
        script = (
            "return [...document.querySelectorAll(`.line.${arguments[0]} .bubble`)]"
            ".map((one) => one.innerText)"
        )
        return list(self.driver.execute_script(script, author))

    def button(self, words: str) -> WebElement:
        for _ in range(20):
            # The page renews its parts while we look: then look again.
            with contextlib.suppress(StaleElementReferenceException):
                for one in self.all("button"):
                    if one.is_displayed() and one.text.strip().startswith(words):
                        return one
                raise AssertionError(f"no button {words!r}")
        raise AssertionError(f"the page never stood still to find {words!r}")

    def unfold(self, id: str) -> None:
        self.press(self.all(f"#{id} > summary")[0])

    def words(self, selector: str) -> str:
        script = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((one) => one.innerText).join(' ')"
        )
        return str(self.driver.execute_script(script, selector))

    @property
    def typed(self) -> str:
        """What stands in the reply box."""
        return str(self.driver.execute_script("return document.getElementById('reply-text').value"))


@pytest.fixture
def page(driver: webdriver.Chrome, house: DeskHouse, lan: Staff) -> Iterator[DeskPage]:
    with serving(house.app) as address:
        made = DeskPage(driver, address)
        made.size(*DESK)
        made.open("/tu-van/dang-nhap")
        driver.add_cookie({"name": COOKIE, "value": house.signed(lan), "path": "/tu-van"})
        yield made
        made.offline(False)
        complaints = [
            entry["message"]
            for entry in driver.get_log("browser")
            if entry["source"] in ("security", "javascript")
        ]
        driver.execute_script("localStorage.clear()")
        driver.delete_all_cookies()
        driver.get("about:blank")
        assert complaints == []


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_counsellor_takes_edits_sends_and_closes(
    page: DeskPage, house: DeskHouse, lan: Staff, size: tuple[int, int]
) -> None:
    page.size(*size)
    page.open("/tu-van")
    page.until(lambda: page.shown("#counts"), "the page listens")
    assert not page.all(".row")
    ref = Ref.parse("45/2019/QH14 điều 98 khoản 1")
    case = house.asks("Công ty nợ lương em", proposed=PROPOSED, refs=[ref], urgency=Urgency.URGENT)
    page.until(lambda: page.all(".row"), "the new case appears by itself")
    page.until(lambda: page.driver.title.startswith("(1) "), "the title counts")
    assert "Khẩn cấp" in page.words(".row")

    page.press(page.button("Nhận"))
    page.until(lambda: page.all("#reply-text"), "the case is open")
    assert house.case(case).holder == lan.id
    page.press(page.button("Dùng câu đề xuất"))
    assert page.typed == PROPOSED
    page.reply.send_keys("\n\nMình là Lan.")
    page.until(lambda: page.all("#law-cited button"), "what the machine cited is there")
    page.press(page.all("#law-cited summary")[0])
    page.press(page.all("#law-cited button")[0])
    assert "Căn cứ: khoản 1 Điều 98" in page.typed
    page.reply.send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: len(page.lines("counsellor")) == 1, "the reply stands in the conversation")
    assert page.typed == ""
    (sent,) = house.answers()
    assert sent.startswith(PROPOSED + "\n\nMình là Lan.")
    assert "Đang gửi" in page.words(".line.counsellor .tick")

    house.delivered()
    house.sends("Dạ em cảm ơn, giấy đây ạ", picture())
    page.until(lambda: page.all(".line.worker img"), "the worker's picture comes by itself")
    page.until(lambda: "Đã gửi" in page.words(".line.counsellor .tick"), "and the tick")
    loaded = "return document.querySelector('.line.worker img').naturalWidth > 0"
    page.until(lambda: page.driver.execute_script(loaded), "the picture is drawn")

    page.unfold("buoc-khep")
    Select(page.driver.find_element(By.ID, "close-topic")).select_by_value("tien-luong")
    page.press(page.all("#form-khep button")[0])
    page.until(lambda: "Đã khép" in page.words("#case-head"), "the case is closed")
    assert house.case(case).state == CaseState.CLOSED
    assert house.case(case).result == Result.ANSWERED
    assert not page.all("#reply-text")
    wide = "return document.documentElement.scrollWidth - innerWidth"
    assert page.driver.execute_script(wide) <= 0, "nothing sticks out sideways"


def _opened(page: DeskPage, house: DeskHouse, lan: Staff) -> int:
    case = house.asks("Công ty nợ lương em", proposed=PROPOSED)
    house.desk.take(case, lan)
    page.open(f"/tu-van/ho-so/{case}")
    page.until(lambda: page.shown("#counts"), "the page listens")
    return case


def test_what_the_machine_cited_comes_with_the_next_news_when_its_load_was_lost(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    ref = Ref.parse("45/2019/QH14 điều 98 khoản 1")
    case = house.asks("Công ty nợ lương em", proposed=PROPOSED, refs=[ref])
    house.desk.take(case, lan)
    page.open(f"/tu-van/ho-so/{case}")
    page.until(lambda: page.shown("#counts"), "the page listens")
    page.until(lambda: page.all("#law-cited button"), "what the machine cited is there")
    page.driver.execute_script("document.getElementById('law-cited').replaceChildren()")
    house.sends("Em chờ ạ")
    page.until(lambda: page.all("#law-cited button"), "it is there again")


def test_news_while_typing_leaves_words_caret_and_open_forms(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    case = _opened(page, house, lan)
    page.unfold("buoc-chuyen")
    page.driver.find_element(By.ID, "why-chuyen").send_keys("rành hơn")
    page.reply.send_keys("Chào bạn", Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    kept = "document.querySelector('.line.worker').dataset.kept = 'yes'"
    page.driver.execute_script(kept)
    house.sends("em chờ ạ")
    page.until(lambda: "em chờ ạ" in page.lines("worker"), "the line appears")
    house.desk.set_urgency(case, lan, Urgency.SOON, "", None)
    page.until(lambda: "Cần sớm" in page.words("#case-head"), "the head follows")
    page.driver.switch_to.active_element.send_keys("!")
    assert page.typed == "Chào b!ạn"
    assert page.all(".line.worker")[0].get_attribute("data-kept") == "yes", "nothing was redrawn"
    why = page.driver.find_element(By.ID, "why-chuyen")
    assert why.is_displayed()
    assert why.get_property("value") == "rành hơn"


def test_a_draft_outlives_a_reload_and_goes_when_sent(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    _opened(page, house, lan)
    page.reply.send_keys("đang viết dở")
    page.driver.refresh()
    assert page.typed == "đang viết dở"
    page.press(page.button("Gửi"))
    page.until(lambda: house.answers() == ["đang viết dở"], "it is sent")
    page.until(lambda: page.typed == "", "the box is empty")
    page.driver.refresh()
    assert page.typed == ""


def test_a_double_click_sends_once(page: DeskPage, house: DeskHouse, lan: Staff) -> None:
    _opened(page, house, lan)
    page.reply.send_keys("Chào bạn")
    ActionChains(page.driver).double_click(page.button("Gửi")).perform()
    page.until(lambda: page.lines("counsellor"), "the reply stands in the conversation")
    assert house.answers() == ["Chào bạn"]
    assert page.words("#says-tra-loi") == ""


def test_a_reply_whose_answer_was_lost_is_not_sent_twice(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    case = _opened(page, house, lan)
    page.reply.send_keys("Chào bạn")
    page.offline(True)
    page.press(page.button("Gửi"))
    page.until(lambda: "mất kết nối" in page.words("#notice"), "the loss is said")
    assert page.typed == "Chào bạn"
    house.desk.reply(case, lan, "Chào bạn", None)  # as if only the way back had failed
    page.offline(False)
    page.until(lambda: page.lines("counsellor"), "the page learns of it as of any news")
    page.press(page.button("Gửi"))
    page.until(lambda: page.typed == "", "the second press is understood")
    assert house.answers() == ["Chào bạn"]


def test_signed_out_while_typing_keeps_the_words(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    _opened(page, house, lan)
    page.reply.send_keys("câu dài đã viết")
    page.driver.delete_all_cookies()
    page.press(page.button("Gửi"))
    page.until(lambda: "Phiên đăng nhập đã hết" in page.words("#notice"), "the page says so")
    assert page.typed == "câu dài đã viết"
    assert house.answers() == []
    page.driver.add_cookie({"name": COOKIE, "value": house.signed(lan), "path": "/tu-van"})
    page.press(page.button("Gửi"))
    page.until(lambda: "đăng nhập lại" in page.words("#notice"), "under a new login once more")
    page.press(page.button("Gửi"))
    page.until(lambda: house.answers() == ["câu dài đã viết"], "now it is sent")


def test_a_refusal_stands_beside_what_was_typed(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    case = _opened(page, house, lan)
    page.reply.send_keys("chưa gửi")
    page.offline(True)
    minh = house.staff("Minh")
    house.desk.hand_to(case, lan, minh.id, "", None)
    page.driver.execute_script("window.EventSource = class { addEventListener() {} }")
    page.offline(False)
    # Whether the page has heard of it yet or not, the words stay.
    if page.all("#reply-text"):
        page.driver.execute_script("document.getElementById('reply')?.requestSubmit()")
    page.until(lambda: "Minh" in page.words("#talk"), "the page says who holds the case")
    assert house.answers() == []
    draft = "return localStorage.getItem(`caunoi.desk.draft.${arguments[0]}`)"
    assert page.driver.execute_script(draft, case) == "chưa gửi"


def test_saved_answers_and_law_go_into_the_reply(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    saved = SavedAnswers(house.database)
    saved.keep(lan, "Xin bảng lương", "Bạn chụp bảng lương nhé.", "tien-luong")
    saved.keep(lan, "Chào", "Chào bạn.", "")
    _opened(page, house, lan)
    page.unfold("law-saved")
    page.driver.find_element(By.ID, "saved-words").send_keys("bang luong")
    page.until(lambda: len(page.all("#saved-found button")) == 1, "only what fits")
    page.press(page.all("#saved-found button")[0])
    assert page.typed == "Bạn chụp bảng lương nhé."
    page.driver.find_element(By.ID, "law-words").send_keys("khoản 1 điều 139", Keys.ENTER)
    page.until(lambda: page.all("#law-found button"), "the clause is found")
    page.press(page.all("#law-found button")[0])
    words = page.typed
    assert words.startswith("Bạn chụp bảng lương nhé.\n\nCăn cứ: khoản 1 Điều 139")


def test_the_bell_rings_for_what_is_new_and_once(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    house.asks("có từ trước", chat="a")
    page.open("/tu-van")
    page.until(lambda: page.shown("#counts"), "the page listens")
    page.press(page.driver.find_element(By.ID, "bell"))
    page.until(lambda: "đang bật" in page.words("#bell"), "the bell is on")
    rang = "return Number(document.documentElement.dataset.rang ?? 0)"
    assert page.driver.execute_script(rang) == 0, "what was there before is not new"
    case = house.asks("mới", chat="b")
    page.until(lambda: page.driver.execute_script(rang) == 1, "it rings")
    house.sends("thêm một câu", chat="b")
    number = f"#ho-so-{case} input[name=number][value='{house.case(case).number}']"
    page.until(lambda: page.all(number), "the page has heard of it")
    assert page.driver.execute_script(rang) == 1, "more words of one who waits are no new call"
    house.desk.set_urgency(case, lan, Urgency.URGENT, "", None)
    page.until(lambda: page.driver.execute_script(rang) == 2, "and when one becomes urgent")


def test_markup_of_a_worker_is_text_on_every_page(
    page: DeskPage, house: DeskHouse, lan: Staff
) -> None:
    evil = "<img src=x onerror=\"document.title='broken'\"><script>document.title='x'</script>"
    case = house.asks(evil, proposed=evil)
    house.sends(evil + "w" * 3000)
    house.desk.take(case, lan)
    page.size(*PHONE)
    for path in ("/tu-van", f"/tu-van/ho-so/{case}", "/tu-van/tim?tu=img"):
        page.open(path)
        page.until(lambda: page.shown("#counts"), "the page listens")
        assert "onerror" in page.words("main")
        assert not page.all("main img, main script")
        wide = "return document.documentElement.scrollWidth - innerWidth"
        assert page.driver.execute_script(wide) <= 0, path
    assert "broken" not in page.driver.title


def test_the_queue_and_a_reply_by_keyboard(page: DeskPage, house: DeskHouse, lan: Staff) -> None:
    case = house.asks("Công ty nợ lương em")
    page.open("/tu-van")
    page.until(lambda: page.shown("#counts"), "the page listens")

    def tab_to(selector: str) -> None:
        for _ in range(30):
            ActionChains(page.driver).send_keys(Keys.TAB).perform()
            if page.driver.execute_script(
                "return document.activeElement.matches(arguments[0])", selector
            ):
                return
        raise AssertionError(f"{selector} cannot be reached by keyboard")

    tab_to(".row-take button")
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.all("#reply-text"), "the case is open")
    tab_to("#reply-text")
    ActionChains(page.driver).send_keys("Chào bạn").perform()
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(
        Keys.CONTROL
    ).perform()
    page.until(lambda: house.answers() == ["Chào bạn"], "it is sent")
    assert house.case(case).holder == lan.id
