"""What the bot did: its calls and the messages that people would see."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.contract.zalo_stand_in.updates import new_id, now_ms


@dataclass
class Call:
    """One call. ``status`` is the HTTP status of its answer, None while or where there is none."""

    method: str
    verb: str
    parameters: dict[str, Any]
    status: int | None = None
    at: float = field(default_factory=time.monotonic)


@dataclass
class Sent:
    """A message that reached a chat; ``answered`` is False when the bot was never told so."""

    chat_id: str
    method: str
    text: str = ""
    photo: str | None = None
    sticker: str | None = None
    voice: str | None = None
    message_id: str = field(default_factory=new_id)
    date: int = field(default_factory=now_ms)
    at: float = field(default_factory=time.monotonic)
    answered: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """Everything in the order in which it happened, and per chat and method."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.by_chat: dict[str, list[Sent]] = defaultdict(list)
        self.by_id: dict[str, Sent] = {}
        self.calls: dict[str, list[Call]] = defaultdict(list)
        self.month = 0

    def begin(self, method: str, verb: str, parameters: dict[str, Any]) -> Call:
        """Note a call that has come in."""
        call = Call(method, verb, parameters)
        self.calls[method].append(call)
        return call

    def add(self, sent: Sent) -> None:
        """Note a message that has gone out; it counts towards the month."""
        self.sent.append(sent)
        self.by_chat[sent.chat_id].append(sent)
        self.by_id[sent.message_id] = sent
        self.month += 1

    def new_month(self) -> None:
        """Count from nothing."""
        self.month = 0
