"""Sends what waits in the outbox: each chat's messages in order, each at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from bot.channels.port import Channel, Delivery, SendFailed, SendRefused
from bot.pump import persist
from bot.store.heartbeat import Heartbeat
from bot.store.outbox import Outbox, TakenParcels

_log = structlog.get_logger(__name__)

_TIMEOUT = 60.0
"""Seconds a channel may take over one message."""
_LONGEST_PAUSE = timedelta(minutes=10)
_UNCERTAIN_PAUSE = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(days=1)
"""However long a platform asks us to wait, it is asked again after this."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """The channel took it."""

    remote_id: str | None


@dataclass(frozen=True, slots=True)
class _Refused:
    """The channel will never take it, and if ``blocked`` no other message of the chat either."""

    reason: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class _Failed:
    """The channel did not take it this time, or nobody knows (``uncertain``)."""

    reason: str
    retry_after: float | None = None
    uncertain: bool = False


class SendWorker:
    """Puts messages on their channels; a failed one holds back those after it in its chat."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel]) -> None:
        self._outbox = outbox
        self._channels = channels
        self._heartbeat = Heartbeat(outbox.renew, outbox.lease)

    def start(self) -> None:
        """Begin to keep leases alive."""
        self._heartbeat.start()

    def stop(self) -> None:
        """Stop keeping leases alive."""
        self._heartbeat.stop()

    async def work(self, taken: TakenParcels) -> None:
        """Send the messages of one chat in order, up to the first that fails."""
        self._heartbeat.add(taken.token)
        try:
            await self._work(taken)
        finally:
            self._heartbeat.drop(taken.token)

    async def _work(self, taken: TakenParcels) -> None:
        pause = timedelta()
        for delivery in taken.deliveries:
            done = await self._put(taken.channel, delivery)
            if isinstance(done, _Failed):
                tries = await self._failed(taken.channel, delivery, done)
                if tries:
                    pause = _pause(tries, done)
                    break
                continue
            blocked = isinstance(done, _Refused) and done.blocked
            ending = taken if blocked or delivery is taken.deliveries[-1] else None
            await persist(partial(self._settle, delivery.id, done, ending))
            if ending:
                return  # those after a block are refused by whoever takes them next
        await persist(partial(self._outbox.release, taken, pause))

    def _settle(self, message: int, done: _Sent | _Refused, ending: TakenParcels | None) -> None:
        if isinstance(done, _Sent):
            self._outbox.settle(message, ending=ending, remote_id=done.remote_id)
        else:
            self._outbox.settle(message, "refused", done.reason, ending, blocked=done.blocked)

    async def _put(self, channel: str, delivery: Delivery) -> _Sent | _Refused | _Failed:
        """Put one message on the wire; what became of it."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                return _Sent(await self._channels[channel].send(delivery))
        except SendRefused as error:
            _log.warning("send.refused", message=delivery.id, channel=channel, reason=str(error))
            return _Refused(str(error), error.blocked)
        except SendFailed as error:
            return _Failed(str(error), error.retry_after, error.uncertain)
        except TimeoutError:
            # Cut off by us, or by the channel: it may have gone out.
            return _Failed("TimeoutError", uncertain=True)
        except Exception as error:
            # A fault of the channel, before or after it sent; its words may quote the text.
            kind = type(error).__name__
            _log.error("send.fault", message=delivery.id, channel=channel, kind=kind)
            return _Failed(kind, uncertain=True)

    async def _failed(self, channel: str, delivery: Delivery, failure: _Failed) -> int:
        """Count a failed try; how many there were so far, 0 when it was the last."""
        tries, outcome = await persist(
            partial(
                self._outbox.failed,
                delivery.id,
                failure.reason,
                retry_after=failure.retry_after,
                uncertain=failure.uncertain,
            )
        )
        _log.warning(
            f"send.{outcome or 'failed'}",
            message=delivery.id,
            channel=channel,
            tries=tries,
            reason=failure.reason,
        )
        return 0 if outcome else tries


def _pause(tries: int, failure: _Failed) -> timedelta:
    """How long a chat rests after a failed try: as long as the platform asks, else longer each
    time. A message that may have arrived waits longer before it may be shown twice."""
    if failure.retry_after is not None:
        return min(timedelta(seconds=max(failure.retry_after, 0.0)), _LONGEST_WAIT)
    if failure.uncertain:
        return min(_UNCERTAIN_PAUSE * tries, _LONGEST_PAUSE)
    return min(timedelta(seconds=2 ** min(tries - 1, 10)), _LONGEST_PAUSE)
