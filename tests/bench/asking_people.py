"""People at a stand-in who each ask, wait for the answer, and ask again."""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from sqlalchemy import select

from bot.store.database import Database
from bot.store.models import Chat, Message
from knowledge.cards import load as load_cards
from tests.bench.channel_platforms import SECRET
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn

_LOOK_EVERY = 0.01
_LOOK_BACK = 200
_FIRST_PERSON = 5_400_000_001


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that reached a chat, at a time of ``Standing.clock``."""

    chat: str
    at: float


class Standing(ABC):
    """A stand-in in this process, as those who ask use it."""

    channel: str

    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """By which a house joins it."""

    @abstractmethod
    def joined(self, house: str) -> None:
        """The house at this address has started."""

    @abstractmethod
    def person(self, number: int) -> str:
        """The chat id of a person."""

    @abstractmethod
    def say(self, person: str, text: str) -> None:
        """Let a person write."""

    @abstractmethod
    def shown(self, after: int) -> list[Shown]:
        """All messages on the wire, without the first ``after`` of them."""

    @abstractmethod
    def clock(self) -> float:
        """Seconds, on the clock by which messages are stamped."""


class TelegramStanding(Standing):
    """Long polling."""

    channel = "telegram"

    def __init__(self, telegram: TelegramStandIn) -> None:
        self._telegram = telegram
        self._taken = 0

    def settings(self) -> Mapping[str, str]:
        return {
            "TELEGRAM_BOT_TOKEN": self._telegram.token,
            "CAUNOI_TELEGRAM_API": self._telegram.address,
            "CAUNOI_TELEGRAM_FILES": self._telegram.file_address,
        }

    def joined(self, house: str) -> None:
        """It polls."""

    def person(self, number: int) -> str:
        return str(_FIRST_PERSON + number)

    def say(self, person: str, text: str) -> None:
        self._telegram.say(int(person), text)

    def shown(self, after: int) -> list[Shown]:
        # Straight from its memory: asking for all calls, many times a second, is work of its own.
        calls = self._telegram._telegram.calls["sendmessage"][after:]
        return [Shown(call.parameters["chat_id"], call.at) for call in calls]

    def clock(self) -> float:
        return time.time()


class ZaloStanding(Standing):
    """A webhook."""

    channel = "zalo_bot"

    def __init__(self, zalo: ZaloStandIn) -> None:
        self._zalo = zalo

    def settings(self) -> Mapping[str, str]:
        return {
            "ZALO_BOT_TOKEN": self._zalo.token,
            "CAUNOI_ZALO_API": self._zalo.address,
            "CAUNOI_ZALO_WEBHOOK_SECRET": SECRET,
        }

    def joined(self, house: str) -> None:
        asked = {"url": f"{house}/zalo-bot/webhook", "secret_token": SECRET}
        method = f"{self._zalo.address}/bot{self._zalo.token}/setWebhook"
        httpx.post(method, json=asked, trust_env=False).raise_for_status()

    def person(self, number: int) -> str:
        return self._zalo.chat(f"người {number}")

    def say(self, person: str, text: str) -> None:
        self._zalo.say(person, text)

    def shown(self, after: int) -> list[Shown]:
        return [Shown(sent.chat_id, sent.at) for sent in self._zalo.sent(after=after)]

    def clock(self) -> float:
        return time.monotonic()


class AskingPeople:
    """People who each have one question under way for as long as ``ask`` lasts.

    What belongs to which question is read from the house's own store: of a chat's messages on the
    wire, the n-th is the n-th the house committed.
    """

    def __init__(self, standing: Standing, database: Database, numbers: Sequence[int]) -> None:
        self._standing = standing
        self._database = database
        self._asks = [" ".join(ask.split()) for card in load_cards() for ask in card.asks]
        self._chance = random.Random(7)
        self._people = [standing.person(number) for number in numbers]
        self._seen: set[int] = set()
        self._taken: dict[str, list[int]] = defaultdict(list)
        self._answers: dict[str, list[int]] = defaultdict(list)
        self._wire: dict[str, list[float]] = defaultdict(list)
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.shown: list[Shown] = []

    def ask(self, seconds: float, patience: float = 60.0) -> None:
        """Ask for so long; then wait until every question has an answer, at most ``patience``."""
        ends = self._standing.clock() + seconds
        while (now := self._standing.clock()) < ends + patience:
            self._look()
            free = [person for person in self._people if not self._waits(person)]
            if now < ends:
                for person in free:
                    self.asked[person].append(self._standing.clock())
                    self._standing.say(person, self._chance.choice(self._asks))
            elif len(free) == len(self._people):
                return
            time.sleep(_LOOK_EVERY)

    def waits(self) -> list[tuple[float, float]]:
        """For each answered question: when it was asked, and the seconds to the first message of
        its answer."""
        return [
            (asked, at - asked)
            for person in self._people
            for asked, inbox in zip(self.asked[person], self._taken[person], strict=False)
            if (at := self._first(person, inbox)) is not None
        ]

    def _waits(self, person: str) -> bool:
        asked, taken = len(self.asked[person]), self._taken[person]
        return len(taken) < asked or (asked > 0 and self._first(person, taken[-1]) is None)

    def _first(self, person: str, inbox: int) -> float | None:
        """When the first message of an answer was on the wire."""
        answers, wire = self._answers[person], self._wire[person]
        place = answers.index(inbox) if inbox in answers else len(wire)
        return wire[place] if place < len(wire) else None

    def _look(self) -> None:
        """Read on in the store and on the wire."""
        for each in (new := self._standing.shown(len(self.shown))):
            self._wire[each.chat].append(each.at)
        self.shown += new
        # A little back: on PostgreSQL a message may be committed after one with a later number.
        since = max(self._seen, default=0) - _LOOK_BACK
        with self._database.read() as session:
            rows = session.execute(
                select(Message.id, Chat.chat_id, Message.author, Message.inbox)
                .join(Message, Message.chat == Chat.id)
                .where(Message.id > since)
                .order_by(Message.id)
            ).all()
        for number, chat, author, inbox in rows:
            if number not in self._seen:
                self._seen.add(number)
                (self._taken if author == "worker" else self._answers)[chat].append(inbox)
