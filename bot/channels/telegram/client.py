"""The Bot API client: python-telegram-bot's Bot, with the token kept out of sight."""

from __future__ import annotations

import functools
import logging
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from telegram import Bot
from telegram.error import InvalidToken
from telegram.request import HTTPXRequest

from bot.channels.port import FetchFailed, FetchRefused
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.faults import UnreadableAnswer, parsed

# The library's coming form of durations; the old one warns on every 429.
os.environ.setdefault("PTB_TIMEDELTA", "true")

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we read of the kinds of updates; Telegram sends no other."""

_CONNECTIONS = 32
_POLL_GRACE = 10.0
"""Seconds a long poll's answer may be late."""


class PathExpired(Exception):
    """The path of a file no longer works; getFile gives a new one."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Where a file lies for about an hour; ``size`` in bytes where it is known."""

    path: str
    size: int | None


class _Wire(HTTPXRequest):
    """Requests whose unreadable answers are not logged: the library would write them out."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        return parsed(payload)


class _Bot(Bot):
    """The library's bot, which does not show its token."""

    def __init__(self, config: TelegramConfig, polling: _Wire, calling: _Wire) -> None:
        super().__init__(
            config.token or "-",
            base_url=config.base_url,
            base_file_url=config.base_file_url,
            get_updates_request=polling,
            request=calling,
        )
        self._shaped = config.token_is_shaped

    def __repr__(self) -> str:
        return "Bot[token=***]"

    async def call(self, method: str, data: dict[str, Any], within: float | None = None) -> Any:
        """The bare result of a method. ``within``: seconds its answer may take, if not as usual.

        Raises TelegramError.
        """
        if within is None:
            return await self._post(method, data)
        return await self._post(method, data, read_timeout=within)

    async def _do_post(self, endpoint: str, data: dict[str, Any], **timeouts: Any) -> Any:
        if not self._shaped:
            raise InvalidToken("malformed")
        try:
            return await super()._do_post(endpoint, data, **timeouts)
        except KeyError:
            raise UnreadableAnswer("no result") from None


class TelegramClient:
    """One bot's connections. ``timeout``: seconds an answer may take, long polls aside."""

    def __init__(self, config: TelegramConfig, timeout: float = 20.0) -> None:
        _quiet_libraries()
        self.config = config
        self._polling = _wire(2, timeout)
        self._calling = _wire(_CONNECTIONS, timeout)
        self.bot = _Bot(config, self._polling, self._calling)
        self._http = httpx.AsyncClient(
            verify=_trust(), timeout=timeout, limits=httpx.Limits(max_connections=_CONNECTIONS)
        )

    async def updates(self, offset: int | None, wait: int) -> Sequence[object]:
        """Updates from ``offset`` on, bare: each is parsed alone, so that a bad one spoils none.

        Waits up to ``wait`` seconds for one. Raises TelegramError.
        """
        ask: dict[str, Any] = {"timeout": wait, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            ask["offset"] = offset
        given = await self.bot.call("getUpdates", ask, wait + _POLL_GRACE)
        if not isinstance(given, list):
            raise UnreadableAnswer("updates are no list")
        return given

    async def file(self, file_id: str) -> RemoteFile:
        """Where a file can be loaded from. Raises TelegramError."""
        told = await self.bot.call("getFile", {"file_id": file_id})
        path = told.get("file_path") if isinstance(told, dict) else None
        if not isinstance(path, str) or ".." in path.split("/"):
            raise UnreadableAnswer("no path")
        size = told.get("file_size")
        return RemoteFile(path, size if isinstance(size, int) else None)

    async def load(self, file: RemoteFile, limit: int) -> bytes:
        """The content of a file, at most ``limit`` bytes.

        Raises PathExpired, FetchRefused or FetchFailed.
        """
        address = f"{self.bot.base_file_url}/{quote(file.path)}"
        content = bytearray()
        try:
            async with self._http.stream("GET", address) as answer:
                if answer.status_code in (403, 404, 410):
                    raise PathExpired
                if answer.status_code != 200:
                    raise FetchFailed(f"Telegram không đưa tệp (mã {answer.status_code}).")
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > limit:
                        raise FetchRefused("Tệp lớn quá mức nhận được.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"Không tải được tệp từ Telegram ({type(error).__name__}).") from None
        return bytes(content)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()
        await self._polling.shutdown()
        await self._calling.shutdown()


def _wire(connections: int, timeout: float) -> _Wire:
    return _Wire(
        connection_pool_size=connections,
        connect_timeout=min(10.0, timeout),
        read_timeout=timeout,
        write_timeout=timeout,
        pool_timeout=timeout,
        httpx_kwargs={"verify": _trust()},
    )


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificates we trust; reading them takes long enough to do it once."""
    return httpx.create_ssl_context()


def _quiet_libraries() -> None:
    """Keep what libraries say in passing out of the logs: addresses with the token, and texts."""
    for name in ("httpx", "httpcore", "telegram"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
