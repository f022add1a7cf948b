"""The web chat in a real browser, for tests: what a person does and sees on the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")

NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="needs Chromium: apt-get install chromium chromium-driver",
    ),
]

PHONE = (360, 740)
DESK = (1280, 800)
PATIENCE = 45


class Page:
    """What a person does and sees on the page."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str = "/") -> None:
        self.driver.get(self.address + path)

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def offline(self, off: bool) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        limits = {"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", limits)

    @property
    def box(self) -> WebElement:
        return self.driver.find_element(By.ID, "cau-hoi")

    def ask(self, text: str) -> None:
        self.box.send_keys(text, Keys.ENTER)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def said(self, role: str) -> list[str]:
        """The texts of one side, top to bottom."""
        script = (
            "return [...document.querySelectorAll(`.msg.${arguments[0]} .bubble`)]"
            ".map((one) => one.innerText)"
        )
        return list(self.driver.execute_script(script, role))

    def shown(self, selector: str) -> bool:
        return any(one.is_displayed() for one in self.all(selector))

    def until(self, what: Callable[[], object], why: str, seconds: float = PATIENCE) -> None:
        waiting = WebDriverWait(self.driver, seconds, poll_frequency=0.05)
        try:
            waiting.until(lambda _: what())
        except TimeoutException:
            seen = self.driver.execute_script("return document.body.innerText")
            heard = [entry["message"] for entry in self.driver.get_log("browser")]
            raise AssertionError(f"{why}: not within {seconds} s\n{seen}\n{heard}") from None

    def answered(self, count: int = 1) -> None:
        self.until(lambda: len(self.said("bot")) >= count, f"{count} answers on the page")

    def press(self, element: WebElement) -> None:
        script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})"
        self.driver.execute_script(script, element)
        element.click()


@contextmanager
def browser(profile: Path) -> Iterator[webdriver.Chrome]:
    """Chromium without a window, its profile in an empty folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield made
    finally:
        made.quit()
