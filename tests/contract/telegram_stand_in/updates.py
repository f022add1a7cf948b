"""Updates on their way to the bot: kept until acknowledged, polled or pushed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from tests.contract.telegram_stand_in.errors import Json, conflict

FIRST_UPDATE = 734_000_001
KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
)
DEFAULT_KINDS = frozenset(KINDS[:4])


@dataclass
class Update:
    """One update. ``lane``: updates of one lane are pushed one after the other.

    ``handed_out`` counts how often it went to the bot.
    """

    id: int
    lane: str
    body: Json
    handed_out: int = 0


class Updates:
    """The queue of one bot."""

    def __init__(self) -> None:
        self.all: list[Update] = []
        self.pending: OrderedDict[int, Update] = OrderedDict()
        self.kinds: frozenset[str] = DEFAULT_KINDS
        self.pushed: Callable[[Update], bool] = lambda update: False
        self._again: deque[Update] = deque()
        self._poll: asyncio.Future[bool] | None = None

    def add(self, kind: str, payload: Json, lane: str) -> Update | None:
        """Queue an update; None when the bot did not ask for this kind."""
        if kind not in self.kinds:
            return None
        number = FIRST_UPDATE + len(self.all)
        update = Update(number, lane, {"update_id": number, kind: payload})
        self.all.append(update)
        self.pending[number] = update
        if not self.pushed(update):
            self._wake()
        return update

    def get(self, update_id: int) -> Update:
        """The update with that id, acknowledged or not. Raises ValueError."""
        place = update_id - FIRST_UPDATE
        if not 0 <= place < len(self.all):
            raise ValueError(f"there is no update {update_id}")
        return self.all[place]

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Keep to what the bot asks for: None leaves it as it was, an empty list is the default."""
        if kinds is not None:
            self.kinds = frozenset(kinds) & frozenset(KINDS) or DEFAULT_KINDS

    def acknowledge(self, offset: int) -> None:
        """Forget updates below ``offset``; a negative one keeps only so many of the newest."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popitem(last=False)
            return
        while self.pending and next(iter(self.pending)) < offset:
            self.pending.popitem(last=False)

    def again(self, update: Update) -> None:
        """Hand an update out once more with the next poll, acknowledged or not."""
        self._again.append(update)
        self._wake()

    async def poll(
        self, limit: int, seconds: float, gone: Callable[[], Awaitable[object]]
    ) -> list[Json]:
        """The next updates; waits for one when there is none.

        Ends early when the caller is ``gone``. Raises ApiError (409) when another poll begins.
        """
        self.end_poll("terminated by other getUpdates request; make sure that only one bot "
                      "instance is running")  # fmt: skip
        batch = self._take(limit)
        if batch or seconds <= 0:
            return batch
        mine = self._poll = asyncio.get_running_loop().create_future()
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait(
                {mine, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if mine.done():
                mine.result()
            return [] if leaving.done() else self._take(limit)
        finally:
            leaving.cancel()
            if self._poll is mine:
                self._poll = None

    def end_poll(self, words: str = "") -> None:
        """End the waiting poll: with 409 and these words, or without words as if time was up."""
        waiting, self._poll = self._poll, None
        if waiting is not None and not waiting.done():
            if words:
                waiting.set_exception(conflict(words))
            else:
                waiting.set_result(True)

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(True)

    def _take(self, limit: int) -> list[Json]:
        taken = [self._again.popleft() for _ in range(min(limit, len(self._again)))]
        taken += islice(self.pending.values(), limit - len(taken))
        for update in taken:
            update.handed_out += 1
        return [update.body for update in taken]
