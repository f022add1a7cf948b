"""Pauses that grow while something keeps failing."""

from __future__ import annotations

import asyncio
import random


class Backoff:
    """Waits ``first`` seconds, then twice as long each time, up to ``longest``."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self.failures = 0

    async def wait(self, at_least: float = 0.0) -> None:
        """Wait after one more failure."""
        pause = min(self._first * 2 ** min(self.failures, 16), self._longest)
        self.failures += 1
        # Never all processes in the same moment.
        await asyncio.sleep(max(pause * random.uniform(0.8, 1.0), at_least))

    def reset(self) -> None:
        """It works again."""
        self.failures = 0
