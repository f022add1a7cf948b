"""One bare update: parsed, read, committed; then the pressed button is released."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Collection
from datetime import UTC, datetime

import structlog
from telegram import CallbackQuery, Update
from telegram.error import TelegramError

from bot.channels.faults import describe
from bot.channels.port import Accept
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.faults import MALFORMED_RESULTS
from bot.channels.telegram.reading import Me, read
from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

_MISREAD_TRIES = 3
_FAULT_TRIES = 20
"""Tries after which an update is let go, so that one alone cannot stop all others for ever: few
when it cannot be read, many when it was read and the house failed."""
_REMEMBERED = 1_000


class Malformed(Exception):
    """Not an update at all: it has no number by which to speak of it."""


class NotTaken(Exception):
    """The update could not be taken this time; it must not be acknowledged."""


class Intake:
    """What polling and webhook do with an update."""

    def __init__(
        self, client: TelegramClient, accept: Accept, me: Me, desk_groups: Collection[int]
    ) -> None:
        self._client = client
        self._accept = accept
        self._me = me
        self._desk_groups = desk_groups
        self._tries: OrderedDict[int, int] = OrderedDict()
        self._releasing: set[asyncio.Task[None]] = set()

    async def take(self, raw: object) -> None:
        """Take one update in; on return it may be acknowledged.

        Raises Malformed, NotTaken, or StoreUnavailable.
        """
        number = number_of(raw)
        try:
            update = Update.de_json(raw, None)  # type: ignore[arg-type]
            incoming = read(update, self._me, self._desk_groups, datetime.now(UTC))
        except Exception as error:
            self._failed(number, error, _MISREAD_TRIES)
            return
        if incoming is not None:
            try:
                await self._accept(incoming)
            except StoreUnavailable:
                raise
            except ValueError as error:
                self._failed(number, error, _MISREAD_TRIES)
            except Exception as error:
                self._failed(number, error, _FAULT_TRIES)
        self._tries.pop(number, None)
        if update.callback_query is not None:
            task = asyncio.create_task(self._release(update.callback_query))
            self._releasing.add(task)
            task.add_done_callback(self._releasing.discard)

    def _failed(self, number: int, error: Exception, most: int) -> None:
        """Count a failed try. Raises NotTaken while there are tries left."""
        tries = self._tries[number] = self._tries.pop(number, 0) + 1
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)
        if tries < most:
            _log.warning(
                "telegram.update_not_taken", update=number, tries=tries, fault=describe(error)
            )
            raise NotTaken from None
        _log.error("telegram.update_let_go", update=number, tries=tries, fault=describe(error))
        del self._tries[number]

    async def _release(self, query: CallbackQuery) -> None:
        """Stop the waiting sign on the pressed button. It ends by itself where this fails."""
        with contextlib.suppress(TelegramError, *MALFORMED_RESULTS):
            await self._client.bot.answer_callback_query(query.id)

    async def close(self) -> None:
        """Let what is under way end."""
        for task in self._releasing:
            task.cancel()
        await asyncio.gather(*self._releasing, return_exceptions=True)


def number_of(raw: object) -> int:
    """The update's number. Raises Malformed."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if type(number) is not int or not 0 <= number < 2**63:
        raise Malformed
    return number
