"""The web chat in a real browser, as a worker with a phone meets it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from bot.channels.port import Outgoing
from bot.channels.web import Shown
from tests.web_page import DESK, NEEDS_BROWSER, PHONE, Page, browser
from tests.web_stand_in import ANSWER, StandIn, serving

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def house() -> StandIn:
    return StandIn()


@pytest.fixture
def page(driver: webdriver.Chrome, house: StandIn) -> Iterator[Page]:
    with serving(house) as (address, _):
        made = Page(driver, address)
        made.size(*PHONE)
        made.open()
        yield made
        made.offline(False)
        complaints = [
            entry["message"]
            for entry in driver.get_log("browser")
            if entry["source"] in ("security", "javascript", "console-api")
        ]
        driver.execute_script("localStorage.clear()")
        driver.delete_all_cookies()
        driver.get("about:blank")
        assert complaints == []


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_worker_asks_reads_unfolds_and_goes_on(
    page: Page, house: StandIn, size: tuple[int, int]
) -> None:
    page.size(*size)
    house.delay = 2.0  # long enough for a busy machine to look at the page meanwhile
    page.ask("cty no luong 2 thang roi")
    page.until(lambda: page.shown("#typing"), "typing is shown while waiting")
    house.delay = 0.3
    page.answered()
    assert not page.shown("#typing")
    assert page.said("worker") == ["cty no luong 2 thang roi"]
    assert "Giữ lại bảng lương" in page.said("bot")[0]
    assert len(page.all(".msg.bot li")) == 3

    wording = page.all(".passage .wording")[0]
    assert not wording.is_displayed()
    page.press(page.all(".passage summary")[0])
    assert wording.is_displayed()
    assert wording.text == ANSWER.passages[0].text
    assert "áp dụng từ 01/01/2021" in page.all(".passage summary")[0].text

    page.press(page.all(".choices button")[1])
    page.answered(2)
    assert page.said("worker")[1] == ANSWER.choices[1].label
    assert page.said("bot")[1] == "Bạn đã chọn again:2."
    assert house.taken[1].choice == "again:2"
    assert not page.shown(".choices"), "choices of an earlier answer are put away"

    page.press(page.all(".passage summary")[0])
    assert not wording.is_displayed()
    both = page.said("worker"), page.said("bot")
    page.driver.refresh()
    assert (page.said("worker"), page.said("bot")) == both
    assert page.shown("#cau-hoi")
    wide = "return document.documentElement.scrollWidth - innerWidth"
    assert page.driver.execute_script(wide) <= 0, "nothing sticks out sideways"


def test_an_example_is_asked_with_one_press(page: Page, house: StandIn) -> None:
    example = page.all(".examples button")[0]
    words = example.text
    page.press(example)
    page.answered()
    assert house.taken[0].text == words
    assert not page.shown("#welcome")


def test_markup_in_a_text_is_text(page: Page, house: StandIn) -> None:
    evil = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    house.answers = False
    page.ask(evil)
    page.until(lambda: house.taken and not page.all(".held"), "the conversation has the message")
    house.conversations.add(house.taken[0].chat_id, "bot", Outgoing(text=evil))
    page.driver.refresh()
    assert page.said("worker") == [evil]
    assert page.said("bot") == [evil]
    assert not page.all(".log img, .log script")
    assert "broken" not in page.driver.title


def test_everything_works_by_keyboard(page: Page, house: StandIn) -> None:
    def press(*keys: str) -> None:
        ActionChains(page.driver).send_keys(*keys).perform()

    def focused() -> WebElement:
        return page.driver.switch_to.active_element

    press(Keys.TAB)
    assert focused().get_attribute("class") == "skip"
    press(Keys.ENTER)
    assert focused().get_attribute("id") == "cau-hoi"
    press("dòng một")
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(
        Keys.SHIFT
    ).perform()
    press("dòng hai", Keys.ENTER)
    page.answered()
    assert house.taken[0].text == "dòng một\ndòng hai"
    ring = page.driver.execute_script(
        "return getComputedStyle(document.activeElement).outlineWidth"
    )
    assert ring != "0px"

    def back_to(selector: str) -> WebElement:
        target = page.all(selector)[0]
        for _ in range(20):
            if focused() == target:
                return target
            ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(
                Keys.SHIFT
            ).perform()
        raise AssertionError(f"{selector} cannot be reached by keyboard")

    back_to(".passage summary")
    press(Keys.ENTER)
    assert page.shown(".passage .wording")
    page.box.click()
    back_to(".choices button")
    press(Keys.SPACE)
    page.answered(2)
    assert house.taken[1].choice == "again:1"
    assert focused().get_attribute("id") == "log", "the place is kept when the button goes away"


def test_a_message_written_without_network_goes_out_later_once(page: Page, house: StandIn) -> None:
    page.ask("câu thứ nhất")
    page.answered()
    page.offline(True)
    page.ask("viết lúc mất mạng")
    page.until(lambda: "Chưa gửi được" in page.all(".held")[0].text, "the message says it waits")
    page.until(lambda: "mất mạng" in page.all("#line")[0].text, "the page says it is offline")
    assert len(house.taken) == 1
    page.offline(False)
    page.answered(2)
    page.until(lambda: not page.all(".held") and not page.shown("#line"), "all is well again")
    assert [one.text for one in house.taken] == ["câu thứ nhất", "viết lúc mất mạng"]
    assert page.said("worker") == ["câu thứ nhất", "viết lúc mất mạng"]


def test_a_message_outlives_a_reload_while_the_store_is_down(page: Page, house: StandIn) -> None:
    texts = [f"đừng để mất tin {number}" for number in range(5)]
    house.inbox_broken = True
    for text in texts:
        page.ask(text)
    page.until(lambda: house.posts >= 1, "it was tried")
    page.until(lambda: "Chưa gửi được" in page.all(".held")[0].text, "the message says it waits")
    page.driver.refresh()
    assert page.said("worker") == texts
    house.inbox_broken = False
    page.answered(5)
    assert [one.text for one in house.taken] == texts
    assert page.said("worker") == texts


def test_a_reload_right_after_sending_shows_the_message_once(page: Page, house: StandIn) -> None:
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/chat/events*"]})
    page.driver.refresh()
    page.ask("vừa gửi xong")
    page.until(lambda: "Đã gửi" in page.all(".held")[0].text, "the server has it")
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    page.driver.refresh()
    page.answered()
    assert page.said("worker") == ["vừa gửi xong"]
    assert not page.all(".held")


def test_a_message_delivered_again_is_shown_once(driver: webdriver.Chrome) -> None:
    house = StandIn(poll=0.05)
    rounds = 0
    history = house.conversations.history

    async def all_over_again(chat_id: str, after_id: int, limit: int) -> Sequence[Shown]:
        nonlocal rounds
        rounds += limit > 1
        return await history(chat_id, 0, limit)

    house.conversations.history = all_over_again  # type: ignore[method-assign]
    with serving(house) as (address, _):
        page = Page(driver, address)
        page.open()
        page.ask("chỉ một lần")
        page.answered()
        before = rounds
        page.until(lambda: rounds > before + 3, "everything was delivered several times over")
        assert (page.said("worker"), len(page.said("bot"))) == (["chỉ một lần"], 1)
        driver.execute_script("localStorage.clear()")
        driver.delete_all_cookies()
        driver.get("about:blank")
    driver.get_log("browser")


def test_what_was_said_while_the_server_was_down_comes_after_the_restart(
    driver: webdriver.Chrome,
) -> None:
    first = StandIn()
    with serving(first) as (address, stop):
        page = Page(driver, address)
        page.size(*PHONE)
        page.open()
        page.ask("trước khi khởi động lại")
        page.answered()
        stop()
        port = int(address.rsplit(":", 1)[1])
        page.ask("khi máy chủ nghỉ")
        page.until(lambda: "Chưa gửi được" in page.all(".held")[0].text, "the message waits")
        second = StandIn()
        second.conversations = second.channel.conversations = first.conversations
        chat = first.taken[0].chat_id
        second.conversations.add(chat, "bot", Outgoing(text="Nói lúc trang không nghe."))
        with serving(second, port):
            page.answered(3)
            page.until(lambda: not page.all(".held"), "the waiting message has arrived")
            assert page.said("worker") == ["trước khi khởi động lại", "khi máy chủ nghỉ"]
            assert page.said("bot")[1] == "Nói lúc trang không nghe."
            ids = driver.execute_script(
                "return [...document.querySelectorAll('.msg')].map((one) => +one.dataset.id)"
            )
            assert ids == sorted(set(ids)), "each message once, in order"
            driver.execute_script("localStorage.clear()")
            driver.delete_all_cookies()
            driver.get("about:blank")
    driver.get_log("browser")


def test_a_draft_is_there_after_a_reload(page: Page) -> None:
    page.box.send_keys("đang viết dở")
    page.driver.refresh()
    assert page.box.get_attribute("value") == "đang viết dở"


def test_erasing_empties_the_page_at_once(page: Page) -> None:
    page.ask("chuyện cần xoá")
    page.answered()
    page.press(page.all(".foot button")[0])
    page.until(lambda: page.said("bot") == ["Đã xoá hết cuộc trò chuyện."], "only the farewell")
    page.until(lambda: page.said("worker") == [], "nothing of mine is left")
    page.driver.refresh()
    assert page.said("worker") == []
    left = page.driver.execute_script("return Object.values(localStorage).join()")
    assert "cần xoá" not in left


def test_erasing_takes_along_what_was_only_just_handed_over(page: Page, house: StandIn) -> None:
    page.ask("chuyện cũ")
    page.answered()
    house.logs = house.answers = False
    page.ask("chưa kịp vào sổ")
    page.until(lambda: "Đã gửi" in page.all(".held")[0].text, "the server has it")
    chat = house.taken[0].chat_id
    house.conversations.forget(chat)
    house.conversations.add(chat, "bot", Outgoing(text="Đã xoá."))
    page.driver.execute_script("dispatchEvent(new Event('online'))")
    page.until(lambda: page.said("bot") == ["Đã xoá."], "the page heard of it")
    assert page.said("worker") == []
    assert not page.shown("#typing")


def test_a_megabyte_comes_back_with_a_kind_word(page: Page, house: StandIn) -> None:
    script = "arguments[0].value = 'x'.repeat(1_000_000)"
    page.driver.execute_script(script, page.box)
    page.all(".send")[0].click()
    page.until(lambda: "dài quá" in page.all("#notice")[0].text, "the page says why")
    assert house.taken == []
    assert not page.all(".held")
    assert len(page.box.get_attribute("value") or "") == 1_000_000


def test_an_expired_session_is_renewed_and_the_message_sent(page: Page, house: StandIn) -> None:
    page.driver.delete_all_cookies()
    page.ask("sau khi cookie mất")
    page.until(
        lambda: page.box.get_attribute("value") == "sau khi cookie mất", "the words are kept"
    )
    page.until(lambda: page.driver.get_cookie("caunoi") is not None, "there is a new session")
    page.until(lambda: page.driver.execute_script("return document.readyState") == "complete", "up")
    time.sleep(0.2)  # the module script runs after the document is complete
    page.box.send_keys(Keys.ENTER)
    page.answered()
    assert house.taken[0].text == "sau khi cookie mất"


def test_a_long_answer_is_read_from_the_top(page: Page, house: StandIn) -> None:
    page.ask("một câu rất bình thường")
    page.answered()
    page.until(
        lambda: page.driver.execute_script(
            "const top = document.querySelector('.msg.worker').getBoundingClientRect().top;"
            "const head = document.querySelector('.top').getBoundingClientRect().bottom;"
            "return top >= head && top < head + 120"
        ),
        "the question stays in sight above its answer",
    )


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_and_targets_be_hit(page: Page, dark: bool) -> None:
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    small = _measure(page)
    page.ask("cty no luong")
    page.answered()
    page.press(page.all(".passage summary")[0])
    small += _measure(page)
    page.open("/gioi-thieu")
    small += _measure(page)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert small == []


def test_a_screen_reader_finds_its_way(page: Page) -> None:
    page.ask("cty no luong")
    page.answered()
    tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    known = {
        (node.get("role", {}).get("value"), node.get("name", {}).get("value"))
        for node in tree
        if not node.get("ignored")
    }
    for wanted in (
        ("log", "Cuộc trò chuyện"),
        ("textbox", "Câu hỏi của bạn"),
        ("button", "Gửi"),
        ("link", "Đến ô viết câu hỏi"),
        ("heading", "Trò chuyện với Cầu Nối"),
        ("heading", "Cầu Nối"),
        ("group", "Trả lời nhanh"),
    ):
        assert wanted in known
    nameless = [pair for pair in known if pair[0] in ("button", "link", "textbox") and not pair[1]]
    assert nameless == []


def test_without_script_it_still_sends_and_reads(page: Page, house: StandIn) -> None:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open()
        page.box.send_keys("không có script")
        page.all(".send")[0].click()
        page.until(lambda: "Giữ lại bảng lương" in page.driver.page_source, "the answer came")
        page.all(".choices button")[0].click()
        page.until(lambda: "Bạn đã chọn again:1." in page.driver.page_source, "the choice too")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert [(one.text, one.choice) for one in house.taken] == [
        ("không có script", None),
        ("", "again:1"),
    ]


def _measure(page: Page) -> list[str]:
    """What is too small to hit or too faint to read on the page as it stands (WCAG AA)."""
    script = Path(__file__).with_name("measure_page.js").read_text(encoding="utf-8")
    return list(page.driver.execute_script(script))
