"""Telegram's flood limits, off until a test turns them on."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

Rate = tuple[int, float]
"""So many messages in so many seconds."""


@dataclass
class FloodLimits:
    """Refuses what comes too quickly. A refused message does not count."""

    on: bool = False
    private: Rate = (1, 1.0)
    group: Rate = (20, 60.0)
    total: Rate = (30, 1.0)
    _sent: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, chat_id: int) -> int:
        """Count one message to the chat: 0 when it may go, else how many seconds to wait."""
        if not self.on:
            return 0
        now = time.monotonic()
        rate = self.private if chat_id > 0 else self.group
        windows = ((self._sent[chat_id], rate), (self._sent[0], self.total))
        wait = max(_wait(window, one, now) for window, one in windows)
        if wait > 0:
            return math.ceil(wait)
        for window, _ in windows:
            window.append(now)
        return 0


def _wait(window: deque[float], rate: Rate, now: float) -> float:
    count, seconds = rate
    while window and window[0] <= now - seconds:
        window.popleft()
    return 0.0 if len(window) < count else window[0] + seconds - now
