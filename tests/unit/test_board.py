"""What a group of counsellors is told of cases: each once, and kept true."""

from __future__ import annotations

import asyncio

import pytest

from bot.cases import board_watching
from bot.cases.board import Board
from bot.cases.states import CaseState, Result, Urgency
from bot.cases.steps import CancelCase, RaiseCase
from bot.store.database import Database
from bot.store.desk_models import GroupNotice
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases
from tests.unit.board_made import GROUP, MadeBoard, MadeGroup
from tests.unit.desk_made import MadeDesk


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


@pytest.fixture
def told(made: MadeDesk) -> MadeBoard:
    return MadeBoard(made)


async def test_one_message_a_case_kept_true_by_edits(made: MadeDesk, told: MadeBoard) -> None:
    lan = made.staff("chị Lan")
    case = made.opened()
    assert "chưa ai nhận" in (await told.told_only()).text
    made.desk.take(case, lan)
    said = await told.told_only()
    assert "Đang trả lời: chị Lan" in said.text
    made.desk.release(case, lan, "nghỉ trưa", made.case(case).number)
    assert "cần người nhận lại" in (await told.told_only()).text
    made.desk.take(case, lan)
    made.desk.reply(case, lan, "Chào bạn", made.case(case).number)
    made.desk.close(case, lan, Result.ANSWERED, "tien-luong", made.case(case).number)
    assert "đã trả lời" in (await told.told_only()).text
    assert said.link is None
    made.says("em hỏi lại", chat="an")
    made.desk.reopen(case, lan, "gọi lại")
    assert "người lao động quay lại, ưu tiên chị Lan" in (await told.told_only()).text
    assert told.group.count("post") == 1


async def test_what_a_notice_does_not_show_changes_nothing(made: MadeDesk, told: MadeBoard) -> None:
    lan = made.staff()
    case = made.opened()
    await told.sync()
    made.says("thêm một điều")
    await told.sync()
    made.desk.take(case, lan)
    await told.sync()
    assert told.group.calls.count("edit") == 1
    for _ in range(2):
        made.desk.note(case, lan, "gọi công ty")
        made.desk.reply(case, lan, "Chào bạn", made.case(case).number)
        await told.sync()
        made.says("vâng ạ")
        await told.sync()
        told.restart()
    made.says("còn ạ")
    assert await told.sync() == 0.0
    assert told.group.calls.count("edit") == 1
    # What was seen to change nothing is not looked at for ever.
    notice = notices(made.database)[case]
    assert notice.shown == made.case(case).number


async def test_what_is_late_or_more_urgent_shows(made: MadeDesk, told: MadeBoard) -> None:
    case = made.opened(Urgency.SOON)
    said = await told.told_only()
    assert "quá hạn" not in said.text
    made.says("bị giữ lại ở xưởng", RaiseCase(Urgency.URGENT, "bị giữ"))
    assert "KHẨN CẤP" in (await told.told_only()).text
    made.move(minutes=16)
    assert [each.case for each in made.clock.tick()] == [case]
    assert "đã quá hạn" in (await told.told_only()).text
    lan = made.staff()
    made.desk.take(case, lan)
    assert "hạn" not in (await told.told_only()).text
    made.move(minutes=16)
    made.clock.tick()
    assert "Quá hạn trả lời từ" in (await told.told_only()).text
    made.desk.reply(case, lan, "Chào bạn", made.case(case).number)
    assert "hạn" not in (await told.told_only()).text
    assert told.group.count("post") == 1


async def test_what_the_group_never_heard_of_and_is_over_stays_unsaid(
    made: MadeDesk, told: MadeBoard
) -> None:
    case = made.opened()
    made.says("thôi ạ", CancelCase())
    assert made.case(case).state == CaseState.CLOSED
    assert await told.sync() == 0.0
    assert told.group.calls == []


async def test_the_most_dangerous_first_even_if_it_comes_last(
    made: MadeDesk, told: MadeBoard
) -> None:
    held = made.opened(Urgency.URGENT, chat="giữ")
    await told.sync()
    made.desk.take(held, made.staff())
    for n, urgency in enumerate((Urgency.NORMAL, Urgency.SOON, Urgency.NORMAL)):
        made.opened(urgency, chat=f"n{n}")
    order: list[str] = []

    def comes_meanwhile(text: str) -> None:
        order.append(text.splitlines()[0])
        if len(order) == 1:
            made.opened(Urgency.URGENT, chat="gấp")

    told.group.before_post = comes_meanwhile
    await told.sync()
    assert [each.rsplit("số ")[1] for each in order] == ["3</b>", "5</b>", "2</b>", "4</b>"]
    # Edits make no sound: they come after.
    assert told.group.calls[-1] == "edit"


async def test_only_the_newest_of_many_changes_is_put(made: MadeDesk, told: MadeBoard) -> None:
    lan, minh = made.staff("chị Lan"), made.staff("anh Minh")
    case = made.opened()
    made.desk.take(case, lan)
    made.desk.hand_to(case, lan, minh.id, "đổi ca", made.case(case).number)
    assert "anh Minh" in (await told.told_only()).text
    assert told.group.calls == ["is_forum", "post"]


async def test_a_change_while_the_message_goes_out_is_put_after_it(
    made: MadeDesk, told: MadeBoard
) -> None:
    lan = made.staff("chị Lan")
    case = made.opened()
    told.group.before_post = lambda _: made.desk.take(case, lan)
    assert "chị Lan" in (await told.told_only()).text
    assert told.group.calls == ["is_forum", "post", "edit"]


async def test_a_message_someone_deleted_is_put_anew_once(made: MadeDesk, told: MadeBoard) -> None:
    lan = made.staff()
    case = made.opened()
    await told.sync()
    told.group.messages.clear()
    made.desk.take(case, lan)
    assert "Lan" in (await told.told_only()).text
    await told.sync()
    assert told.group.count("post") == 2
    told.group.messages.clear()
    made.desk.close(case, lan, Result.UNREACHABLE, None, made.case(case).number)
    assert await told.sync() == 0.0
    assert told.group.texts == []  # there is nothing left to do about it
    assert told.group.count("post") == 2


async def test_killed_between_the_post_and_its_commit(
    made: MadeDesk, told: MadeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        made.opened(chat=f"n{n}")

    def killed(*_: object) -> None:
        raise StoreUnavailable("mất điện")

    with monkeypatch.context() as patch:
        patch.setattr(told.board._memory, "shown", killed)
        with pytest.raises(StoreUnavailable):
            await told.sync()
    told.restart()
    assert await told.sync() == 0.0
    heads = sorted(text.splitlines()[0] for text in told.group.texts)
    assert [head.rsplit(" ")[-1] for head in heads] == ["1</b>", "1</b>", "2</b>", "3</b>"]


async def test_words_of_the_worker_never_reach_the_group(made: MadeDesk, told: MadeBoard) -> None:
    words = "em là <b>Trần Thị Bông</b>, số 0912345678, công ty Dệt Sao"
    lan = made.staff("chị <Lan>")
    case = made.opened(chat="chat-0987", channel="telegram", question=words)
    made.says("gọi em 0912345678", chat="chat-0987", channel="telegram")
    seen = [(await told.told_only()).text]
    made.desk.take(case, lan)
    made.desk.note(case, lan, "Bông ở Dệt Sao")
    made.desk.set_urgency(case, lan, Urgency.URGENT, "Bông sợ", made.case(case).number)
    seen.append((await told.told_only()).text)
    made.desk.release(case, lan, "Bông không nghe máy", made.case(case).number)
    seen.append((await told.told_only()).text)
    made.says("thôi, 0912345678", CancelCase(), chat="chat-0987", channel="telegram")
    seen.append((await told.told_only()).text)
    for each in seen:
        for word in ("Bông", "0912345678", "0987", "Dệt", "sợ", "quỵt", "<Lan>"):
            assert word not in each
    assert "chị &lt;Lan&gt;" in seen[1]


async def test_two_processes_tell_each_thing_once(made: MadeDesk) -> None:
    group, leases = MadeGroup(), Leases(made.database)
    boards = [Board(made.database, GROUP, group, "") for _ in range(2)]
    watches = [
        asyncio.create_task(board_watching.watch(board, leases, every=0.01)) for board in boards
    ]
    try:
        for n in range(6):
            await asyncio.to_thread(made.opened, chat=f"n{n}")
        await group.until(6)
        await asyncio.sleep(0.1)
    finally:
        for each in watches:
            each.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
    assert group.count("post") == 6


async def test_a_store_that_is_away_ends_nothing(
    made: MadeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, leases = MadeGroup(), Leases(made.database)
    board = Board(made.database, GROUP, group, "")
    monkeypatch.setattr(board_watching, "_AFTER_FAULT", 0.01)
    faults = [StoreUnavailable("bận"), RuntimeError("lỗi")]
    view = board._reading.case

    def sometimes(id: int) -> object:
        if faults:
            raise faults.pop()
        return view(id)

    monkeypatch.setattr(board._reading, "case", sometimes)
    made.opened()
    watch = asyncio.create_task(board_watching.watch(board, leases, every=0.01))
    try:
        await group.until(1)
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    assert len(group.messages) == 1
    assert faults == []


def notices(database: Database) -> dict[int, GroupNotice]:
    with database.read() as session:
        found = {each.case: each for each in session.query(GroupNotice).all()}
        session.expunge_all()
        return found
