"""The stand-in as tests hold it: in this process on a thread, or in another one over HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import httpx
import uvicorn

from tests.contract.telegram_stand_in.connection import CuttableProtocol
from tests.contract.telegram_stand_in.controls import Controls
from tests.contract.telegram_stand_in.server import Server
from tests.contract.telegram_stand_in.telegram import DEFAULT_TOKEN, Telegram

PATIENCE = 10.0
T = TypeVar("T")


def configure(server: Server) -> uvicorn.Config:
    """How the stand-in is served."""
    return uvicorn.Config(
        server.app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
        backlog=2048,
    )


class PromptServer(uvicorn.Server):
    """A uvicorn server that ends the moment Telegram closes, not at its next look."""

    def __init__(self, telegram: Telegram) -> None:
        self.served = Server(telegram)
        super().__init__(configure(self.served))
        self.closing = telegram.closing

    async def main_loop(self) -> None:
        """Serve until Telegram closes; who still waits for an answer hears the end first."""
        await self.on_tick(0)
        await self.closing.wait()
        if answering := set(self.server_state.tasks):
            await asyncio.wait(answering, timeout=1)
        self.force_exit = True


def listen(port: int = 0) -> socket.socket:
    """A socket on localhost; port 0 takes a free one."""
    # With the protocol named, asyncio turns Nagle's delay off: 40 ms a call without it.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


class TelegramStandIn(Controls):
    """Telegram on a thread of this process, from construction to ``close``.

    Every method may be called from any thread, also from within an event loop.
    """

    def __init__(
        self, token: str = DEFAULT_TOKEN, *, username: str = "caunoi_thu_bot", port: int = 0
    ) -> None:
        self.token = token
        self.username = username
        self._socket = listen(port)
        self.host = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._uvicorn: PromptServer | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + PATIENCE
        while self._uvicorn is None or not self._uvicorn.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the Telegram stand-in did not start")
            time.sleep(0.002)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server; open polls and hanging calls end at once."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
            self._thread.join(PATIENCE)

    def until(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait until ``predicate()`` is true and return it. Raises AssertionError with what
        the bot called last."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            if (left := deadline - time.monotonic()) <= 0:
                raise AssertionError(self.too_late(seconds))
            with self._telegram.changes:
                self._telegram.changes.wait(min(left, 0.02))
        return value

    def _ask(self, operation: str, *arguments: Any, **named: Any) -> Any:
        answer: Future[Any] = Future()

        def work() -> None:
            try:
                assert self._uvicorn is not None
                answer.set_result(self._uvicorn.served.operate(operation, *arguments, **named))
            except BaseException as error:
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(work)
        return answer.result(PATIENCE)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._telegram = Telegram(self.token, self.username)
        self._uvicorn = PromptServer(self._telegram)
        await self._uvicorn.serve(sockets=[self._socket])
        await self._telegram.webhook.close()

    def _end(self) -> None:
        self._telegram.closing.set()
        self._telegram.updates.end_poll()


class RemoteTelegramStandIn(Controls):
    """The same controls for a stand-in that runs in another process."""

    def __init__(self, host: str, token: str = DEFAULT_TOKEN) -> None:
        self.host = host.rstrip("/")
        self.token = token
        self._client = httpx.Client(base_url=self.host, timeout=PATIENCE, trust_env=False)

    def close(self) -> None:
        """Give the connection back; the other process goes on."""
        self._client.close()

    def until(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """Ask every 20 ms until ``predicate()`` is true and return it."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            if time.monotonic() > deadline:
                raise AssertionError(self.too_late(seconds))
            time.sleep(0.02)
        return value

    def _ask(self, operation: str, *arguments: Any, **named: Any) -> Any:
        if arguments:
            raise TypeError("over HTTP arguments have names")
        response = self._client.post(f"/control/{operation}", json=named)
        if response.is_error:
            raise ValueError(response.json()["error"])
        return response.json()["result"]
