"""What open pages are told without asking: one look at the store a second, however many pages."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio
import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.reading import Reading
from bot.cases.shown import CaseRow
from bot.cases.states import Urgency
from bot.channels.faults import describe
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard, refusal
from bot.console.desk.logins import HOME, SignedIn
from bot.store.errors import StoreUnavailable

STREAM = f"{HOME}/su-kien"
LOOK_EVERY = 1.0
"""Seconds between looks at the store while any page is open."""
LOGIN_EVERY = 10.0
"""Seconds after which a silent stream looks whether its login still stands."""
STREAMS_PER_USER = 40

_REOPEN_MS = 2000

# At DEBUG that library logs every chunk.
logging.getLogger("sse_starlette").setLevel(logging.INFO)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Now:
    """The desk as it was when last looked at. ``mark`` as in ``Reading.mark``."""

    mark: str
    queued: tuple[CaseRow, ...]
    held: tuple[CaseRow, ...]

    def for_page(self, user: int, at: datetime) -> dict[str, object]:
        """What a page of ``user`` is told.

        ``calls`` are things worth a sound, each under a name that never changes: a page that
        comes back knows which of them it has heard.
        """
        calls = [
            (f"cho:{row.id}:{row.queued_at.timestamp()}:{row.urgency}", row.urgency)
            for row in self.queued
        ]
        calls += [
            (f"nhan:{row.id}:{row.worker_at.timestamp()}", row.urgency)
            for row in self.held
            if row.holder == user and row.waiting and row.worker_at is not None
        ]
        return {
            "mark": self.mark,
            "queued": len(self.queued),
            "urgent": sum(row.urgency is Urgency.URGENT for row in self.queued),
            "overdue": sum(row.due_at is not None and row.due_at <= at for row in self.queued),
            "calls": [
                {"name": name, "urgent": urgency is Urgency.URGENT} for name, urgency in calls
            ],
        }


class Pulse:
    """Looks while somebody listens, and wakes them when something changed. On one event loop."""

    def __init__(self, reading: Reading, every: float = LOOK_EVERY) -> None:
        self._reading = reading
        self._every = every
        self._listeners: dict[int, set[asyncio.Event]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._soon = asyncio.Event()
        self.now: Now | None = None

    def look(self) -> None:
        """Look at once: something was just done in this process."""
        self._soon.set()

    def full(self, user: int) -> bool:
        """Whether this person has as many open streams as anybody can need."""
        return len(self._listeners.get(user, ())) >= STREAMS_PER_USER

    @contextmanager
    def listen(self, user: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever ``now`` is another one."""
        event = asyncio.Event()
        self._listeners.setdefault(user, set()).add(event)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on(), name="desk-pulse")
        try:
            yield event
        finally:
            events = self._listeners[user]
            events.discard(event)
            if not events:
                del self._listeners[user]

    async def _look_on(self) -> None:
        while self._listeners:
            self._soon.clear()
            try:
                fresh = await asyncio.to_thread(self._read)
            except StoreUnavailable as error:
                _log.warning("desk.pulse_missed", fault=str(error))
            except Exception as error:
                _log.error("desk.pulse_missed", fault=describe(error))
            else:
                if fresh is not None:
                    self.now = fresh
                    for events in self._listeners.values():
                        for event in events:
                            event.set()
            with anyio.move_on_after(self._every):
                await self._soon.wait()
        # Nobody looked meanwhile: who comes next must not be told old news first.
        self.now = None

    def _read(self) -> Now | None:
        mark = self._reading.mark()
        if self.now is not None and mark == self.now.mark:
            return None
        # Read after the mark: what comes in between is seen again at the next look.
        return Now(mark, tuple(self._reading.queue()), tuple(self._reading.held()))


def routes(context: DeskContext, pulse: Pulse) -> list[BaseRoute]:
    """The addresses of this file."""

    async def events(request: Request, signed: SignedIn) -> Response:
        """The event stream of one page."""
        if pulse.full(signed.staff.id):
            return refusal(
                request,
                429,
                "Bạn đang mở quá nhiều trang tư vấn. Hãy đóng bớt rồi tải lại trang này.",
                headers={"retry-after": "15"},
            )
        closing = anyio.Event()
        return EventSourceResponse(
            stream(
                pulse, signed, lambda: context.logins.lasts(signed), context.database.now, closing
            ),
            send_timeout=30,
            shutdown_event=closing,
            shutdown_grace_period=2,
        )

    return [Guard(context).get(STREAM, events, touch=False)]


async def stream(
    pulse: Pulse,
    signed: SignedIn,
    lasts: Callable[[], bool],
    clock: Callable[[], datetime],
    closing: anyio.Event,
) -> AsyncGenerator[ServerSentEvent, None]:
    """``desk`` events at the beginning and with every change; ``ended`` when the login is over."""
    sent: str | None = None
    with pulse.listen(signed.staff.id) as news:
        while not closing.is_set():
            news.clear()
            try:
                stands = await asyncio.to_thread(lasts)
            except StoreUnavailable:
                # Nobody can tell now, and nothing new can be read to be told either.
                stands = True
            if not stands:
                yield ServerSentEvent("{}", event="ended", retry=_REOPEN_MS)
                return
            now = pulse.now
            if now is not None and now.mark != sent:
                sent = now.mark
                said = json.dumps(now.for_page(signed.staff.id, clock()))
                yield ServerSentEvent(said, event="desk", retry=_REOPEN_MS)
            await _pause(news, closing)


async def _pause(news: asyncio.Event, closing: anyio.Event) -> None:
    """Wait until either is set, at most until the login has to be looked at again."""
    with anyio.move_on_after(LOGIN_EVERY):
        async with anyio.create_task_group() as group:

            async def either(event: asyncio.Event | anyio.Event) -> None:
                await event.wait()
                group.cancel_scope.cancel()

            group.start_soon(either, news)
            group.start_soon(either, closing)
