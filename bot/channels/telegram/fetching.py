"""Files people sent: found by their id, loaded within a limit."""

from __future__ import annotations

from telegram.error import BadRequest, TelegramError

from bot.channels.port import FetchFailed, FetchRefused
from bot.channels.telegram.client import PathExpired, TelegramClient
from bot.channels.telegram.faults import MALFORMED_RESULTS, words

_TOO_BIG = "Tệp lớn quá mức nhận được."
_FOR_EVER = ("invalid file_id", "file_id not specified", "wrong file identifier")


async def fetch(client: TelegramClient, file_id: str, limit: int) -> bytes:
    """The content of a file, at most ``limit`` bytes. Raises FetchRefused or FetchFailed.

    A path that ran out between finding and loading is asked for once more.
    """
    try:
        try:
            return await _load(client, file_id, limit)
        except PathExpired:
            return await _load(client, file_id, limit)
    except PathExpired:
        raise FetchFailed("Telegram chưa đưa được tệp này.") from None
    except BadRequest as error:
        said = error.message.lower()
        if "too big" in said:
            raise FetchRefused(_TOO_BIG) from None
        if any(mark in said for mark in _FOR_EVER):
            raise FetchRefused("Telegram không còn giữ tệp này.") from None
        raise FetchFailed(words(error)) from None
    except (TelegramError, *MALFORMED_RESULTS) as error:
        raise FetchFailed(words(error)) from None


async def _load(client: TelegramClient, file_id: str, limit: int) -> bytes:
    file = await client.file(file_id)
    if file.size is not None and file.size > limit:
        raise FetchRefused(_TOO_BIG)
    return await client.load(file, limit)
