"""Not writing faster than Telegram lets a bot write."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

_CHATS_REMEMBERED = 2_000


class TooFast(Exception):
    """It is not this chat's turn for longer than we wait; ``wait`` in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.1f} s")
        self.wait = wait


class _Window:
    """At most ``count`` in any ``seconds``."""

    def __init__(self, count: int, seconds: float) -> None:
        self._times: deque[float] = deque(maxlen=count)
        self._seconds = seconds

    def wait(self, now: float) -> float:
        if len(self._times) < (self._times.maxlen or 0):
            return 0.0
        return max(0.0, self._times[0] + self._seconds - now)

    def take(self, now: float) -> None:
        self._times.append(now)

    def put_off(self, now: float) -> None:
        """Count the latest as of now."""
        if self._times:
            self._times[-1] = now

    def idle(self, now: float) -> bool:
        return not self._times or self._times[-1] + self._seconds <= now


class Pace:
    """One message a second to a chat, 20 a minute to a group, 30 a second in all.

    Telegram does not publish its limits exactly: these keep us below what is known, and a
    "retry after" is honoured besides. ``patience``: seconds a sender is kept waiting at most;
    ``in_all`` (a second) and ``gap`` (seconds) are for servers with other limits.
    """

    def __init__(
        self,
        patience: float = 5.0,
        *,
        in_all: int = 30,
        gap: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._gap = gap
        self._all = _Window(in_all, 1.0)
        self._chats: dict[int, list[_Window]] = {}

    async def turn(self, chat: int) -> None:
        """Return when a message may go to the chat. Raises TooFast instead of waiting long."""
        while wait := self.take(chat):
            if wait > self._patience:
                raise TooFast(wait)
            await asyncio.sleep(wait)

    def answered(self, chat: int) -> None:
        """Telegram has the chat's last message by now, and may have got it only just now."""
        for window in self._chats.get(chat, ()):
            window.put_off(self._clock())

    def take(self, chat: int) -> float:
        """Count a message to the chat; or, without counting it, the seconds until it may go."""
        now = self._clock()
        windows = [self._all, *self._of(chat, now)]
        wait = max(window.wait(now) for window in windows)
        if wait == 0.0:
            for window in windows:
                window.take(now)
        return wait

    def _of(self, chat: int, now: float) -> list[_Window]:
        if chat not in self._chats:
            if len(self._chats) >= _CHATS_REMEMBERED:
                self._chats = {
                    each: windows
                    for each, windows in self._chats.items()
                    if not all(window.idle(now) for window in windows)
                }
            group = [_Window(20, 60.0)] if chat < 0 else []
            self._chats[chat] = [_Window(1, self._gap), *group]
        return self._chats[chat]
