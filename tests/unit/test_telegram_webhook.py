"""The webhook: who is let in, what is answered, and that nothing is taken twice or lost."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.channels.port import Incoming
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.config import TelegramConfig, TelegramWrong
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.reading import Me
from bot.channels.telegram.webhook import MAX_BODY, routes
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases

SECRET = "s3cret_of-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
AN = 5_400_000_001


def update(number: int = 7) -> dict[str, Any]:
    person = {"id": AN, "is_bot": False, "first_name": "An"}
    message = {"message_id": 1, "date": 1_772_400_000, "chat": {"id": AN, "type": "private"}}
    return {"update_id": number, "message": {**message, "from": person, "text": "chào"}}


class Inbox:
    def __init__(self) -> None:
        self.taken: list[str] = []
        self.faults: deque[Exception] = deque()

    async def accept(self, incoming: Incoming) -> bool:
        if self.faults:
            raise self.faults.popleft()
        self.taken.append(incoming.update_id)
        return True


class Telegram:
    """A bot of ours behind HTTP, as Telegram sees it."""

    def __init__(self) -> None:
        config = TelegramConfig(
            "1:a",
            mode="webhook",
            webhook_address="https://bot.example.vn",
            webhook_secret=SECRET,
        )
        self.inbox = Inbox()
        self.channel = TelegramChannel(config, cast(Leases, None))
        client = cast(TelegramClient, None)
        self.channel.intake = Intake(client, self.inbox.accept, Me(1, "caunoi_bot"), ())
        app = Starlette(routes=routes(self.channel))
        transport = httpx.ASGITransport(app=app)
        self.http = httpx.AsyncClient(transport=transport, base_url="https://bot.example.vn")

    async def post(self, body: object = None, **more: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body or update()).encode()
        headers = {HEADER: SECRET, "content-type": "application/json", **more.pop("headers", {})}
        return await self.http.post("/telegram/webhook", content=content, headers=headers, **more)


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    made = Telegram()
    yield made
    await made.http.aclose()
    await made.channel.close()


async def test_200_once_it_is_committed(telegram: Telegram) -> None:
    answer = await telegram.post()
    assert (answer.status_code, answer.content) == (200, b"")
    assert telegram.inbox.taken == ["7"]


@pytest.mark.parametrize(
    "secret",
    ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), f"{SECRET},{SECRET}", b"\xff\xfe"],
)
async def test_a_wrong_secret_is_kept_out_without_a_word(
    telegram: Telegram, secret: str | bytes
) -> None:
    with capture_logs() as logs:
        answer = await telegram.post(headers={HEADER: secret})
    assert (answer.status_code, answer.content) == (403, b"")
    assert telegram.inbox.taken == []
    assert logs == []


async def test_a_missing_and_a_doubled_secret(telegram: Telegram) -> None:
    bare = [("content-type", "application/json")]
    body = json.dumps(update())
    for headers, status in (
        (bare, 401),
        ([*bare, (HEADER, SECRET), (HEADER, "forged")], 403),
        ([*bare, (HEADER, "forged"), (HEADER, SECRET)], 403),
    ):
        answer = await telegram.http.post("/telegram/webhook", content=body, headers=headers)
        assert (answer.status_code, answer.content) == (status, b"")
    assert telegram.inbox.taken == []


async def test_only_posts(telegram: Telegram) -> None:
    headers = {HEADER: SECRET}
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        answer = await telegram.http.request(method, "/telegram/webhook", headers=headers)
        assert answer.status_code == 405


async def test_bodies_that_are_none(telegram: Telegram) -> None:
    deep = b'{"update_id":1,"message":' + b"[" * 200 + b"]" * 200 + b"}"
    deeper = b"[" * 100_000 + b"]" * 100_000
    for body in (b"", b"{", b"[]", b"null", b"7", b"{}", b'{"update_id":"7"}', deep, deeper):
        assert (await telegram.post(body or b" ")).status_code == 400
    assert (await telegram.post(b"{\xff}")).status_code == 400
    wrong = await telegram.post(headers={"content-type": "text/plain"})
    assert wrong.status_code == 415
    assert telegram.inbox.taken == []


async def test_a_long_body_is_cut_off(telegram: Telegram) -> None:
    pieces = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal pieces
        for _ in range(80):
            pieces += 1
            yield b"x" * 65536

    assert (await telegram.post(b"x" * (MAX_BODY + 1))).status_code == 413
    headers = {HEADER: SECRET, "content-type": "application/json"}
    answer = await telegram.http.post("/telegram/webhook", content=flood(), headers=headers)
    assert answer.status_code == 413
    assert pieces < 20
    # The secret is looked at first: a stranger's body is not read at all.
    pieces = 0
    headers[HEADER] = "forged"
    answer = await telegram.http.post("/telegram/webhook", content=flood(), headers=headers)
    assert (answer.status_code, pieces) == (403, 0)


@pytest.mark.parametrize("body", [{"update_id": 7}, {"update_id": 7, "poll_answer_2": {"x": 1}}])
async def test_unknown_kinds_are_acknowledged(telegram: Telegram, body: object) -> None:
    assert (await telegram.post(body)).status_code == 200
    assert telegram.inbox.taken == []


async def test_503_until_the_store_is_back(telegram: Telegram) -> None:
    telegram.inbox.faults.extend([StoreUnavailable("đầy")] * 30)
    with capture_logs() as logs:
        for _ in range(30):
            assert (await telegram.post()).status_code == 503
    assert [log["event"] for log in logs] == ["telegram.store_away"]
    assert (await telegram.post()).status_code == 200
    assert telegram.inbox.taken == ["7"]


async def test_what_cannot_be_read_is_let_go_at_the_third_try(telegram: Telegram) -> None:
    broken = {"update_id": 8, "message": {"message_id": "x"}}
    statuses = [(await telegram.post(broken)).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert (await telegram.post(update(9))).status_code == 200


async def test_503_before_the_bot_runs(telegram: Telegram) -> None:
    telegram.channel.intake = None
    assert (await telegram.post()).status_code == 503


@pytest.mark.parametrize("secret", ["", "có dấu", "a b", "x" * 257])
def test_a_webhook_without_a_usable_secret_is_not_served(secret: str) -> None:
    with pytest.raises(TelegramWrong, match="secret"):
        TelegramConfig("1:a", mode="webhook", webhook_address="https://a.vn", webhook_secret=secret)


@pytest.mark.parametrize(
    ("address", "path", "url"),
    [
        ("https://a.vn", "/telegram/webhook", "https://a.vn/telegram/webhook"),
        ("https://a.vn/", "/telegram/webhook", "https://a.vn/telegram/webhook"),
        ("https://a.vn:8443/bot/x/", "/bot/x", "https://a.vn:8443/bot/x"),
    ],
)
def test_addresses(address: str, path: str, url: str) -> None:
    config = TelegramConfig("1:a", webhook_address=address)
    assert (config.webhook_path, config.webhook_url) == (path, url)
