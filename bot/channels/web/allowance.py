"""How many messages one session may post: a bucket that fills up again with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable


class Allowance:
    """A token bucket for each session.

    Deliberately generous: it keeps one script from filling the disk; a worker who writes ten
    short lines in a row must never meet it. Politeness towards floods is the turn's business.
    """

    def __init__(
        self,
        burst: int = 120,
        per_second: float = 2.0,
        *,
        sessions: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._sessions = sessions
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, session: str) -> int:
        """Use up one message. 0 when it was allowed, else the seconds to wait (at least 1)."""
        now = self._clock()
        left, since = self._left.pop(session, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._per_second)
        wait = 0 if left >= 1 else max(1, math.ceil((1 - left) / self._per_second))
        self._left[session] = (left if wait else left - 1, now)
        if len(self._left) > self._sessions:
            # The one that has been silent longest has a full bucket by now, or nearly.
            self._left.popitem(last=False)
        return wait
