"""A worker's conversation with the whole program, over HTTP and its event stream."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.conversation import wording
from bot.conversation.turn import AGREE, DECLINE
from bot.plain_text import READ_LIMIT, REFUSE_LIMIT
from tests.made_index import AMENDED_ARTICLES
from tests.made_server import MadeServer, fill, small_disk
from tests.web_talker import Talker, talking

NOON = "làm vườn có được nghỉ trưa không"
NOON_SAYS = "buổi trưa được ngồi nghỉ bên giàn mướp"
PAY = "bao giờ được trả công"
PAY_SAYS = "mỗi tuần một lần vào chiều thứ bảy"
LATE = "chủ vườn nợ tiền công"
LATE_SAYS = "phải thêm một giỏ quả"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeServer]:
    made = MadeServer(tmp_path_factory.mktemp("house"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def worker(server: MadeServer) -> AsyncIterator[Talker]:
    async with talking(server.address) as talker:
        yield talker


async def asked(worker: Talker, text: str, seconds: float = 30.0) -> str:
    """Say something and wait for the answer; the words of what came."""
    before = len(worker.said("bot"))
    update = await worker.say(text)
    await answered(worker, update, seconds)
    return "\n".join(worker.said("bot")[before:])


async def answered(worker: Talker, update: str, seconds: float = 30.0) -> None:
    """Wait until all of ours stands after that message."""

    def done() -> bool:
        own = [b.id for b in worker.shown if b.update_id == update]
        return bool(own) and any(b.role == "bot" and b.id > own[0] for b in worker.shown)

    await worker.until(done, "an answer", seconds)
    # A turn's messages are committed together: what the page has now includes all of them.
    ids = [int(found) for found in re.findall(r'id="tin-(\d+)"', await worker.open())]
    await worker.until(lambda: max(worker.bubbles) >= max(ids), "all of the answer")


async def test_from_first_contact_to_a_follow_up(worker: Talker, server: MadeServer) -> None:
    first = await asked(worker, NOON)
    welcome, answer = (b for b in worker.shown if b.role == "bot")
    assert "máy trả lời tự động" in welcome.words
    assert "90 ngày" in welcome.words
    assert "/xoa" in welcome.words
    assert welcome.choices == {AGREE.label: AGREE.id, DECLINE.label: DECLINE.id}
    assert NOON_SAYS in answer.words
    assert "Khoản 1 Điều 2 Luật Làm vườn" in answer.html
    assert AMENDED_ARTICLES[1][1][0] in answer.html, "the wording in force folds open"
    assert first.count(NOON_SAYS) == 1

    update = await worker.say(choice=AGREE.id)
    await answered(worker, update)
    assert worker.said("worker")[-1] == AGREE.label
    assert worker.said("bot")[-1] == wording.agreed(90)

    label, choice = next(iter(answer.choices.items()))
    await answered(worker, await worker.say(choice=choice))
    assert worker.said("worker")[-1] == label
    assert PAY_SAYS in worker.said("bot")[-1] or LATE_SAYS in worker.said("bot")[-1]

    assert LATE_SAYS in await asked(worker, LATE)
    assert LATE_SAYS in await asked(worker, "vậy thì sao?"), "it leans on the answer before"
    assert AMENDED_ARTICLES[1][1][1] in await asked(worker, "khoản 2 điều 2 luật làm vườn")
    assert await asked(worker, "cảm ơn nhé") == wording.THANKS

    page = await worker.open()
    assert page.count('class="msg worker"') == len(worker.said("worker"))
    assert page.count('class="msg bot"') == len(worker.said("bot"))
    places = [page.index(f'id="tin-{bubble.id}"') for bubble in worker.shown]
    assert places == sorted(places)


async def test_forgetting_asks_first_and_leaves_no_word(worker: Talker, server: MadeServer) -> None:
    secret = "nghỉ trưa ở vườn nhà bà Hai Lúa"
    await asked(worker, secret)
    assert await asked(worker, "/xoa") == wording.FORGET_ASK
    assert await asked(worker, "giữ lại") == wording.FORGET_CANCELLED
    assert secret in worker.said("worker")
    # Another tab of the same browser: it sees the bubbles go as well.
    async with talking(server.address, cookies=worker.client.cookies) as other:
        await other.until(lambda: secret in other.said("worker"), "the second tab shows it")
        await asked(worker, "/xoa")
        asking = next(b for b in reversed(worker.shown) if b.choices)
        await worker.say(choice=asking.choices[wording.FORGET_YES])
        for tab in (worker, other):
            await tab.until(
                lambda t=tab: [b.words for b in t.shown] == [wording.FORGOTTEN], "only the farewell"
            )
    page = await worker.open()
    assert secret not in page
    assert page.count('class="msg') == 1
    kept = b"".join(p.read_bytes() for p in server.file.parent.glob("caunoi.sqlite3*"))
    assert secret.encode() not in kept

    assert "máy trả lời tự động" in await asked(worker, NOON), "a new conversation begins"


async def test_odd_messages_are_answered_or_refused_with_a_word(worker: Talker) -> None:
    await asked(worker, "xin chào")
    for nothing in ("", "   \n\t"):
        refused = await worker.post(nothing)
        assert (refused.status_code, refused.json()["error"]) == (400, "empty")
    huge = await worker.post("a" * 1_000_000)
    assert (huge.status_code, huge.json()["error"]) == (413, "too_large")
    assert "chia thành nhiều tin ngắn" in huge.json()["message"]
    for body in (b"", b"[", b"\xff\xfe", b'{"text": 5}', b'{"text": "a", "update_id": "1"}'):
        broken = await worker.client.post(
            "/chat/messages",
            content=body,
            headers={"content-type": "application/json", "x-caunoi-token": worker.token},
        )
        assert (broken.status_code, broken.json()["error"]) == (400, "malformed")
    assert worker.said("worker") == ["xin chào"]

    assert await asked(worker, "🙏🏽👩‍🏭😭") == wording.NOTHING_SAID
    assert worker.said("worker")[-1] == "🙏🏽👩‍🏭😭"
    odd = f"\x00\x07{NOON}\u202e\x1b[31m\ud800"
    assert NOON_SAYS in await asked(worker, odd)
    assert worker.said("worker")[-1] == f"{NOON}[31m\ufffd"

    long = await asked(worker, f"{NOON} " * (READ_LIMIT // len(NOON)) + "cuối " * 300)
    assert NOON_SAYS in long
    assert wording.CUT.format(limit=wording.amount(READ_LIMIT)) in long
    assert await asked(worker, "dài " * (REFUSE_LIMIT // 2)) == wording.TOO_LONG
    assert len(worker.said("worker")[-1]) < 300

    evil = f"<script>document.title='x'</script><img src=x onerror=alert(1)> {NOON}"
    await asked(worker, evil)
    drawn = next(b for b in reversed(worker.shown) if b.role == "worker")
    assert drawn.words == evil
    assert "<script" not in drawn.html
    assert "<img" not in drawn.html
    page = await worker.open()
    assert page.count("<script") == 1
    assert "<img" not in page


async def test_the_same_message_twice_is_one_and_a_foreign_one_none(
    worker: Talker, server: MadeServer
) -> None:
    update = str(uuid.uuid4())
    answers = await asyncio.gather(*(worker.post(NOON, update=update) for _ in range(5)))
    assert [a.status_code for a in answers] == [202] * 5
    await answered(worker, update)
    assert PAY_SAYS in await asked(worker, PAY)
    assert worker.said("worker") == [NOON, PAY]
    assert sum(NOON_SAYS in said for said in worker.said("bot")) == 1

    async with talking(server.address, listen=False) as stranger:
        stranger.token = worker.token
        assert (await stranger.post("chen vào")).status_code == 403
    worker.client.headers["origin"] = "https://ke-khac.example"
    assert (await worker.post("chen vào")).status_code == 403
    worker.client.headers["origin"] = server.address
    assert worker.said("worker") == [NOON, PAY]


async def test_a_flood_is_answered_in_order_and_a_torrent_slowed_down(worker: Talker) -> None:
    questions = [f"{text} lần {n}" for n in range(7) for text in (NOON, PAY)]
    for question in questions:
        last = await worker.say(question)
    await answered(worker, last, 60)
    await worker.until(lambda: len(worker.said("bot")) >= len(questions) + 2, "all answers")
    assert worker.said("worker") == questions
    assert sum(said == wording.FLOOD for said in worker.said("bot")) == 1
    replies = [(NOON_SAYS in said, PAY_SAYS in said) for said in worker.said("bot")]
    assert [each for each in replies if any(each)] == [(True, False), (False, True)] * 7

    statuses = [(await worker.post("👍")).status_code for _ in range(130)]
    assert set(statuses) == {202, 429}
    taken = len(questions) + statuses.count(202)
    await worker.until(lambda: len(worker.said("worker")) == taken, "those taken are there", 60)
    slowed = await worker.post("👍")
    if slowed.status_code == 429:
        assert int(slowed.headers["retry-after"]) >= 1
        assert "quá nhanh" in slowed.json()["message"]


async def test_killed_in_the_middle_of_a_turn_it_answers_once_after_the_restart(
    tmp_path: Path,
) -> None:
    server = MadeServer(tmp_path)
    server.start()
    try:
        async with talking(server.address) as worker:
            await asked(worker, NOON)
            before = [b.id for b in worker.shown]
            questions = [f"{text} lần {n}" for n in range(4) for text in (PAY, LATE)]
            with server.thinking():
                updates = [await worker.say(question) for question in questions]
                await until(lambda: server.under_way() == 1)
                server.kill()
            assert server.under_way() == 1
            server.start()
            # What the dead process held is waited for as long as its lease.
            await answered(worker, updates[-1], 60)
            await worker.until(lambda: len(replies(worker)) >= len(questions), "all answers")
            assert worker.said("worker") == [NOON, *questions]
            assert [b.id for b in worker.shown][: len(before)] == before
            assert replies(worker) == [PAY_SAYS, LATE_SAYS] * 4, "each once, in order"
            page = await worker.open()
            assert page.count('class="msg worker"') == len(questions) + 1
    finally:
        server.stop()


def replies(worker: Talker) -> list[str]:
    """What was answered of pay and of late pay, in order."""
    return [says for said in worker.said("bot") for says in (PAY_SAYS, LATE_SAYS) if says in said]


async def test_a_full_disk_costs_patience_not_words(tmp_path: Path) -> None:
    with small_disk(tmp_path / "store") as disk:
        if disk is None:
            pytest.skip("mounting a small disk needs root")
        server = MadeServer(tmp_path)
        server.start()
        try:
            async with talking(server.address) as worker:
                await asked(worker, NOON)
                with server.thinking():
                    during = await worker.say(PAY)
                    await until(lambda: server.under_way() == 1)
                    fill(disk / "ballast")
                    texts = [f"tin thứ {n} " + "x" * 3900 for n in range(40)]
                    kept = await until_refused(worker, texts)
                refused = await worker.post("x" * 3900)
                assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
                assert int(refused.headers["retry-after"]) >= 1
                late = asyncio.create_task(worker.say(f"{LATE} {'x' * 3900}"))
                await asyncio.sleep(1.0)
                assert not late.done(), "not acknowledged while it cannot be kept"
                (disk / "ballast").unlink()
                await answered(worker, await late, 60)
                assert worker.said("worker")[:-1] == [NOON, PAY, *texts[:kept]]
                assert [b.update_id for b in worker.shown].count(during) == 1
                assert sum(PAY_SAYS in said for said in worker.said("bot")) == 1
        finally:
            server.stop()
        log = server.log.read_text()
        assert "Ổ đĩa chứa dữ liệu đã đầy" in log
        assert PAY not in log, "logs hold no word of the worker"


async def until_refused(worker: Talker, texts: list[str]) -> int:
    """Post until the disk takes no more (its log has a little room left); how many it took."""
    for taken, text in enumerate(texts):
        if (await worker.post(text)).status_code == 503:
            return taken
    raise AssertionError("the disk is not full")


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something of the server to become true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - watches plain values
            await asyncio.sleep(0.02)


async def test_an_orderly_restart_keeps_the_conversation(tmp_path: Path) -> None:
    server = MadeServer(tmp_path)
    server.start()
    try:
        async with talking(server.address) as worker:
            await asked(worker, NOON)
            update = await worker.say(PAY)
            server.stop()
            server.start()
            await answered(worker, update)
            assert LATE_SAYS in await asked(worker, LATE)
            assert worker.said("worker") == [NOON, PAY, LATE]
            assert sum(PAY_SAYS in said for said in worker.said("bot")) == 1
    finally:
        server.stop()
