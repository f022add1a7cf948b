"""Law beside a case: what the machine cited, and a search for the clause that fits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.faults import describe
from bot.console.desk.case_pages import ONE, case_of
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import render
from bot.store.errors import StoreUnavailable
from knowledge.answer import Citation
from knowledge.asking import Asking, today
from knowledge.clause import Ref

LOOK_UP = f"{HOME}/tra-cuu"
SHOWN = 6
"""Clauses shown of what a search found."""

_NO_LIBRARY = "Máy này chưa có kho luật nên chưa tra được."
_AWAY = "Kho luật đang bận hoặc chưa sẵn sàng. Bạn thử lại sau ít phút; việc trả lời vẫn làm được."
_NOTHING = (
    "Không tìm thấy điều luật nào. Bạn thử từ khác, hoặc ghi số điều, ví dụ: khoản 1 điều 98."
)
_NO_WORDS = "Bạn ghi vài từ hoặc số điều cần tra nhé."
_NO_DAY = "Ngày chưa đúng. Bạn chọn lại ngày, hoặc để trống để lấy hôm nay."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause to show. ``label`` is what goes into a reply; ``key`` is unique on the page."""

    key: str
    label: str
    text: str
    note: str | None


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    look_up = _LookUp(context)
    guard = Guard(context)
    return [
        guard.get(LOOK_UP, look_up.search),
        guard.get(f"{ONE}/can-cu", look_up.cited, touch=False),
    ]


class _LookUp:
    """The request handlers."""

    def __init__(self, context: DeskContext) -> None:
        self._library = context.library
        self._reading = context.reading

    async def search(self, request: Request, _signed: SignedIn) -> Response:
        """The clauses nearest to some words, as of a day."""
        words = request.query_params.get("luat", "").strip()
        said = request.query_params.get("ngay", "").strip()
        try:
            day = date.fromisoformat(said) if said else today()
        except ValueError:
            return _shown(request, [], _NO_DAY)
        if not words:
            return _shown(request, [], _NO_WORDS)
        return await self._answered(request, day, lambda library: _found(library, words, day))

    async def cited(self, request: Request, _signed: SignedIn) -> Response:
        """The clauses the machine's proposal rests on, with their wording today."""
        view = await asyncio.to_thread(self._reading.case, case_of(request))
        if view is None:
            raise HTTPException(404)
        if not view.refs:
            return _shown(request, [], "")
        refs = view.refs
        return await self._answered(
            request, today(), lambda library: _worded(library, refs, today())
        )

    async def _answered(
        self, request: Request, day: date, read: Callable[[Asking], list[_Clause]]
    ) -> Response:
        if self._library is None:
            return _shown(request, [], _NO_LIBRARY)
        try:
            found = await asyncio.to_thread(read, self._library)
        except StoreUnavailable:
            raise
        except Exception as error:
            # The index may be gone or damaged; a counsellor must still be able to answer.
            _log.error("desk.look_up_failed", fault=describe(error))
            return _shown(request, [], _AWAY)
        return _shown(request, found, "" if found else _NOTHING, day)


def _found(library: Asking, words: str, day: date) -> list[_Clause]:
    found = library.find(words, day)
    named = [found.cited.ref] if found.cited else []
    return _worded(library, [*named, *(hit.ref for hit in found.hits)], day)


def _worded(library: Asking, refs: Iterable[Ref], day: date) -> list[_Clause]:
    clauses: list[_Clause] = []
    for ref in dict.fromkeys(refs):
        citation: Citation | None = library.clause(ref, day)
        if citation is not None:
            key = f"{len(clauses)}"
            clauses.append(_Clause(key, citation.label, citation.text, citation.note))
        if len(clauses) == SHOWN:
            break
    return clauses


def _shown(
    request: Request, clauses: list[_Clause], empty: str, day: date | None = None
) -> Response:
    where = "dan" if request.url.path.endswith("/can-cu") else "tra"
    return render(request, "_case_clauses.html", clauses=clauses, empty=empty, day=day, where=where)
