"""Neither the token nor what people write is found in logs, exceptions or reprs."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from typing import cast

import pytest
import structlog

from bot import logs
from bot.channels.port import (
    Delivery,
    FetchFailed,
    FetchRefused,
    Incoming,
    Outgoing,
    SendFailed,
    SendRefused,
)
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.group import GroupError
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.reading import Me
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn

AN = 5_400_000_001
WORDS = "giám đốc quỵt lương của riêng tôi"
KINDS = ("400", "401", "403", "429", "500", "502", "drop", "malformed")


class Unhurried(Pace):
    def take(self, chat: int) -> float:
        return 0.0


@pytest.fixture(params=["INFO", "DEBUG"])
def written(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Iterator[pytest.CaptureFixture[str]]:
    """Standard error, with every logger as talkative as an operator can make it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(request.param, readable=False)
    root.setLevel(request.param)
    yield capsys
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


async def test_nothing_leaks(
    telegram: TelegramStandIn, written: pytest.CaptureFixture[str]
) -> None:
    config = TelegramConfig(telegram.token, telegram.address, telegram.file_address)
    channel = TelegramChannel(config, cast(Leases, None), pace=Unhurried(), timeout=1.0)
    client = channel._client
    said: list[str] = [repr(x) for x in (config, channel, client, client.bot, channel.desk_group)]
    said += [str(client.bot), f"{client.bot}"]

    async def accept(incoming: Incoming) -> bool:
        raise ValueError(f"cannot keep {incoming.text}")

    telegram.say(AN, WORDS)
    intake = Intake(client, accept, Me(1, telegram.username), ())
    for kind in KINDS:
        telegram.fail_next("getUpdates", kind)  # type: ignore[arg-type]
    polling = Polling(client, intake, wait=1, first=0.001, longest=0.002)
    polled = asyncio.create_task(polling.run())
    message = Outgoing(text=WORDS)
    for kind in KINDS:
        for method in ("sendMessage", "getFile"):
            # Where it can be, the answer that goes wrong is one that repeats the words.
            taken = kind in ("drop", "malformed")
            telegram.fail_next(method, kind, taken=taken)  # type: ignore[arg-type]
        said.append(await fault_of(channel.send(Delivery(id=1, chat_id=str(AN), message=message))))
        said.append(await fault_of(channel.fetch("AgACAgUAA", 1000)))
        telegram.fail_next("sendMessage", kind)  # type: ignore[arg-type]
        said.append(await fault_of(channel.desk_group.post(-1_001_234_567_890, WORDS)))
    await asyncio.wait([polled], timeout=2)
    polled.cancel()
    await asyncio.gather(polled, return_exceptions=True)
    telegram.close()
    said.append(await fault_of(channel.send(Delivery(id=1, chat_id=str(AN), message=message))))
    said.append(await fault_of(channel.fetch("AgACAgUAA", 1000)))
    await channel.close()

    captured = written.readouterr()
    everything = "\n".join([*said, captured.err, captured.out])
    assert "telegram.poll_failed" in everything  # what was logged is among it
    assert "SendFailed" in everything
    assert telegram.token not in everything
    assert telegram.token.partition(":")[2] not in everything
    assert WORDS not in everything


async def fault_of(call: object) -> str:
    """The whole traceback of a call that fails, as an unwary caller would log it."""
    try:
        await call  # type: ignore[misc]
    except (SendFailed, SendRefused, FetchFailed, FetchRefused, GroupError):
        return traceback.format_exc()
    raise AssertionError("it did not fail")
