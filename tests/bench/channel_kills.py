"""Messages through a real channel while its processes are killed: nothing lost, nothing twice.

    .venv/bin/python -m tests.bench.channel_kills --channel telegram|zalo_bot
        [--mode polling|webhook|replay|once] [--messages 10000] [--kills 100] [--workers 1]
        [--chats 60] [--database postgresql+psycopg://…] [--seed 7]

The platform is a stand-in in a process of its own. The serving processes are killed with SIGKILL,
a quarter of the times at any moment, else just after an update, a turn or a send was seen under
way, and started again at once (forked from a process that has only imported). ``--database`` is an
empty store; without it an SQLite file on the disk. Several workers need PostgreSQL. Leases are
short (1.5 s; a house has 20) and Telegram's pace is off in the bench's own process: neither
changes what may be lost or doubled. Zalo's mode "once" hands an event out a single time, so that
what a killed process had in hand is lost there: it is measured, not mended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from sqlalchemy import func, select

from bot.store import migrate
from bot.store.database import Database
from bot.store.models import Update
from tests.bench.channel_platforms import MODES, platform
from tests.bench.channel_proof import Outcome, Plan, Proof
from tests.bench.serving import load


def report(outcome: Outcome, plan: Plan) -> None:
    """Say what was seen."""
    verdict, seconds = outcome.verdict, outcome.seconds
    struck = ", ".join(f"{name} {count}" for name, count in outcome.struck.most_common())
    rate = plan.messages / seconds
    print(f"{plan.messages} messages of {plan.chats} chats in {seconds:.0f} s: {rate:.1f}/s")
    print(f"kills: {outcome.kills}; under way when killed: {struck}")
    print(f"lost: {verdict.lost}; unanswered: {verdict.unanswered}; never sent: {verdict.unsent}")
    print(f"turns run twice: {verdict.twice} (begun again after a kill: {verdict.begun_again})")
    print(f"on the wire twice: {verdict.sent_again}; chats out of order: {verdict.misplaced}")
    given = outcome.platform
    print(
        f"platform: handed out again {given['again']}, gave up {given['given_up']}, "
        f"brought out of order {verdict.out_of_order}"
    )


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channel", choices=list(MODES), required=True)
    parser.add_argument("--mode", help="the channel's first one unless given")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chats", type=int, default=60)
    parser.add_argument("--database", help="an empty store")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    mode = given.mode or MODES[given.channel][0]
    if mode not in MODES[given.channel]:
        parser.error(f"{given.channel} has the modes {', '.join(MODES[given.channel])}")
    if given.workers > 1 and not given.database:
        parser.error("several workers share a PostgreSQL store: give its --database")
    plan = Plan(given.messages, given.kills, given.chats, given.workers, seed=given.seed)
    with tempfile.TemporaryDirectory(prefix="caunoi-kills-") as folder:
        store = given.database or f"sqlite:///{folder}/kills.sqlite3"
        migrate.upgrade(store)
        check_empty(store)
        before = load()
        with platform(given.channel, mode) as standing:
            proof = Proof(standing, store, Path(folder), plan)
            outcome = proof.run()
        kind = store.partition(":")[0]
        print(f"{given.channel}, {mode}, {plan.workers} process(es), {kind}, seed {plan.seed}")
        print(f"machine: {before} before, {load()} after")
        report(outcome, plan)
        faults = proof.fleet.log.read_text().count('"level": "error"')
        print(f"errors in the processes' logs: {faults}")
    for fault in outcome.verdict.faults:
        print(f"FAULT: {fault}")
    raise SystemExit(1 if outcome.verdict.faults else 0)


def check_empty(store: str) -> None:
    """Exit unless nothing was ever taken in here: what is counted must be the bench's own."""
    database = Database(store)
    with database.read() as session:
        rows = session.scalar(select(func.count()).select_from(Update))
    database.close()
    if rows:
        sys.exit(f"the store is not empty: {rows} updates")


if __name__ == "__main__":
    main()
