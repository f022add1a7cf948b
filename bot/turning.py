"""Does the turns: from a taken update to effects committed with its completion."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.channels.port import Channel, Outgoing
from bot.conversation import wording
from bot.conversation.state import ChatState
from bot.conversation.turn import Failure, Turn, TurnResult
from bot.pump import Pump, persist
from bot.store.errors import ClaimLost, StoreUnavailable
from bot.store.heartbeat import Heartbeat
from bot.store.outbox import Outbox, TakenParcels
from bot.store.turns import Effects, TakenTurn, Turns

_log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
"""Tries after which an update whose turn keeps killing the process gets an apology."""


class TurnWorker:
    """Runs turns in a small thread pool, each under a lease that is kept alive."""

    def __init__(
        self,
        turn: Turn,
        turns: Turns,
        channels: Mapping[str, Channel],
        threads: int,
        outbox: Outbox,
        sending: Pump[TakenParcels],
    ) -> None:
        self._turn = turn
        self._turns = turns
        self._channels = channels
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._outbox = outbox
        self._sending = sending
        self._heartbeat = Heartbeat(turns.renew, turns.lease)

    def start(self) -> None:
        """Begin to keep leases alive."""
        self._heartbeat.start()

    def stop(self) -> None:
        """Let the threads go; a turn in progress ends by itself, unfinished."""
        self._heartbeat.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def work(self, taken: TakenTurn) -> None:
        """Do one turn and commit it; retries as long as the store is away."""
        self._heartbeat.add(taken.token)
        try:
            loop = asyncio.get_running_loop()
            try:
                result = await loop.run_in_executor(self._pool, self._run, taken)
            except StoreUnavailable as error:
                _log.warning("turn.put_back", update=taken.update, reason=str(error))
                await asyncio.sleep(1)
                await persist(lambda: self._turns.release(taken))
                return
            if result.failure:
                _log.error(
                    "turn.failed",
                    update=taken.update,
                    channel=taken.incoming.channel,
                    kind=result.failure.kind,
                    place=result.failure.place,
                )
            effects = Effects(
                messages=result.messages,
                consent=result.state.consent,
                context=result.state.to_context(),
                forget=result.forget,
                step=result.step,
                commanded=result.commanded,
            )
            await self._finish(taken, effects)
        except ClaimLost:
            _log.warning("turn.claim_lost", update=taken.update)
        finally:
            self._heartbeat.drop(taken.token)

    async def _finish(self, taken: TakenTurn, effects: Effects) -> None:
        """Commit the turn and see to it that what it says is sent."""
        if self._sending.full:
            await persist(lambda: self._turns.finish(taken, effects))
            return
        # Handed to the sender in the same commit: one transaction less than taking it there.
        parcels = await persist(lambda: self._turns.finish_and_take(taken, effects, self._outbox))
        if parcels is None:
            self._sending.wake()
        else:
            self._sending.give(parcels)

    def _run(self, taken: TakenTurn) -> TurnResult:
        state = ChatState.from_context(taken.context, taken.consent)
        if taken.attempts > MAX_ATTEMPTS:
            return _apology(state, Failure(kind="TooManyAttempts", place="turn"))
        can = self._channels[taken.incoming.channel].capabilities
        try:
            return self._turn.run(
                taken.incoming, state, can, taken.update, taken.length, taken.case
            )
        except StoreUnavailable:
            raise
        except Exception as error:
            return _apology(state, Failure.of(error))


def _apology(state: ChatState, failure: Failure) -> TurnResult:
    return TurnResult((Outgoing(text=wording.FAILED),), state, failure=failure)
