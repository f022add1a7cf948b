"""Sends what waits in the outbox: each chat's messages in order, each at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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
        pause = timedelta()
        try:
            for delivery in taken.deliveries:
                outcome, reason = await self._put(taken.channel, delivery)
                if outcome is None:
                    tries = await self._failed(taken.channel, delivery, reason or "")
                    if tries:
                        pause = min(timedelta(seconds=2 ** min(tries - 1, 10)), _LONGEST_PAUSE)
                        break
                else:
                    ending = taken if delivery is taken.deliveries[-1] else None
                    await persist(
                        partial(self._outbox.settle, delivery.id, outcome, reason, ending)
                    )
                    if ending:
                        return
            await persist(partial(self._outbox.release, taken, pause))
        finally:
            self._heartbeat.drop(taken.token)

    async def _put(self, channel: str, delivery: Delivery) -> tuple[str | None, str | None]:
        """Put one message on the wire: the outcome (None: it failed this time) and the reason."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._channels[channel].send(delivery)
        except SendRefused as error:
            _log.warning("send.refused", message=delivery.id, channel=channel, reason=str(error))
            return "refused", str(error)
        except (SendFailed, TimeoutError) as error:
            return None, str(error) or type(error).__name__
        except Exception as error:
            # A fault of the channel must not lose the message; its words may quote the text.
            _log.error(
                "send.fault", message=delivery.id, channel=channel, kind=type(error).__name__
            )
            return None, type(error).__name__
        return "sent", None

    async def _failed(self, channel: str, delivery: Delivery, reason: str) -> int:
        """Count a failed try; how many there were so far, 0 when the message is given up."""
        tries, given_up = await persist(partial(self._outbox.failed, delivery.id, reason))
        event = "send.given_up" if given_up else "send.failed"
        _log.warning(event, message=delivery.id, channel=channel, tries=tries, reason=reason)
        return 0 if given_up else tries
