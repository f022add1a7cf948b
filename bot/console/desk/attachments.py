"""Files workers sent, as far as they belong to a case: pictures in place, all else to be kept."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from sqlalchemy import or_, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.web.shown import SHOWN_IN_PLACE
from bot.console.desk.audit import Action
from bot.console.desk.case_pages import CasePages
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.store.desk_models import Case
from bot.store.files import StoredFile
from bot.store.models import File, Message

FILES = f"{HOME}/tep"

_LAST_ID = 2**31 - 1


def routes(context: DeskContext, pages: CasePages) -> list[BaseRoute]:
    """The addresses of this file."""
    attachments = _Attachments(context, pages)
    return [Guard(context).get(FILES + "/{file:int}", attachments.file, touch=False)]


class _Attachments:
    """The request handler."""

    def __init__(self, context: DeskContext, pages: CasePages) -> None:
        self._pages = pages
        self._database = context.database
        self._files = context.files
        self._audit = context.audit

    async def file(self, request: Request, signed: SignedIn) -> Response:
        """One file. What a browser would run or draw as a page only leaves as a download."""
        number = request.path_params["file"]
        case = await asyncio.to_thread(self._case_of, number) if number <= _LAST_ID else None
        found = await asyncio.to_thread(self._files.read, number) if case is not None else None
        if case is None or found is None:
            raise HTTPException(404)
        stored, content = found
        inline = stored.media_type in SHOWN_IN_PLACE
        if inline:
            await self._pages.note_look(signed, case)
        else:
            await asyncio.to_thread(
                self._audit.note, signed.staff, Action.FILE, f"hồ sơ {case}", f"tệp {number}"
            )
        return Response(
            content,
            media_type=stored.media_type if inline else "application/octet-stream",
            headers={
                "cache-control": "private, max-age=600",
                "content-disposition": "inline" if inline else _as_download(stored),
                "content-security-policy": "default-src 'none'; sandbox",
                "cross-origin-resource-policy": "same-origin",
            },
        )

    def _case_of(self, file: int) -> int | None:
        """The case a file belongs to; what a worker told the machine alone is not the desk's."""
        belongs = (
            select(Case.id)
            .join(Message, Message.chat == Case.chat)
            .join(File, File.message == Message.id)
            .where(
                File.id == file,
                Case.since.is_not(None),
                Message.id >= Case.since,
                or_(Case.closed_at.is_(None), Message.at <= Case.closed_at),
            )
            .order_by(Case.id.desc())
            .limit(1)
        )
        with self._database.read() as session:
            return session.scalar(belongs)


def _as_download(file: StoredFile) -> str:
    """The header that has a browser keep a file under its own name, in any script."""
    name = file.name or f"tep-{file.id}"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
