"""The queue: who waits, whom one helps, what colleagues have in hand."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.shown import CaseRow
from bot.console.desk import wording
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import render
from knowledge.cards import TOPICS

PARTS = f"{HOME}/hang-doi"


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    queue = _Queue(context)
    guard = Guard(context)
    return [
        guard.get(HOME, queue.page),
        guard.get(PARTS, queue.parts, touch=False),
    ]


class _Queue:
    """The request handlers."""

    def __init__(self, context: DeskContext) -> None:
        self._reading = context.reading
        self._now = context.database.now

    async def page(self, request: Request, signed: SignedIn) -> Response:
        """All of it."""
        return await self._shown(request, signed, "queue.html")

    async def parts(self, request: Request, signed: SignedIn) -> Response:
        """What of it changes, for a page that is open."""
        return await self._shown(request, signed, "_queue_parts.html")

    async def _shown(self, request: Request, signed: SignedIn, template: str) -> Response:
        queued, held = await asyncio.to_thread(self._read)
        me = signed.staff.id
        now = self._now()
        return render(
            request,
            template,
            now=now,
            me=me,
            mine=[row for row in held if row.holder == me],
            waiting=queued,
            others=[row for row in held if row.holder != me],
            urgent=sum(row.urgency.rank == 0 for row in queued),
            late=sum(row.due_at is not None and row.due_at <= now for row in queued),
            wording=wording,
            topics=TOPICS,
            may_take=lambda row: _may_take(row, signed),
        )

    def _read(self) -> tuple[list[CaseRow], list[CaseRow]]:
        return self._reading.queue(), self._reading.held()


def _may_take(row: CaseRow, signed: SignedIn) -> bool:
    """Whether pressing "take" can do; the desk decides in the end."""
    kept = row.kept_for not in {None, signed.staff.id}
    return not kept or wording.can_stand_in(signed.staff.role)
