"""Many questions at once through the real HTTP and SSE interface; every promise checked.

    .venv/bin/python -m tests.bench.web_questions [--questions 1000] [--chats 20]
        [--address http://127.0.0.1:8080] [--database postgresql+psycopg://…]

Without ``--address`` it starts a server of its own over the built index in ./data, with an empty
store. Each chat posts its next question when the last one's answer is on its page, so as many
questions are under way as there are chats.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time

from knowledge.cards import load as load_cards
from tests.bench.serving import Server, load, percentile, server
from tests.web_talker import Talker, talking


class Chat:
    """One person who asks ``count`` questions, one after the other."""

    def __init__(self, address: str, questions: list[str]) -> None:
        self.address = address
        self.questions = questions
        self.waits: list[float] = []
        self.accepts: list[float] = []
        self.faults: list[str] = []

    async def run(self) -> None:
        async with talking(self.address) as talker:
            for number, question in enumerate(self.questions):
                asked = time.monotonic()
                update = await talker.say(question)
                self.accepts.append(time.monotonic() - asked)
                # The first answer comes after the welcome, in one message or two.
                await talker.until(lambda u=update: answer_to(talker, u) is not None, question, 60)
                answer = answer_to(talker, update)
                assert answer is not None
                self.waits.append(answer - asked)
                if number == 0:
                    await asyncio.sleep(0.2)
            await asyncio.sleep(0.5)  # what came too much would come now
            await self._check(talker)

    async def _check(self, talker: Talker) -> None:
        shown = talker.shown
        asked = [b.words for b in shown if b.role == "worker"]
        if asked != self.questions:
            self.faults.append(f"asked {len(self.questions)}, the page has {len(asked)} in order")
        if talker.events != len(shown):
            self.faults.append(f"{talker.events - len(shown)} messages were sent again")
        turns = "".join("q" if b.role == "worker" else "a" for b in shown)
        answers = [len(run) for run in turns.split("q")[1:]]
        # The welcome stands beside the first answer; an answer is one message or two, and an ask
        # that holds several questions has one to each.
        if not all(1 <= n <= (4 if i == 0 else 3) for i, n in enumerate(answers)):
            self.faults.append(f"messages after each question: {answers}")
        page = await talker.open()
        if page.count('class="msg worker"') != min(len(asked), page.count('class="msg worker"')):
            self.faults.append("the page shows other questions than the stream")


def answer_to(talker: Talker, update: str) -> float | None:
    """When the first message after this question came; None while it has not."""
    own = next((b for b in talker.shown if b.update_id == update), None)
    if own is None:
        return None
    return next((b.at for b in talker.shown if b.id > own.id and b.role == "bot"), None)


async def measure(address: str, total: int, chats: int) -> tuple[list[Chat], float]:
    """All chats at once; they and the seconds it took."""
    asks = [" ".join(ask.split()) for card in load_cards() for ask in card.asks]
    choose = random.Random(7)
    each = total // chats
    people = [Chat(address, choose.sample(asks, each)) for _ in range(chats)]
    began = time.monotonic()
    await asyncio.gather(*(person.run() for person in people))
    return people, time.monotonic() - began


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--address", help="a server that runs already")
    parser.add_argument("--database", help="SQLAlchemy address for the server that is started")
    given = parser.parse_args()
    before = load()
    with contextlib.ExitStack() as stack:
        own: Server | None = None
        if given.address is None:
            own = stack.enter_context(server(given.database))
        address = given.address or own.address if own else given.address
        used = own.cpu() if own else 0.0
        people, seconds = asyncio.run(measure(address, given.questions, given.chats))
        client = time.process_time() / given.questions * 1000
        waits = [wait * 1000 for person in people for wait in person.waits]
        accepts = [wait * 1000 for person in people for wait in person.accepts]
        print(f"machine: {before} before, {load()} after")
        print(f"{len(waits)} questions answered by {given.chats} chats in {seconds:.1f} s")
        print(f"rate: {len(waits) / seconds:.1f} questions/s")
        for name, values in (("post to 202", accepts), ("post to shown answer", waits)):
            print(
                f"{name}: p50 {percentile(values, 0.5):.0f} ms, "
                f"p95 {percentile(values, 0.95):.0f} ms, max {max(values):.0f} ms"
            )
        if own is not None:
            memory = own.memory()
            print(f"server: {memory['VmRSS']:.0f} MB resident, peak {memory['VmHWM']:.0f} MB")
            used = (own.cpu() - used) / len(waits) * 1000
            print(f"processor time a question: server {used:.1f} ms, this client {client:.1f} ms")
        faults = [fault for person in people for fault in person.faults]
        for fault in faults:
            print(f"FAULT: {fault}")
        print("nothing lost, nothing twice, order kept" if not faults else f"{len(faults)} faults")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
