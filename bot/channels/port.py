"""The channel port: what the rest of the house knows of Telegram, Zalo or the web."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field


class Capabilities(BaseModel):
    """What a channel can show. A turn decides by these, never by a channel's name."""

    model_config = ConfigDict(frozen=True)

    buttons: bool = False
    folding: bool = Field(default=False, description="clause text can open in place")
    files: bool = False
    edit: bool = False
    max_text: int = Field(default=2000, description="characters a message may hold, NFC")
    window_hours: int | None = Field(
        default=None, description="hours after the last word of the person in which we may write"
    )


class Incoming(BaseModel):
    """One update from a person.

    ``update_id`` is unique within (channel, chat) and is what makes a redelivery harmless.
    ``choice`` is the id of the quick reply that was pressed, where the channel has buttons.
    """

    model_config = ConfigDict(frozen=True)

    channel: str
    chat_id: str
    update_id: str
    text: str = ""
    choice: str | None = None
    sent_at: datetime


class Choice(BaseModel):
    """A quick reply: an opaque id of at most 64 bytes and the words a person reads."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str


class Passage(BaseModel):
    """Official wording that may be unfolded under a message."""

    model_config = ConfigDict(frozen=True)

    citation: str
    text: str
    note: str | None = None


class Outgoing(BaseModel):
    """One message to a person: plain text, with the choices and passages that go with it."""

    model_config = ConfigDict(frozen=True)

    text: str
    choices: tuple[Choice, ...] = ()
    passages: tuple[Passage, ...] = ()


class Delivery(BaseModel):
    """An outbox row on its way to the channel. ``id`` is what lets a receiver show it once."""

    model_config = ConfigDict(frozen=True)

    id: int
    chat_id: str
    message: Outgoing


class SendRefused(Exception):
    """The channel will never take this message (blocked, too long, unknown chat)."""


class SendFailed(Exception):
    """The channel did not take it this time; it may be sent again."""


Accept = Callable[[Incoming], Awaitable[bool]]
"""Commits one update to the inbox; True when it is new, False when it was there already.
Raises StoreUnavailable when it could not be committed: then the update is not acknowledged."""


class Channel(Protocol):
    """One way to talk to people."""

    name: str
    capabilities: Capabilities

    async def run(self, accept: Accept) -> None:
        """Take updates in until cancelled; an update is acknowledged only after ``accept``."""

    async def send(self, delivery: Delivery) -> None:
        """Put one message on the wire. Raises SendRefused or SendFailed."""
