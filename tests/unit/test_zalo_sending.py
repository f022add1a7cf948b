"""Sending on Zalo: parts, and what each failure means for the message."""

from __future__ import annotations

import asyncio
import json
import unicodedata

import httpx
import pytest

from bot.channels.port import Delivery, Outgoing, SendFailed, SendRefused
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.channels.zalo_bot.sending import MAX_TEXT, Sender


class Platform:
    """Answers each send with the next of ``answers`` (a status, or an exception), then with ok."""

    def __init__(self, *answers: int | type[httpx.TransportError]) -> None:
        self.answers = list(answers)
        self.texts: list[str] = []
        self.slow = asyncio.Event()
        self.hangs = False

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.texts.append(json.loads(request.content)["text"])
        if self.hangs:
            await self.slow.wait()
        answer = self.answers.pop(0) if self.answers else 200
        if not isinstance(answer, int):
            raise answer("x", request=request)
        if answer != 200:
            refusal = {"ok": False, "description": "no", "error_code": answer}
            return httpx.Response(answer, json=refusal)
        result = {"message_id": f"m{len(self.texts)}", "date": 1}
        return httpx.Response(200, json={"ok": True, "result": result})


def sender(platform: Platform, deadline: float = 10) -> Sender:
    http = httpx.AsyncClient(transport=httpx.MockTransport(platform))
    return Sender(ZaloBotClient("1:x", "https://zalo.test", http), deadline)


def delivery(text: str, number: int = 1) -> Delivery:
    return Delivery(id=number, chat_id="c1", message=Outgoing(text=text))


LONG = "\n\n".join(f"Đoạn {n}. " + "Người lao động được nghỉ. " * 30 for n in range(6))


async def test_a_short_message_is_one_part() -> None:
    platform = Platform()
    assert await sender(platform).send(delivery("Chào bạn")) == "m1"
    assert platform.texts == ["Chào bạn"]


async def test_a_long_one_goes_in_order_and_whole() -> None:
    platform = Platform()
    assert await sender(platform).send(delivery(unicodedata.normalize("NFD", LONG))) == "m1"
    assert len(platform.texts) > 2
    assert all(0 < len(text) <= MAX_TEXT for text in platform.texts)
    assert " ".join(platform.texts).split() == unicodedata.normalize("NFC", LONG).split()


@pytest.mark.parametrize("length", [1999, 2000, 2001])
async def test_the_limit_counts_composed_characters(length: int) -> None:
    platform = Platform()
    await sender(platform).send(delivery(unicodedata.normalize("NFD", "ệ" * length)))
    assert [len(text) for text in platform.texts] == ([length] if length <= 2000 else [2000, 1])


async def test_half_a_character_does_not_break_the_send() -> None:
    platform = Platform()
    await sender(platform).send(delivery("a\ud83d"))
    assert platform.texts == ["a\ufffd"]


async def test_nothing_to_say_is_refused() -> None:
    platform = Platform()
    with pytest.raises(SendRefused):
        await sender(platform).send(delivery(" \n"))
    assert platform.texts == []


async def test_a_wrong_call_is_refused_for_good() -> None:
    with pytest.raises(SendRefused) as caught:
        await sender(Platform(400)).send(delivery("x"))
    assert not caught.value.blocked


@pytest.mark.parametrize("code", [401, 404])
async def test_what_an_admin_can_mend_is_not_refused(code: int) -> None:
    with pytest.raises(SendFailed) as caught:
        await sender(Platform(code)).send(delivery("x"))
    assert not caught.value.uncertain
    assert caught.value.retry_after
    assert "Hãy" in str(caught.value)


@pytest.mark.parametrize("fault", [403, 500, 502, httpx.ConnectError, httpx.ConnectTimeout])
async def test_certain_failures(fault: int | type[httpx.TransportError]) -> None:
    with pytest.raises(SendFailed) as caught:
        await sender(Platform(fault)).send(delivery("x"))
    assert not caught.value.uncertain


@pytest.mark.parametrize("fault", [408, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_lost_answers_are_uncertain_and_wait_ever_longer(
    fault: int | type[httpx.TransportError],
) -> None:
    made, pauses = sender(Platform(fault, fault, fault)), []
    for _ in range(3):
        with pytest.raises(SendFailed) as caught:
            await made.send(delivery("x"))
        assert caught.value.uncertain
        pauses.append(caught.value.retry_after or 0)
    assert pauses[0] >= 60
    assert pauses == sorted(set(pauses))


async def test_a_send_that_hangs_is_uncertain() -> None:
    platform = Platform()
    platform.hangs = True
    with pytest.raises(SendFailed) as caught:
        await sender(platform, deadline=0.05).send(delivery("x"))
    assert caught.value.uncertain


async def test_quota_is_waited_for_ever_longer() -> None:
    made, pauses = sender(Platform(*[429] * 12)), []
    for _ in range(12):
        with pytest.raises(SendFailed) as caught:
            await made.send(delivery("x"))
        assert not caught.value.uncertain
        pauses.append(caught.value.retry_after)
    assert pauses[:3] == [30, 60, 120]
    assert pauses[-1] == 3600


async def test_a_message_that_broke_off_goes_on_at_the_same_part() -> None:
    platform = Platform(200, 500)
    made = sender(platform)
    with pytest.raises(SendFailed):
        await made.send(delivery(LONG))
    assert await made.send(delivery("Tin khác", 2)) == "m3"
    assert await made.send(delivery(LONG)) == "m1"
    first, failed, other, *rest = platform.texts
    assert (other, rest[0]) == ("Tin khác", failed)
    assert " ".join([first, *rest]).split() == LONG.split()
    # Once it is out, nothing of it is remembered.
    platform.texts.clear()
    await made.send(delivery(LONG))
    assert platform.texts[0] == first


async def test_reasons_hold_neither_text_nor_token() -> None:
    for fault in (400, 401, 403, 429, httpx.ReadTimeout):
        with pytest.raises((SendFailed, SendRefused)) as caught:
            await sender(Platform(fault)).send(delivery("chuyện riêng"))
        assert "chuyện riêng" not in str(caught.value)
        assert "1:x" not in str(caught.value)
