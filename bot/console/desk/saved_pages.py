"""The page where saved answers are kept, and the list of them beside a case."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import NEVER_KEEP, render
from bot.console.desk.saved import TEXT_LIMIT, TITLE_LIMIT, Saved, SavedAnswers, SavedRefused
from knowledge.cards import TOPICS

SAVED = f"{HOME}/mau"

_DONE = {"luu": "Đã lưu câu mẫu.", "xoa": "Đã xóa câu mẫu."}
_LAST_ID = 2**31 - 1


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    pages = _SavedPages(context)
    guard = Guard(context)
    return [
        guard.get(SAVED, pages.page),
        guard.get(f"{SAVED}/chon", pages.choose, touch=False),
        guard.post(SAVED, pages.keep),
        guard.post(SAVED + "/{saved:int}", pages.keep),
        guard.post(SAVED + "/{saved:int}/xoa", pages.drop),
    ]


class _SavedPages:
    """The request handlers."""

    def __init__(self, context: DeskContext) -> None:
        self._saved = SavedAnswers(context.database)

    async def page(self, request: Request, _signed: SignedIn) -> Response:
        """All of them, and a form: a new one, or the one to be changed (``?sua=``)."""
        said = request.query_params.get("sua", "")
        wrong, editing = None, None
        if said.isascii() and said.isdigit():
            try:
                editing = await asyncio.to_thread(self._saved.one, min(int(said), _LAST_ID))
            except SavedRefused as refused:
                wrong = str(refused)
        return await self._shown(request, editing=editing, wrong=wrong)

    async def choose(self, request: Request, _signed: SignedIn) -> Response:
        """Those to choose from beside a case."""
        asked = request.query_params
        found = await asyncio.to_thread(
            self._saved.list, asked.get("mau", ""), asked.get("chu-de") or None
        )
        return render(
            request, "_case_saved.html", saved=found, topics=TOPICS, asked=asked.get("mau", "")
        )

    async def keep(self, request: Request, signed: SignedIn, fields: Mapping[str, str]) -> Response:
        """A new one, or new words for one."""
        id = request.path_params.get("saved")
        typed = {name: fields.get(name, "") for name in ("title", "text", "topic")}
        try:
            await asyncio.to_thread(
                self._saved.keep,
                signed.staff,
                typed["title"],
                typed["text"],
                typed["topic"],
                _known(id),
            )
        except SavedRefused as refused:
            return await self._shown(request, 422, wrong=str(refused), typed=typed, id=id)
        return RedirectResponse(f"{SAVED}?xong=luu", 303, headers=NEVER_KEEP)

    async def drop(
        self, request: Request, signed: SignedIn, _fields: Mapping[str, str]
    ) -> Response:
        """One less."""
        await asyncio.to_thread(
            self._saved.drop, signed.staff, _known(request.path_params["saved"]) or 0
        )
        return RedirectResponse(f"{SAVED}?xong=xoa", 303, headers=NEVER_KEEP)

    async def _shown(
        self,
        request: Request,
        status: int = 200,
        *,
        editing: Saved | None = None,
        wrong: str | None = None,
        typed: Mapping[str, str] | None = None,
        id: int | None = None,
    ) -> Response:
        words = request.query_params.get("tu", "")
        form = typed or {
            "title": editing.title if editing else "",
            "text": editing.text if editing else "",
            "topic": (editing.topic or "") if editing else "",
        }
        return render(
            request,
            "saved.html",
            status,
            saved=await asyncio.to_thread(self._saved.list, words),
            words=words,
            form=form,
            id=editing.id if editing else id,
            open=bool(editing or typed),
            done=_DONE.get(request.query_params.get("xong", "")),
            wrong=wrong,
            topics=TOPICS,
            title_limit=TITLE_LIMIT,
            text_limit=TEXT_LIMIT,
        )


def _known(id: int | None) -> int | None:
    """An id the store can be asked for. Raises HTTPException."""
    if id is not None and id > _LAST_ID:
        raise HTTPException(404)
    return id
