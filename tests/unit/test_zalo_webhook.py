"""The webhook: who may post, what is taken, and when it says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from bot.channels.port import Incoming
from bot.channels.zalo_bot.intake import Intake
from bot.channels.zalo_bot.webhook import MAX_BODY, PATH, SECRET_HEADER, Webhook
from bot.store.errors import StoreUnavailable

SECRET = "mot-bi-mat-du-dai"


class House:
    """The webhook with an inbox in memory."""

    def __init__(self) -> None:
        self.taken: dict[str, Incoming] = {}
        self.fault: Exception | None = None
        self.intake = Intake()
        self.intake.accept = self.accept
        self.intake.bot_id = "b0"
        app = Starlette(routes=Webhook(self.intake, SECRET).routes())
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://nha.test"
        )

    async def accept(self, incoming: Incoming) -> bool:
        if self.fault:
            raise self.fault
        new = incoming.update_id not in self.taken
        self.taken.setdefault(incoming.update_id, incoming)
        return new

    async def post(self, content: object, secret: str | bytes | None = SECRET) -> int:
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return (await self.http.post(PATH, content=content, headers=headers)).status_code  # type: ignore[arg-type]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.http.aclose()


def event(number: int = 1, **message: Any) -> dict[str, Any]:
    return {
        "event_name": "message.text.received",
        "message": {
            "message_id": f"m{number}",
            "date": 1_795_402_770_000,
            "from": {"id": "a1", "is_bot": False},
            "chat": {"id": "a1", "chat_type": "PRIVATE"},
            "text": "cty nợ lương",
            **message,
        },
    }


@pytest.mark.parametrize(
    "body",
    [
        event(),
        {"ok": True, "result": event()},
        [event()],
    ],
)
async def test_flat_and_wrapped_events(house: House, body: object) -> None:
    assert await house.post(body) == 200
    assert house.taken["m1"].text == "cty nợ lương"


async def test_a_duplicate_is_one_update(house: House) -> None:
    assert [await house.post(event()) for _ in range(3)] == [200, 200, 200]
    assert list(house.taken) == ["m1"]


@pytest.mark.parametrize(
    "secret",
    [None, "", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "ệ".encode(), b"\xff\xfe"],
)
async def test_forged_posts_are_turned_away(house: House, secret: str | bytes | None) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await house.post(event(), secret) == 403
    assert house.taken == {}
    assert logs == []


@pytest.mark.parametrize("secret", [SECRET, None, "x"])
@pytest.mark.parametrize("body", [b""])
async def test_an_empty_probe_is_answered_without_effect(
    house: House, body: bytes, secret: str | None
) -> None:
    house.fault = AssertionError("nothing may be taken")
    assert await house.post(body, secret) == 200


async def test_only_posts(house: House) -> None:
    assert (await house.http.get(PATH)).status_code == 405


async def test_while_the_store_is_away_the_platform_is_asked_to_come_again(house: House) -> None:
    house.fault = StoreUnavailable("đầy")
    assert await house.post(event()) == 503
    house.fault = None
    assert await house.post(event()) == 200
    assert list(house.taken) == ["m1"]


async def test_before_the_start_the_platform_is_asked_to_come_again(house: House) -> None:
    house.intake.accept = None
    assert await house.post(event()) == 503


async def test_a_fault_of_ours_is_no_acknowledgement_and_tells_no_words(house: House) -> None:
    house.fault = RuntimeError("cty nợ lương")
    with structlog.testing.capture_logs() as logs:
        assert await house.post(event()) == 500
    assert logs[0]["kind"] == "RuntimeError"
    assert "cty" not in str(logs)


async def test_five_megabytes(house: House) -> None:
    read = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(5 * 16):
            read += 65536
            yield b" " * 65536

    answer = await house.http.post(PATH, content=stream(), headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 413
    assert await house.post(event(text="x" * 5_000_000), "forged") == 403
    assert house.taken == {}


async def test_up_to_the_limit_is_read(house: House) -> None:
    body = json.dumps(event()).encode()
    assert await house.post(body + b" " * (MAX_BODY - len(body))) == 200
    assert await house.post(body + b" " * (MAX_BODY - len(body) + 1)) == 413
    assert list(house.taken) == ["m1"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe{}",
        b"<html>",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"message":{"date":' + b"9" * 5000 + b"}}",
    ],
)
async def test_what_nobody_can_read_is_a_bad_request(house: House, body: bytes) -> None:
    assert await house.post(body) == 400
    assert house.taken == {}


@pytest.mark.parametrize(
    "body",
    [
        1,
        "x",
        None,
        [],
        {},
        {"ok": True},
        {"event_name": 7, "message": "x"},
        {"event_name": "message.text.received", "message": {"chat": "a1", "from": ["b"]}},
        {"event_name": "message.unsupported.received"},
        {"event_name": "user.followed", "message": {"chat": {"id": "a1"}}},
        event(**{"from": {"id": "b0"}}),
    ],
)
async def test_unknown_events_and_echoes_are_acknowledged_and_left(
    house: House, body: object
) -> None:
    assert await house.post(body) == 200
    assert house.taken == {}
