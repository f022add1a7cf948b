"""What the Telegram channel sends, against a strict stand-in of Telegram's server."""

from __future__ import annotations

import pytest

from bot.channels.port import (
    Choice,
    Delivery,
    Outgoing,
    Passage,
    SendFailed,
    SendRefused,
)
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_worker import AN, BINH, Worker


async def test_a_message_arrives_as_it_was_meant(telegram: TelegramStandIn, worker: Worker) -> None:
    telegram.say(AN, "chào")
    choices = (Choice(id="1.full", label="Xem nguyên văn"), Choice(id="1.o1", label="Khác"))
    text = "Bạn cần <làm>:\n- Viết đơn & gửi\n\nCăn cứ: khoản 1"
    passages = (Passage(citation="Điều 5", text="Quyền & nghĩa vụ"),)
    remote = await worker.send(text, choices=choices, passages=passages)
    (sent,) = telegram.sent(AN)
    assert str(sent.message_id) == remote
    assert sent.text == f"{text}\n\nĐiều 5:\nQuyền & nghĩa vụ"
    assert [each["type"] for each in sent.entities] == ["bold", "bold", "expandable_blockquote"]
    assert [data for _, data in sent.buttons] == ["1.full", "1.o1"]
    assert "link_preview_options" in telegram.calls("sendMessage")[0].parameters


async def test_long_messages_go_in_parts(telegram: TelegramStandIn, worker: Worker) -> None:
    telegram.say(AN, "chào")
    text = "\n\n".join(f"Đoạn {n}: " + "lương < tối thiểu 😀 " * 30 for n in range(20))
    remote = await worker.send(text, choices=(Choice(id="1.o1", label="Khác"),))
    sent = telegram.sent(AN)
    assert len(sent) > 2
    assert " ".join(each.text for each in sent).split() == text.split()
    assert [bool(each.buttons) for each in sent] == [False] * (len(sent) - 1) + [True]
    assert remote == str(sent[-1].message_id)


async def test_a_message_that_breaks_off_goes_on_where_it_stopped(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    telegram.say(AN, "chào")
    text = "\n\n".join("lương tháng này " * 100 for _ in range(6))
    await worker.send("trước", id=8)
    telegram.fail_next("sendMessage", "429", 1, retry_after=7)
    with pytest.raises(SendFailed) as failed:
        await worker.send(text, id=9)
    assert failed.value.retry_after == 7
    assert len(telegram.sent(AN)) == 1

    real, count = worker.channel._sender._call, 0

    async def breaks(*call: object) -> int:
        nonlocal count
        count += 1
        if count == 2:
            telegram.fail_next("sendMessage", "500", 1)
        return await real(*call)  # type: ignore[arg-type]

    worker.channel._sender._call = breaks  # type: ignore[assignment]
    with pytest.raises(SendFailed):
        await worker.send(text, id=9)
    await worker.send(text, id=9)
    words = " ".join(each.text for each in telegram.sent(AN)[1:]).split()
    assert words == text.split()


async def test_plain_text_where_markup_is_not_taken(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    telegram.say(AN, "chào")
    telegram.fail_next(
        "sendMessage", "400", 1, description="can't parse entities: unsupported start tag"
    )
    await worker.send("Bạn cần:\n- Gửi <đơn>")
    (sent,) = telegram.sent(AN)
    assert (sent.text, sent.entities) == ("Bạn cần:\n- Gửi <đơn>", [])


async def test_refusals(telegram: TelegramStandIn, worker: Worker) -> None:
    telegram.say(AN, "chào")
    for to, blocked in ((BINH + 7, False), ("an", False)):
        with pytest.raises(SendRefused) as refused:
            await worker.send("chào", to=to)
        assert refused.value.blocked is blocked
    telegram.block(AN)
    with pytest.raises(SendRefused, match="chặn") as refused:
        await worker.send("chào")
    assert refused.value.blocked
    with pytest.raises(SendRefused):
        await worker.send("chào", choices=(Choice(id="x" * 65, label="a"),))
    assert telegram.sent(AN) == []


@pytest.mark.parametrize(
    ("kind", "uncertain"),
    [("500", False), ("502", False), ("drop", True), ("malformed", True), ("hang", True)],
)
async def test_failures_tell_whether_it_may_have_arrived(
    telegram: TelegramStandIn, leases: Leases, kind: str, uncertain: bool
) -> None:
    worker = Worker(telegram, leases)
    telegram.say(AN, "chào")
    telegram.fail_next("sendMessage", kind, 1, taken=uncertain)  # type: ignore[arg-type]
    if kind == "hang":
        worker.channel._client._calling._client.timeout = 0.2
    with pytest.raises(SendFailed) as failed:
        await worker.send("một")
    assert failed.value.uncertain is uncertain
    assert failed.value.__suppress_context__
    assert failed.value.__cause__ is None
    await worker.send("hai")
    assert len(telegram.sent(AN)) == (2 if uncertain else 1)
    await worker.stop()


async def test_nobody_there_is_a_certain_failure(telegram: TelegramStandIn, worker: Worker) -> None:
    telegram.close()
    with pytest.raises(SendFailed) as failed:
        await worker.send("một")
    assert not failed.value.uncertain


async def test_a_group_that_moved_is_written_to_where_it_is(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    old = telegram.group(kind="group", owner=AN)
    new = telegram.migrate(old)
    await worker.send("chào", to=old)
    assert [each.text for each in telegram.sent(new)] == ["chào"]


async def test_its_own_pace_keeps_it_out_of_floods(
    telegram: TelegramStandIn, leases: Leases
) -> None:
    telegram.flood()
    telegram.say(AN, "chào")
    config = TelegramConfig(telegram.token, telegram.address, telegram.file_address)
    channel = TelegramChannel(config, leases)
    for n in range(3):
        await channel.send(Delivery(id=n, chat_id=str(AN), message=Outgoing(text=str(n))))
    await channel.close()
    assert [call.status for call in telegram.calls("sendMessage")] == [200] * 3
