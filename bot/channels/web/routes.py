"""The addresses of the web chat."""

from __future__ import annotations

import anyio
import structlog
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.channels.faults import describe
from bot.channels.web import intake
from bot.channels.web.channel import WebChannel
from bot.channels.web.headers import SecurityHeaders
from bot.channels.web.intake import Posted, Refused
from bot.channels.web.pages import STATIC
from bot.channels.web.sessions import Session
from bot.channels.web.shown import SHOWN_IN_PLACE, Shown
from bot.channels.web.stream import stream

PAGE_OF = 80
"""Messages on one page of the conversation."""

_NEVER_KEEP = {"cache-control": "no-store"}
_RESTING = "Hệ thống đang bận, tin của bạn chưa gửi được. Bạn đợi một lát rồi gửi lại."
_UNREADABLE = (
    "Hệ thống đang bận nên chưa mở được cuộc trò chuyện. Bạn đợi một lát rồi tải lại trang."
)

log = structlog.get_logger(__name__)


def routes(channel: WebChannel) -> list[BaseRoute]:
    """What the application mounts at its root."""
    edge = _Edge(channel)
    guard = [Middleware(SecurityHeaders)]
    return [
        Route("/", edge.page, methods=["GET"], middleware=guard),
        Route("/gioi-thieu", edge.about, methods=["GET"], middleware=guard),
        Route("/chat/messages", edge.post, methods=["POST"], middleware=guard),
        Route("/chat/events", edge.events, methods=["GET"], middleware=guard),
        Route("/chat/tep/{file:int}", edge.file, methods=["GET"], middleware=guard),
        Route("/healthz", edge.health, methods=["GET"], middleware=guard),
        Mount(f"/static/{channel.pages.version}", _KeptForEver(directory=STATIC), middleware=guard),
    ]


class _KeptForEver(StaticFiles):
    """Static files whose address changes when they do."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class _Edge:
    """The request handlers of one channel."""

    def __init__(self, channel: WebChannel) -> None:
        self._channel = channel
        self._sessions = channel.sessions
        self._pages = channel.pages

    async def page(self, request: Request) -> Response:
        """The conversation; opens a session for a browser that has none."""
        session = self._sessions.recall(request)
        fresh = session is None
        session = session or self._sessions.open()
        before = _number(request, "truoc")
        try:
            messages = [] if fresh else await self._read(session, before)
            answering = bool(messages) and await self._channel.conversations.answering(
                session.chat_id
            )
        except Exception as error:
            log.error("web.page_unreadable", fault=describe(error))
            html, status = self._pages.chat(session, [], notice=_UNREADABLE), 503
        else:
            html, status = (
                self._pages.chat(
                    session,
                    messages[-PAGE_OF:],
                    earlier=len(messages) > PAGE_OF,
                    past=before is not None,
                    answering=answering,
                    asked_after=_number(request, "cho"),
                    round_=_number(request, "lan") or 0,
                ),
                200,
            )
        response = HTMLResponse(html, status, headers=_NEVER_KEEP)
        self._sessions.remember(session, request, response)
        return response

    async def about(self, request: Request) -> Response:
        """Who answers, and what is kept."""
        return HTMLResponse(self._pages.about(), headers={"cache-control": "no-cache"})

    async def post(self, request: Request) -> Response:
        """One message; 202 (or the page again) only once the inbox has it."""
        script = intake.is_script(request)
        session = self._sessions.recall(request)
        try:
            session, posted = await self._admit(request, session)
            await self._take(session, posted)
        except Refused as refused:
            return await self._refusal(refused, session, script=script)
        if script:
            return JSONResponse({"accepted": True}, 202, headers=_NEVER_KEEP)
        asked = posted.fields.get("last", "")
        asked = asked if asked.isascii() and asked.isdigit() else "0"
        return RedirectResponse(f"/?cho={asked[:18]}#cuoi", 303, headers=_NEVER_KEEP)

    async def events(self, request: Request) -> Response:
        """The event stream, from the last message the page has."""
        session = self._sessions.recall(request)
        if session is None:
            return JSONResponse({"error": "session"}, 403, headers=_NEVER_KEEP)
        if self._channel.listeners.full(session.chat_id):
            return JSONResponse(
                {"error": "busy"}, 429, headers={**_NEVER_KEEP, "retry-after": "15"}
            )
        said = request.headers.get("last-event-id", "")
        after = int(said) if _is_id(said) else _number(request, "after") or 0
        closing = anyio.Event()
        return EventSourceResponse(
            stream(self._channel, session.chat_id, after, closing),
            send_timeout=30,
            shutdown_event=closing,
            shutdown_grace_period=2,
        )

    async def file(self, request: Request) -> Response:
        """A picture or PDF the worker sent in this very conversation."""
        session = self._sessions.recall(request)
        found = None
        if session is not None:
            number = request.path_params["file"]
            found = await self._channel.conversations.file(session.chat_id, number)
        if found is None:
            return Response(status_code=404, headers=_NEVER_KEEP)
        inline = found.media_type in SHOWN_IN_PLACE
        return Response(
            found.content,
            media_type=found.media_type if inline else "application/octet-stream",
            headers={
                "cache-control": "private, max-age=3600",
                "content-disposition": "inline" if inline else 'attachment; filename="tep.pdf"',
                "content-security-policy": "default-src 'none'; sandbox",
            },
        )

    async def health(self, request: Request) -> Response:
        """200 while conversations can be read."""
        try:
            await self._channel.conversations.history("", 0, 1)
        except Exception as error:
            log.error("web.unhealthy", fault=describe(error))
            return JSONResponse({"status": "store unavailable"}, 503, headers=_NEVER_KEEP)
        return JSONResponse({"status": "ok"}, headers=_NEVER_KEEP)

    async def _read(self, session: Session, before: int | None) -> list[Shown]:
        """The messages before id ``before`` (None: the last ones), one more than a page shows."""
        found = await self._channel.conversations.before(session.chat_id, before, PAGE_OF + 1)
        return list(found)

    async def _admit(self, request: Request, session: Session | None) -> tuple[Session, Posted]:
        """The post, if it comes from a page of ours. Raises Refused."""
        if not self._sessions.from_own_page(request):
            raise Refused(403, "foreign", "Tin này không đến từ trang Cầu Nối nên không được nhận.")
        posted = await intake.read(request)
        if session is None or not self._sessions.proves(session, posted.form_token):
            raise Refused(
                403,
                "session",
                "Phiên trò chuyện đã hết hạn, hoặc trình duyệt đang chặn cookie. Bạn hãy tải lại "
                "trang rồi gửi lại.",
                text=posted.fields.get("text", ""),
            )
        return session, posted

    async def _take(self, session: Session, posted: Posted) -> None:
        """Commit the message to the inbox. Raises Refused."""
        text = posted.fields.get("text", "")
        if wait := self._channel.allowance.take(session.chat_id):
            raise Refused(
                429,
                "busy",
                "Bạn gửi nhiều tin quá nhanh. Hãy đợi một chút, tin sẽ được nhận tiếp.",
                retry_after=wait,
                text=text,
            )
        incoming = posted.incoming(self._channel.name, session.chat_id)
        try:
            await self._channel.accept(incoming)
            self._channel.listeners.wake(session.chat_id)
        except Exception as error:
            # Whatever it was, the inbox does not have the message: it must not be acknowledged,
            # and the page keeps it and comes back with the same id.
            log.error("web.not_accepted", fault=describe(error))
            raise Refused(503, "unavailable", _RESTING, retry_after=3, text=text) from error

    async def _refusal(
        self, refused: Refused, session: Session | None, *, script: bool
    ) -> Response:
        headers = dict(_NEVER_KEEP)
        if refused.retry_after is not None:
            headers["retry-after"] = str(refused.retry_after)
        if script:
            said = {"error": refused.code, "message": refused.message}
            return JSONResponse(said, refused.status, headers=headers)
        if session is None or refused.code == "foreign":
            html = self._pages.apology(refused.message)
            return HTMLResponse(html, refused.status, headers=headers)
        try:
            messages = await self._read(session, None)
        except Exception as error:
            log.error("web.page_unreadable", fault=describe(error))
            messages = []
        html = self._pages.chat(
            session,
            messages[-PAGE_OF:],
            earlier=len(messages) > PAGE_OF,
            notice=refused.message,
            draft=refused.text,
        )
        return HTMLResponse(html, refused.status, headers=headers)


def _is_id(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) <= 18


def _number(request: Request, name: str) -> int | None:
    """A number of the address, None when there is none; a made-up one is a bad request."""
    said = request.query_params.get(name)
    if said is None:
        return None
    if not _is_id(said):
        raise HTTPException(400, f"{name} must be a number")
    return int(said)
