"""Messages through a stand-in, processes killed and started again, and what became of it all."""

from __future__ import annotations

import random
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.models import Parcel, Update
from tests.bench.channel_fleet import Fleet
from tests.bench.channel_platforms import Platform
from tests.bench.channel_verdict import Said, Verdict, judge, words
from tests.bench.gauge import RECEIVE, SEND, TURN

_LOOK_EVERY = 0.02
_BATCH = 25


@dataclass
class Plan:
    """``window``: how many messages may be under way; ``patience``: seconds without any progress
    after which the rest counts as lost."""

    messages: int
    kills: int
    chats: int = 60
    workers: int = 1
    window: int = 200
    lease: float = 1.5
    patience: float = 120.0
    seed: int = 7


@dataclass
class Outcome:
    """What was seen. ``struck``: how many kills met each kind of work under way."""

    verdict: Verdict
    seconds: float = 0.0
    kills: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    platform: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Rows of the inbox, those finished, and messages that are not settled yet."""

    taken: int
    finished: int
    unsent: int


class Proof:
    """One run."""

    def __init__(self, platform: Platform, store: str, folder: Path, plan: Plan) -> None:
        self.platform = platform
        self.plan = plan
        self.chance = random.Random(plan.seed)
        self.database = Database(store)
        port = _free_port() if platform.by_post else 0
        if platform.by_post:
            platform.post_to(f"http://127.0.0.1:{port}")
        self.fleet = Fleet(platform, store, folder, plan.workers, port, plan.lease)
        self.said: list[Said] = []
        self.outcome = Outcome(Verdict())
        # Killed at points of progress, so that every kill meets work, however fast the machine.
        low, high = plan.messages // 50, plan.messages * 95 // 100
        self._marks = sorted(self.chance.sample(range(low, high), plan.kills))
        self._seen: tuple[Progress, float] = (Progress(-1, -1, -1), 0.0)

    def run(self) -> Outcome:
        """Say everything, kill, wait for the rest, and judge."""
        try:
            self.fleet.fill()
            while not self.fleet.ready():
                self.fleet.fill()
                time.sleep(_LOOK_EVERY)
            began = time.monotonic()
            while not self._over(progress := self._progress()):
                self.fleet.fill()
                if len(self.said) - progress.finished < self.plan.window:
                    self._say()
                self._kill(progress)
                time.sleep(_LOOK_EVERY)
            self.outcome.seconds = time.monotonic() - began
        finally:
            self.fleet.stop()
        self.outcome.platform = self.platform.figures()
        self.outcome.verdict = judge(self.database, self.platform, self.plan.chats, self.said)
        self.database.close()
        return self.outcome

    def _say(self) -> None:
        """The next few messages, one person after the other."""
        begin = len(self.said)
        numbers = range(begin, min(begin + _BATCH, self.plan.messages))
        new = [(n % self.plan.chats, n // self.plan.chats) for n in numbers]
        if new:
            self.platform.say([(person, words(person, number)) for person, number in new])
            self.said += new

    def _kill(self, progress: Progress) -> None:
        if not self._marks or progress.finished < self._marks[0]:
            return
        victim = self.fleet.any_ready(self.chance)
        if victim is None:
            return
        self._marks.pop(0)
        during = self.chance.choice((None, RECEIVE, TURN, SEND))
        if during == RECEIVE:
            self._say()
        delay = self.chance.uniform(0, 0.3) if during is None else self.chance.uniform(0, 0.005)
        struck = self.fleet.kill(victim, during, delay)
        self.outcome.struck.update(struck or ("between",))
        self.outcome.kills += 1

    def _progress(self) -> Progress:
        with self.database.read() as session:
            taken, finished = session.execute(
                select(func.count(), func.count(Update.finished_at)).select_from(Update)
            ).one()
            unsettled = select(func.count()).where(Parcel.settled_at.is_(None))
            return Progress(taken, finished, session.scalar(unsettled) or 0)

    def _over(self, progress: Progress) -> bool:
        """Whether everything is done, or nothing has moved for too long."""
        last, since = self._seen
        now = time.monotonic()
        if progress != last:
            self._seen = (progress, now)
            since = now
        if len(self.said) < self.plan.messages or self._marks:
            return now - since > self.plan.patience
        settled = progress.taken == progress.finished and not progress.unsent
        if settled and progress.taken >= self.plan.messages:
            return True
        quiet = 5.0 if settled and self._handed_out() else self.plan.patience
        return now - since > quiet

    def _handed_out(self) -> bool:
        """Whether the platform will bring nothing more."""
        figures = self.platform.figures()
        if self.platform.mode in {"replay", "webhook", "polling"}:
            return False
        return figures["left"] == 0


def _free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
