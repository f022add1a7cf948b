"""Brings a store's tables to the form this version of the program expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store import desk_models as _desk_models  # noqa: F401 - its tables join the metadata
from bot.store.database import Database
from bot.store.models import Base

_LOCK = 0x43614E6F69
"""The PostgreSQL advisory lock that keeps two starting processes from migrating at once."""


class StoreTooNew(Exception):
    """The store was migrated by a newer version of the program. The message is Vietnamese."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the store at ``url``. One transaction: a crash leaves the former form.

    Raises StoreUnavailable, or StoreTooNew when the store comes from a newer version.
    """
    database = Database(url)
    try:
        with database.write() as session:
            connection = session.connection()
            if not database.sqlite:
                # Whoever migrates at this moment is waited for, however long it takes.
                session.execute(text("SET LOCAL lock_timeout = 0"))
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            _refuse_newer(connection)
            command.upgrade(_config(connection), revision)
    finally:
        database.close()


def _refuse_newer(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise StoreTooNew(
                f"Dữ liệu đã được nâng cấp bởi một phiên bản mới hơn (bước '{revision}'). Hãy cài "
                "phiên bản mới của chương trình, hoặc phục hồi bản sao lưu trước khi nâng cấp."
            )


def differences(database: Database) -> list[Any]:
    """How the tables in the store differ from the models; empty when they agree."""
    with database.read() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))
