"""Work only one process may do at a time: who has it, and until when."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Database
from bot.store.desk_models import Lease


class Leases:
    """Named leases. A holder that falls silent loses its lease when the time is over.

    ``holder`` is a token of the caller's own, never used by anyone else. All calls raise
    StoreUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease that is free, or keep one's own, for so long; whether it is held now.

        Right after the clock was set forward no lease is taken for lapsed.
        """
        free = or_(Lease.holder.is_(None), Lease.holder == holder)
        lapses = self._database.lapses()
        now = self._database.now()
        if lapses:
            free |= Lease.free_at <= now
        with self._database.read() as session:
            # Those who wait for a lease look often, and should not queue for the write lock.
            taken = select(Lease.name).where(Lease.name == name, ~free)
            if session.scalar(taken) is not None:
                return False
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        row = insert(Lease).values(name=name, holder=None, free_at=now, data={})
        take = (
            update(Lease)
            .where(Lease.name == name, free)
            .values(holder=holder, free_at=now + timedelta(seconds=seconds))
            .returning(Lease.name)
            .execution_options(synchronize_session=False)
        )
        with self._database.write() as session:
            session.execute(row.on_conflict_do_nothing(index_elements=["name"]))
            return session.scalar(take) is not None

    def renew(self, name: str, holder: str, seconds: float) -> bool:
        """Keep a lease for so long from now; False when someone else has it meanwhile."""
        keep = (
            update(Lease)
            .where(Lease.name == name, Lease.holder == holder)
            .values(free_at=self._database.now() + timedelta(seconds=seconds))
            .returning(Lease.name)
            .execution_options(synchronize_session=False)
        )
        with self._database.write() as session:
            return session.scalar(keep) is not None

    def release(self, name: str, holder: str) -> None:
        """Let others have it at once; harmless when someone else has it already."""
        let_go = (
            update(Lease)
            .where(Lease.name == name, Lease.holder == holder)
            .values(holder=None, free_at=self._database.now())
            .execution_options(synchronize_session=False)
        )
        with self._database.write() as session:
            session.execute(let_go)
