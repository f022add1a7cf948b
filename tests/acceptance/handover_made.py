"""For the stories of a worker and a counsellor: the whole program behind both stand-ins."""

from __future__ import annotations

import os
import random
import re
import struct
import subprocess
import sys
import threading
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver.common.by import By

from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn
from tests.made_server import REPOSITORY, MadeServer
from tests.web_page import Page

COUNSELLOR, SHOWN = "lan.nguyen", "Nguyễn Thị Lan"
ONE_TIME, PASSWORD = "dép guốc nón lá", "ấm chén khay trà"
PATIENCE = 90.0
"""Seconds: more than a dead process keeps a chat for itself."""


class HandoverServer(MadeServer):
    """``caunoi run`` that has joined both stand-ins and has a counsellor, always open.

    ``beside``: so many more processes share its store; the first of them falls now and then.
    """

    def __init__(
        self,
        folder: Path,
        telegram: TelegramStandIn,
        zalo: ZaloStandIn,
        database: str | None = None,
        beside: int = 0,
    ) -> None:
        super().__init__(folder, database)
        self._beside = [Beside(self, name) for name in range(beside)]
        self._joins = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "CAUNOI_TELEGRAM_API": telegram.address,
            "CAUNOI_TELEGRAM_FILES": telegram.file_address,
            "ZALO_BOT_TOKEN": zalo.token,
            "CAUNOI_ZALO_API": zalo.address,
            "CAUNOI_DESK_HOURS": "1-7 00:00-24:00",
        }
        script = [sys.executable, "-m", "bot", "user", "add", COUNSELLOR, "--shown", SHOWN]
        subprocess.run(
            [*script, "--password-stdin"],
            cwd=folder,
            env=self._environment(),
            input=ONE_TIME,
            text=True,
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start it, or start it again on the port it had, and wait for its ready line."""
        self._process = self.process(self.port)
        for each in self._beside:
            each.begin()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def process(self, port: int) -> subprocess.Popen[str]:
        """One process of the house."""
        script = REPOSITORY / "tests" / "acceptance" / "house_process.py"
        with self.log.open("a") as errors:
            return subprocess.Popen(
                [sys.executable, str(script), str(port)],
                cwd=self.folder,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def stop(self) -> None:
        """End all of them."""
        for each in self._beside:
            each.end()
        super().stop()

    @property
    def falls(self) -> int:
        """How often one beside it was killed."""
        return sum(each.falls for each in self._beside)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CAUNOI_")}
        return {
            **kept,
            **self._joins,
            "CAUNOI_DATA": str(self.folder),
            "CAUNOI_DATABASE": self.database,
            "LAW_SOURCES": "",
            "PYTHONPATH": str(REPOSITORY),
            "COLUMNS": "120",
        }


class Beside:
    """A process beside the one that is looked at; the first falls after a while and is replaced."""

    def __init__(self, house: HandoverServer, name: int) -> None:
        self._house = house
        self._lives = random.Random(name)
        self._mortal = name == 0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.falls = 0

    def begin(self) -> None:
        """From now on; nothing happens if it began before."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def end(self) -> None:
        """No more of it."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            process = self._house.process(0)
            assert process.stdout is not None
            any("http://" in line for line in process.stdout)  # until it is ready
            last = self._over.wait(self._lives.uniform(12, 30) if self._mortal else None)
            process.kill()
            process.wait()
            process.stdout.close()
            self.falls += not last


class Worker(ABC):
    """A worker with their app open: what they do, and what they have heard from us."""

    @abstractmethod
    def say(self, text: str) -> None:
        """Write to us."""

    @abstractmethod
    def choose(self, label: str) -> None:
        """Take what we offered, as this app lets one do it."""

    @abstractmethod
    def photo(self) -> None:
        """Send a picture."""

    @abstractmethod
    def heard(self) -> list[str]:
        """All that came from our side, the machine's words and the counsellor's, in order."""

    def hears(self, words: str, seconds: float = PATIENCE) -> str:
        """Wait for a message with these words: the message."""
        until(lambda: self.count(words), f"the worker hears “{words}”", seconds)
        return next(each for each in reversed(self.heard()) if words in each)

    def count(self, words: str) -> int:
        """How many messages have these words."""
        return sum(words in each for each in self.heard())


class ZaloWorker(Worker):
    """On Zalo: no buttons, choices stand in the text as a numbered list."""

    def __init__(self, zalo: ZaloStandIn, name: str) -> None:
        self._zalo = zalo
        self._name = name

    def say(self, text: str) -> None:
        self._zalo.say(self._name, text)

    def choose(self, label: str) -> None:
        listed = re.search(rf"^(\d+)\W+{re.escape(label)}$", self.heard()[-1], re.MULTILINE)
        assert listed, f"“{label}” is not in the list: {self.heard()[-1]}"
        self.say(listed[1])

    def photo(self) -> None:
        self._zalo.photo(self._name, picture())

    def heard(self) -> list[str]:
        return [each.text for each in self._zalo.sent(self._name)]


class TelegramWorker(Worker):
    """On Telegram: choices are buttons under the message."""

    def __init__(self, telegram: TelegramStandIn, user: int) -> None:
        self._telegram = telegram
        self._user = user

    def say(self, text: str) -> None:
        self._telegram.say(self._user, text)

    def choose(self, label: str) -> None:
        last = self._telegram.sent(self._user)[-1]
        self._telegram.press(self._user, last.message_id, last.data_of(label))

    def photo(self) -> None:
        self._telegram.photo(self._user, picture())

    def heard(self) -> list[str]:
        return [each.text for each in self._telegram.sent(self._user)]


class WebWorker(Worker):
    """On the web page, in a browser of their own; ``folder`` is where their pictures lie."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._picture = folder / "phieu-luong.png"
        self._picture.write_bytes(picture())

    def say(self, text: str) -> None:
        self.page.ask(text)

    def choose(self, label: str) -> None:
        shown = [b for b in self.page.all(".choices button") if b.is_displayed()]
        self.page.press(next(b for b in shown if b.text == label))

    def photo(self) -> None:
        self.page.driver.find_element(By.ID, "tep").send_keys(str(self._picture))
        self.page.until(lambda: self.page.shown("#chosen"), "the picture is chosen")
        self.page.press(self.page.all(".send")[0])

    def heard(self) -> list[str]:
        script = (
            "return [...document.querySelectorAll('.msg:not(.worker) .bubble')]"
            ".map((one) => one.innerText)"
        )
        return list(self.page.driver.execute_script(script))


def until(true: Callable[[], object], why: str, seconds: float = PATIENCE) -> None:
    """Wait for something to become true. Raises AssertionError."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {why}"
        time.sleep(0.05)


def picture(width: int = 320, height: int = 200) -> bytes:
    """A PNG with lines on it, as on a payslip seen from afar."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        sum_ = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", sum_)

    rows = b"".join(
        b"\0" + bytes(90 if y % 24 < 5 and 30 < x < width - 30 else 240 for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )
