"""What the person who runs a Zalo bot is told about it."""

from __future__ import annotations

import httpx
import pytest

from bot.channels.zalo_bot.channel import ZaloBotSettings, poller_name
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.channels.zalo_bot.setup import (
    delete_webhook,
    describe,
    set_webhook,
    webhook_problem,
    webhook_url,
)

URL = "https://tuvan.vi.du/zalo-bot/webhook"
SECRET = "mot-bi-mat-du-dai"


class Platform:
    """A bot with a webhook at ``url``; ``codes`` are refusals by method."""

    def __init__(self, url: str = "", **codes: int) -> None:
        self.url = url
        self.codes = codes
        self.verification: dict[str, object] | None = None
        self.empty_form = False
        self.calls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition("/")[2]
        self.calls.append(method)
        code = self.codes.get(method)
        if method == "getWebhookInfo" and not self.url and not self.empty_form:
            code = code or 404
        if code:
            return httpx.Response(code, json={"ok": False, "description": "no", "error_code": code})
        if method == "getMe":
            return self.fine({"id": "1", "account_name": "bot.thu"})
        result: dict[str, object] = {"url": self.url, "updated_at": 1}
        if self.verification:
            result["verification"] = self.verification
        return self.fine(result)

    @staticmethod
    def fine(result: object) -> httpx.Response:
        return httpx.Response(200, json={"ok": True, "result": result})


def client(platform: Platform) -> ZaloBotClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(platform))
    return ZaloBotClient("1:x", "https://zalo.test", http)


async def states(platform: Platform, expected: str | None) -> list[str]:
    return [finding.state for finding in await describe(client(platform), expected)]


@pytest.mark.parametrize("empty_form", [True, False])
async def test_polling_as_it_should_be(empty_form: bool) -> None:
    platform = Platform()
    platform.empty_form = empty_form
    assert await states(platform, None) == ["ok", "ok", "ok"]
    assert set(platform.calls) == {"getMe", "getWebhookInfo"}


async def test_a_webhook_as_it_should_be() -> None:
    assert await states(Platform(URL), URL) == ["ok", "ok", "ok"]


@pytest.mark.parametrize(("url", "expected"), [(URL, None), ("", URL), ("https://khac.vn/x", URL)])
async def test_a_webhook_that_does_not_fit(url: str, expected: str | None) -> None:
    findings = await describe(client(Platform(url)), expected)
    assert findings[1].state == "wrong"
    assert "caunoi zalo webhook" in findings[1].says
    assert "/x" not in findings[1].says


async def test_a_wrong_token() -> None:
    (finding,) = await describe(client(Platform(getMe=401)), None)
    assert finding.state == "wrong"
    assert "ZALO_BOT_TOKEN" in finding.says


async def test_a_webhook_nobody_tells_about() -> None:
    assert await states(Platform(getWebhookInfo=500), None) == ["ok", "wrong", "ok"]


@pytest.mark.parametrize(
    ("verification", "state"),
    [
        (None, "ok"),
        ({"ok": True, "outcome": "success"}, "ok"),
        ({"ok": False, "hint": "the address must answer 200"}, "warning"),
    ],
)
async def test_setting_a_webhook(verification: dict[str, object] | None, state: str) -> None:
    platform = Platform(URL)
    platform.verification = verification
    (finding,) = await set_webhook(client(platform), URL, SECRET)
    assert finding.state == state
    if state == "warning":
        assert "must answer 200" in finding.says


async def test_setting_and_deleting_may_fail() -> None:
    (finding,) = await set_webhook(client(Platform(setWebhook=400)), URL, SECRET)
    assert finding.state == "wrong"
    (finding,) = await delete_webhook(client(Platform(deleteWebhook=401)))
    assert finding.state == "wrong"
    (finding,) = await delete_webhook(client(Platform()))
    assert finding.state == "ok"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://tuvan.vi.du/x", SECRET),
        ("https:///x", SECRET),
        ("https://[", SECRET),
        ("https://localhost/x", SECRET),
        ("https://192.168.1.2/x", SECRET),
        ("https://may.local/x", SECRET),
        (URL, "ngan"),
        (URL, "x" * 257),
        (URL, "mật khẩu có dấu"),
    ],
)
async def test_what_the_platform_would_not_take_is_not_tried(url: str, secret: str) -> None:
    platform = Platform()
    (finding,) = await set_webhook(client(platform), url, secret)
    assert finding.state == "wrong"
    assert platform.calls == []


def test_the_address_of_the_webhook() -> None:
    assert webhook_url("https://tuvan.vi.du/") == URL
    assert webhook_problem(URL, SECRET) is None


def test_settings_hide_their_secrets_and_must_make_sense() -> None:
    made = ZaloBotSettings(token="1:khong-lo", webhook_secret=SECRET)
    assert "khong-lo" not in repr(made)
    assert SECRET not in repr(made)
    for wrong in ({"token": " "}, {"token": "1:x", "webhook_secret": "ngan"}):
        with pytest.raises(ValueError, match="Zalo"):
            ZaloBotSettings(**wrong)
    name = poller_name("1:khong-lo")
    assert "khong-lo" not in name
    assert name == poller_name(" 1:khong-lo\n") != poller_name("2:khac")
