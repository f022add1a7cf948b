"""Sends what waits in the outbox: each chat's messages in order, each at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.channels.port import Channel, Delivery, SendFailed, SendRefused
from bot.pump import persist
from bot.store.heartbeat import Heartbeat
from bot.store.outbox import Outbox, TakenParcels

_log = structlog.get_logger(__name__)

_TIMEOUT = 60.0
"""Seconds a channel may take over one message."""
_LONGEST_PAUSE = timedelta(minutes=10)


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
        """Send the messages of one chat, up to the first that fails."""
        self._heartbeat.add(taken.token)
        pause = timedelta()
        try:
            for delivery in taken.deliveries:
                tries = await self._send(taken.channel, delivery)
                if tries:
                    pause = min(timedelta(seconds=2 ** min(tries - 1, 10)), _LONGEST_PAUSE)
                    break
            await persist(lambda: self._outbox.release(taken, pause))
        finally:
            self._heartbeat.drop(taken.token)

    async def _send(self, channel: str, delivery: Delivery) -> int:
        """Send and settle one message; 0 when it is settled, else how often it failed so far."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._channels[channel].send(delivery)
        except SendRefused as error:
            reason = str(error)
            _log.warning("send.refused", message=delivery.id, channel=channel, reason=reason)
            await persist(lambda: self._outbox.settle(delivery.id, "refused", reason))
            return 0
        except (SendFailed, TimeoutError) as error:
            reason = str(error) or type(error).__name__
        except Exception as error:
            # A fault of the channel must not lose the message; its words may quote the text.
            reason = type(error).__name__
            _log.error("send.fault", message=delivery.id, channel=channel, kind=reason)
        else:
            await persist(lambda: self._outbox.settle(delivery.id))
            return 0
        tries, given_up = await persist(lambda: self._outbox.failed(delivery.id, reason))
        _log.warning(
            "send.given_up" if given_up else "send.failed",
            message=delivery.id,
            channel=channel,
            tries=tries,
            reason=reason,
        )
        return 0 if given_up else tries
