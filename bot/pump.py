"""Takes pieces of work from a store and has them done, several at once, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

import stamina
import structlog

from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def patiently() -> AsyncIterator[stamina.Attempt]:
    """Tries without end while the store is away, pausing up to ten seconds between them."""
    return aiter(
        stamina.retry_context(
            on=StoreUnavailable,
            attempts=None,
            timeout=None,
            wait_initial=0.2,
            wait_max=10.0,
            wait_jitter=0.2,
        )
    )


async def persist(call: Callable[[], R]) -> R:
    """Run a call to the store in a thread, until the store takes it."""
    async for attempt in patiently():
        with attempt:
            return await asyncio.to_thread(call)
    raise AssertionError("a retry without end ended")


class Pump(Generic[T]):
    """One kind of work. ``take`` gives the next piece or None (in a thread); ``work`` does it.

    ``wake`` makes it look at once; otherwise it looks every ``poll`` seconds, for work that
    other processes brought in. No more than ``at_once`` pieces are held at a time.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[], T | None],
        work: Callable[[T], Awaitable[None]],
        at_once: int,
        poll: float,
    ) -> None:
        self._name = name
        self._take = take
        self._work = work
        self._at_once = at_once
        self._poll = poll
        self._wake = asyncio.Event()
        self._stopping = False
        self._draining = False
        self._running: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    @property
    def full(self) -> bool:
        """Whether as many pieces are held as may be."""
        return len(self._running) >= self._at_once

    def give(self, piece: T) -> None:
        """Do a piece that was taken already."""
        task = asyncio.create_task(self._do(piece))
        self._running.add(task)
        task.add_done_callback(self._done)

    def start(self) -> None:
        """Begin to take work."""
        self._loop = asyncio.create_task(self._pump(), name=f"pump-{self._name}")

    async def stop(self, grace: float, *, drain: bool = False) -> None:
        """Take no more (with ``drain``: only what is there) and finish what is begun.

        What takes longer than ``grace`` seconds is left; it is taken up again, here or
        elsewhere, when its lease has lapsed.
        """
        self._stopping, self._draining = True, drain
        self._wake.set()
        left: set[asyncio.Task[None]] = set()
        if self._loop is not None:
            _, left = await asyncio.wait([self._loop], timeout=grace)
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=grace)
            left |= late
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _pump(self) -> None:
        while not self._stopping or self._draining:
            self._wake.clear()
            piece = None if self.full else await self._next()
            if piece is not None:
                self.give(piece)
                continue
            if self._stopping and not self._running:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll)

    async def _next(self) -> T | None:
        async for attempt in patiently():
            with attempt:
                if self._stopping and not self._draining:
                    return None
                return await asyncio.to_thread(self._take)
        return None

    async def _do(self, piece: T) -> None:
        try:
            await self._work(piece)
        except Exception as error:
            # Not the message: it may quote what a person wrote.
            _log.error(f"{self._name}.fault", kind=type(error).__name__)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
