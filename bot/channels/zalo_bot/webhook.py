"""The address the platform posts events to."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.bodies import cut_off
from bot.channels.hook_secret import is_right
from bot.channels.zalo_bot.intake import Intake, NotReady
from bot.channels.zalo_bot.reading import events_in, parsed
from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

PATH = "/zalo-bot/webhook"
SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MAX_BODY = 1024 * 1024
"""Bytes of one post."""


class Webhook:
    """Takes posts in: 200 once the event is committed; 503 asks the platform to bring it again."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake = intake
        self._secret = secret.encode()

    def routes(self) -> list[BaseRoute]:
        """Where it listens."""
        return [Route(PATH, self._posted, methods=["POST"])]

    async def _posted(self, request: Request) -> Response:
        try:
            if not is_right(request, SECRET_HEADER, self._secret):
                # An empty post looks whether anybody is there; it has no effect, whoever sends it.
                return Response(status_code=403 if await _has_body(request) else 200)
            body = await cut_off(request, MAX_BODY)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            _log.warning("zalo.post_too_large")
            return Response(status_code=413)
        if not body.strip():
            return Response(status_code=200)
        try:
            events = events_in(parsed(body))
        except ValueError:
            _log.warning("zalo.post_unreadable", size=len(body))
            return Response(status_code=400)
        if not events:
            _log.info("zalo.post_without_event")
        return await self._take(events)

    async def _take(self, events: list[dict[str, Any]]) -> Response:
        try:
            for event in events:
                await self._intake.take(event)
        except NotReady:
            return _busy()
        except StoreUnavailable as error:
            _log.warning("zalo.post_not_taken", reason=str(error))
            return _busy()
        except Exception as error:
            # Its words may quote a person.
            _log.error("zalo.post_not_taken", kind=type(error).__name__)
            return Response(status_code=500)
        return Response(status_code=200)


def _busy() -> Response:
    return Response(status_code=503, headers={"retry-after": "5"})


async def _has_body(request: Request) -> bool:
    """Whether anything was posted; reads no more than it must."""
    async for chunk in request.stream():
        if chunk:
            return True
    return False
