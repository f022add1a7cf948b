"""How long the server takes to be ready, and what it weighs after fifty questions.

    .venv/bin/python -m tests.bench.start_up [--times 3] [--questions 50]

Starts ``caunoi run --port 0`` over the built index in ./data, with an empty store each time.
"""

from __future__ import annotations

import argparse
import asyncio

from knowledge.cards import load as load_cards
from tests.bench.serving import load, server
from tests.web_talker import Bubble, talking


async def ask(address: str, count: int) -> None:
    """Ask so many questions of different cards, one after the other."""
    asks = [card.asks[0] for card in load_cards()]
    async with talking(address) as talker:
        for number in range(count):
            await talker.say(asks[number % len(asks)])
            await talker.until(
                lambda n=number: turns_answered(talker.shown) > n, f"answer {number}", 60
            )


def turns_answered(shown: list[Bubble]) -> int:
    """How many questions have something of ours after them."""
    roles = "".join("q" if bubble.role == "worker" else "a" for bubble in shown)
    return roles.count("qa")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--questions", type=int, default=50)
    given = parser.parse_args()
    for _ in range(given.times):
        before = load()
        with server() as running:
            fresh = running.memory()["VmRSS"]
            asyncio.run(ask(running.address, given.questions))
            memory = running.memory()
            print(
                f"ready after {running.ready_after:.1f} s; {fresh:.0f} MB resident then, "
                f"{memory['VmRSS']:.0f} MB after {given.questions} questions "
                f"(peak {memory['VmHWM']:.0f} MB); {before}"
            )


if __name__ == "__main__":
    main()
