"""A worker's browser without the browser: the page, the posts and the event stream over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import httpx

_TOKEN = re.compile(r'data-token="([0-9a-f]+)"')
_BUTTON = re.compile(r'<button[^>]*name="choice" value="([^"]+)"[^>]*>(.*?)</button>', re.DOTALL)
_HIDDEN = re.compile(
    r'<h2 class="hidden">.*?</h2>|<p class="when">.*?</p>|<div class="choices".*', re.DOTALL
)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Bubble:
    """One message as the page gets it. ``at`` is when it came, on the monotonic clock."""

    id: int
    role: str
    update_id: str | None
    html: str
    at: float = field(compare=False)

    @property
    def words(self) -> str:
        """The text between the tags, without heading, time and choices."""
        return unescape(_TAG.sub("", _HIDDEN.sub("", self.html))).strip()

    @property
    def choices(self) -> dict[str, str]:
        """Words on the quick replies to their ids."""
        return {unescape(label).strip(): choice for choice, label in _BUTTON.findall(self.html)}


class Talker:
    """One person's open page. ``events`` counts every message event, repeated ones too."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""
        self.bubbles: dict[int, Bubble] = {}
        self.events = 0
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Load the page; its HTML."""
        page = await self.client.get("/")
        page.raise_for_status()
        found = _TOKEN.search(page.text)
        assert found, "the page carries the proof its posts need"
        self.token = found[1]
        return page.text

    def listen(self) -> None:
        """Keep the event stream open from now on; it comes back by itself."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Leave the page."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.client.aclose()

    async def post(
        self, text: str | None = None, *, choice: str | None = None, update: str | None = None
    ) -> httpx.Response:
        """One try to post a message."""
        body = {"text": text, "choice": choice, "update_id": update or str(uuid.uuid4())}
        headers = {"content-type": "application/json", "x-caunoi-token": self.token}
        # Escaped as browsers do it: that way lone surrogates get through as well.
        return await self.client.post("/chat/messages", content=json.dumps(body), headers=headers)

    async def say(self, text: str | None = None, *, choice: str | None = None) -> str:
        """Post a message until it is taken, as the page does; its id."""
        update = str(uuid.uuid4())
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self.post(text, choice=choice, update=update)
                if answer.status_code == 202:
                    return update
                if answer.status_code not in (429, 503):
                    raise AssertionError(f"{answer.status_code}: {answer.text}")
            await asyncio.sleep(0.2)

    async def until(self, true: Callable[[], bool], why: str, seconds: float = 30.0) -> None:
        """Wait for what the page shows to become true."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    self._news.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), 0.5)
        except TimeoutError:
            shown = [(b.role, b.words[:80]) for b in self.shown]
            raise AssertionError(f"not within {seconds} s: {why}; shown: {shown}") from None

    @property
    def shown(self) -> list[Bubble]:
        """The conversation as it stands on the page."""
        return [self.bubbles[key] for key in sorted(self.bubbles)]

    def said(self, role: str) -> list[str]:
        """The words of one side, in order."""
        return [bubble.words for bubble in self.shown if bubble.role == role]

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(httpx.TransportError):
                await self._stream()
            await asyncio.sleep(0.2)

    async def _stream(self) -> None:
        after = max(self.bubbles, default=0)
        timeout = httpx.Timeout(10, read=None)
        async with self.client.stream(
            "GET", "/chat/events", params={"after": after}, timeout=timeout
        ) as answer:
            if answer.status_code != 200:
                return
            kind, data = "", ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    data += value
                elif not line:
                    self._take(kind, data)
                    kind, data = "", ""

    def _take(self, kind: str, data: str) -> None:
        if kind == "message":
            said = json.loads(data)
            self.events += 1
            self.bubbles.setdefault(said["id"], Bubble(at=time.monotonic(), **said))
        elif kind == "kept":
            first = json.loads(data)["from"]
            for gone in [key for key in self.bubbles if first is None or key < first]:
                del self.bubbles[gone]
        self._news.set()


@asynccontextmanager
async def talking(
    address: str, *, listen: bool = True, cookies: httpx.Cookies | None = None
) -> AsyncIterator[Talker]:
    """A page opened at ``address``, with the ``cookies`` of a browser that was here before."""
    headers = {"origin": address}
    client = httpx.AsyncClient(base_url=address, headers=headers, cookies=cookies, timeout=30)
    talker = Talker(client)
    try:
        await talker.open()
        if listen:
            talker.listen()
        yield talker
    finally:
        await talker.close()
