"""Long polling: updates are asked for, committed, and only then acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.backoff import Backoff
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.faults import MALFORMED_RESULTS, REFUSED_ADVICE, seconds_of, words
from bot.channels.telegram.intake import Intake, Malformed, NotTaken, number_of
from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

_SPIN = 0.5
"""Seconds an empty answer takes at least; a server that does not wait must not be hammered."""


class Polling:
    """Asks for updates until the token is refused or the task is cancelled.

    The next request's offset acknowledges every update below it, so it moves past an update only
    when that one and all before it are committed. What was committed but not yet acknowledged
    when we stop comes again, and the inbox knows it. ``wait``: seconds of a long poll; ``first``
    and ``longest``: seconds between tries while something is wrong.
    """

    def __init__(
        self,
        client: TelegramClient,
        intake: Intake,
        *,
        wait: int = 25,
        first: float = 1.0,
        longest: float = 30.0,
    ) -> None:
        self._client = client
        self._intake = intake
        self._wait = wait
        self._offset: int | None = None
        self._asking = Backoff(first, longest)
        self._taking = Backoff(first, longest)
        self._conflict_told = False

    async def run(self) -> None:
        """Poll; returns only when the token was refused."""
        while True:
            began = time.monotonic()
            try:
                batch = await self._client.updates(self._offset, self._wait)
            except InvalidToken as error:
                # A 404 can also come from something on the way; the token was good at the start.
                if "unauthorized" in error.message.lower():
                    _log.error("telegram.token_refused", advice=REFUSED_ADVICE)
                    return
                await self._troubled(error)
            except (TelegramError, *MALFORMED_RESULTS) as error:
                await self._troubled(error)
            else:
                self._well()
                if not batch and time.monotonic() - began < _SPIN:
                    await asyncio.sleep(_SPIN)
                await self._take(batch)

    async def _take(self, batch: Sequence[object]) -> None:
        """Take updates in, up to the first that cannot be taken now."""
        useless = len(batch) > 0
        for number, raw in _numbered(batch):
            useless = False
            try:
                await self._intake.take(raw)
            except (StoreUnavailable, NotTaken) as error:
                if isinstance(error, StoreUnavailable) and not self._taking.failures:
                    _log.warning("telegram.store_away", reason=str(error))
                await self._taking.wait()
                return
            self._taking.reset()
            # Some come once more, with an old number.
            self._offset = max(self._offset or 0, number + 1)
        if useless:
            await self._taking.wait()

    async def _troubled(self, error: Exception) -> None:
        """Say what is wrong, and wait before asking again."""
        at_least = seconds_of(error) if isinstance(error, RetryAfter) else 0.0
        if isinstance(error, Conflict):
            # After a restart the request of the process before us may hang on for a moment.
            certain = "webhook" in error.message.lower() or self._asking.failures > 0
            if certain and not self._conflict_told:
                self._conflict_told = True
                _log.error("telegram.conflict", advice=words(error))
        else:
            _log.warning(
                "telegram.poll_failed", tries=self._asking.failures + 1, reason=words(error)
            )
        await self._asking.wait(at_least)

    def _well(self) -> None:
        if self._asking.failures:
            _log.info("telegram.polls_again", failures=self._asking.failures)
        self._asking.reset()
        self._conflict_told = False


def _numbered(batch: Sequence[object]) -> list[tuple[int, object]]:
    """The updates in the order of their numbers; what has none can never be acknowledged."""
    found = []
    for raw in batch:
        try:
            found.append((number_of(raw), raw))
        except Malformed:
            _log.error("telegram.no_update")
    return sorted(found, key=lambda each: each[0])
