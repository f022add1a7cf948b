"""How long one question takes inside the process, search and answer apart.

    .venv/bin/python -m tests.bench.one_question [QUESTIONS.jsonl] [--limit 1000]

The file has a JSON object a line with "question" (and "as_of"), as ``caunoi search --jsonl``
reads it; without one, the asks of the cards are put. The index is the one that ``caunoi`` serves.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bot import machine
from bot.app import asking
from bot.settings import Settings
from knowledge.cards import load as load_cards
from tests.bench.serving import load, percentile

Question = tuple[str, date | None]


def questions(file: Path | None, limit: int) -> list[Question]:
    """The questions to put, at most ``limit``, in an order that is the same every time."""
    if file is None:
        asked: list[Question] = [(ask, None) for card in load_cards() for ask in card.asks]
    else:
        with file.open(encoding="utf-8") as lines:
            asked = [(row["question"], row.get("as_of")) for row in machine.questions(lines)]
    random.Random(7).shuffle(asked)
    return asked[:limit]


def timed(call: Callable[[str, date | None], object], asked: list[Question]) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for question, day in asked:
        start = time.perf_counter()
        call(question, day)
        spent.append((time.perf_counter() - start) * 1000)
    return spent


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--limit", type=int, default=1000)
    given = parser.parse_args()
    door = asking(Settings())
    start = time.perf_counter()
    door.sources()
    print(f"machine: {load()}; index opened in {time.perf_counter() - start:.1f} s")
    asked = questions(given.file, given.limit)
    door.answer("câu đầu tiên chỉ để làm nóng máy")
    for name, call in (("search", door.find), ("answer", door.answer)):
        spent = timed(call, asked)
        print(
            f"{name}: {len(spent)} questions, p50 {percentile(spent, 0.5):.1f} ms, "
            f"p95 {percentile(spent, 0.95):.1f} ms, max {max(spent):.1f} ms"
        )


if __name__ == "__main__":
    main()
