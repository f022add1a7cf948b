"""The judge of the Telegram stand-in: python-telegram-bot as it is, and short words for tests."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.request import HTTPXRequest

from tests.contract.telegram_stand_in import Controls

LAN = 5_400_000_011
MINH = 5_400_000_012
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def request(**options: float) -> HTTPXRequest:
    """PTB's own transport; without certificates, which take a while to load."""
    return HTTPXRequest(httpx_kwargs={"verify": False}, **options)  # type: ignore[arg-type]


def bot_of(telegram: Controls, token: str = "") -> Bot:
    """PTB's bot for the stand-in, not yet initialised."""
    return Bot(
        token or telegram.token,
        base_url=telegram.address,
        base_file_url=telegram.file_address,
        request=request(),
        get_updates_request=request(),
    )


def fetch(url: str, method: str = "GET", **options: Any) -> httpx.Response:
    """One request without any client of Telegram in between."""
    with httpx.Client(verify=False, trust_env=False) as client:
        return client.request(method, url, **options)


async def newest(bot: Bot) -> Update:
    """The last update; forgets those before it."""
    return (await bot.get_updates(offset=-1))[-1]


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """An inline keyboard of (words, data)."""
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(words, callback_data=data) for words, data in row] for row in rows]
    )


def refused(words: str) -> AbstractContextManager[pytest.ExceptionInfo[BadRequest]]:
    """Expects a 400 that begins with ``words``; PTB changes the case of what the server says."""
    return pytest.raises(BadRequest, match=f"(?i)^{re.escape(words)}")
