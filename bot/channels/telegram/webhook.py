"""The address Telegram posts updates to."""

from __future__ import annotations

import json

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.bodies import cut_off
from bot.channels.hook_secret import is_right
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.intake import Malformed, NotTaken
from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes of one update; Telegram's are a few kilobytes."""
MAX_DEPTH = 64
"""Levels of one update; a message that quotes a message has about ten."""

_SECRET = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header


def routes(channel: TelegramChannel) -> list[BaseRoute]:
    """What the application mounts where the channel is told by webhook."""
    return [Route(channel.config.webhook_path, _Hook(channel).post, methods=["POST"])]


class _Hook:
    """Answers without words: whoever is let in reads only the status."""

    def __init__(self, channel: TelegramChannel) -> None:
        self._channel = channel
        self._secret = channel.config.webhook_secret.encode()
        self._away = False

    async def post(self, request: Request) -> Response:
        """200 once the update is committed; 503 while it cannot be, so that it comes again."""
        if _SECRET not in request.headers:
            return Response(status_code=401)
        if not is_right(request, _SECRET, self._secret):
            return Response(status_code=403)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return Response(status_code=415)
        if _declares_too_much(request):
            return Response(status_code=413)
        try:
            body = await cut_off(request, MAX_BODY)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not _is_flat(raw):
            return Response(status_code=400)
        return Response(status_code=await self._take(raw))

    async def _take(self, raw: object) -> int:
        intake = self._channel.intake
        if intake is None:  # not running, or the bot's own name is not known yet
            return 503
        try:
            await intake.take(raw)
        except Malformed:
            return 400
        except StoreUnavailable as error:
            if not self._away:
                _log.warning("telegram.store_away", reason=str(error))
            self._away = True
            return 503
        except NotTaken:
            return 503
        self._away = False
        return 200


def _declares_too_much(request: Request) -> bool:
    declared = request.headers.get("content-length", "")
    return declared.isascii() and declared.isdigit() and int(declared[:12]) > MAX_BODY


def _is_flat(raw: object) -> bool:
    """Whether it is nested no deeper than MAX_DEPTH."""
    level = [raw]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return True
    return False
