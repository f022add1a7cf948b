"""What the contract tests of Telegram share."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_worker import Worker


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def leases(sqlite_template: Path, tmp_path: Path) -> Iterator[Leases]:
    path = tmp_path / "caunoi.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield Leases(database)
    database.close()


@pytest.fixture
async def worker(telegram: TelegramStandIn, leases: Leases) -> AsyncIterator[Worker]:
    made = Worker(telegram, leases)
    yield made
    await made.stop()
