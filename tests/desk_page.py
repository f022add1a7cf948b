"""The counsellors' desk in a real browser, for tests: what a counsellor does and sees."""

from __future__ import annotations

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.web_page import Page

_STAYED = "caunoiStayed"
_TEXTS = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())"


class DeskPage(Page):
    """A counsellor's browser. Everything is done by the pages' own forms and buttons."""

    def fill(self, name: str, words: str) -> None:
        """Write into the visible field of that name."""
        fields = [f for f in self.all(f'[name="{name}"]') if f.is_displayed()]
        fields[0].clear()
        fields[0].send_keys(words)

    def texts(self, selector: str) -> list[str]:
        """What stands in the parts of the page that match, top to bottom."""
        return list(self.driver.execute_script(_TEXTS, selector))

    def sign_in(self, name: str, one_time: str, own: str) -> None:
        """Come in with the password that was handed out, and choose one's own."""
        self.open("/tu-van")
        self.fill("name", name)
        self.fill("password", one_time)
        self.press(self.one("button", "Đăng nhập"))
        self.until(lambda: self.all('[name="password_new"]'), "a password of one's own is asked")
        self.fill("password", one_time)
        self.fill("password_new", own)
        self.fill("password_again", own)
        self.press(self.one("button", "Lưu và bắt đầu"))
        self.until(lambda: self.all("#queue"), "the queue is shown")

    def one(self, selector: str, words: str) -> WebElement:
        """The visible part of that kind with exactly these words."""
        shown = [each for each in self.all(selector) if each.is_displayed()]
        return next(each for each in shown if each.text.strip() == words)

    # -- a page that is not loaded anew

    def stay(self) -> None:
        """Remember that the page was loaded before now."""
        self.driver.execute_script(f"window.{_STAYED} = true")

    @property
    def stayed(self) -> bool:
        """Whether the page is the one that ``stay`` saw, changed but never loaded again."""
        return self.driver.execute_script(f"return window.{_STAYED} === true") is True

    # -- the queue

    def watch_queue(self) -> None:
        """Open the queue and wait until it hears of changes."""
        self.open("/tu-van")
        self.until(lambda: self.shown("#counts"), "the page is connected")

    def rows(self, about: str) -> list[WebElement]:
        """The rows whose question has these words."""
        return [row for row in self.all("li.row") if about in row.text]

    def appears(self, about: str) -> WebElement:
        """Wait for a row: it comes by itself."""
        self.until(lambda: self.rows(about), f"“{about}” is in the queue")
        return self.rows(about)[0]

    def look_at(self, about: str) -> None:
        """Open the case of that row without taking it."""
        self.press(self.appears(about).find_element(By.CSS_SELECTOR, ".row-asked a"))
        self.until(lambda: self.all("#case"), "the case is open")

    def take(self, about: str) -> None:
        """Take the case straight from its row."""
        self.press(self.appears(about).find_element(By.CSS_SELECTOR, ".row-take button"))
        self.until(lambda: self.all("#buoc-khep"), "the case is open and held")

    # -- a case

    def said_by(self, author: str) -> list[str]:
        """The messages of one side: worker, bot or counsellor."""
        return self.texts(f"#lines .line.{author} .said")

    @property
    def box(self) -> WebElement:
        """Where the reply is written."""
        return self.driver.find_element(By.ID, "reply-text")

    def use_proposal(self) -> None:
        """Put the proposed answer into the reply."""
        self.press(self.all('#reply [data-fill="proposed-text"]')[0])

    def write(self, words: str) -> None:
        """Write on at the end of the reply."""
        self.box.send_keys(words)

    def send(self) -> None:
        """Press the button under the reply."""
        self.press(self.all("#reply .primary")[0])

    def delivered(self, words: str) -> None:
        """Wait until a reply stands there with its tick."""
        says = (
            "return [...document.querySelectorAll('#lines .line.counsellor')].some((one) => "
            "one.innerText.includes(arguments[0]) && one.querySelector('.tick.sent'))"
        )
        self.until(lambda: self.driver.execute_script(says, words), f"“{words}” has its tick")

    def pictures(self) -> list[int]:
        """The widths, in pixels, of the worker's pictures that the browser could draw."""
        script = (
            "return [...document.querySelectorAll('#lines .line.worker img')]"
            ".map((one) => { one.loading = 'eager'; return one.naturalWidth; })"
        )
        return list(self.driver.execute_script(script))

    @property
    def at_end(self) -> bool:
        """Whether the last message stands in view, above the reply."""
        script = (
            "const end = (id) => document.getElementById(id).getBoundingClientRect();"
            "return end('lines').bottom <= end('composer').top + 24 && end('lines').bottom > 0"
        )
        return self.driver.execute_script(script) is True

    def close_case(self, result: str, topic: str) -> None:
        """Close the case with a result and a topic, by the words on the page."""
        self.press(self.all("#buoc-khep > summary")[0])
        Select(self.driver.find_element(By.ID, "close-result")).select_by_visible_text(result)
        Select(self.driver.find_element(By.ID, "close-topic")).select_by_visible_text(topic)
        self.press(self.one("#form-khep button", "Khép hồ sơ"))
        self.until(self._closed, "the case is closed")

    def _closed(self) -> bool:
        # The worker's last words may still be on their way into the case: then the desk refuses,
        # the page takes them in, and one presses again.
        if "Đã khép" in self.state:
            return True
        if any(self.texts("#says-khep")):
            self.press(self.one("#form-khep button", "Khép hồ sơ"))
        return False

    @property
    def state(self) -> str:
        """What the tags over the case say."""
        return " ".join(self.texts("#case-head .tags"))
