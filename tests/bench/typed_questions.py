"""Questions as different workers type them, put in the web chat, each in a chat of its own.

    .venv/bin/python -m tests.bench.typed_questions [--address http://127.0.0.1:8080] [--out FILE]

``typed.jsonl`` was written from the law texts by somebody who saw neither cards nor question sets:
twenty questions for each of the five laws, fifty of different people over all of them; each with
the places a right answer rests on and, in a sentence, what it must say. Printed is how many
answers cite a right article; with ``--out`` the answers are written out, to be read.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

from knowledge.clause import Ref
from tests.bench.serving import Server, load, server
from tests.bench.web_questions import answer_to
from tests.web_talker import talking

FILE = Path(__file__).with_name("typed.jsonl")
_SETTLES = 0.4
"""Seconds after the first message of an answer in which the others have come."""


async def answered(address: str, question: str) -> tuple[str, str]:
    """What the chat shows to a question: as words, and as HTML with what folds open."""
    async with talking(address) as talker:
        update = await talker.say(question)
        await talker.until(lambda: answer_to(talker, update) is not None, question, 60)
        await asyncio.sleep(_SETTLES)
        own = next(b for b in talker.shown if b.update_id == update)
        shown = [b for b in talker.shown if b.id > own.id and b.role == "bot"][1:]
        html = unescape("\n".join(b.html for b in shown))
        offered = [label for b in shown for label in b.choices]
        words = "\n".join(b.words for b in shown)
        return (f"{words}\n[{' | '.join(offered)}]" if offered else words), html


def cites(html: str, places: list[str]) -> bool:
    """Whether what is shown names one of the articles."""
    for place in places:
        ref = Ref.parse(place)
        if re.search(rf"Điều {ref.article}\b[^\n<]{{0,120}}?{re.escape(ref.law)}", html):
            return True
    return False


async def run(address: str) -> list[dict[str, Any]]:
    """Put all questions; print how many answers cite a right article, and give them back."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    written: list[dict[str, Any]] = []
    for row in rows:
        words, html = await answered(address, row["question"])
        good = cites(html, row["rests_on"])
        asked[row["group"]] += 1
        right[row["group"]] += good
        written.append({**row, "answer": words, "cites": good})
    for group, count in asked.items():
        print(f"{group}: {right[group]} of {count} cite a right article")
    return written


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", help="a server that runs already")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    print(f"machine: {load()}")
    with contextlib.ExitStack() as stack:
        own: Server | None = None
        if given.address is None:
            own = stack.enter_context(server(None))
        written = asyncio.run(run(given.address or (own.address if own else "")))
    if given.out:
        lines = (json.dumps(row, ensure_ascii=False) for row in written)
        given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
