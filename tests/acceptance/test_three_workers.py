"""Three processes share one PostgreSQL queue; one falls now and then, and nobody notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.models import Update
from tests.bench.channel_platforms import platform
from tests.bench.channel_proof import Plan, Proof

MESSAGES, KILLS, CHATS, WORKERS = 150, 4, 15, 3


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize(("channel", "mode"), [("telegram", "polling"), ("zalo_bot", "webhook")])
def test_three_workers_share_the_queue_and_one_is_killed_now_and_then(
    database: Database, database_url: str, tmp_path: Path, channel: str, mode: str
) -> None:
    plan = Plan(MESSAGES, KILLS, CHATS, WORKERS, window=60, patience=60.0)
    with platform(channel, mode) as standing:
        proof = Proof(standing, database_url, tmp_path, plan)
        outcome = proof.run()
    verdict = outcome.verdict
    print(f"{outcome.seconds:.1f} s, under way when killed: {dict(outcome.struck)}, {verdict}")
    assert outcome.kills == KILLS
    assert verdict.faults == [], proof.fleet.log.read_text()[-3000:]
    assert outcome.platform["given_up"] == 0
    assert sum(turns > 0 for turns in proof.fleet.turns()) >= WORKERS, "all have their share"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Update)) == MESSAGES
