"""A worker and a counsellor, from the first question to coming back: the whole program, each
channel, the console in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bot.cases import wording as desk_words
from bot.conversation import person_wording
from tests.acceptance.handover_made import (
    COUNSELLOR,
    ONE_TIME,
    PASSWORD,
    SHOWN,
    HandoverServer,
    TelegramWorker,
    WebWorker,
    Worker,
    ZaloWorker,
    until,
)
from tests.acceptance.test_worker_story import LATE, LATE_SAYS, NOON, NOON_SAYS, PAY, PAY_SAYS
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn
from tests.desk_page import DeskPage
from tests.web_page import DESK, NEEDS_BROWSER, PHONE, Page, browser

pytestmark = [*NEEDS_BROWSER, pytest.mark.xdist_group("browser")]

AN, BINH = 5_400_000_001, 5_400_000_002
ADDED = "Chị Lan thêm: bạn giữ lại sổ chấm công nhé."
WITH_PICTURE = "Dạ em gửi ảnh phiếu lương đây ạ"
TOPIC = "Tiền lương"
_AFTER_A_KILL = 60
"""Seconds within which a chat held by a dead process goes on: its lease and some more."""


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param(
            "three processes",
            marks=[
                pytest.mark.postgres,
                pytest.mark.skipif(
                    "THREE_PROCESSES" not in os.environ,
                    reason="needs both cores for itself: set THREE_PROCESSES=1 to run it",
                ),
            ],
        ),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    """One process on SQLite, or three that share PostgreSQL while one falls now and then."""
    return str(request.param)


@pytest.fixture(scope="module")
def zalo(kind: str) -> Iterator[ZaloStandIn]:
    # A poller that is killed loses what a platform hands out a single time: not our matter here.
    with ZaloStandIn(consumed="once" if kind == "sqlite" else "replay") as made:
        yield made


@pytest.fixture(scope="module")
def telegram(kind: str) -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        yield made


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest,
    kind: str,
    zalo: ZaloStandIn,
    telegram: TelegramStandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[HandoverServer]:
    folder = tmp_path_factory.mktemp("house")
    several = kind != "sqlite"
    store = request.getfixturevalue("postgres_url") if several else None
    made = HandoverServer(folder, telegram, zalo, store, beside=2 if several else 0)
    made.start()
    yield made
    made.stop()
    assert not several or made.falls, "one of them fell now and then"


@pytest.fixture(scope="module")
def desk(server: HandoverServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPage]:
    """The counsellor's browser, signed in."""
    with browser(tmp_path_factory.mktemp("counsellor")) as driver:
        page = DeskPage(driver, server.address)
        page.size(*DESK)
        page.sign_in(COUNSELLOR, ONE_TIME, PASSWORD)
        yield page


@pytest.fixture
def web(server: HandoverServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebWorker]:
    """A worker's browser, on a phone's screen."""
    with browser(tmp_path_factory.mktemp("worker")) as driver:
        page = Page(driver, server.address)
        page.size(*PHONE)
        page.open()
        yield WebWorker(page, tmp_path_factory.mktemp("pictures"))


def test_a_worker_on_zalo_is_helped_by_a_person(zalo: ZaloStandIn, desk: DeskPage) -> None:
    play(ZaloWorker(zalo, "an"), desk, "Zalo")


def test_a_worker_on_telegram_is_helped_by_a_person(
    telegram: TelegramStandIn, desk: DeskPage
) -> None:
    play(TelegramWorker(telegram, AN), desk, "Telegram")


def test_a_worker_on_the_web_is_helped_by_a_person(web: WebWorker, desk: DeskPage) -> None:
    play(web, desk, "Trang web")


def play(worker: Worker, desk: DeskPage, channel: str) -> None:
    """The whole story."""
    desk.watch_queue()
    desk.stay()
    assert not desk.rows(PAY)

    worker.say(PAY)
    worker.hears(PAY_SAYS)
    worker.say("dạ không đúng ý em hỏi")
    worker.hears(person_wording.UNHAPPY_PERSON[:40])
    worker.choose(person_wording.PERSON)
    promised = worker.hears(person_wording.OPENED)
    assert "đứng đầu hàng chờ" in promised

    # The desk hears of it by itself, in the list and in the title.
    row = desk.appears(PAY)
    assert channel in row.text
    desk.until(lambda: desk.driver.title.startswith("(1) "), "the title counts who waits")
    assert desk.stayed

    before = len(worker.heard())
    desk.look_at(PAY)
    assert desk.said_by("worker")[0] == PAY
    assert PAY_SAYS in " ".join(desk.texts("#proposed-text"))
    desk.stay()
    desk.use_proposal()
    desk.write(f"\n\n{ADDED}")
    desk.send()
    reply = worker.hears(ADDED)
    assert PAY_SAYS in reply, "what the machine proposed, and what the counsellor added"
    desk.delivered(ADDED)
    assert worker.heard()[before:][0] == desk_words.taken(SHOWN)

    # Now they talk, and the machine is silent whatever is said.
    worker.say(WITH_PICTURE)
    worker.say(NOON)
    worker.photo()
    desk.until(lambda: NOON in desk.said_by("worker")[-1], "the worker's words are shown")
    assert WITH_PICTURE in desk.said_by("worker")[-2]
    desk.until(lambda: desk.pictures() == [320], "the picture is shown")
    desk.until(lambda: desk.at_end, "what came last is in view")
    assert desk.stayed

    desk.close_case("Đã trả lời xong", TOPIC)
    closed = worker.hears("đã trao đổi xong")
    assert closed.startswith(f"Tư vấn viên {SHOWN}")
    assert len(worker.heard()) == before + 3, "taken, answered, closed; nothing of the machine"
    assert TOPIC in " ".join(desk.texts("#case-head h1"))

    worker.say(LATE)
    worker.hears(LATE_SAYS)
    comes_back(worker, desk)
    assert worker.count("đã trao đổi xong") == 2
    assert worker.count(PAY_SAYS) == 2, "once by the machine, once by the counsellor"
    assert worker.count(NOON_SAYS) == 0


def comes_back(worker: Worker, desk: DeskPage) -> None:
    """The case is opened again, and waits for the counsellor who had it."""
    desk.watch_queue()
    worker.say("mở lại")
    worker.hears(person_wording.REOPENED)
    row = desk.appears(PAY)
    assert "dành cho bạn đến" in row.text
    desk.take(PAY)
    assert NOON in desk.said_by("worker"), "everything said before is there"
    until(lambda: worker.count(desk_words.taken(SHOWN)) == 2, "told that she is there again")
    desk.close_case("Đã trả lời xong", TOPIC)
    until(lambda: worker.count("đã trao đổi xong") == 2, "told that it is closed again")


def test_nothing_said_is_lost_when_the_program_is_killed(
    telegram: TelegramStandIn, server: HandoverServer, desk: DeskPage
) -> None:
    worker = TelegramWorker(telegram, BINH)
    desk.watch_queue()
    worker.say("cho em gặp tư vấn viên về chuyện chủ vườn nợ tiền công")
    worker.hears(person_wording.OPENED)
    desk.take("nợ tiền công")
    worker.hears(desk_words.taken(SHOWN))
    desk.stay()

    # Telegram takes nothing more, so that the reply is committed but cannot leave.
    telegram.fail_next("sendMessage", "502", None, chat=BINH)
    refused = telegram.call_count("sendMessage")
    desk.write(ADDED)
    desk.send()
    desk.until(lambda: ADDED in desk.said_by("counsellor"), "the reply stands on the page")
    until(lambda: telegram.call_count("sendMessage") > refused, "it was tried in vain")
    worker.say("em nói nốt trước khi máy tắt")
    server.kill()
    worker.say("em nói khi máy đã tắt")
    assert worker.count(ADDED) == 0
    desk.until(lambda: desk.shown("#line-state"), "the page says that it lost the line")
    assert "đang nối lại" in desk.texts("#line-state")[0]
    desk.write("chữ đang viết dở")

    telegram.heal()
    server.start()
    worker.hears(ADDED, _AFTER_A_KILL)
    said = ["em nói nốt trước khi máy tắt", "em nói khi máy đã tắt"]
    desk.until(lambda: desk.said_by("worker")[-2:] == said, "both are there", _AFTER_A_KILL)
    desk.delivered(ADDED)
    desk.until(lambda: not desk.shown("#line-state"), "the page says that all is well")
    assert desk.stayed, "it came back by itself"
    assert desk.box.get_attribute("value") == "chữ đang viết dở"
    assert desk.said_by("counsellor").count(ADDED) == 1
    assert worker.count(ADDED) == 1
    desk.box.clear()
    desk.close_case("Đã trả lời xong", TOPIC)
    worker.hears("đã trao đổi xong")
    assert worker.heard()[-2] == ADDED, "in the order in which it was said"
