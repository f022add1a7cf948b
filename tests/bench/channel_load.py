"""Fifty chats at once on a real channel, over the built index: rate, waits, memory.

    .venv/bin/python -m tests.bench.channel_load --channel telegram|zalo_bot
        [--chats 50] [--seconds 60] [--database postgresql+psycopg://…]

Starts ``caunoi run`` over the built index in ./data with an empty store, joined to a stand-in in
this process: Telegram by long polling, Zalo by webhook. Each person asks again as soon as the last
answer has begun to come. Telegram's own pace (30 messages a second, one a second to a chat) stays
on. A wait is from the person's message to the first message of its answer at the platform.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time

from bot.store.database import Database
from tests.bench.asking_people import AskingPeople, Standing, TelegramStanding, ZaloStanding
from tests.bench.serving import Server, load, percentile, server
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn

_WARMING = 8


def standing(channel: str, stack: contextlib.ExitStack) -> Standing:
    """The channel's stand-in, for as long as the stack lasts."""
    if channel == "telegram":
        return TelegramStanding(stack.enter_context(TelegramStandIn()))
    return ZaloStanding(stack.enter_context(ZaloStandIn(local_webhooks=True)))


def report(
    people: AskingPeople, waits: list[tuple[float, float]], seconds: float, own: Server, cpu: float
) -> None:
    """Say what was seen in the first ``seconds``."""
    began = min(moments[0] for moments in people.asked.values())
    in_time = [each for each in waits if each[0] + each[1] <= began + seconds]
    spent = [wait * 1000 for _, wait in waits]
    wire = sum(began <= each.at <= began + seconds for each in people.shown)
    asked = sum(map(len, people.asked.values()))
    print(f"{asked} questions of {len(people.asked)} chats, {len(waits)} answered")
    print(f"answers: {len(in_time) / seconds:.1f}/s; messages on the wire: {wire / seconds:.1f}/s")
    print(
        f"asked to first message at the platform: p50 {percentile(spent, 0.5):.0f} ms, "
        f"p95 {percentile(spent, 0.95):.0f} ms, max {max(spent):.0f} ms"
    )
    memory = own.memory()
    print(f"server: {memory['VmRSS']:.0f} MB resident, peak {memory['VmHWM']:.0f} MB")
    print(f"server: {cpu:.2f} cores busy, {cpu * seconds / max(len(waits), 1) * 1000:.0f} ms each")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channel", choices=["telegram", "zalo_bot"], required=True)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database", help="an empty store; else an SQLite file on the disk")
    given = parser.parse_args()
    before = load()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="caunoi-load-"))
        store = given.database or f"sqlite:///{folder}/load.sqlite3"
        people = standing(given.channel, stack)
        own = stack.enter_context(server(store, people.settings()))
        people.joined(own.address)
        database = Database(store)
        stack.callback(database.close)
        # A few others first: what a start costs is measured elsewhere.
        AskingPeople(people, database, range(10_000, 10_000 + _WARMING)).ask(1.0)
        asking = AskingPeople(people, database, range(given.chats))
        used, client, began = own.cpu(), time.process_time(), time.monotonic()
        asking.ask(given.seconds)
        lasted = time.monotonic() - began
        cpu, client = (own.cpu() - used) / lasted, (time.process_time() - client) / lasted
        print(f"{given.channel}, {store.partition(':')[0]}; machine: {before} before, {load()} now")
        waits = asking.waits()
        report(asking, waits, given.seconds, own, cpu)
        print(f"stand-in and people: {client:.2f} cores busy")
    missing = sum(map(len, asking.asked.values())) - len(waits)
    if missing:
        print(f"FAULT: {missing} questions have no answer")
    raise SystemExit(1 if missing else 0)


if __name__ == "__main__":
    main()
