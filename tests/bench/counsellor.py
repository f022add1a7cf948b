"""A counsellor's browser without the browser: signing in, the event stream, taking, replying."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Self

import httpx

from bot.cases.states import Role
from bot.console.desk.accounts import Accounts
from bot.console.desk.logins import HOME
from bot.store.database import Database

_NAME, _ONE_TIME, _CHOSEN = "tuvan.do", "lan dau 4821 mo cua", "cau noi ben bo 7730 song"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_NUMBER = re.compile(r'name="number" value="(\d+)"')
_QUEUED = re.compile(r'id="ho-so-(\d+)"')


class Counsellor:
    """One person at the desk of the house at ``address``, signed in."""

    def __init__(self, address: str, database: Database) -> None:
        accounts = Accounts(database)
        accounts.add(_NAME, "Tư vấn viên đo", Role.COUNSELLOR, _ONE_TIME)
        staff = accounts.check(_NAME, _ONE_TIME, "127.0.0.1")
        accounts.change_password(staff, _ONE_TIME, _CHOSEN, "127.0.0.1")
        self.address = address
        # As long as ours, so that nothing of a click is the making of a connection.
        self.client = httpx.Client(
            base_url=address, headers={"origin": address}, trust_env=False, timeout=30
        )
        answer = self.client.post(
            f"{HOME}/dang-nhap", data={"name": _NAME, "password": _CHOSEN, "tiep": HOME}
        )
        if answer.status_code != 303:
            raise RuntimeError(f"the desk did not let us in: {answer.status_code}")

    def close(self) -> None:
        """Close the browser."""
        self.client.close()

    def queued(self) -> set[int]:
        """The cases the queue page shows, fetched as an open page fetches its parts."""
        parts = self.client.get(f"{HOME}/hang-doi", headers={"hx-request": "true"})
        parts.raise_for_status()
        return {int(number) for number in _QUEUED.findall(parts.text)}

    def take(self, case: int) -> None:
        """Press the button that takes a case."""
        self._press(case, "nhan", self._fields(case))

    def reply(self, case: int, text: str) -> float:
        """Send a reply; when the button was pressed (seconds since 1970)."""
        fields = self._fields(case) | {"text": text}
        pressed = time.time()
        self._press(case, "tra-loi", fields)
        return pressed

    def _fields(self, case: int) -> dict[str, str]:
        """What stands hidden in the forms of a case's page."""
        page = self.client.get(f"{HOME}/ho-so/{case}")
        page.raise_for_status()
        token, number = _TOKEN.search(page.text), _NUMBER.search(page.text)
        assert token is not None
        return {"token": token[1], "number": number[1] if number else ""}

    def _press(self, case: int, form: str, fields: dict[str, str]) -> None:
        answer = self.client.post(
            f"{HOME}/ho-so/{case}/{form}", data=fields, headers={"hx-request": "true"}
        )
        if answer.is_error:
            raise RuntimeError(f"{form} was refused: {answer.status_code} {answer.text[:300]}")


class Watching:
    """The open queue page: hears of changes by the stream and fetches the part that changed.

    ``seen`` says when a case first stood in the fetched part, ``told`` when the event came that
    led to that (seconds since 1970).
    """

    def __init__(self, counsellor: Counsellor) -> None:
        self._counsellor = counsellor
        self._reader = httpx.Client(
            base_url=counsellor.address,
            cookies=counsellor.client.cookies,
            trust_env=False,
            timeout=httpx.Timeout(10, read=None),
        )
        self._over = False
        self.told: dict[int, float] = {}
        self.seen: dict[int, float] = {}
        self.listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self.listening.wait(20):
            raise RuntimeError("the desk's event stream did not begin")
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._reader.close()
        self._thread.join(2)

    def _listen(self) -> None:
        try:
            with self._reader.stream("GET", f"{HOME}/su-kien") as stream:
                stream.raise_for_status()
                self._hear(stream)
        except (httpx.HTTPError, httpx.StreamError, OSError):
            if not self._over:
                raise

    def _hear(self, stream: httpx.Response) -> None:
        kind, mark = "", None
        for line in stream.iter_lines():
            if self._over:
                return
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind == "desk":
                told = time.time()
                if (heard := json.loads(value)["mark"]) != mark:
                    mark = heard
                    self._fetch(told)
                self.listening.set()

    def _fetch(self, told: float) -> None:
        for case in self._counsellor.queued():
            if case not in self.seen:
                self.told[case], self.seen[case] = told, time.time()
