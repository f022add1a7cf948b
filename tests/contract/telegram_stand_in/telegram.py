"""All the state of the stand-in in one place, and what is remembered of the bot's calls."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.telegram_stand_in.errors import Json
from tests.contract.telegram_stand_in.faults import FaultPlan
from tests.contract.telegram_stand_in.files import Files
from tests.contract.telegram_stand_in.flood import FloodLimits
from tests.contract.telegram_stand_in.parameters import Parameters
from tests.contract.telegram_stand_in.updates import Updates
from tests.contract.telegram_stand_in.webhook import Webhook
from tests.contract.telegram_stand_in.world import World

DEFAULT_TOKEN = "7812345678:AAStandInForTests_0123456789-abcdefgh"


@dataclass
class CallbackQuery:
    """A pressed button that waits for its answer."""

    chat_id: int
    message_id: int
    expired: bool = False
    answer: Json | None = None


@dataclass
class CallRecord:
    """One call of the bot. ``status`` is the HTTP status of the answer, 0 while there is none."""

    method: str
    parameters: dict[str, str]
    files: dict[str, int]
    at: float
    status: int = 0

    def api(self) -> Json:
        """As JSON. ``at`` is seconds since 1970, ``files`` the sizes of what was sent up."""
        return dict(vars(self))


class Telegram:
    """Telegram for one bot."""

    def __init__(self, token: str, username: str) -> None:
        self.world = World(token, username)
        self.files = Files()
        self.updates = Updates()
        self.webhook = Webhook(self.updates)
        self.updates.pushed = self.webhook.offer
        self.flood = FloodLimits()
        self.faults = FaultPlan()
        self.queries: dict[str, CallbackQuery] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.calls: dict[str, list[CallRecord]] = defaultdict(list)
        self.all_calls: list[CallRecord] = []
        self.closing = asyncio.Event()
        self.changes = threading.Condition()

    def record(self, method: str, parameters: Parameters) -> CallRecord:
        """Note a call that has come in."""
        sizes = {name: len(upload.content) for name, upload in parameters.uploads.items()}
        call = CallRecord(method, parameters.values, sizes, time.time())
        self.calls[method.lower()].append(call)
        self.all_calls.append(call)
        return call

    def changed(self) -> None:
        """Wake those who wait for something to happen."""
        with self.changes:
            self.changes.notify_all()


@dataclass
class Call:
    """One call under way. ``gone`` ends when the caller hangs up or the server closes."""

    telegram: Telegram
    parameters: Parameters
    gone: Callable[[], Awaitable[object]]
    description: str = field(default="", init=False)

    @property
    def world(self) -> World:
        """The people and chats."""
        return self.telegram.world


Handler = Callable[[Call], Any]
"""Answers a call with its result (or an awaitable of it); raises ApiError."""
