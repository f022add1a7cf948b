"""A fault as it may be logged: where and what kind, never with what people wrote."""

from __future__ import annotations

import traceback
from pathlib import Path

from bot.store.errors import StoreUnavailable


def describe(error: BaseException) -> str:
    """What happened and where. Messages of other errors are left out: they may quote a person."""
    if isinstance(error, StoreUnavailable):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
