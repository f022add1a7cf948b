"""Calls that tests of the stand-in make again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.contract.zalo_stand_in.stand_in import ZaloStandIn

SECRET = "a-secret-of-the-webhook"


def set_webhook(api: httpx.Client, url: str, secret: str = SECRET) -> dict[str, Any]:
    """The result of setting it."""
    answer = api.post("setWebhook", json={"url": url, "secret_token": secret})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def known(zalo: ZaloStandIn, api: httpx.Client, user: str = "Lan") -> str:
    """The chat of a person who has written, whose word has been taken."""
    zalo.say(user, "xin chào")
    api.post("getUpdates", json={"timeout": 1})
    return zalo.chat(user)


def refused(answer: httpx.Response) -> tuple[int, int, bool]:
    """HTTP status, error_code and ok of an answer."""
    body = answer.json()
    return answer.status_code, body["error_code"], body["ok"]


def polled(api: httpx.Client, count: int) -> list[str]:
    """The texts of the next polls."""
    answers = [api.post("getUpdates", json={"timeout": 2}).json() for _ in range(count)]
    return [answer["result"]["message"]["text"] for answer in answers]


def fetch(address: str) -> httpx.Response:
    """What lies under a media address."""
    return httpx.get(address, trust_env=False, verify=False)


@contextmanager
def polling(zalo: ZaloStandIn, api: httpx.Client) -> Iterator[list[httpx.Response]]:
    """A poll under way in a thread; its answer stands in the list at the end."""
    answers: list[httpx.Response] = []

    def poll() -> None:
        answers.append(api.post("getUpdates", data={"timeout": "20"}))

    before = len(zalo.calls("getUpdates"))
    poller = threading.Thread(target=poll)
    poller.start()
    zalo.until(lambda: zalo._platform.updates._pollers and len(zalo.calls("getUpdates")) > before)
    assert not answers
    yield answers
    poller.join(5)
