"""Logs: one line an event on standard error; addresses with secrets in them never appear."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor

# A password may hold a bare @ or /: better to blot out a path too than to leave half a password.
_SECRET_IN_ADDRESS = re.compile(r"(/bot)[^/\s]+|(://[^:/?#\s]*:)\S+(@)")


def _redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {key: _without_secrets(value) for key, value in event.items()}


def _without_secrets(value: object) -> object:
    """The value with every text in it redacted; what is no plain data becomes its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {redacted(str(key)): _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(item) for item in value]
    return redacted(str(value))


def redacted(text: str) -> str:
    """The text with bot tokens and passwords in addresses blotted out."""
    return _SECRET_IN_ADDRESS.sub(
        lambda found: "/bot***" if found[1] else f"{found[2]}***{found[3]}", text
    )


class _Redacting(logging.Formatter):
    """Redacts the whole line, the traceback under it included."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _StandardError(logging.Handler):
    """Writes to whatever standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:
            self.handleError(record)


def configure(level: str = "INFO", *, readable: bool | None = None) -> None:
    """Set logging up. ``readable``: for eyes (default on a terminal) or JSON lines."""
    if readable is None:
        readable = sys.stderr.isatty()
    last: Processor = (
        structlog.dev.ConsoleRenderer()
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        # Looked up anew for each line: whoever swaps standard error gets what is said then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(_Redacting())
    # A log line that cannot be written is let go: its report would show the arguments as they
    # are, secrets included.
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
