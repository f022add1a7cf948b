"""A worker's conversation with the whole program, in a real browser on a phone's screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from bot.conversation import wording
from tests.acceptance.test_worker_story import LATE, LATE_SAYS, NOON, NOON_SAYS, PAY, PAY_SAYS
from tests.made_index import AMENDED_ARTICLES
from tests.made_server import MadeServer, fill, small_disk
from tests.web_page import NEEDS_BROWSER, PHONE, Page, browser

pytestmark = NEEDS_BROWSER
_AFTER_A_KILL = 60
"""Seconds within which a chat held by a dead process goes on: its lease and some more."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def opened(driver: webdriver.Chrome, server: MadeServer) -> Page:
    """The page as a browser sees it that was never here."""
    driver.get(server.address + "/gioi-thieu")
    driver.execute_script("localStorage.clear()")
    driver.delete_all_cookies()
    page = Page(driver, server.address)
    page.size(*PHONE)
    page.open()
    return page


def replied(page: Page, says: str, times: int = 1, seconds: float = 15) -> None:
    """Wait until an answer stands there so many times."""
    page.until(lambda: count(page, says) >= times, f"{times} × {says}", seconds)
    assert count(page, says) == times


def count(page: Page, says: str) -> int:
    return sum(says in said for said in page.said("bot"))


def choose(page: Page, label: str) -> None:
    """Press the quick reply of that name."""
    shown = [b for b in page.all(".choices button") if b.is_displayed()]
    page.press(next(b for b in shown if b.text == label))


def test_a_worker_is_met_answered_reads_the_clause_and_is_forgotten(
    driver: webdriver.Chrome, tmp_path: Path
) -> None:
    server = MadeServer(tmp_path)
    server.start()
    try:
        page = opened(driver, server)
        page.ask(NOON)
        replied(page, NOON_SAYS)
        assert "máy trả lời tự động" in page.said("bot")[0]

        wordings = page.all(".passage .wording")
        assert [w.is_displayed() for w in wordings] == [False]
        page.press(page.all(".passage summary")[0])
        assert wordings[0].is_displayed()
        assert AMENDED_ARTICLES[1][1][0] in wordings[0].text

        choose(page, wording.AGREE)
        replied(page, wording.agreed(90))
        page.ask(PAY)
        replied(page, PAY_SAYS)
        label = next(b.text for b in page.all(".choices button") if b.is_displayed())
        choose(page, label)
        page.until(lambda: len(page.said("bot")) >= 5, "the answer to a quick reply")
        assert page.said("worker") == [NOON, wording.AGREE, PAY, label]

        evil = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">"
        page.ask(f"{evil} {LATE}")
        page.until(lambda: len(page.said("bot")) >= 6, "an answer to markup")
        page.driver.refresh()
        assert page.said("worker")[-1] == f"{evil} {LATE}"
        assert "Cầu Nối" in page.driver.title

        paste = "arguments[0].value = 'dài '.repeat(300000)"
        page.driver.execute_script(paste, page.box)
        page.all(".send")[0].click()
        page.until(lambda: page.shown("#notice"), "the page says why it is not taken")
        assert "chia thành nhiều tin ngắn" in page.all("#notice")[0].text
        assert len(page.said("worker")) == 5
        page.driver.execute_script("arguments[0].value = ''", page.box)

        page.press(page.all(".foot button")[0])
        replied(page, wording.FORGET_ASK)
        choose(page, wording.FORGET_YES)
        page.until(lambda: page.said("bot") == [wording.FORGOTTEN], "only the farewell is left")
        assert page.said("worker") == []
        page.driver.refresh()
        assert (page.said("worker"), page.said("bot")) == ([], [wording.FORGOTTEN])
    finally:
        server.stop()


def test_the_page_outlives_a_killed_server(driver: webdriver.Chrome, tmp_path: Path) -> None:
    server = MadeServer(tmp_path)
    server.start()
    try:
        page = opened(driver, server)
        page.ask(NOON)
        replied(page, NOON_SAYS)
        with server.thinking():
            page.ask(PAY)
            page.until(lambda: server.under_way() == 1, "the turn has begun")
            server.kill()
        page.ask(LATE)
        page.until(lambda: "Chưa gửi được" in page.all(".held")[-1].text, "it says that it waits")
        server.start()
        replied(page, PAY_SAYS, seconds=_AFTER_A_KILL)
        replied(page, LATE_SAYS, seconds=_AFTER_A_KILL)
        page.until(lambda: not page.all(".held") and not page.shown("#line"), "all is well again")
        assert page.said("worker") == [NOON, PAY, LATE]
        page.driver.refresh()
        assert page.said("worker") == [NOON, PAY, LATE]
        assert [count(page, says) for says in (NOON_SAYS, PAY_SAYS, LATE_SAYS)] == [1, 1, 1]
    finally:
        server.stop()


def test_the_page_keeps_a_message_a_full_disk_refuses(
    driver: webdriver.Chrome, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "store") as disk:
        if disk is None:
            pytest.skip("mounting a small disk needs root")
        server = MadeServer(tmp_path)
        server.start()
        try:
            page = opened(driver, server)
            page.ask(NOON)
            replied(page, NOON_SAYS)
            fill(disk / "ballast")
            texts = [f"tin {n} " + "x" * 3500 for n in range(20)]
            type_in = "arguments[0].value = arguments[1]"
            for text in texts:
                page.driver.execute_script(type_in, page.box, text)
                page.all(".send")[0].click()
            page.ask(PAY)
            stuck = "Chưa gửi được. Tin vẫn được giữ ở đây và sẽ tự gửi lại."
            page.until(
                lambda: any(stuck in held.text for held in page.all(".held")), "a message waits"
            )
            page.driver.refresh()
            assert page.said("worker")[-1] == PAY, "a reload does not lose it"
            assert count(page, PAY_SAYS) == 0
            (disk / "ballast").unlink()
            replied(page, PAY_SAYS, seconds=60)
            page.until(lambda: not page.all(".held"), "all of them are sent")
            assert page.said("worker") == [NOON, *texts, PAY]
        finally:
            server.stop()
