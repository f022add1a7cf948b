"""What the Telegram channel takes in, against a strict stand-in of Telegram's server."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.channels.port import (
    Choice,
    FetchFailed,
    FetchRefused,
    FileKind,
    SendFailed,
    UpdateKind,
)
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_worker import AN, Worker

LIMIT = 20 * 1024 * 1024


async def test_polling_takes_each_update_once_and_acknowledges_it(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    telegram.say(AN, "nói lúc bot nghỉ")
    worker.start()
    telegram.say_many([(AN, f"tin {n}") for n in range(150)])
    await telegram.eventually(lambda: len(worker.taken) == 151)
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert [each.text for each in worker.taken[1:]] == [f"tin {n}" for n in range(150)]
    telegram.redeliver()
    telegram.say(AN, "cuối")
    await telegram.eventually(lambda: len(worker.taken) == 152)
    assert {each.chat_id for each in worker.taken} == {str(AN)}


async def test_a_store_that_is_away_loses_nothing(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    worker.away = True
    worker.start()
    telegram.say(AN, "một")
    telegram.say(AN, "hai")
    await telegram.eventually(lambda: max(telegram.handed_out(), default=0) > 2)
    assert telegram.pending() == 2
    worker.away = False
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert [each.text for each in worker.taken] == ["một", "hai"]


async def test_what_was_waiting_at_the_start_is_not_dropped(
    telegram: TelegramStandIn, leases: Leases
) -> None:
    for _ in range(2):
        worker = Worker(telegram, leases)
        telegram.say(AN, "một")
        worker.start()
        await telegram.eventually(lambda worker=worker: worker.taken)  # type: ignore[misc]
        await worker.stop()
    assert "drop_pending_updates" not in str(telegram.calls())
    assert telegram.call_count("deleteWebhook") == 0


async def test_two_processes_with_one_token_poll_one_at_a_time(
    telegram: TelegramStandIn, leases: Leases
) -> None:
    first, second = Worker(telegram, leases), Worker(telegram, leases)
    first.start()
    await telegram.eventually(lambda: telegram.call_count("getUpdates") > 0)
    with capture_logs() as logs:
        second.start()
        await telegram.eventually(lambda: "lease.waited_for" in str(logs))
    for n in range(5):
        telegram.say(AN, f"một {n}")
        await telegram.eventually(lambda n=n: len(first.taken) > n)  # type: ignore[misc]
    assert second.taken == []
    await first.stop()
    telegram.say(AN, "hai")
    await telegram.eventually(lambda: second.taken)
    await second.stop()
    assert not [call for call in telegram.calls("getUpdates") if call.status == 409]


@pytest.mark.parametrize("kind", ["500", "502", "429", "drop", "malformed"])
async def test_polling_goes_on_after(telegram: TelegramStandIn, worker: Worker, kind: str) -> None:
    telegram.fail_next("getUpdates", kind, 2, retry_after=0)  # type: ignore[arg-type]
    telegram.fail_next("getMe", kind, 1, retry_after=0)  # type: ignore[arg-type]
    telegram.say(AN, "vẫn đây")
    worker.start()
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert [each.text for each in worker.taken] == ["vẫn đây"]


@pytest.mark.parametrize("token", ["7812345678:AAwrong", "no token", "1:a/../b", "", "1:a\n"])
async def test_a_wrong_token_is_said_and_ends_it(
    telegram: TelegramStandIn, leases: Leases, token: str
) -> None:
    worker = Worker(telegram, leases, token=token)
    with capture_logs() as logs:
        await asyncio.wait_for(worker.start(), 5)
    (said,) = logs
    assert said["event"] == "telegram.token_refused"
    assert "@BotFather" in said["advice"]
    with pytest.raises(SendFailed, match="BotFather") as failed:
        await worker.send("chào")
    assert not failed.value.uncertain
    await worker.stop()


async def test_files_are_taken_and_fetched(telegram: TelegramStandIn, worker: Worker) -> None:
    worker.start()
    picture, paper = b"\xff\xd8 anh " * 50, b"%PDF " * 1000
    telegram.photo(AN, picture, "phiếu lương", album="a")
    telegram.photo(AN, picture[::-1], album="a")
    telegram.document(AN, paper, "hợp đồng.pdf")
    telegram.voice(AN, b"OggS")
    await telegram.eventually(lambda: len(worker.taken) == 4)
    files = [each.files[0] for each in worker.taken]
    assert [file.kind for file in files] == [
        FileKind.PHOTO,
        FileKind.PHOTO,
        FileKind.DOCUMENT,
        FileKind.VOICE,
    ]
    assert worker.taken[0].album == worker.taken[1].album is not None
    loaded = [await worker.channel.fetch(file.remote, LIMIT) for file in files]
    assert loaded == [picture, picture[::-1], paper, b"OggS"]


async def test_files_that_cannot_be_had(telegram: TelegramStandIn, worker: Worker) -> None:
    worker.start()
    telegram.document(AN, b"x" * 100_000)
    telegram.document(AN, b"x", size=21 * 1024 * 1024)
    await telegram.eventually(lambda: len(worker.taken) == 2)
    small, big = (each.files[0].remote for each in worker.taken)
    with pytest.raises(FetchRefused):
        await worker.channel.fetch(big, LIMIT)
    with pytest.raises(FetchRefused):
        await worker.channel.fetch(small, 50_000)
    with pytest.raises(FetchFailed):
        await worker.channel.fetch("AgACAgUAAx_never_there", LIMIT)
    telegram.fail_next("getFile", "502")
    with pytest.raises(FetchFailed):
        await worker.channel.fetch(small, LIMIT)
    assert len(await worker.channel.fetch(small, LIMIT)) == 100_000


async def test_a_path_that_ran_out_is_asked_for_again(
    telegram: TelegramStandIn, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.start()
    telegram.document(AN, b"abc")
    await telegram.eventually(lambda: worker.taken)
    client, load, runs_out = worker.channel._client, worker.channel._client.load, [True, False]

    async def late(*where: object) -> bytes:
        if runs_out.pop(0):
            telegram.expire_files()
        return await load(*where)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "load", late)
    assert await worker.channel.fetch(worker.taken[0].files[0].remote, LIMIT) == b"abc"
    runs_out += [True, True]
    with pytest.raises(FetchFailed):
        await worker.channel.fetch(worker.taken[0].files[0].remote, LIMIT)


async def test_edits_blocks_and_presses(telegram: TelegramStandIn, worker: Worker) -> None:
    worker.start()
    said = telegram.say(AN, "nợ lương 1 tháng")
    await telegram.eventually(lambda: worker.taken)
    telegram.edit(AN, said, "nợ lương 2 tháng")
    asked = int(await worker.send("Chọn:", choices=(Choice(id="12.o1", label="Lương"),)))
    query = telegram.press(AN, asked, "12.o1")
    await telegram.eventually(lambda: telegram.answer(query) is not None)
    telegram.block(AN)
    telegram.unblock(AN)
    await telegram.eventually(lambda: len(worker.taken) == 5)
    first, edit, press, blocked, unblocked = worker.taken
    assert (edit.kind, edit.remote_id) == (UpdateKind.EDIT, first.remote_id)
    assert edit.text == "nợ lương 2 tháng"
    assert (press.choice, press.kind) == ("12.o1", UpdateKind.MESSAGE)
    assert [blocked.kind, unblocked.kind] == [UpdateKind.BLOCKED, UpdateKind.UNBLOCKED]


async def test_groups_are_heard_only_when_they_speak_to_us(
    telegram: TelegramStandIn, worker: Worker
) -> None:
    worker.start()
    group = telegram.group(title="Xưởng may")
    telegram.say_in_group(group, AN, "trưa nay ăn gì")
    telegram.say_in_group(group, AN, f"@{telegram.username} lương tháng này đâu")
    told = await telegram.eventually(lambda: worker.taken)
    assert (told[0].kind, told[0].chat_id) == (UpdateKind.GROUP, str(group))
    assert told[0].text == "lương tháng này đâu"
    await worker.send("Bạn nhắn riêng nhé.", to=group)
    assert telegram.sent(group)[0].text == "Bạn nhắn riêng nhé."
