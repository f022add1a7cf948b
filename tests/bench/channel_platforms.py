"""The stand-ins as a bench uses them: each in a process of its own, with the same few controls."""

from __future__ import annotations

import re
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from tests.contract.telegram_stand_in import DEFAULT_TOKEN, RemoteTelegramStandIn
from tests.contract.zalo_stand_in.people import id_of
from tests.contract.zalo_stand_in.stand_in import TOKEN

REPOSITORY = Path(__file__).parents[2]
SECRET = "bi-mat-cua-bai-do-0123456789"
MODES = {"telegram": ("polling", "webhook"), "zalo_bot": ("webhook", "replay", "once")}
_FIRST_PERSON = 5_400_000_001
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Platform(ABC):
    """People ``0`` to ``n`` who write to the bot, and what they get from it.

    ``by_post``: updates come to a webhook; then the platform may bring them in another order.
    """

    channel: str
    token: str

    def __init__(self, address: str, mode: str) -> None:
        self.address = address
        self.mode = mode
        self.by_post = mode == "webhook"

    @abstractmethod
    def chat(self, person: int) -> str:
        """The id of a person's chat, as the store has it."""

    @abstractmethod
    def say(self, words: Sequence[tuple[int, str]]) -> None:
        """Let people write, in this order."""

    @abstractmethod
    def wire(self, person: int) -> list[str]:
        """What a person got, the oldest first, repeated ones too."""

    @abstractmethod
    def post_to(self, url: str) -> None:
        """Set the webhook."""

    @abstractmethod
    def figures(self) -> dict[str, int]:
        """``left``: updates still to be handed out; ``given_up``: posts the platform gave up;
        ``again``: hand-outs beyond the first."""

    @abstractmethod
    def close(self) -> None:
        """Give the connections back."""


class TelegramPlatform(Platform):
    """Polling, or a webhook whose posts are repeated until they are taken."""

    channel = "telegram"
    token = DEFAULT_TOKEN

    def __init__(self, address: str, mode: str) -> None:
        super().__init__(address, mode)
        self.controls = RemoteTelegramStandIn(address)
        self._api = httpx.Client(base_url=address, trust_env=False, timeout=30)

    def chat(self, person: int) -> str:
        return str(_FIRST_PERSON + person)

    def say(self, words: Sequence[tuple[int, str]]) -> None:
        self.controls.say_many([(_FIRST_PERSON + person, text) for person, text in words])

    def wire(self, person: int) -> list[str]:
        return [sent.text for sent in self.controls.sent(_FIRST_PERSON + person)]

    def post_to(self, url: str) -> None:
        self.controls.webhook(allow_http=True, backoff=0.2)
        asked = {"url": f"{url}/telegram/webhook", "secret_token": SECRET}
        self._api.post(f"/bot{self.token}/setWebhook", json=asked).raise_for_status()

    def figures(self) -> dict[str, int]:
        again = sum(max(times - 1, 0) for times in self.controls.handed_out())
        return {"left": self.controls.pending(), "given_up": 0, "again": again}

    def close(self) -> None:
        self._api.close()
        self.controls.close()


class ZaloPlatform(Platform):
    """A webhook with further attempts; or polls that give an event once, or again and again."""

    channel = "zalo_bot"
    token = TOKEN

    def __init__(self, address: str, mode: str) -> None:
        super().__init__(address, mode)
        self._api = httpx.Client(base_url=address, trust_env=False, timeout=60)
        self._said = 0
        # How often the platform tries is not documented; these attempts span about a minute.
        attempts = [0.5, 1, 2, 4, 8, 15, 30]
        consumed = "replay" if mode == "replay" else "once"
        self._control("switches", consumed=consumed, local_webhooks=True, webhook_retries=attempts)

    def chat(self, person: int) -> str:
        return id_of(f"người {person}")

    def say(self, words: Sequence[tuple[int, str]]) -> None:
        self._control("say_all", words=[(f"người {person}", text) for person, text in words])
        self._said += len(words)

    def wire(self, person: int) -> list[str]:
        return [sent["text"] for sent in self._control("sent", chat=f"người {person}")]

    def post_to(self, url: str) -> None:
        asked = {"url": f"{url}/zalo-bot/webhook", "secret_token": SECRET}
        self._api.post(f"/bot{self.token}/setWebhook", json=asked).raise_for_status()

    def figures(self) -> dict[str, int]:
        told = self._control("figures")
        tries = told["posts"] if self.by_post else told["handed"]
        again = max(tries - told["events"], 0)
        return {"left": told["waiting"], "given_up": told["given_up"], "again": again}

    def close(self) -> None:
        self._api.close()

    def _control(self, operation: str, **arguments: Any) -> Any:
        answer = self._api.post(f"/control/{operation}", json=arguments)
        answer.raise_for_status()
        return answer.json()["result"]


PLATFORMS: dict[str, tuple[str, type[Platform]]] = {
    "telegram": ("tests.contract.telegram_stand_in", TelegramPlatform),
    "zalo_bot": ("tests.contract.zalo_stand_in", ZaloPlatform),
}


@contextmanager
def platform(channel: str, mode: str) -> Iterator[Platform]:
    """A channel's stand-in, started for the block."""
    module, kind = PLATFORMS[channel]
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--port", "0"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = _ADDRESS.search(process.stdout.readline())
        if found is None:
            raise RuntimeError(f"{module} did not start")
        made = kind(found[0], mode)
        try:
            yield made
        finally:
            made.close()
    finally:
        process.terminate()
        process.wait(20)


def out_of_order(numbers: Sequence[int]) -> int:
    """How many follow a greater one."""
    return sum(later < earlier for earlier, later in pairwise(numbers))
