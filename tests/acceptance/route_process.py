"""A process that runs the route over a channel made of files, to be killed at any moment.

    python route_process.py STORE_URL FOLDER

``updates.jsonl`` is what people wrote, in order (``photo``: a picture came along; ``edits``: it
changes what was written in that update); ``acked`` gets a line per acknowledged update;
``wire.jsonl`` a line per message put on the wire. Ends when told by a file named ``stop``.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.channels.port import (
    Accept,
    Capabilities,
    Delivery,
    FileKind,
    Incoming,
    IncomingFile,
    SendFailed,
    UpdateKind,
)
from bot.consent import Retention
from bot.conversation.state import Remembered
from bot.conversation.turn import Turn
from bot.store.database import Database
from bot.worker import Route
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref


class FileChannel:
    """Takes updates from one file and puts messages into another."""

    name = "file"
    capabilities = Capabilities(buttons=True, folding=True, files=True, edit=True)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # One write call a line: lines of several processes never mix.
        self._acked = os.open(folder / "acked", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._wire = os.open(folder / "wire.jsonl", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def run(self, accept: Accept) -> None:
        """Deliver what is not acknowledged, and a part of the rest once more."""
        acked = set((self._folder / "acked").read_text().split())
        for line in (self._folder / "updates.jsonl").read_text().splitlines():
            update = json.loads(line)
            key = f"{update['chat']}:{update['id']}"
            if key in acked and random.random() < 0.8:
                continue
            photo = IncomingFile(kind=FileKind.PHOTO, remote=key)
            edits = update.get("edits")
            incoming = Incoming(
                channel=self.name,
                chat_id=update["chat"],
                update_id=update["id"],
                kind=UpdateKind.EDIT if edits else UpdateKind.MESSAGE,
                text=update["text"],
                files=(photo,) if update.get("photo") else (),
                remote_id=edits or update["id"],
                sent_at=datetime.now(UTC),
            )
            await accept(incoming)
            os.write(self._acked, f"{key}\n".encode())
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        """One line on the wire; now and then the line is down."""
        if random.random() < 0.02:
            raise SendFailed("the line is down")
        line = {"id": delivery.id, "chat": delivery.chat_id, "text": delivery.message.text}
        os.write(self._wire, (json.dumps(line) + "\n").encode())
        return f"w{delivery.id}"

    async def fetch(self, remote: str, limit: int) -> bytes:
        """A picture that tells whose it is, after a while."""
        await asyncio.sleep(random.random() * 0.1)
        return remote.encode() * 1000


class SlowKnowledge:
    """Answers with the question, after a while."""

    def answer(
        self, question: str, as_of: date | None = None, previous: Remembered | None = None
    ) -> Answer:
        time.sleep(random.random() * 0.02)
        return Answer(act=Act.ANSWER, text=f"đáp {question}", as_of=date(2026, 10, 5))

    def leans(self, question: str, previous: object) -> bool:
        return False

    def questions(self, text: str) -> tuple[str, ...]:
        return (text,)

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        return None

    def sources(self) -> Sequence[str]:
        return ()


async def main(url: str, folder: Path) -> None:
    """Run until the stop file appears, then stop in good order."""
    route = Route(
        Database(url),
        [FileChannel(folder)],
        Turn(SlowKnowledge(), days_kept=30, flood_messages=10_000),
        Retention(),
        lease=timedelta(seconds=1.5),
        poll=0.1,
    )
    await route.start()
    (folder / f"ready-{os.getpid()}").touch()
    while not (folder / "stop").exists():  # noqa: ASYNC110 - told from outside
        await asyncio.sleep(0.05)
    await route.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
