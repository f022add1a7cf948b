"""A server in a thread of its own, and a way into its event loop from any other thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

from tests.contract.zalo_stand_in.app import CuttableProtocol

T = TypeVar("T")


class PromptServer(uvicorn.Server):
    """Looks often whether it shall end: tests start and stop many."""

    async def main_loop(self) -> None:
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            await asyncio.sleep(0.02)

    def cut_all(self) -> None:
        """End every connection, so that there is nothing to wait for."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class Serving:
    """``app`` on a local port (0: any free one) from ``start`` to ``stop``."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self.port = port
        self._app = app
        self._host = host
        self._server: PromptServer | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{self._host}:{self.port}"

    def start(self) -> None:
        """Serve; return when it answers. Raises RuntimeError when the port is taken."""
        config = uvicorn.Config(
            self._app,
            host=self._host,
            port=self.port,
            http=CuttableProtocol,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            backlog=2048,
        )
        self._server = server = PromptServer(config)
        self._thread = threading.Thread(target=self._run, args=(server,), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the Zalo stand-in did not start on port {self.port}")
            time.sleep(0.005)
        self.port = server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """End it; a second call does nothing."""
        if self._server is None or self._thread is None:
            return
        self.do(self._server.cut_all)
        self._server.should_exit = True
        self._thread.join(10)
        self._server = self._thread = self._loop = None

    def do(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the event loop and wait for it; right here when nothing is served."""
        loop = self._loop
        if loop is None or self._thread is None or threading.current_thread() is self._thread:
            return work()
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        loop.call_soon_threadsafe(run)
        return future.result(10)

    def wait_for(self, work: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        """Run a coroutine in the event loop and wait for it, never from that loop itself."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the Zalo stand-in is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def _run(self, server: uvicorn.Server) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve()

        asyncio.run(serve())
