"""From an event to the inbox, the same way for polls and webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.channels.port import Accept
from bot.channels.zalo_bot.reading import event_name, is_echo, read

_log = structlog.get_logger(__name__)

_TELL_EVERY = 60.0


class NotReady(Exception):
    """The route behind the channel has not been started."""


class Intake:
    """``accept`` is set when the channel runs; ``bot_id`` as soon as the platform has told it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.accept: Accept | None = None
        self.bot_id: str | None = None
        self._clock = clock
        self._seen_again = 0
        self._told_at = -_TELL_EVERY

    async def take(self, event: dict[str, Any]) -> bool:
        """Commit one event; True when it is news.

        Raises NotReady, StoreUnavailable: then it was not taken and must come again.
        """
        if self.accept is None:
            raise NotReady
        if is_echo(event, self.bot_id):
            return False
        incoming = read(event, self.bot_id, datetime.now(UTC))
        if incoming is None:
            _log.info("zalo.passed_over", event_name=event_name(event))
            return False
        new = await self.accept(incoming)
        if not new:
            self._again()
        return new

    def _again(self) -> None:
        """Count what came a second time, and tell at most once a minute."""
        self._seen_again += 1
        now = self._clock()
        if now - self._told_at >= _TELL_EVERY:
            _log.info("zalo.seen_again", count=self._seen_again)
            self._seen_again, self._told_at = 0, now
