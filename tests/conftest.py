"""What tests of several rooms share: an empty store on each database we support."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.models import Base

POSTGRES = "postgresql://postgres@127.0.0.1:5432/"


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Each test begins with the log library as it is, whatever a command before has set."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database that lives as long as the test session."""
    name = f"caunoi_test_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(POSTGRES + "postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {error}")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        # Thousands of commits that no test needs to survive a power cut.
        server.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        url = POSTGRES.replace("postgresql:", "postgresql+psycopg:") + name
        try:
            upgrade(url)
            yield url
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _empty(session: Session) -> None:
    """Make every table empty and every sequence begin anew, touching only what a test has used:
    emptying all of them costs more than most tests do."""
    names = list(Base.metadata.tables)
    held = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names)
    full = session.scalars(text(held)).all()
    if full:
        listed = ", ".join(f'"{name}"' for name in full)
        session.execute(text(f"TRUNCATE {listed} CASCADE"))
    used = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
    for sequence in session.scalars(text(used)).all():
        session.execute(text(f'ALTER SEQUENCE "{sequence}" RESTART'))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated store: the test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "caunoi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    database = Database(url)
    with database.write() as session:
        _empty(session)
    database.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty store, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()
