"""What goes out by the Zalo channel, to the stand-in of the platform."""

from __future__ import annotations

import asyncio
import unicodedata

import pytest

from bot.channels.port import SendFailed, SendRefused
from tests.contract.zalo_channel_made import channel, delivery
from tests.contract.zalo_stand_in import ZaloStandIn

pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)


async def test_a_reply_reaches_the_person_in_parts(zalo: ZaloStandIn) -> None:
    zalo.say("Lan", "chào")
    made = channel(zalo)
    text = unicodedata.normalize("NFD", "Người lao động được nghỉ hằng năm. " * 150)
    first = await made.send(delivery(zalo.chat("Lan"), text))
    sent = zalo.sent("Lan")
    assert len(sent) == 3
    assert first == sent[0].message_id
    assert " ".join(one.text for one in sent).split() == unicodedata.normalize("NFC", text).split()
    assert all(set(one.parameters) == {"chat_id", "text"} for one in sent)
    await made.close()


@pytest.mark.parametrize("same", ["same", "200"])
@pytest.mark.parametrize(
    ("fault", "uncertain", "arrived"),
    [
        ("401", False, 0),
        ("403", False, 0),
        ("429", False, 0),
        ("500", False, 0),
        ("502", False, 0),
        ("504", True, 0),
        ("drop", True, 0),
        ("accepted-then-dropped", True, 1),
    ],
)
async def test_failed_sends(
    zalo: ZaloStandIn, same: str, fault: str, uncertain: bool, arrived: int
) -> None:
    zalo.switches.error_status = same  # type: ignore[assignment]
    zalo.say("Lan", "chào")
    made = channel(zalo)
    zalo.fail_next("sendMessage", fault)
    with pytest.raises(SendFailed) as caught:
        await made.send(delivery(zalo.chat("Lan"), "trả lời"))
    assert caught.value.uncertain is uncertain
    assert len(zalo.sent("Lan")) == arrived
    assert len(zalo.calls("sendMessage")) == 1  # nothing is repeated by itself
    await made.send(delivery(zalo.chat("Lan"), "trả lời"))
    assert len(zalo.sent("Lan")) == arrived + 1
    await made.close()


async def test_a_chat_nobody_knows_is_refused(zalo: ZaloStandIn) -> None:
    made = channel(zalo)
    with pytest.raises(SendRefused):
        await made.send(delivery(zalo.chat("Người lạ"), "chào"))
    await made.close()


async def test_a_platform_that_is_gone_is_a_certain_failure(zalo: ZaloStandIn) -> None:
    made = channel(zalo)
    await asyncio.to_thread(zalo.stop)
    with pytest.raises(SendFailed) as caught:
        await made.send(delivery(zalo.chat("Lan"), "chào"))
    assert not caught.value.uncertain
    await made.close()


async def test_the_quota_is_told_with_what_to_do(zalo: ZaloStandIn) -> None:
    zalo.say("Lan", "chào")
    zalo.switches.quota_month = 0
    made = channel(zalo)
    with pytest.raises(SendFailed) as caught:
        await made.send(delivery(zalo.chat("Lan"), "trả lời"))
    assert caught.value.retry_after == 30
    assert "Zalo Bot Creator" in str(caught.value)
    await made.close()
