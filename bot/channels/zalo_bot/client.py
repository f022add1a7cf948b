"""The methods of the Zalo Bot Platform over HTTP, with its answers checked."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

from bot.channels.zalo_bot.errors import (
    AnswerLost,
    NotThere,
    ServerFault,
    Unreachable,
    ZaloError,
    of_code,
)
from bot.channels.zalo_bot.quiet import unlogged
from bot.channels.zalo_bot.reading import events_in, parsed

BASE_URL = "https://bot-api.zaloplatforms.com"

_SLACK = 15.0
"""Seconds a poll may take longer than the time the platform was asked to wait."""
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


class Account(BaseModel):
    """The bot itself."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str = ""


class WebhookState(BaseModel):
    """The webhook that is set (``url`` empty: none) and how the platform's probe of it went.

    ``verified`` is None where the platform does not say; ``hint`` is its own advice.
    """

    model_config = ConfigDict(frozen=True)

    url: str = ""
    verified: bool | None = None
    hint: str = ""


class ZaloBotClient:
    """One bot's calls. All raise ZaloError; no text of this class or its errors has the token.

    ``http`` is for tests and for callers with needs of their own; otherwise one is made, and
    closed by ``close``. Calls are never repeated here: what may be repeated is the caller's
    to know.
    """

    def __init__(
        self, token: str, base_url: str = BASE_URL, http: httpx.AsyncClient | None = None
    ) -> None:
        self._token = token.strip()
        self._root = f"{base_url.rstrip('/')}/bot{quote(self._token, safe=':')}"
        self._own = http is None
        self._http = http or httpx.AsyncClient(
            timeout=httpx.Timeout(connect=8.0, read=25.0, write=8.0, pool=5.0),
            # Short-lived: a connection the platform has closed meanwhile would lose a send in
            # a way that cannot be told from one that arrived.
            limits=httpx.Limits(max_connections=40, keepalive_expiry=3.0),
            trust_env=not is_local(base_url),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    async def close(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def get_me(self) -> Account:
        """The bot's own account. Raises ServerFault when the answer names none."""
        result = await self._call("getMe")
        named = result.get("account_name") or result.get("display_name")
        bot_id = _plain_id(result.get("id"))
        if bot_id is None:
            raise ServerFault("getMe", "câu trả lời không có mã của bot")
        return Account(id=bot_id, name=named if isinstance(named, str) else "")

    async def get_updates(self, wait: float) -> list[dict[str, Any]]:
        """Wait up to ``wait`` seconds for news: the events, without envelope; [] for none.

        The platform hands an event out once, or again at every poll: there is no way to tell it
        what was taken.
        """
        try:
            # The documentation gives the number as a string.
            answer = await self._post("getUpdates", {"timeout": f"{wait:g}"}, read=wait + _SLACK)
            return events_in(answer.get("result"))
        except _Idle:
            return []

    async def set_webhook(self, url: str, secret: str) -> WebhookState:
        """Have events posted to ``url``, with ``secret`` in a header."""
        return _webhook(await self._call("setWebhook", {"url": url, "secret_token": secret}))

    async def delete_webhook(self) -> WebhookState:
        """Have no events posted any more; fine when there was no webhook."""
        return _webhook(await self._call("deleteWebhook"))

    async def get_webhook_info(self) -> WebhookState:
        """The webhook that is set, if any."""
        try:
            return _webhook(await self._call("getWebhookInfo"))
        except NotThere:
            return WebhookState()  # how the platform says that none is set

    async def send_message(self, chat_id: str, text: str) -> str | None:
        """Send plain text of 1 to 2,000 characters (NFC): the message's id, where it is told."""
        return _message_id(await self._call("sendMessage", {"chat_id": chat_id, "text": text}))

    async def send_photo(self, chat_id: str, address: str, caption: str = "") -> str | None:
        """Send the picture at a public address, with up to 2,000 characters (NFC) under it."""
        parameters = {"chat_id": chat_id, "photo": address}
        if caption:
            parameters["caption"] = caption
        return _message_id(await self._call("sendPhoto", parameters))

    async def send_chat_action(self, chat_id: str, action: str = "typing") -> None:
        """Show for a moment that an answer is being written."""
        await self._call("sendChatAction", {"chat_id": chat_id, "action": action})

    async def _call(self, method: str, parameters: dict[str, str] | None = None) -> dict[str, Any]:
        """The result of a call, {} where it has none."""
        try:
            result = (await self._post(method, parameters or {})).get("result")
        except _Idle as idle:
            raise AnswerLost(method, str(idle)) from None
        return result if isinstance(result, dict) else {}

    async def _post(
        self, method: str, parameters: dict[str, str], read: float | None = None
    ) -> dict[str, Any]:
        """The envelope of a call that worked."""
        answer = await self._exchange(method, parameters, read)
        if isinstance(answer, ZaloError):
            raise answer  # here, where no exception with the address in it is being handled
        envelope = _envelope(answer)
        if envelope.get("ok") is True and answer.is_success:
            return envelope
        said = envelope.get("error_code", envelope.get("errorCode"))
        words = envelope.get("description")
        code = said if isinstance(said, int) and 400 <= said < 600 else answer.status_code
        if code == HTTPStatus.REQUEST_TIMEOUT:
            raise _Idle("hết thời gian chờ")
        words = words if isinstance(words, str) else f"HTTP {answer.status_code}"
        words = words.replace(self._token, "***")
        raise of_code(method, code, words, said_so=envelope.get("ok") is False)

    async def _exchange(
        self, method: str, parameters: dict[str, str], read: float | None
    ) -> httpx.Response | ZaloError:
        body = json.dumps(parameters).encode()
        timeout = self._http.timeout
        if read is not None:
            timeout = httpx.Timeout(
                connect=timeout.connect, write=timeout.write, pool=timeout.pool, read=read
            )
        try:
            with unlogged():
                return await self._http.post(
                    f"{self._root}/{method}",
                    content=body,
                    headers={"content-type": "application/json"},
                    timeout=timeout,
                )
        except _NEVER_LEFT as error:
            return Unreachable(method, type(error).__name__)
        except httpx.HTTPError as error:
            return AnswerLost(method, type(error).__name__)


class _Idle(Exception):
    """408, as an HTTP status or in the envelope of a 200: for a poll, no news."""


def is_local(address: str) -> bool:
    """Whether an address is this very machine: a stand-in, never the platform."""
    try:
        return httpx.URL(address).host in {"127.0.0.1", "::1", "localhost"}
    except httpx.InvalidURL:
        return False


def _envelope(answer: httpx.Response) -> dict[str, Any]:
    """What the answer says, {} when it is no JSON object."""
    try:
        said = parsed(answer.content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _webhook(result: dict[str, Any]) -> WebhookState:
    url, verification = result.get("url"), result.get("verification")
    checked = verification if isinstance(verification, dict) else {}
    ok, hint = checked.get("ok"), checked.get("hint")
    return WebhookState(
        url=url if isinstance(url, str) else "",
        verified=ok if isinstance(ok, bool) else None,
        hint=hint if isinstance(hint, str) else "",
    )


def _message_id(result: dict[str, Any]) -> str | None:
    return _plain_id(result.get("message_id"))


def _plain_id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
