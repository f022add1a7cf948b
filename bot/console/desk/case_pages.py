"""The page of one case, and the parts of it that change while it is open."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.shown import CaseView, Line
from bot.cases.states import CaseState, Happened, Urgency
from bot.channels.web.shown import SHOWN_IN_PLACE
from bot.console.desk import case_view, wording
from bot.console.desk.accounts import Account
from bot.console.desk.audit import Action
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import render
from knowledge.cards import TOPICS

CASES = f"{HOME}/ho-so"
ONE = CASES + "/{case:int}"
PAGE_OF = 200
"""Messages shown at first; older ones on demand."""
LONGEST = 2_000
"""Messages shown at most."""

_LAST_ID = 2**31 - 1
_LOOKS_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as it was read for one answer."""

    view: CaseView
    lines: list[Line]
    colleagues: list[Account]


class CasePages:
    """Reads cases and draws them; also for the answers to forms."""

    def __init__(self, context: DeskContext) -> None:
        self._reading = context.reading
        self._accounts = context.accounts
        self._audit = context.audit
        self._now = context.database.now
        self._looked: OrderedDict[tuple[str, int], None] = OrderedDict()

    async def page(self, request: Request, signed: SignedIn) -> Response:
        """All of it. That somebody looked is put on record, once for each login and case."""
        case = case_of(request)
        opened = await asyncio.to_thread(self.read, case, wanted(request))
        await self.note_look(signed, case)
        return self.shown(request, signed, opened, "case.html")

    async def parts(self, request: Request, signed: SignedIn) -> Response:
        """What of it changes, for a page that is open."""
        opened = await asyncio.to_thread(self.read, case_of(request), wanted(request))
        return self.shown(request, signed, opened, "_case_parts.html")

    def read(self, case: int, limit: int = PAGE_OF) -> Opened:
        """The case, its latest messages, and to whom it could be handed. Raises HTTPException."""
        view = self._reading.case(case)
        if view is None:
            raise HTTPException(404)
        lines = self._reading.conversation(case, limit=limit)
        people = [
            one for one in self._accounts.list() if one.active and one.staff.id != view.row.holder
        ]
        return Opened(view, lines, people)

    def shown(
        self,
        request: Request,
        signed: SignedIn,
        opened: Opened,
        template: str,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The page or its parts."""
        view, row = opened.view, opened.view.row
        may = case_view.may(view, signed)
        limit = wanted(request)
        return render(
            request,
            template,
            headers=headers,
            now=self._now(),
            view=view,
            row=row,
            may=may,
            bubbles=case_view.bubbles(opened.lines, view, mine=may.mine),
            notes=[event for event in view.events if event.kind is Happened.NOTED and event.why],
            earlier=len(opened.lines) >= limit and limit < LONGEST,
            limit=limit,
            more=min(limit * 5, LONGEST),
            colleagues=opened.colleagues,
            wording=wording,
            topics=TOPICS,
            states=CaseState,
            urgencies=list(Urgency),
            pictures=SHOWN_IN_PLACE,
            at=f"{CASES}/{row.id}",
            asked=f"?tin={limit}" if limit != PAGE_OF else "",
        )

    async def note_look(self, signed: SignedIn, case: int) -> None:
        """Put on record that somebody sees what is in a case, once for each login."""
        look = (signed.login, case)
        if look in self._looked:
            return
        await asyncio.to_thread(self._audit.note, signed.staff, Action.VIEW, f"hồ sơ {case}")
        self._looked[look] = None
        if len(self._looked) > _LOOKS_REMEMBERED:
            self._looked.popitem(last=False)


def routes(context: DeskContext, pages: CasePages) -> list[BaseRoute]:
    """The addresses of this file."""
    guard = Guard(context)
    return [
        guard.get(ONE, pages.page),
        guard.get(f"{ONE}/phan", pages.parts, touch=False),
    ]


def case_of(request: Request) -> int:
    """The case an address names. Raises HTTPException for one that cannot be."""
    case: int = request.path_params["case"]
    if case > _LAST_ID:
        raise HTTPException(404)
    return case


def wanted(request: Request) -> int:
    """How many messages the page shows."""
    said = request.query_params.get("tin", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else PAGE_OF
    return min(max(number, PAGE_OF), LONGEST)
