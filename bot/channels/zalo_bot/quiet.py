"""Keeps the HTTP library from logging our addresses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_private: ContextVar[bool] = ContextVar("zalo_bot_private", default=False)
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


class _NotPrivate(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _private.get()


_filter = _NotPrivate()
for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_filter)


@contextmanager
def unlogged() -> Iterator[None]:
    """Requests made inside leave no log line of the HTTP library.

    It would write the whole address: that of a call holds the token, that of a picture opens it.
    """
    before = _private.set(True)
    try:
        yield
    finally:
        _private.reset(before)
