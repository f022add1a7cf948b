"""Conversations and messages of several questions: are they heard right?

    .venv/bin/python -m tests.bench.messages

``turns.jsonl``: two messages each, the second leaning on the first or on a new matter.
``compound.jsonl``: messages that hold one to three questions. Nothing was fitted on either; the
rules by which a message is parted were tried on the second while they were written. The index is
the one that ``caunoi`` serves.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.app import asking
from bot.settings import Settings
from knowledge.asking import Asking, Previous
from knowledge.search import Found

HERE = Path(__file__).parent
Gold = set[tuple[str, str]]


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file beside this one."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def gold_of(refs: Iterable[dict[str, Any]]) -> Gold:
    """The articles that answer."""
    return {(ref["law"], str(ref["article"])) for ref in refs}


def hit(found: Found, gold: Gold, among: int) -> bool:
    """Whether a right article is among the first ones."""
    return any((each.ref.law, each.ref.article) in gold for each in found.hits[:among])


def turns(door: Asking) -> None:
    """Print how second messages are read and answered."""
    counted: dict[str, Counter[str]] = {"follow": Counter(), "new": Counter()}
    for row in rows("turns.jsonl"):
        previous, gold = Previous(row["first"]), gold_of(row["gold"])
        leans = door.leans(row["second"], previous)
        alone, both = door.find(row["second"]), door.find_together(row["second"], previous)
        of_kind = counted[row["kind"]]
        of_kind["messages"] += 1
        of_kind["read together"] += leans
        for name, found in (
            ("alone", alone),
            ("together", both),
            ("as read", both if leans else alone),
        ):
            of_kind[f"{name}, first"] += hit(found, gold, 1)
            of_kind[f"{name}, among three"] += hit(found, gold, 3)
    for kind, of_kind in counted.items():
        print(kind, dict(of_kind))


def compound(door: Asking) -> None:
    """Print how messages are parted and how many of their questions are answered."""
    parted: Counter[tuple[int, int]] = Counter()
    counted: dict[str, Counter[str]] = {"one": Counter(), "several": Counter()}
    for row in rows("compound.jsonl"):
        parts = door.questions(row["text"])
        parted[row["questions"], len(parts)] += 1
        whole, each = door.find(row["text"]), [door.find(part) for part in parts]
        of_kind = counted["one" if row["questions"] == 1 else "several"]
        for refs in row["gold"]:
            gold = gold_of(refs)
            of_kind["questions"] += 1
            for among in (1, 3):
                of_kind[f"as one, among {among}"] += hit(whole, gold, among)
                of_kind[f"parted, among {among}"] += any(hit(f, gold, among) for f in each)
    print("questions held, answered as:", dict(sorted(parted.items())))
    for kind, of_kind in counted.items():
        print(kind, dict(of_kind))


def main() -> None:
    """Measure and report both."""
    door = asking(Settings())
    turns(door)
    compound(door)


if __name__ == "__main__":
    main()
