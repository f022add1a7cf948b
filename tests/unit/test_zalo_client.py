"""Our client of the Zalo Bot Platform: envelopes, codes, and a token nobody gets to see."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.channels.zalo_bot import errors
from bot.channels.zalo_bot.client import ZaloBotClient

TOKEN = "1459232241454765289:bi-mat/khong duoc lo"
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler) -> ZaloBotClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return ZaloBotClient(TOKEN, "https://zalo.test/", http)


def answering(status: int, body: object) -> ZaloBotClient:
    if isinstance(body, bytes):
        return client(lambda _: httpx.Response(status, content=body))
    return client(lambda _: httpx.Response(status, json=body))


def refusal(code: int, words: str = "no", key: str = "error_code") -> dict[str, Any]:
    return {"ok": False, "description": words, key: code}


async def error_of(made: ZaloBotClient, method: str = "send_message") -> errors.ZaloError:
    arguments = {"send_message": ("chat", "chữ"), "get_updates": (1,)}.get(method, ())
    with pytest.raises(errors.ZaloError) as caught:
        await getattr(made, method)(*arguments)
    return caught.value


async def test_a_call_goes_where_it_belongs() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True, "result": {"message_id": "m1", "date": 1}})

    assert await client(handler).send_message("c1", "chữ Việt") == "m1"
    (request,) = seen
    path = "/bot1459232241454765289:bi-mat%2Fkhong%20duoc%20lo/sendMessage"
    assert (request.method, request.url.raw_path.decode()) == ("POST", path)
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, errors.Rejected),
        (401, errors.WrongToken),
        (403, errors.ServerFault),
        (404, errors.NotThere),
        (408, errors.AnswerLost),
        (413, errors.Rejected),
        (426, errors.TooOften),
        (429, errors.QuotaSpent),
        (500, errors.ServerFault),
        (503, errors.ServerFault),
    ],
)
@pytest.mark.parametrize("same_status", [True, False])
@pytest.mark.parametrize("key", ["error_code", "errorCode"])
async def test_codes(code: int, kind: type[errors.ZaloError], same_status: bool, key: str) -> None:
    error = await error_of(answering(code if same_status else 200, refusal(code, key=key)))
    assert type(error) is kind
    assert error.uncertain is (code == 408)


@pytest.mark.parametrize(
    ("status", "body", "uncertain"),
    [
        (200, b"<html>Welcome</html>", True),
        (200, b'{"ok":true,"result":{"message_id":"', True),
        (200, b"[]", True),
        (200, b"\xff\xfe", True),
        (200, b"[" * 100_000, True),
        (502, b"<html>Bad Gateway</html>", False),
        (504, b"<html>Gateway Time-out</html>", True),
        (302, b"", True),
    ],
)
async def test_answers_that_are_none(status: int, body: bytes, uncertain: bool) -> None:
    error = await error_of(answering(status, body))
    assert isinstance(error, errors.ServerFault)
    assert error.uncertain is uncertain


@pytest.mark.parametrize("body", [{"ok": "true"}, {"ok": 1}, {}, {"result": {"message_id": "m"}}])
async def test_a_good_status_alone_is_no_success(body: object) -> None:
    assert isinstance(await error_of(answering(200, body)), errors.ServerFault)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ConnectError, errors.Unreachable),
        (httpx.ConnectTimeout, errors.Unreachable),
        (httpx.PoolTimeout, errors.Unreachable),
        (httpx.ReadTimeout, errors.AnswerLost),
        (httpx.ReadError, errors.AnswerLost),
        (httpx.WriteError, errors.AnswerLost),
        (httpx.RemoteProtocolError, errors.AnswerLost),
    ],
)
async def test_broken_lines(fault: type[httpx.TransportError], kind: type[Exception]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault(f"at {request.url}", request=request)

    error = await error_of(client(handler))
    assert type(error) is kind
    assert error.uncertain is (kind is errors.AnswerLost)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (408, refusal(408)),
        (200, refusal(408)),
        (408, b"timeout"),
        (200, {"ok": True}),
        (200, {"ok": True, "result": None}),
        (200, {"ok": True, "result": []}),
        (200, {"ok": True, "result": {}}),
    ],
)
async def test_no_news(status: int, body: object) -> None:
    assert await answering(status, body).get_updates(1) == []


@pytest.mark.parametrize("many", [True, False])
async def test_news(many: bool) -> None:
    event = {"event_name": "message.text.received", "message": {"text": "x"}}
    made = answering(200, {"ok": True, "result": [event] if many else event})
    assert await made.get_updates(1) == [event]


async def test_a_poll_waits_longer_than_the_platform() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(408, json=refusal(408))

    await client(handler).get_updates(30)
    assert seen[0].extensions["timeout"]["read"] > 30
    assert seen[0].content == b'{"timeout": "30"}'


async def test_a_webhook_in_the_way_of_polling_is_told_apart() -> None:
    words = "You cannot use this API while a webhook is set. Please remove the webhook first"
    error = await error_of(answering(400, refusal(400, words)), "get_updates")
    assert isinstance(error, errors.WebhookIsSet)
    assert "caunoi zalo webhook delete" in str(error)


async def test_no_webhook_in_both_forms() -> None:
    for made in (
        answering(404, refusal(404)),
        answering(200, {"ok": True, "result": {"url": "", "updated_at": 1}}),
    ):
        assert (await made.get_webhook_info()).url == ""


async def test_an_account_must_have_an_id() -> None:
    account = await answering(
        200, {"ok": True, "result": {"id": 12, "account_name": "bot.x"}}
    ).get_me()
    assert (account.id, account.name) == ("12", "bot.x")
    assert isinstance(
        await error_of(answering(200, {"ok": True, "result": {}}), "get_me"), errors.ServerFault
    )


async def test_a_method_without_result() -> None:
    await answering(200, {"ok": True}).send_chat_action("c1")
    assert await answering(200, {"ok": True}).send_photo("c1", "https://a.vn/1.jpg", "x") is None


def all_of(error: BaseException | None) -> str:
    """Everything an exception holds, its chain included."""
    told = ""
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(error.args) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return told


async def test_the_token_is_in_no_log_exception_or_repr(caplog: pytest.LogCaptureFixture) -> None:
    def breaking(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"at {request.url} {TOKEN}", request=request)

    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore.http11", "httpcore.connection"):
            caplog.set_level(logging.DEBUG, logger=name)
        told = repr(client(breaking))
        for made in (client(breaking), answering(401, refusal(401, f"bad token {TOKEN}"))):
            told += all_of(await error_of(made))
        await answering(200, {"ok": True}).send_chat_action("c1")
    told += caplog.text
    assert "bi-mat" not in told
    assert "1459232241454765289" not in told
    # The same loggers still speak for others: it is not that nothing is logged at all.
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with caplog.at_level(logging.INFO):
        await httpx.AsyncClient(transport=transport).get("https://example.test/elsewhere")
    assert "elsewhere" in caplog.text
