"""Faults and limits of the Telegram stand-in, and its control from another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from telegram import Bot
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from tests.contract.telegram_stand_in import RemoteTelegramStandIn, TelegramStandIn
from tests.contract.telegram_stand_in.faults import FaultKind
from tests.contract.telegram_stand_in_judge import LAN, MINH, PNG, bot_of, fetch

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        made.say_many([(LAN, "chào"), (MINH, "chào")])
        yield made


@pytest.fixture
async def bot(telegram: TelegramStandIn) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        ("400", BadRequest),
        ("401", InvalidToken),
        ("403", Forbidden),
        ("429", RetryAfter),
        ("500", NetworkError),
        ("502", NetworkError),
        ("drop", NetworkError),
        ("malformed", TelegramError),
    ],
)
@pytest.mark.parametrize("taken", [False, True])
async def test_faults_come_as_ordered_and_then_end(
    telegram: TelegramStandIn,
    bot: Bot,
    kind: FaultKind,
    raised: type[TelegramError],
    taken: bool,
) -> None:
    telegram.fail_next("sendMessage", kind, 2, taken=taken)
    for _ in range(2):
        with pytest.raises(TelegramError) as failure:
            await bot.send_message(LAN, "x")
        assert type(failure.value) is raised
    assert len(telegram.sent(LAN)) == (2 if taken else 0)
    await bot.send_message(LAN, "x")
    assert len(telegram.sent(LAN)) == (3 if taken else 1)


async def test_a_hanging_call(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.fail_next("sendMessage", "hang")
    telegram.fail_next("sendMessage", "hang", taken=True)
    for sent in (0, 1):
        with pytest.raises(TimedOut):
            await bot.send_message(LAN, "x", read_timeout=0.1)
        assert len(telegram.sent(LAN)) == sent


def test_what_a_fault_looks_like_on_the_wire(telegram: TelegramStandIn) -> None:
    url = f"{telegram.address}{telegram.token}/sendMessage?chat_id={LAN}&text=x"
    telegram.fail_next("sendMessage", "429", retry_after=7)
    assert fetch(url).json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    telegram.fail_next("*", "403")
    answer = fetch(url)
    assert (answer.status_code, answer.json()["description"]) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    telegram.fail_next("sendMessage", "400", description="PEER_ID_INVALID")
    assert fetch(url).json()["description"] == "Bad Request: PEER_ID_INVALID"
    telegram.fail_next("sendMessage", "502")
    answer = fetch(url)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
    assert "502 Bad Gateway" in answer.text
    telegram.fail_next("sendMessage", "malformed")
    with pytest.raises(ValueError, match="Expecting value"):
        fetch(url).json()


def _seconds(error: RetryAfter) -> float:
    """The library gives seconds, or a duration where the process has asked for that."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else asked


async def test_faults_for_one_chat_and_until_healed(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.fail_next("sendMessage", "429", None, retry_after=3, chat=LAN)
    for _ in range(3):
        await bot.send_message(MINH, "x")
        with pytest.raises(RetryAfter) as asked:
            await bot.send_message(LAN, "x")
    assert _seconds(asked.value) == 3
    telegram.heal()
    await bot.send_message(LAN, "x")
    with pytest.raises(ValueError, match="no such fault"):
        telegram.fail_next("sendMessage", "418")  # type: ignore[arg-type]


async def test_flood_limits(telegram: TelegramStandIn, bot: Bot) -> None:
    group = telegram.group()
    telegram.flood(private=(2, 60), group=(3, 60), total=(9, 60))
    for place, allowed in ((LAN, 2), (MINH, 2), (group, 3)):
        for _ in range(allowed):
            await bot.send_message(place, "x")
        with pytest.raises(RetryAfter) as asked:
            await bot.send_message(place, "x")
        assert _seconds(asked.value) > 1
    for other in (LAN + 5, LAN + 6, LAN + 7):
        telegram.say(other, "chào")
    await bot.send_photo(LAN + 5, PNG)
    await bot.copy_message(LAN + 6, LAN, 2)
    with pytest.raises(RetryAfter):
        await bot.forward_message(LAN + 7, LAN, 2)
    await bot.send_chat_action(LAN + 7, "typing")
    telegram.flood(False)
    await bot.send_message(LAN, "x")


def test_what_can_not_happen_is_said(telegram: TelegramStandIn) -> None:
    group = telegram.group()
    for impossible in (
        lambda: telegram.say(0, "x"),
        lambda: telegram.say(LAN, " "),
        lambda: telegram.say(LAN, "x" * 4097),
        lambda: telegram.edit(LAN, 99, "x"),
        lambda: telegram.press(LAN, 1, "x"),
        lambda: telegram.say_in_group(-5, LAN, "x"),
        lambda: telegram.say_in_group(group, LAN, "x", thread=7),
        lambda: telegram.open_topic(group, LAN, "x"),
        lambda: telegram.group(group),
        lambda: telegram.user(LAN, phone="0"),
        lambda: telegram.redeliver(1),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each says something else
            impossible()
    with pytest.raises(AssertionError, match=r"not within 0.05 s"):
        telegram.until(lambda: telegram.sent(LAN), 0.05)


@pytest.fixture
def remote() -> Iterator[RemoteTelegramStandIn]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.telegram_stand_in", "--port", "0"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        made = RemoteTelegramStandIn(process.stdout.readline().split()[-1])
        yield made
        made.close()
    finally:
        process.terminate()
        assert process.wait(10) == 0


async def test_another_process_is_controlled_alike(remote: RemoteTelegramStandIn) -> None:
    async with bot_of(remote) as bot:
        photo = remote.photo(LAN, PNG, "bảng lương")
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.message_id == photo
        file = await bot.get_file(update.message.photo[-1])
        assert bytes(await file.download_as_bytearray()) == PNG
        await bot.send_message(LAN, "<b>đã nhận</b>", parse_mode="HTML")
        (sent,) = await remote.eventually(lambda: remote.sent(LAN))
        assert (sent.text, sent.entities[0]["type"]) == ("đã nhận", "bold")
        remote.fail_next("sendMessage", "429", retry_after=2)
        with pytest.raises(RetryAfter):
            await bot.send_message(LAN, "x")
        assert [call.status for call in remote.calls("sendMessage")] == [200, 429]
        with pytest.raises(ValueError, match="1 to 4096"):
            remote.say(LAN, "")
