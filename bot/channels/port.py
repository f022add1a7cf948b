"""The channel port: what the rest of the house knows of Telegram, Zalo or the web."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field


class Capabilities(BaseModel):
    """What a channel can show. A turn decides by these, never by a channel's name."""

    model_config = ConfigDict(frozen=True)

    buttons: bool = False
    folding: bool = Field(default=False, description="clause text can open in place")
    files: bool = Field(default=False, description="people can send pictures and documents")
    edit: bool = Field(default=False, description="people can change what they have said")
    max_text: int = Field(default=2000, description="characters a message may hold, NFC")
    window_hours: int | None = Field(
        default=None, description="hours after the last word of the person in which we may write"
    )


class UpdateKind(StrEnum):
    """What an update tells us.

    ``GROUP``: the person spoke to us in a group, where colleagues or a boss may read along.
    """

    MESSAGE = "message"
    EDIT = "edit"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    GROUP = "group"


class FileKind(StrEnum):
    """What a person sent besides words. ``WITHHELD``: the platform does not hand it to bots."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    WITHHELD = "withheld"


class IncomingFile(BaseModel):
    """A picture, document or recording that came with a message.

    ``remote`` is what the channel needs to fetch it later; ``content`` holds the bytes where they
    came along at once. With neither there is nothing to keep (a sticker, a withheld message).
    ``size`` in bytes, as the platform says.
    """

    model_config = ConfigDict(frozen=True)

    kind: FileKind
    name: str = ""
    media_type: str = ""
    size: int | None = None
    remote: str = Field(default="", repr=False)
    content: bytes | None = Field(default=None, repr=False)


class Incoming(BaseModel):
    """One update from a person.

    ``update_id`` is unique within (channel, chat) and is what makes a redelivery harmless.
    ``choice`` is the id of the quick reply that was pressed, where the channel has buttons.
    ``remote_id`` is the platform's own id of the message; an EDIT carries that of the message
    whose wording it changes. ``album`` is common to messages that were sent as one.
    """

    model_config = ConfigDict(frozen=True)

    channel: str
    chat_id: str
    update_id: str
    kind: UpdateKind = UpdateKind.MESSAGE
    text: str = ""
    choice: str | None = None
    files: tuple[IncomingFile, ...] = ()
    remote_id: str | None = None
    album: str | None = None
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
    """The channel will never take this message (too long, unknown chat).

    ``blocked``: nor any other for this chat, until the person lets us write again.
    """

    def __init__(self, reason: str, *, blocked: bool = False) -> None:
        super().__init__(reason)
        self.blocked = blocked


class SendFailed(Exception):
    """The channel did not take it this time; it may be sent again.

    ``retry_after``: seconds the platform asks us to wait. ``uncertain``: it may have arrived (the
    answer was lost), so that sending again may show it twice.
    """

    def __init__(
        self, reason: str, *, retry_after: float | None = None, uncertain: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.uncertain = uncertain


class FetchRefused(Exception):
    """The file can never be had (gone, too large)."""


class FetchFailed(Exception):
    """The file could not be had this time."""


Accept = Callable[[Incoming], Awaitable[bool]]
"""Commits one update to the inbox; True when it is new, False when it was there already.
Raises StoreUnavailable when it could not be committed: then the update is not acknowledged."""


class Channel(Protocol):
    """One way to talk to people."""

    name: str
    capabilities: Capabilities

    async def run(self, accept: Accept) -> None:
        """Take updates in until cancelled; an update is acknowledged only after ``accept``."""

    async def send(self, delivery: Delivery) -> str | None:
        """Put one message on the wire; the platform's id of it, where it gives one.

        Raises SendRefused or SendFailed."""

    async def fetch(self, remote: str, limit: int) -> bytes:
        """The content of a file people sent, at most ``limit`` bytes.

        Raises FetchRefused or FetchFailed."""
