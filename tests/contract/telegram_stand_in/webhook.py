"""The webhook: each update is posted until the bot answers 2xx, in order within a chat."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import httpx

from tests.contract.telegram_stand_in.errors import Json
from tests.contract.telegram_stand_in.updates import DEFAULT_KINDS, Update, Updates
from tests.contract.telegram_stand_in.world import now

MAX_BACKOFF = 60


class Webhook:
    """Pushes updates to ``url`` while one is set.

    ``backoff`` is the first wait after a failure, in seconds; it doubles up to 60 times itself.
    ``timeout`` is how long an answer may take, ``allow_http`` lets plain HTTP and any port pass.
    """

    def __init__(self, updates: Updates) -> None:
        self.updates = updates
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.backoff = 1.0
        self.timeout = 60.0
        self.allow_http = False
        self.last_error: tuple[int, str] | None = None
        self.twice: list[bool] = []
        self._held: list[Update] = []
        self._hold = 0
        self._lanes: dict[str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(self.max_connections)
        # A client for each connection: one for all would look through all of them at every post.
        self._clients: list[httpx.AsyncClient] = []

    def start(self, url: str, secret: str, max_connections: int) -> None:
        """Push to ``url`` from now on, beginning with what is pending."""
        self.stop()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self._slots = asyncio.Semaphore(max_connections)
        self.last_error = None
        for update in list(self.updates.pending.values()):
            self.offer(update)

    def stop(self) -> None:
        """No longer push; what was not taken stays pending."""
        self.url = self.secret = ""
        self._lanes.clear()
        self._held.clear()
        self._hold = 0
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Stop and give the connections back."""
        tasks = list(self._tasks)
        self.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients:
            await client.aclose()

    def offer(self, update: Update) -> bool:
        """Take an update on; False when no webhook is set."""
        if not self.url:
            return False
        if self._hold:
            self._held.append(update)
            if len(self._held) >= self._hold:
                self.release()
            return True
        lane = self._lanes.get(update.lane)
        if lane is None:
            lane = self._lanes[update.lane] = deque([update])
            self._begin(self._drain(update.lane, lane))
        else:
            lane.append(update)
        return True

    def reorder(self, count: int) -> None:
        """Hold the next ``count`` updates and push them in the opposite order."""
        self._hold = count

    def release(self) -> None:
        """Push what ``reorder`` holds, whether complete or not."""
        held, self._held, self._hold = self._held[::-1], [], 0
        self._begin(self._push_each(held))

    def push_again(self, update: Update) -> None:
        """Post an update once more, whether or not it was taken."""
        self._begin(self._push_again(update))

    def info(self) -> Json:
        """The WebhookInfo object."""
        told: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
        }
        if self.url:
            told["max_connections"] = self.max_connections
        if self.url and self.last_error is not None:
            told["last_error_date"], told["last_error_message"] = self.last_error
        if self.updates.kinds != DEFAULT_KINDS:
            told["allowed_updates"] = sorted(self.updates.kinds)
        return told

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, name: str, lane: deque[Update]) -> None:
        while lane:
            await self._push(lane[0])
            lane.popleft()
        if self._lanes.get(name) is lane:
            del self._lanes[name]

    async def _push_each(self, held: list[Update]) -> None:
        for update in held:
            await self._push(update)

    async def _push_again(self, update: Update) -> None:
        delay = self.backoff
        while (wait := await self._post(update)) is not None:
            await asyncio.sleep(max(delay, wait))
            delay = min(delay * 2, self.backoff * MAX_BACKOFF)

    async def _push(self, update: Update) -> None:
        at_once = self.twice.pop(0) if self.twice else None
        if at_once:
            self.push_again(update)
        delay = self.backoff
        while update.id in self.updates.pending:
            wait = await self._post(update)
            if wait is None:
                self.updates.pending.pop(update.id, None)
                break
            await asyncio.sleep(max(delay, wait))
            delay = min(delay * 2, self.backoff * MAX_BACKOFF)
        if at_once is False:
            await self._push_again(update)

    async def _post(self, update: Update) -> float | None:
        """Post once: None when taken, else the seconds the receiver asked to wait (0 if none)."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        update.handed_out += 1
        try:
            async with self._slots, self._connection() as client:
                response = await client.post(
                    self.url, json=update.body, headers=headers, timeout=self.timeout
                )
        except httpx.TimeoutException:
            return self._failed("Read timeout expired")
        except httpx.ConnectError:
            return self._failed("Connection refused")
        except (httpx.HTTPError, httpx.InvalidURL):
            return self._failed("Webhook connection closed")
        if response.is_success:
            return None
        phrase = response.reason_phrase or HTTPStatus(response.status_code).phrase
        self._failed(f"Wrong response from the webhook: {response.status_code} {phrase}")
        wait = 0.0
        with suppress(ValueError):
            wait = min(float(response.headers.get("retry-after", 0)), 3600)
        return wait

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that nobody else uses meanwhile."""
        if self._clients:
            client = self._clients.pop()
        else:
            client = httpx.AsyncClient(verify=False, trust_env=False)
        try:
            yield client
        finally:
            self._clients.append(client)

    def _failed(self, words: str) -> float:
        self.last_error = (now(), words)
        return 0.0
