"""What the page reads: the stored conversation of one chat, both ways, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from bot.channels.port import Choice, Passage

SHOWN_IN_PLACE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""Media types a browser shows in the page; all others are only downloaded."""


class ShownFile(BaseModel):
    """A file of a message. ``kept``: it can be looked at."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    media_type: str
    kept: bool

    @property
    def picture(self) -> bool:
        """Whether the page shows it."""
        return self.kept and self.media_type in SHOWN_IN_PLACE


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a browser gets of a file."""

    media_type: str
    content: bytes


class Shown(BaseModel):
    """One stored message as the page shows it.

    ``id`` grows with the order of the conversation and is never used twice, not even after the
    conversation was erased: the page shows each id once and asks for what comes after the last
    one it has. ``at`` is aware. ``update_id`` is that of the Incoming for every message of the
    worker, so that the page recognises the one it is still holding; None for what we say.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    role: Literal["worker", "bot", "counsellor"]
    text: str
    choices: tuple[Choice, ...] = ()
    passages: tuple[Passage, ...] = ()
    files: tuple[ShownFile, ...] = ()
    at: datetime
    update_id: str | None = None


class Conversations(Protocol):
    """Read access to the stored conversations of the web channel.

    Either call may raise when the store cannot be read; the page then says so and tries again.
    """

    async def history(self, chat_id: str, after_id: int, limit: int) -> Sequence[Shown]:
        """The first ``limit`` messages whose id is greater than ``after_id``, in order."""

    async def before(self, chat_id: str, before_id: int | None, limit: int) -> Sequence[Shown]:
        """The last ``limit`` messages whose id is less than ``before_id``, in order.

        None for ``before_id`` means the end of the conversation.
        """

    async def answering(self, chat_id: str) -> bool:
        """Whether something the worker said still waits for its turn; not so while a counsellor
        answers, who takes as long as people take."""

    async def file(self, chat_id: str, file: int) -> FileContent | None:
        """A kept file of that chat; None when the chat has none of that id."""
