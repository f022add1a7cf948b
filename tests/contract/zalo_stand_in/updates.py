"""Events and the line in which they wait to be polled."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from tests.contract.zalo_stand_in.switches import Switches


def new_id() -> str:
    """An id as the platform makes them: 20 hexadecimal digits."""
    return secrets.token_hex(10)


def now_ms() -> int:
    """The present in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass
class Update:
    """One event; ``handed`` counts how often a poll took it."""

    name: str
    message: dict[str, Any] | None
    handed: int = 0

    @property
    def message_id(self) -> str | None:
        """Id of its message; None for an event without one."""
        return self.message.get("message_id") if self.message else None

    @property
    def chat_id(self) -> str:
        """The chat it belongs to; empty for an event without a message."""
        return str(self.message["chat"]["id"]) if self.message else ""

    def body(self, *, named: bool = True) -> dict[str, Any]:
        """As it stands on the wire, without an envelope."""
        out: dict[str, Any] = {"event_name": self.name} if named else {}
        return out if self.message is None else {**out, "message": self.message}


class Updates:
    """The line of one bot. There is no offset: a poll that takes an update has consumed it."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self.waiting: deque[Update] = deque()
        self.lost: list[Update] = []
        self._consumed: list[Update] = []
        self._again = 0
        self._pollers = 0
        self._heard_at = float("-inf")
        self._bell = asyncio.Event()

    def put(self, update: Update) -> None:
        """To the end of the line; lost when nobody listens and the switch says so."""
        silence = time.monotonic() - self._heard_at
        if (
            self._switches.unheard == "lost"
            and not self._pollers
            and silence > self._switches.hearing_seconds
        ):
            self.lost.append(update)
            return
        self.waiting.append(update)
        self.ring()

    def ring(self) -> None:
        """Let everybody who waits look again."""
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    def take(self) -> Update | None:
        """The next one: news first, then, in replay, the consumed ones round and round."""
        if self.waiting:
            update = self.waiting.popleft()
            self._consumed.append(update)
        elif self._switches.consumed == "replay" and self._consumed:
            update = self._consumed[self._again % len(self._consumed)]
            self._again += 1
        else:
            return None
        update.handed += 1
        return update

    async def rung(self, deadline: float, gone: asyncio.Future[Any]) -> bool:
        """Wait for the bell; False once ``deadline`` (monotonic s) passed or the caller is gone."""
        left = deadline - time.monotonic()
        if left <= 0 or gone.done():
            return False
        bell = asyncio.ensure_future(self._bell.wait())
        try:
            await asyncio.wait({bell, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            return bell.done() and not gone.done()
        finally:
            bell.cancel()

    def enter(self) -> None:
        """A poll begins."""
        self._pollers += 1

    def leave(self) -> None:
        """A poll has ended."""
        self._pollers -= 1
        self._heard_at = time.monotonic()
