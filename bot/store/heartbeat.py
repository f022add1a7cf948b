"""Keeps leases alive while their holders work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)


class Heartbeat:
    """Renews the leases of the tokens added to it, four times per lease.

    A thread of its own, so that neither a long turn nor a busy event loop lets a lease lapse.
    When the process dies it stops with it, and the lease lapses as it should.
    """

    def __init__(self, renew: Callable[[Collection[str]], None], lease: timedelta) -> None:
        self._renew = renew
        self._every = lease.total_seconds() / 4
        self._tokens: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, token: str) -> None:
        """Keep this lease alive from now on."""
        with self._lock:
            self._tokens.add(token)

    def drop(self, token: str) -> None:
        """The work under this token is over."""
        with self._lock:
            self._tokens.discard(token)

    def start(self) -> None:
        """Begin to beat."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits at most for the renewal in progress."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _beat(self) -> None:
        while not self._stopping.wait(self._every):
            with self._lock:
                tokens = frozenset(self._tokens)
            try:
                self._renew(tokens)
            except StoreUnavailable as error:
                # Nobody else can take the chat over either while the store is away.
                _log.warning("lease.not_renewed", reason=str(error))
            except Exception:
                _log.exception("lease.not_renewed")
