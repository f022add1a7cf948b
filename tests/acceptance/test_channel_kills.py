"""Killed at any moment and started again, no channel loses a message or answers one twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.channel_platforms import platform
from tests.bench.channel_proof import Plan, Proof

CHATS = 12


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("channel", "mode", "messages", "kills"),
    [
        ("telegram", "polling", 120, 6),
        ("zalo_bot", "webhook", 120, 6),
        ("zalo_bot", "replay", 60, 3),
    ],
)
def test_nothing_is_lost_on_the_way_through_a_channel(
    database_url: str, tmp_path: Path, channel: str, mode: str, messages: int, kills: int
) -> None:
    plan = Plan(messages, kills, CHATS, window=40, patience=60.0)
    with platform(channel, mode) as standing:
        proof = Proof(standing, database_url, tmp_path, plan)
        outcome = proof.run()
    verdict = outcome.verdict
    print(f"{outcome.seconds:.1f} s, under way when killed: {dict(outcome.struck)}, {verdict}")
    assert outcome.kills == kills
    assert len(proof.said) == messages
    assert verdict.faults == [], proof.fleet.log.read_text()[-3000:]
    assert outcome.platform["given_up"] == 0
    if channel == "telegram":  # Zalo brings what failed again later, after others of the chat
        assert verdict.out_of_order == 0
    # What was on its way when the process fell may be shown again, and no more than that.
    assert verdict.sent_again <= kills * 16
