"""The migrations make exactly the tables the models describe, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from bot.store.database import Database
from bot.store.migrate import StoreTooNew, differences, upgrade


def test_the_migrated_store_is_what_the_models_say(database: Database) -> None:
    assert differences(database) == []


def test_a_difference_would_be_seen(database: Database) -> None:
    if not database.sqlite:
        pytest.skip("the PostgreSQL store is shared by the session; SQLite shows the same")
    with database.write() as session:
        session.execute(text("ALTER TABLE outbox DROP COLUMN reason"))
        session.execute(text("DROP INDEX ix_inbox_waiting"))
    assert len(differences(database)) == 2


def test_migrating_again_changes_nothing(database_url: str, database: Database) -> None:
    upgrade(database_url)
    assert differences(database) == []


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/newer.db"
    upgrade(url)
    database = Database(url)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        upgrade(url)
    with database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()


def test_a_migration_that_breaks_off_leaves_nothing_behind(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/broken.db"

    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", break_off)
        with pytest.raises(RuntimeError, match="power cut"):
            upgrade(url)
    database = Database(url)
    with database.read() as session:
        assert inspect(session.connection()).get_table_names() == []
    upgrade(url)
    assert differences(database) == []
    database.close()


def test_sqlite_is_opened_durably(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/durable.db"
    upgrade(url)
    database = Database(url)
    with database.read() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    database.close()
