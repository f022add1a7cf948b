"""The store is held or gone for a while, as workers write and a counsellor answers."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, make_url, select
from starlette.testclient import TestClient

from bot.cases.states import Role
from bot.channels.port import Incoming
from bot.console.desk import passwords
from bot.console.desk.accounts import Accounts
from bot.store import database as database_module
from bot.store.database import Database, utc_now
from bot.store.desk_models import Case
from bot.store.errors import StoreUnavailable
from bot.store.inbox import Inbox
from bot.store.models import Message, Parcel
from knowledge.asking import Asking
from tests.conftest import POSTGRES
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.made_application import opened_index, running, settings

AN, BINH = 5_400_000_001, 5_400_000_002
PASSWORD = "ghế bàn tủ lạnh"
PAY, PAY_SAYS = "bao giờ được trả công", "chiều thứ bảy"
MORE = "em đợi ở cổng vườn"
REPLY = "Chị gọi quản đốc giúp em rồi, mai em ra lấy tiền nhé."

OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "0"))
"""How much longer than a few tries the store is away: 60 for a whole minute."""

Trouble = Callable[[], AbstractContextManager[None]]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program holds a SQLite file to write."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody at the console of PostgreSQL holds the tables."""
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE chats, logins, cases IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def gone(url: str) -> Iterator[None]:
    """PostgreSQL ends all connections to the database and takes no new ones."""
    name = make_url(url).database
    allow = f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS '
    with psycopg.connect(POSTGRES + "postgres", autocommit=True) as admin:
        admin.execute(allow + "false")
        try:
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            admin.execute(end, (name,))
            yield
        finally:
            admin.execute(allow + "true")


def troubles(url: str) -> list[Trouble]:
    """What can happen to this store."""
    if url.startswith("sqlite"):
        return [partial(held, Path(make_url(url).database or ""))]
    return [partial(locked, url), partial(gone, url)]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with opened_index(tmp_path_factory.mktemp("index")) as opened:
        yield opened


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as stand_in:
        yield stand_in


def signed_in(client: TestClient, database: Database) -> str:
    """A counsellor at this browser; what their forms carry."""
    accounts = Accounts(database)
    first = accounts.add("lan", "Lan", Role.COUNSELLOR)
    accounts.change_password(accounts.named("lan").staff, first, PASSWORD, "made")
    door = client.post("/tu-van/dang-nhap", data={"name": "lan", "password": PASSWORD})
    assert door.status_code == 303
    found = re.search(r'name="token" value="(\w+)"', client.get("/tu-van/mat-khau").text)
    assert found
    return found[1]


def open_case(database: Database) -> Case | None:
    with database.read() as session:
        case = session.scalar(select(Case))
        if case is not None:
            session.expunge(case)
        return case


def test_a_store_that_is_away_costs_patience_not_words(
    knowledge: Asking,
    telegram: TelegramStandIn,
    database: Database,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    # A minute is waited for in tries of five seconds; here in tries of one, for fewer of them.
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 1)
    chosen = settings(tmp_path, database_url, telegram=telegram)
    with running(chosen, knowledge) as client:
        token = signed_in(client, database)
        telegram.say(AN, "/tuvan")
        case = telegram.until(lambda: open_case(database), 30)

        def reply(**headers: str) -> httpx.Response:
            form = {"token": token, "text": REPLY, "number": str(case.number)}
            at = f"/tu-van/ho-so/{case.id}/tra-loi"
            return client.post(at, data=form, headers=headers)

        for number, trouble in enumerate(troubles(database_url), start=1):
            with trouble():
                telegram.say(BINH, f"{PAY} lần {number}")
                telegram.say(AN, f"{MORE} lần {number}")
                for _ in range(2):
                    refused = reply(**{"hx-request": "true"})
                    assert refused.status_code == 503
                    assert "chữ bạn viết vẫn còn" in refused.text
                    assert refused.headers["hx-retarget"] == "#notice", "the form stays as it is"
                time.sleep(OUTAGE)
            telegram.until(lambda n=number: heard(telegram, BINH, PAY_SAYS) == n, 60)
        for _ in range(2):  # pressed once more, for want of an answer
            assert reply().status_code == 303
        telegram.until(lambda: heard(telegram, AN, REPLY), 60)
        telegram.until(lambda: not waits(database), 60)
    assert heard(telegram, AN, REPLY) == 1
    assert heard(telegram, BINH, PAY_SAYS) == len(troubles(database_url))
    with database.read() as session:
        said = Counter(session.scalars(select(Message.text).where(Message.author == "worker")))
    for number in range(1, len(troubles(database_url)) + 1):
        assert said[f"{MORE} lần {number}"] == 1
        assert said[f"{PAY} lần {number}"] == 1
    assert telegram.pending() == 0, "all is acknowledged"


def heard(telegram: TelegramStandIn, person: int, words: str) -> int:
    return sum(words in each.text for each in telegram.sent(person))


def waits(database: Database) -> int:
    with database.read() as session:
        unsent = select(func.count()).select_from(Parcel).where(Parcel.settled_at.is_(None))
        return session.scalar(unsent) or 0


def test_whoever_queues_behind_a_held_file_is_told_as_soon_as_the_first(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise twenty people who write would wait twenty times as long as one of them."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 1)
    patient = Database(database_url)
    crowd = 24

    def write(number: int) -> bool:
        update = Incoming(
            channel="web", chat_id=f"w{number}", update_id="1", text="chào", sent_at=utc_now()
        )
        with contextlib.suppress(StoreUnavailable):
            return Inbox(patient).accept(update)
        return False

    with ThreadPoolExecutor(crowd) as people, troubles(database_url)[0]():
        asked = [people.submit(write, number) for number in range(crowd)]
        told, _ = wait(asked, timeout=crowd / 2)
    patient.close()
    assert len(told) == crowd, "one after the other it takes twice as long"
    assert not any(each.result() for each in asked)
