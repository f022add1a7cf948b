"""Messages to people: plain text, in parts the platform carries."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

import structlog

from bot.channels.port import Delivery, SendFailed, SendRefused
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.channels.zalo_bot.errors import (
    NotThere,
    QuotaSpent,
    Rejected,
    TooOften,
    WrongToken,
    ZaloError,
)
from bot.conversation.split import split

_log = structlog.get_logger(__name__)

MAX_TEXT = 2000

_DEADLINE = 50.0
"""Seconds for all parts of one message: less than the sender waits, so that we tell the outcome."""
_REMEMBERED = 1000
_QUOTA_PAUSE = 30.0
_DOUBT_PAUSE = 120.0
_MEND_PAUSE = 300.0
_LONGEST_PAUSE = 3600.0


@dataclass(slots=True)
class _Progress:
    """How far a delivery has come: the ids of its parts that are out, and its waits so far."""

    ids: list[str | None] = field(default_factory=list)
    quota: int = 0
    doubts: int = 0


class Sender:
    """Sends deliveries. One that breaks off goes on at the part it broke off at.

    That is remembered by this process alone: after a restart all parts are sent again, and a
    part whose answer was lost may be shown twice in any case, since the platform offers nothing
    to prevent it.
    """

    def __init__(self, client: ZaloBotClient, deadline: float = _DEADLINE) -> None:
        self._client = client
        self._deadline = deadline
        self._begun: OrderedDict[int, _Progress] = OrderedDict()

    async def send(self, delivery: Delivery) -> str | None:
        """Send all parts: the platform's id of the first. Raises SendRefused or SendFailed."""
        parts = split(_whole(delivery.message.text), MAX_TEXT)
        if not parts:
            raise SendRefused("tin không có chữ nào")
        progress = self._progress(delivery.id)
        try:
            async with asyncio.timeout(self._deadline):
                for part in parts[len(progress.ids) :]:
                    progress.ids.append(await self._client.send_message(delivery.chat_id, part))
        except TimeoutError:
            raise self._in_doubt(progress, "Zalo trả lời chậm quá") from None
        except ZaloError as error:
            failure = self._failure(error, progress)
            if isinstance(failure, SendRefused):
                self._begun.pop(delivery.id, None)
            raise failure from None
        self._begun.pop(delivery.id, None)
        return progress.ids[0]

    def _progress(self, delivery: int) -> _Progress:
        progress = self._begun.setdefault(delivery, _Progress())
        self._begun.move_to_end(delivery)
        if len(self._begun) > _REMEMBERED:
            self._begun.popitem(last=False)
        return progress

    def _failure(self, error: ZaloError, progress: _Progress) -> SendRefused | SendFailed:
        """What an error means for the message."""
        says = str(error)
        if error.uncertain:
            return self._in_doubt(progress, says)
        if isinstance(error, QuotaSpent):
            pause = min(_QUOTA_PAUSE * 2**progress.quota, _LONGEST_PAUSE)
            progress.quota = min(progress.quota + 1, 16)
            return SendFailed(says, retry_after=pause)
        if isinstance(error, WrongToken | NotThere):
            # Set up wrongly: once that is mended the message can go out.
            return SendFailed(says, retry_after=_MEND_PAUSE)
        if isinstance(error, TooOften):
            return SendFailed(says, retry_after=_QUOTA_PAUSE)
        if isinstance(error, Rejected):
            return SendRefused(says)
        return SendFailed(says)

    def _in_doubt(self, progress: _Progress, says: str) -> SendFailed:
        """It may have arrived: sending again soon would annoy more often than help."""
        pause = min(_DOUBT_PAUSE * 4**progress.doubts, _LONGEST_PAUSE)
        progress.doubts = min(progress.doubts + 1, 8)
        return SendFailed(says, retry_after=pause, uncertain=True)


def _whole(text: str) -> str:
    """The text without halves of characters, which cannot be written as UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
