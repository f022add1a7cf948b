"""The processes that serve a channel: started, killed, started again."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.acceptance.channel_process import Serving, serve
from tests.bench.channel_platforms import SECRET, Platform
from tests.bench.gauge import READY, TURNS, UNDER_WAY, Gauge

_STARTS_IN = 60.0
_WATCHED_FOR = 1.0
"""Seconds a kill waits for its moment."""


# Each is forked from a process that has imported everything and done nothing: a start takes
# milliseconds, and nothing of a process that was killed lives on in the next one.
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.acceptance.channel_process"])


class Unfit(Exception):
    """A process ended by itself, or never came up: the end of its log is the message."""


@dataclass
class Member:
    """One process and its gauge."""

    process: BaseProcess
    gauge: Gauge
    started: float

    @property
    def ready(self) -> bool:
        """Whether it is past its start."""
        return self.gauge.read(READY) > 0


class Fleet:
    """``size`` processes over one store; each is replaced when it is killed."""

    def __init__(
        self, platform: Platform, store: str, folder: Path, size: int, port: int, lease: float
    ) -> None:
        self.members: list[Member] = []
        self.log = folder / "fleet.log"
        self._gauges: list[Gauge] = []
        self._folder = folder
        self._size = size
        self._names = itertools.count()
        self._serving = Serving(
            platform.channel, platform.address, platform.token, store, folder, self.log
        )
        self._serving = replace(
            self._serving,
            lease=lease,
            secret=SECRET if platform.by_post else "",
            port=port if platform.by_post else 0,
        )

    def fill(self) -> None:
        """Start what is missing. Raises Unfit."""
        for member in self.members:
            late = not member.ready and time.monotonic() - member.started > _STARTS_IN
            if late or member.process.exitcode is not None:
                raise Unfit(self.log.read_text()[-3000:])
        while len(self.members) < self._size:
            file = self._folder / f"gauge-{next(self._names)}"
            gauge = Gauge.made(file)
            self._gauges.append(gauge)
            told = replace(self._serving, gauge=file)
            process = _forks.Process(target=serve, args=(told,))
            process.start()
            self.members.append(Member(process, gauge, time.monotonic()))

    def ready(self) -> list[Member]:
        """Those past their start."""
        return [member for member in self.members if member.ready]

    def kill(self, victim: Member, during: int | None, delay: float) -> tuple[str, ...]:
        """SIGKILL ``delay`` seconds after ``during`` is seen to be under way (None: after now).

        Returns what was under way when it fell.
        """
        until = time.monotonic() + _WATCHED_FOR
        while during is not None and not victim.gauge.read(during) and time.monotonic() < until:
            time.sleep(0.0002)
        time.sleep(delay)
        victim.process.kill()
        victim.process.join()
        self.members.remove(victim)
        return tuple(name for name, at in UNDER_WAY.items() if victim.gauge.read(at))

    def any_ready(self, chance: random.Random) -> Member | None:
        """One past its start, by chance."""
        ready = self.ready()
        return chance.choice(ready) if ready else None

    def turns(self) -> list[int]:
        """How many turns each process began, those that were killed included."""
        return [gauge.read(TURNS) for gauge in self._gauges]

    def stop(self) -> None:
        """End all in good order."""
        for member in self.members:
            member.process.terminate()
        for member in self.members:
            member.process.join(20)
            if member.process.exitcode is None:
                member.process.kill()
                member.process.join()
        self.members.clear()
