"""Noticing that the clock was set forward: leases that seem to have lapsed by it have not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

_log = structlog.get_logger(__name__)

_A_JUMP = timedelta(seconds=2)
"""More than clocks are corrected by while they run; less than any lease has left when renewed."""
_REST = 10.0
"""Seconds in which every holder that is alive has renewed its lease: twice their longest pause."""


class ClockWatch:
    """Compares the clock with one that nobody sets.

    ``now`` is the clock that leases go by, ``steady`` counts seconds and is never set (it may
    stand still while the machine sleeps, after which the clock seems to have jumped as well).
    """

    def __init__(
        self, now: Callable[[], datetime], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._steady = steady
        self._lock = threading.Lock()
        self._seen = now(), steady()
        self._rests_until: float | None = None

    def trusted(self) -> bool:
        """Whether a lease whose time is over has really lapsed.

        False for a while after the clock was set forward, until its holder has had time to renew
        it. To be asked before the clock is read for such a judgement.
        """
        with self._lock:
            at, ticks = self._now(), self._steady()
            ahead = (at - self._seen[0]) - timedelta(seconds=ticks - self._seen[1])
            self._seen = at, ticks
            if ahead > _A_JUMP:
                self._rests_until = ticks + _REST
                _log.warning("store.clock_set_forward", seconds=round(ahead.total_seconds()))
            elif ahead < -_A_JUMP:
                _log.warning("store.clock_set_back", seconds=round(-ahead.total_seconds()))
            if self._rests_until is not None and ticks >= self._rests_until:
                self._rests_until = None
            return self._rests_until is None
