"""Killed at any moment and started again, the route loses nothing and answers nothing twice."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from bot.store.database import Database
from bot.store.models import Chat, File, FileContent, Message, Parcel, Update

CHATS = 10
KILLS = 4
PATIENCE = 180.0
REPOSITORY = Path(__file__).parents[2]


def write(c: int, n: int) -> dict[str, object]:
    """What chat ``c`` writes as number ``n``: words, now and then a picture or a new wording."""
    written = {"chat": f"chat{c}", "id": f"u{n}", "text": f"chuyện {c} thứ {n} của tôi"}
    if n % 5 == 1:
        return {**written, "photo": True}
    return {**written, "edits": f"u{n - 1}"} if n % 5 == 3 else written


class Fleet:
    """The processes that run the route, and the files they work on."""

    def __init__(self, url: str, folder: Path, size: int, each: int) -> None:
        self.url = url
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.size = size
        updates = [write(c, n) for n in range(each) for c in range(CHATS)]
        (folder / "updates.jsonl").write_text("\n".join(map(json.dumps, updates)))

    def fill(self) -> None:
        while len(self.running) < self.size:
            script = Path(__file__).with_name("route_process.py")
            with (self.folder / "log").open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, str(script), self.url, str(self.folder)],
                    cwd=REPOSITORY,
                    env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
                    stdout=log,
                    stderr=log,
                )
            self.running.append(process)

    def at_work(self) -> list[subprocess.Popen[bytes]]:
        """Those that are past their start."""
        return [p for p in self.running if (self.folder / f"ready-{p.pid}").exists()]

    def kill(self, victim: subprocess.Popen[bytes]) -> None:
        self.running.remove(victim)
        victim.kill()
        victim.wait()

    def check_alive(self) -> None:
        if any(process.poll() is not None for process in self.running):
            pytest.fail((self.folder / "log").read_text()[-3000:])

    def stop(self) -> None:
        (self.folder / "stop").touch()
        for process in self.running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def count(database: Database, what: Select[int]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(what.subquery())) or 0


FINISHED = select(Update.id).where(Update.finished_at.is_not(None))
UNSENT = select(Parcel.message).where(Parcel.settled_at.is_(None))
UNFETCHED = select(File.id).where(File.status == "waiting")


@pytest.mark.parametrize("processes", [1, 2])
def test_nothing_is_lost_and_nothing_is_answered_twice(
    database: Database, database_url: str, tmp_path: Path, processes: int
) -> None:
    if processes == 2 and database.sqlite:
        pytest.skip("several processes share a PostgreSQL store")
    each = 20 if database.sqlite else 10
    fleet = Fleet(database_url, tmp_path, processes, each)
    total = CHATS * each
    # Killed at points of progress, not of time: as many kills on a fast machine as on a slow one.
    marks = sorted(random.sample(range(total // 20, total * 4 // 5), KILLS))
    until = time.monotonic() + PATIENCE
    try:
        while (
            count(database, FINISHED) < total
            or count(database, UNSENT)
            or count(database, UNFETCHED)
        ):
            assert time.monotonic() < until, (tmp_path / "log").read_text()[-3000:]
            fleet.check_alive()
            fleet.fill()
            at_work = fleet.at_work()
            if marks and at_work and count(database, FINISHED) >= marks[0]:
                marks.pop(0)
                time.sleep(random.uniform(0, 0.03))
                fleet.kill(random.choice(at_work))
            time.sleep(0.01)
    finally:
        fleet.stop()
    assert not marks
    check(database, tmp_path, each)


def check(database: Database, folder: Path, each: int) -> None:
    """Every update answered once, in order, and every message on the wire, in order."""
    said: dict[str, list[str]] = defaultdict(list)
    sent: dict[str, list[int]] = defaultdict(list)
    texts: dict[int, str] = {}
    with database.read() as session:
        rows = session.execute(
            select(Chat.chat_id, Message)
            .join(Message, Message.chat == Chat.id)
            .where(Message.author == "bot")
            .order_by(Message.id)
        ).all()
        asked = session.scalars(select(Message.text).where(Message.author == "worker")).all()
        contexts = dict(session.execute(select(Chat.chat_id, Chat.context)).all())
        tries = session.scalars(select(Update.attempts)).all()
        for chat, message in rows:
            said[chat].append(message.text)
            sent[chat].append(message.id)
            texts[message.id] = message.text
    assert len(asked) == len(set(asked)) == CHATS * each
    for c in range(CHATS):
        welcome, *answers = said[f"chat{c}"]
        assert "mình là Cầu Nối" in welcome
        told = re.findall(r"đáp chuyện \d+ thứ \d+ của tôi", "\n".join(answers))
        assert told == [f"đáp chuyện {c} thứ {n} của tôi" for n in range(each)]
        remembered = [a["question"] for a in contexts[f"chat{c}"]["answers"]]
        assert remembered == [f"chuyện {c} thứ {n} của tôi" for n in range(each - 5, each)]

    check_files_and_edits(database, each)
    wire = [json.loads(line) for line in (folder / "wire.jsonl").read_text().splitlines()]
    assert all(texts[line["id"]] == line["text"] for line in wire), "an id is one message for ever"
    for chat, ids in sent.items():
        on_wire = [line["id"] for line in wire if line["chat"] == chat]
        assert list(dict.fromkeys(on_wire)) == ids, "all sent, first showings in order"
    again = len(wire) - len(texts)
    print(f"begun again: {sum(tries) - len(tries)} turns; sent again: {again} messages")
    assert again <= KILLS * 20, "a kill may repeat what was under way, no more"


def check_files_and_edits(database: Database, each: int) -> None:
    """Every picture kept once, under its own message; every new wording names what it changes."""
    with database.read() as session:
        photos = session.execute(
            select(Message.text, File.status, FileContent.data)
            .join(File, File.message == Message.id)
            .outerjoin(FileContent, FileContent.file == File.id)
        ).all()
        old, new = aliased(Message), aliased(Message)
        edits = session.execute(select(old.text, new.text).join(new, new.edits == old.id)).all()
    numbers = [(c, n) for c in range(CHATS) for n in range(each)]
    assert sorted(photos) == sorted(
        (f"chuyện {c} thứ {n} của tôi", "kept", f"chat{c}:u{n}".encode() * 1000)
        for c, n in numbers
        if n % 5 == 1
    )
    assert sorted(edits) == sorted(
        (f"chuyện {c} thứ {n - 1} của tôi", f"chuyện {c} thứ {n} của tôi")
        for c, n in numbers
        if n % 5 == 3
    )
