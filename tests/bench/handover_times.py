"""How soon a watching counsellor sees a case, and how soon a worker gets the counsellor's words.

    .venv/bin/python -m tests.bench.handover_times [--cases 50] [--database postgresql+psycopg://…]

Starts ``caunoi run`` over the built index in ./data with an empty store, joined to a Telegram
stand-in in this process. A counsellor's queue page is open the whole time: it hears the event
stream and fetches the part that changed, as the page's script does. One worker after the other
asks for a person; the counsellor takes the case and, a second after the worker has been told so
(Telegram takes one message a second in a chat), sends a reply.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select

from bot.store.database import Database
from bot.store.desk_models import Case
from bot.store.models import Chat
from tests.bench.asking_people import TelegramStanding
from tests.bench.counsellor import Counsellor, Watching
from tests.bench.serving import load, percentile, server
from tests.contract.telegram_stand_in import TelegramStandIn

_PATIENCE = 60.0
_TOLD_AFTER, _SENT_AFTER = 5.0, 1.0
"""Seconds that are promised."""
T = TypeVar("T")


@dataclass
class Times:
    """Seconds. ``asked_seen`` from the worker's word, ``opened_told`` and ``opened_seen`` from the
    commit that opened the case, ``pressed_sent`` from the click to the wire."""

    asked_seen: list[float] = field(default_factory=list)
    opened_told: list[float] = field(default_factory=list)
    opened_seen: list[float] = field(default_factory=list)
    pressed_sent: list[float] = field(default_factory=list)


def until(what: str, look: Callable[[], T | None]) -> T:
    """What ``look`` finds, as soon as it does. Raises RuntimeError after a minute."""
    ends = time.monotonic() + _PATIENCE
    while (found := look()) is None:
        if time.monotonic() > ends:
            raise RuntimeError(f"{what}: not within {_PATIENCE:.0f} s")
        time.sleep(0.005)
    return found


class Handover:
    """Workers at a stand-in, one counsellor who watches."""

    def __init__(
        self, telegram: TelegramStandIn, database: Database, desk: Counsellor, watching: Watching
    ) -> None:
        self._telegram = telegram
        self._database = database
        self._desk = desk
        self._watching = watching
        self._chance = random.Random(7)
        self.times = Times()

    def play(self, worker: int) -> None:
        """One case, from the worker's word to the counsellor's reply."""
        time.sleep(self._chance.random())  # so that no case falls in step with the desk's looks
        asked = time.time()
        self._telegram.say(worker, "/tuvan công ty nợ lương tôi hai tháng nay")
        case, opened = until("the case", lambda: self._case(worker))
        seen = until("the case on the page", lambda: self._watching.seen.get(case))
        self.times.asked_seen.append(seen - asked)
        self.times.opened_told.append(self._watching.told[case] - opened)
        self.times.opened_seen.append(seen - opened)
        before = self._quiet(worker)
        self._desk.take(case)
        until("the word that it was taken", lambda: self._sent(worker, before))
        time.sleep(1.2)
        text = f"Chào bạn, tôi là tư vấn viên. Hồ sơ của bạn mang số {case}."
        pressed = self._desk.reply(case, text)
        sent = until("the reply", lambda: self._reply(worker, text))
        self.times.pressed_sent.append(sent - pressed)

    def _case(self, worker: int) -> tuple[int, float] | None:
        with self._database.read() as session:
            row = session.execute(
                select(Case.id, Case.queued_at)
                .join(Chat, Chat.id == Case.chat)
                .where(Chat.chat_id == str(worker))
            ).first()
        return (row.id, row.queued_at.timestamp()) if row else None

    def _quiet(self, worker: int) -> int:
        """How many messages the worker has when the house has said all it wants to say."""
        count = -1
        while (now := len(self._telegram.sent(worker))) != count:
            count = now
            time.sleep(1.3)
        return count

    def _sent(self, worker: int, before: int) -> int | None:
        count = len(self._telegram.sent(worker))
        return count if count > before else None

    def _reply(self, worker: int, text: str) -> float | None:
        for call in reversed(self._telegram.calls("sendMessage")[-5:]):
            if call.parameters.get("chat_id") == str(worker) and text in call.parameters["text"]:
                return call.at
        return None


def line(name: str, seconds: list[float], most: float | None = None) -> bool:
    """Print a line; whether the promise was kept."""
    kept = most is None or max(seconds) <= most
    promise = "" if most is None else f" (promised {most:.0f} s: {'kept' if kept else 'BROKEN'})"
    print(
        f"{name}: p50 {percentile(seconds, 0.5) * 1000:.0f} ms, "
        f"p95 {percentile(seconds, 0.95) * 1000:.0f} ms, max {max(seconds) * 1000:.0f} ms{promise}"
    )
    return kept


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--database", help="an empty store; else an SQLite file on the disk")
    given = parser.parse_args()
    before = load()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="caunoi-handover-"))
        store = given.database or f"sqlite:///{folder}/handover.sqlite3"
        telegram = stack.enter_context(TelegramStandIn())
        standing = TelegramStanding(telegram)
        own = stack.enter_context(server(store, standing.settings()))
        database = Database(store)
        stack.callback(database.close)
        desk = Counsellor(own.address, database)
        stack.callback(desk.close)
        watching = stack.enter_context(Watching(desk))
        handover = Handover(telegram, database, desk, watching)
        for number in range(given.cases):
            handover.play(int(standing.person(number)))
        times = handover.times
    print(f"{given.cases} cases, {store.partition(':')[0]}; "
          f"machine: {before} before, {load()} after")  # fmt: skip
    line("worker's word to the case on the counsellor's page", times.asked_seen)
    line("case opened to the event", times.opened_told)
    kept = line("case opened to the case on the counsellor's page", times.opened_seen, _TOLD_AFTER)
    kept &= line("counsellor's click to the wire", times.pressed_sent, _SENT_AFTER)
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()
