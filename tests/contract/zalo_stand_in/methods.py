"""The methods of the platform, each with its checks."""

from __future__ import annotations

import asyncio
import math
import time
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from tests.contract.zalo_stand_in.faults import until_gone
from tests.contract.zalo_stand_in.ledger import Sent
from tests.contract.zalo_stand_in.platform import Platform
from tests.contract.zalo_stand_in.styles import check_styles
from tests.contract.zalo_stand_in.webhook import checked_secret, checked_url
from tests.contract.zalo_stand_in.wire import NOTHING, Refusal

MAX_TEXT = 2000
"""Characters of a text or caption, counted on NFC."""

Parameters = dict[str, Any]
Method = Callable[[Parameters, Request], Awaitable[object]]


class Gone(Exception):
    """The caller hung up before there was an answer."""


class Methods:
    """Each raises Refusal for what the platform does not do."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._named: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "testWebhook": self._test_webhook,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendSticker": self._send_sticker,
            "sendVoice": self._send_voice,
            "sendChatAction": self._send_chat_action,
        }

    def named(self, name: str) -> Method:
        """The method of that exact name. Raises Refusal (404)."""
        if name not in self._named or (
            name == "testWebhook" and not self._platform.switches.test_webhook
        ):
            raise Refusal(404, "Not Found")
        return self._named[name]

    async def _get_me(self, parameters: Parameters, request: Request) -> object:
        bot = self._platform
        account = {
            "id": bot.bot_id,
            "account_name": "bot.standin",
            "account_type": "BASIC",
            "can_join_groups": True,
        }
        return {**account, "display_name": bot.bot_name} if bot.switches.display_name else account

    async def _get_updates(self, parameters: Parameters, request: Request) -> object:
        line, platform = self._platform.updates, self._platform
        deadline = time.monotonic() + _seconds(parameters.get("timeout", 30))
        gone = asyncio.ensure_future(until_gone(request))
        line.enter()
        try:
            while True:
                if platform.webhook.url:
                    raise Refusal(
                        400,
                        "You cannot use this API while a webhook is set. "
                        "Please remove the webhook first",
                    )
                if platform.faults.closing.is_set():
                    raise Gone
                if (update := line.take()) is not None:
                    return update.body(named=platform.switches.poll_names_event)
                if not await line.rung(deadline, gone):
                    if gone.done():
                        raise Gone
                    raise Refusal(408, "Request timeout")
        finally:
            line.leave()
            gone.cancel()

    async def _set_webhook(self, parameters: Parameters, request: Request) -> object:
        platform = self._platform
        url = checked_url(parameters.get("url"), local=platform.switches.local_webhooks)
        platform.webhook.set(url, checked_secret(parameters.get("secret_token")))
        while platform.updates.waiting:
            platform.webhook.add(platform.updates.waiting.popleft())
        platform.updates.ring()  # whoever polls is refused now
        probe = await platform.webhook.probe()
        result = self._webhook_info()
        if platform.switches.verification:
            result["verification"] = probe.public()
        return result

    async def _delete_webhook(self, parameters: Parameters, request: Request) -> object:
        self._platform.webhook.set("", "")
        return self._webhook_info()

    async def _get_webhook_info(self, parameters: Parameters, request: Request) -> object:
        if not self._platform.webhook.url and self._platform.switches.webhook_info_none == "404":
            raise Refusal(404, "Not Found")
        return self._webhook_info()

    async def _test_webhook(self, parameters: Parameters, request: Request) -> object:
        platform = self._platform
        if not platform.webhook.url:
            raise Refusal(400, "Bad Request: no webhook is set")
        now = time.monotonic()
        if now - platform.tested_at < platform.switches.test_webhook_seconds:
            raise Refusal(426, "Too many tests, try again later", key="errorCode")
        platform.tested_at = now
        probe = await platform.webhook.probe()
        return {**probe.public(), "latency_ms": probe.latency_ms}

    async def _send_message(self, parameters: Parameters, request: Request) -> object:
        chat_id = self._chat(parameters)
        text = _text(parameters.get("text"), "text")
        mode = parameters.get("parse_mode")
        if mode is not None and mode not in {"markdown", "html"}:
            raise Refusal(400, "Bad Request: unknown parse_mode")
        if mode is None and "text_styles" in parameters:
            check_styles(parameters["text_styles"], text)
        return self._send(Sent(chat_id, "sendMessage", text=text, parameters=parameters))

    async def _send_photo(self, parameters: Parameters, request: Request) -> object:
        chat_id = self._chat(parameters)
        photo = _url(parameters.get("photo"), "photo")
        caption = _text(parameters["caption"], "caption") if "caption" in parameters else ""
        sent = Sent(chat_id, "sendPhoto", text=caption, photo=photo, parameters=parameters)
        return self._send(sent)

    async def _send_sticker(self, parameters: Parameters, request: Request) -> object:
        chat_id, sticker = self._chat(parameters), parameters.get("sticker")
        if not isinstance(sticker, str) or not sticker:
            raise Refusal(400, "Bad Request: sticker is required")
        return self._send(Sent(chat_id, "sendSticker", sticker=sticker, parameters=parameters))

    async def _send_voice(self, parameters: Parameters, request: Request) -> object:
        chat_id = self._chat(parameters)
        voice = _url(parameters.get("voice_url"), "voice_url")
        if not urlsplit(voice).path.endswith(".aac"):
            raise Refusal(400, "Bad Request: voice_url must end with .aac")
        sent = Sent(chat_id, "sendVoice", voice=voice, parameters=parameters)
        if self._platform.people.is_group(chat_id):
            # Groups get no voice, and the bot is not told.
            return {"message_id": sent.message_id, "date": sent.date}
        return self._send(sent)

    async def _send_chat_action(self, parameters: Parameters, request: Request) -> object:
        self._chat(parameters)
        if parameters.get("action") not in {"typing", "upload_photo"}:
            raise Refusal(400, "Bad Request: unknown action")
        return NOTHING

    def _send(self, sent: Sent) -> object:
        platform = self._platform
        quota = platform.switches.quota_month
        spent = quota is not None and platform.ledger.month >= quota
        if spent or platform.people.beyond_quota(sent.chat_id):
            raise Refusal(429, "Quota exceeded")
        platform.ledger.add(sent)
        if platform.switches.echo_self:
            platform.echo(sent)
        return {"message_id": sent.message_id, "date": sent.date}

    def _chat(self, parameters: Parameters) -> str:
        chat_id = parameters.get("chat_id")
        if not isinstance(chat_id, str) or not self._platform.people.knows(chat_id):
            raise Refusal(400, "Bad Request: chat not found")
        return chat_id

    def _webhook_info(self) -> dict[str, Any]:
        webhook = self._platform.webhook
        return {"url": webhook.url, "updated_at": webhook.updated_at}


def _seconds(timeout: object) -> float:
    try:
        seconds = float(timeout) if isinstance(timeout, str | int | float) else math.nan
    except ValueError:
        seconds = math.nan
    if isinstance(timeout, bool) or not 0 <= seconds < math.inf:
        raise Refusal(400, "Bad Request: timeout must be a number of seconds")
    return seconds


def _text(text: object, name: str) -> str:
    if not isinstance(text, str) or not text:
        raise Refusal(400, f"Bad Request: {name} is empty")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal(400, f"Bad Request: {name} is not UTF-8")
    if len(unicodedata.normalize("NFC", text)) > MAX_TEXT:
        raise Refusal(400, f"Bad Request: {name} is too long")
    return text


def _url(address: object, name: str) -> str:
    parts = urlsplit(address) if isinstance(address, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise Refusal(400, f"Bad Request: {name} must be an address")
    return str(address)
