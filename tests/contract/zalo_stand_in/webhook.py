"""Delivery of events to the bot's own address: in order per chat, and again when it fails."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import json
import ssl
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.contract.zalo_stand_in.switches import Switches
from tests.contract.zalo_stand_in.updates import Update, now_ms
from tests.contract.zalo_stand_in.wire import Refusal

SECRET_HEADER = "X-Bot-Api-Secret-Token"
_HINTS = {
    "success": "",
    "bad_status": "the address must answer 200",
    "timeout": "the address took too long",
    "unreachable": "the address cannot be reached",
}


# Reading the root certificates takes longer than starting a server.
_trust = functools.cache(ssl.create_default_context)


@dataclass
class Outcome:
    """How a POST ended: ``status`` is None where no answer came."""

    status: int | None
    outcome: str
    latency_ms: int

    @property
    def ok(self) -> bool:
        """Whether the receiver took it."""
        return self.outcome == "success"

    def public(self) -> dict[str, Any]:
        """As methods of the platform tell it."""
        hint = _HINTS[self.outcome]
        return {
            "ok": self.ok,
            "outcome": self.outcome,
            "status_code": self.status,
            "hint": hint,
        }


def checked_url(url: object, *, local: bool) -> str:
    """The address for a webhook. Raises Refusal (400) for one the platform does not take."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        host = (parts.hostname or "") if parts else ""
    except ValueError:
        parts, host = None, ""
    if parts is None or not host or parts.scheme not in ({"https", "http"} if local else {"https"}):
        raise Refusal(400, "Bad Request: webhook url must be a public HTTPS address")
    if not local:
        try:
            public = ipaddress.ip_address(host).is_global
        except ValueError:
            public = "." in host and not host.endswith((".local", ".internal", ".localhost"))
        if not public:
            raise Refusal(400, "Bad Request: webhook url must be a public HTTPS address")
    return str(url)


def checked_secret(secret: object) -> str:
    """A secret of 8 to 256 characters. Raises Refusal (400)."""
    if not isinstance(secret, str) or not 8 <= len(secret) <= 256:
        raise Refusal(400, "Bad Request: secret_token must have 8 to 256 characters")
    return secret


class Webhook:
    """The address that is set, if any, and what is on its way there."""

    def __init__(self, switches: Switches, unset: Callable[[Update], None]) -> None:
        """``unset`` gets what is to be delivered when there is no address any more."""
        self._switches = switches
        self._unset = unset
        self.url = ""
        self.secret = ""
        self.updated_at = now_ms()
        self.attempts: dict[str, list[int | None]] = defaultdict(list)
        self.given_up: list[Update] = []
        self._lines: dict[str, deque[Update]] = {}
        self._retrying: dict[object, Update] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: asyncio.LifoQueue[httpx.AsyncClient] = asyncio.LifoQueue()
        self._open = False

    def set(self, url: str, secret: str) -> None:
        """Take another address (empty: none); what is under way goes to the new one."""
        self.url, self.secret, self.updated_at = url, secret, now_ms()

    async def open(self) -> None:
        """Be ready to deliver."""
        # One client a connection: a pool's search for a free one costs more than the POST.
        self._clients = asyncio.LifoQueue()
        for _ in range(self._switches.webhook_connections):
            client = httpx.AsyncClient(trust_env=False, verify=_trust(), timeout=None)
            self._clients.put_nowait(client)
        self._open = True
        for chat_id in self._lines:
            self._spawn(self._drain(chat_id))

    async def close(self) -> None:
        """Stop; what was not delivered is, when it opens again."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for update in self._retrying.values():
            self._lines.setdefault(update.chat_id, deque()).append(update)
        self._retrying.clear()
        while not self._clients.empty():
            await self._clients.get_nowait().aclose()

    def add(self, update: Update) -> None:
        """Deliver an event after those of its chat that still wait for their first attempt."""
        line = self._lines.get(update.chat_id)
        if line is not None:
            line.append(update)
            return
        self._lines[update.chat_id] = deque([update])
        if self._open:
            self._spawn(self._drain(update.chat_id))

    async def post(self, content: bytes, headers: dict[str, str]) -> Outcome:
        """One POST to the address that is set."""
        client = await self._clients.get()
        began = time.monotonic()
        status, outcome = None, "unreachable"
        try:
            async with asyncio.timeout(self._switches.webhook_timeout):
                answer = await client.post(self.url, content=content, headers=headers)
            status = answer.status_code
            outcome = "success" if answer.is_success else "bad_status"
        except TimeoutError:
            outcome = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL):
            pass
        finally:
            self._clients.put_nowait(client)
        return Outcome(status, outcome, round((time.monotonic() - began) * 1000))

    async def probe(self) -> Outcome:
        """The POST without a body by which the platform looks whether anybody is there."""
        return await self.post(b"", {SECRET_HEADER: self.secret})

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, chat_id: str) -> None:
        line = self._lines[chat_id]
        while line:
            if not await self._attempt(line[0]):
                key = object()
                self._retrying[key] = line[0]
                self._spawn(self._again(key))
            line.popleft()
        del self._lines[chat_id]

    async def _again(self, key: object) -> None:
        for seconds in self._switches.webhook_retries:
            await asyncio.sleep(seconds)
            if await self._attempt(self._retrying[key]):
                del self._retrying[key]
                return
        self.given_up.append(self._retrying.pop(key))

    async def _attempt(self, update: Update) -> bool:
        if not self.url:
            self._unset(update)
            return True
        body: dict[str, Any] = update.body()
        if self._switches.envelope == "wrapped":
            body = {"ok": True, "result": body}
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {SECRET_HEADER: self.secret, "Content-Type": "application/json"}
        outcome = await self.post(content, headers)
        if update.message_id is not None:
            self.attempts[update.message_id].append(outcome.status)
        return outcome.ok
