"""The engine and its transactions, the same for SQLite and PostgreSQL.

Synchronous on purpose: a turn is CPU work that runs in a thread anyway, one driver per database
covers it, and a transaction reads as one ``with`` block. The event loop calls it through
``asyncio.to_thread``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from bot.store.clock_watch import ClockWatch
from bot.store.errors import StoreUnavailable, guarded, in_use

_log = structlog.get_logger(__name__)

BUSY_SECONDS = 5
"""How long a writer waits for another one before the store counts as unavailable."""
_SILENT_SECONDS = 20
"""How long a PostgreSQL that does not answer at all (a cut line) is waited for."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class Database:
    """One store. ``url`` is an SQLAlchemy URL: ``sqlite:///path`` or ``postgresql+psycopg://…``.

    The clocks of machines that share one PostgreSQL must agree to within a few seconds (NTP);
    leases are far longer than that, and a commit is fenced by the holder's token, not by time.
    ``watch`` notices when ``clock`` is set; the machine's own clock always has one.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime] = utc_now,
        watch: ClockWatch | None = None,
    ) -> None:
        parsed = make_url(url)
        self.now = clock
        self._watch = watch or (ClockWatch(clock) if clock is utc_now else None)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        # Parameters stay hidden in errors: they are what people wrote.
        if self.sqlite:
            self.engine = create_engine(
                parsed,
                connect_args={"timeout": BUSY_SECONDS},
                pool_size=16,
                hide_parameters=True,
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(
                parsed,
                connect_args=_patience(parsed),
                pool_pre_ping=True,
                pool_size=8,
                max_overflow=8,
                pool_timeout=BUSY_SECONDS,
                hide_parameters=True,
            )
            event.listen(self.engine, "connect", _prepare_postgres)
        self._writing: Engine = self.engine.execution_options(writes=True)
        # SQLite lets one writer in at a time and makes the others poll; threads of this process
        # queue here instead, in order and without sleeping.
        self._turnstile = threading.Lock() if self.sqlite else None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that writes; committed at the end of the block, else nothing of it.

        Raises StoreUnavailable when the disk, the lock or the server stands in the way.
        """
        with (
            self._turn() if self._turnstile else nullcontext(),
            guarded(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """This thread's turn to write. While another program holds the file each thread would
        wait its full time one after the other: so the queue itself is not waited in longer."""
        assert self._turnstile is not None  # noqa: S101 - narrows the type
        if not self._turnstile.acquire(timeout=BUSY_SECONDS):
            raise in_use()
        try:
            yield
        finally:
            self._turnstile.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent look at the store. Raises StoreUnavailable."""
        with guarded(), Session(self.engine) as session, session.begin():
            yield session

    def lapses(self) -> bool:
        """Whether leases may be taken for lapsed now. To be asked before ``now`` is."""
        return self._watch is None or self._watch.trusted()

    def forget_traces(self) -> None:
        """After a deletion: take the deleted words out of SQLite's log file too.

        ``secure_delete`` has overwritten them in the database itself. Best effort: while a reader
        or a full disk stands in the way the log stays as it is, and the next sweep does it.
        """
        if not self.sqlite:
            return
        try:
            with guarded(), self.engine.connect() as connection:
                # Straight on the driver: a checkpoint is not allowed inside a transaction.
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - narrows the type
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except StoreUnavailable as error:
            _log.warning("store.checkpoint_postponed", reason=str(error))

    def check(self) -> None:
        """Raise StoreUnavailable when the store does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _patience(url: URL) -> dict[str, Any]:
    """How long a silent PostgreSQL is waited for, where the address does not say so itself.

    Without it a cut line would hold our threads for as long as the system keeps trying.
    """
    ours = {"connect_timeout": BUSY_SECONDS, "tcp_user_timeout": _SILENT_SECONDS * 1000}
    return {name: value for name, value in ours.items() if name not in url.query}


def _prepare_postgres(connection: psycopg.Connection, _record: Any) -> None:
    """A lock that someone else holds is waited for no longer than on SQLite."""
    connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Settings of each connection: durable log, foreign keys, deleted words overwritten."""
    # We begin transactions ourselves: the driver's own habit would begin them deferred.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once, so that no transaction fails half way for want of it."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
