"""What counsellors do on the page of a case: every form of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.cases.errors import CaseGone, ChangedMeanwhile, DeskRefused, Unusable
from bot.cases.states import Result, Urgency
from bot.console.desk import case_view
from bot.console.desk.case_pages import CASES, ONE, CasePages, case_of, wanted
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import FormHandler, Guard, elsewhere, is_htmx
from bot.console.desk.logins import SignedIn
from bot.console.desk.pages import NEVER_KEEP, render
from bot.console.desk.stream import Pulse
from bot.plain_text import clean

Fields: TypeAlias = Mapping[str, str]
Act: TypeAlias = Callable[[int, SignedIn, Fields], object]

_LAST_ID = 2**31 - 1


def routes(context: DeskContext, pages: CasePages, pulse: Pulse) -> list[BaseRoute]:
    """The addresses of this file."""
    actions = _Actions(context, pages, pulse)
    guard = Guard(context)
    forms: dict[str, Act] = {
        "tra-loi": actions.reply,
        "gui-lai": actions.resend,
        "ghi-chu": actions.note,
        "tra-lai": actions.release,
        "chuyen": actions.hand,
        "muc-khan": actions.weigh,
        "khep": actions.close,
        "giao-may": actions.hand_back,
        "mo-lai": actions.reopen,
    }
    return [
        guard.post(f"{ONE}/nhan", actions.take),
        *(guard.post(f"{ONE}/{name}", actions.answering(name, act)) for name, act in forms.items()),
    ]


class _Actions:
    """The forms. Each gets the case's id, who presses, and what stood in the form."""

    def __init__(self, context: DeskContext, pages: CasePages, pulse: Pulse) -> None:
        self._desk = context.desk
        self._reading = context.reading
        self._pages = pages
        self._pulse = pulse

    async def take(self, request: Request, signed: SignedIn, fields: Fields) -> Response:
        """From the queue one goes to the case; on its own page one stays."""
        case = case_of(request)
        take = self._desk.take
        if fields.get("from") == "queue":
            await asyncio.to_thread(take, case, signed.staff, _number(fields))
            self._pulse.look()
            return elsewhere(request, f"{CASES}/{case}")
        return await self._done(
            request, signed, "nhan", lambda: take(case, signed.staff, _number(fields))
        )

    def answering(self, name: str, act: Act) -> FormHandler:
        """A handler that does ``act`` and shows the case as it is then."""

        async def handler(request: Request, signed: SignedIn, fields: Fields) -> Response:
            case = case_of(request)
            return await self._done(request, signed, name, lambda: act(case, signed, fields))

        return handler

    def reply(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """Words for the worker. The same words pressed twice are sent once."""
        text, number = fields.get("text", ""), _number(fields)
        try:
            self._desk.reply(case, signed.staff, text, number)
        except ChangedMeanwhile:
            if number is None or not self._said(case, signed, text, number):
                raise

    def resend(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """A reply that did not arrive, once more."""
        self._desk.resend(case, signed.staff, _id(fields.get("message", "")))

    def note(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """Words for colleagues."""
        self._desk.note(case, signed.staff, fields.get("text", ""))

    def release(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """Back into the queue."""
        self._desk.release(case, signed.staff, fields.get("why", ""), _number(fields))

    def hand(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """To a colleague."""
        to = _id(fields.get("colleague", ""))
        self._desk.hand_to(case, signed.staff, to, fields.get("why", ""), _number(fields))

    def weigh(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """More urgent, or less."""
        try:
            urgency = Urgency(fields.get("urgency", ""))
        except ValueError:
            raise Unusable("Bạn chưa chọn mức khẩn. Hãy chọn rồi bấm lại.") from None
        why = fields.get("why", "")
        self._desk.set_urgency(case, signed.staff, urgency, why, _number(fields))

    def close(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """The end, with a result and a topic."""
        try:
            result = Result(fields.get("result", ""))
        except ValueError:
            raise Unusable("Bạn chưa chọn kết quả. Hãy chọn rồi bấm lại.") from None
        topic, words = fields.get("topic") or None, fields.get("words", "")
        self._desk.close(case, signed.staff, result, topic, _number(fields), words)

    def hand_back(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """The machine answers again."""
        self._desk.hand_back(case, signed.staff, _number(fields))

    def reopen(self, case: int, signed: SignedIn, fields: Fields) -> None:
        """Into the queue again, kept for who reopens it."""
        self._desk.reopen(case, signed.staff, fields.get("why", ""))

    def _said(self, case: int, signed: SignedIn, text: str, number: int) -> bool:
        view = self._reading.case(case)
        if view is None:
            raise CaseGone()
        lines = self._reading.conversation(case)
        return case_view.said_already(view, lines, signed.staff.shown, clean(text), number)

    async def _done(
        self, request: Request, signed: SignedIn, form: str, act: Callable[[], object]
    ) -> Response:
        case = case_of(request)
        try:
            await asyncio.to_thread(act)
        except DeskRefused as refused:
            if not is_htmx(request):
                raise
            return _beside(request, form, refused)
        self._pulse.look()
        if not is_htmx(request):
            return RedirectResponse(f"{CASES}/{case}", 303, headers=NEVER_KEEP)
        opened = await asyncio.to_thread(self._pages.read, case, wanted(request))
        done = {"hx-trigger": json.dumps({"caunoi-done": {"form": form}})}
        return self._pages.shown(request, signed, opened, "_case_parts.html", done)


def _beside(request: Request, form: str, refused: DeskRefused) -> Response:
    """Why not, beside the form and what was typed into it; the page then looks at what changed."""
    headers = {
        "hx-retarget": f"#says-{form}",
        "hx-reswap": "innerHTML",
        "hx-trigger": "caunoi-changed",
    }
    return render(request, "_notice.html", 409, headers, message=str(refused))


def _number(fields: Fields) -> int | None:
    said = fields.get("number", "")
    return min(int(said), _LAST_ID) if said.isascii() and said.isdigit() else None


def _id(said: str) -> int:
    if not (said.isascii() and said.isdigit()):
        raise Unusable()
    return min(int(said), _LAST_ID)
