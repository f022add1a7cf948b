"""Groups that move, lose their topics, shut the bot out or want to be left alone for a while."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.cases.states import Result, Urgency
from bot.channels.telegram.group import (
    GroupError,
    GroupGone,
    GroupMoved,
    NotAllowed,
    ThreadClosed,
    TryLater,
)
from bot.store.database import Database
from bot.store.desk_models import GroupNotice
from tests.unit.board_made import GROUP, MadeBoard
from tests.unit.desk_made import MadeDesk

NEW = -100_88


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


@pytest.fixture
def told(made: MadeDesk) -> MadeBoard:
    return MadeBoard(made)


@pytest.fixture
def forum(told: MadeBoard) -> MadeBoard:
    told.group.forum = True
    return told


async def test_one_topic_made_when_it_is_needed(made: MadeDesk, forum: MadeBoard) -> None:
    await forum.sync()
    assert forum.group.calls == []
    made.opened(chat="a")
    await forum.sync()
    forum.restart()
    made.opened(chat="b")
    await forum.sync()
    assert forum.group.count("create_topic") == 1
    assert {said.thread for said in forum.group.messages.values()} == {1000}


async def test_a_deleted_topic_is_made_anew_with_what_stood_in_it(
    made: MadeDesk, forum: MadeBoard
) -> None:
    lan = made.staff()
    over, one, two = (made.opened(chat=chat) for chat in ("a", "b", "c"))
    made.desk.take(over, lan)
    made.desk.close(over, lan, Result.ANSWERED, None, made.case(over).number)
    await forum.sync()
    forum.group.delete_topic(1000)
    assert await forum.sync() == 0.0
    assert forum.group.texts == []  # nobody can know yet
    made.desk.take(one, lan)
    assert await forum.sync() == 0.0
    assert {said.thread for said in forum.group.messages.values()} == {1001}
    heads = sorted(text.splitlines()[0][-6:-4] for text in forum.group.texts)
    assert heads == [f" {one}", f" {two}"]
    forum.restart()
    made.opened(chat="d")
    await forum.sync()
    assert forum.group.count("create_topic") == 2


async def test_a_closed_topic_is_opened_again(made: MadeDesk, forum: MadeBoard) -> None:
    case = made.opened()
    await forum.sync()
    forum.group.topics[1000] = "closed"
    made.desk.take(case, made.staff())
    assert "Lan" in (await forum.told_only()).text
    forum.group.topics[1000] = "closed"
    made.opened(chat="b")
    assert await forum.sync() == 0.0
    assert [said.thread for said in forum.group.messages.values()] == [1000, 1000]
    assert forum.group.count("post") == 3  # the middle one found it closed


async def test_general_does_where_the_topic_cannot_be_opened(
    made: MadeDesk, forum: MadeBoard
) -> None:
    first = made.opened(chat="a")
    await forum.sync()
    forum.group.topics[1000] = "closed"
    forum.group.fail("reopen_topic", *[NotAllowed("Bot chưa có đủ quyền.")] * 3)
    with capture_logs() as logs:
        made.opened(chat="b")
        made.opened(chat="c")
        assert await forum.sync() == 0.0
        # Neither asked for nor complained about with each message.
        assert forum.group.count("reopen_topic") == 1
        made.desk.take(first, made.staff())
        assert await forum.sync() == 0.0
        forum.time += 601
        made.opened(chat="d")
        assert await forum.sync() == 0.0
    threads = [said.thread for said in forum.group.messages.values()]
    assert threads == [1000, None, None, None, None]
    assert [each["event"] for each in logs] == ["desk.group_without_topic"]
    forum.group.topics[1000] = "open"
    forum.time += 601
    made.opened(chat="e")
    await forum.sync()
    assert [said.thread for said in forum.group.messages.values()][-1] == 1000


async def test_general_does_where_no_topic_may_be_made(made: MadeDesk, forum: MadeBoard) -> None:
    forum.group.fail("create_topic", *[NotAllowed("Hãy đặt bot làm quản trị viên.")] * 2)
    with capture_logs() as logs:
        for chat in "abc":
            made.opened(chat=chat)
            assert await forum.sync() == 0.0
        forum.time += 601
        made.opened(chat="d")
        await forum.sync()
    assert [said.thread for said in forum.group.messages.values()] == [None] * 4
    assert forum.group.count("create_topic") == 2
    (said,) = logs
    assert said["advice"] == "Hãy đặt bot làm quản trị viên."
    forum.time += 601
    made.opened(chat="e")
    await forum.sync()
    assert forum.group.count("create_topic") == 3
    assert [said.thread for said in forum.group.messages.values()][-1] == 1000


async def test_topics_switched_off(made: MadeDesk, forum: MadeBoard) -> None:
    made.opened(chat="a")
    await forum.sync()
    forum.group.delete_topic(1000)
    forum.group.forum = False
    made.opened(chat="b")
    assert await forum.sync() == 0.0
    assert [said.thread for said in forum.group.messages.values()] == [None, None]


async def test_a_group_closed_altogether_is_waited_for(made: MadeDesk, told: MadeBoard) -> None:
    told.group.fail("post", ThreadClosed("Chủ đề trong nhóm đã đóng."))
    made.opened()
    assert await told.sync() > 0
    await told.told_only()


async def test_a_group_with_a_new_id(made: MadeDesk, told: MadeBoard) -> None:
    case = made.opened(chat="a")
    await told.sync()
    (old,) = told.group.messages
    told.group.fail("edit", GroupMoved(NEW))
    made.desk.take(case, made.staff())
    with capture_logs() as logs:
        assert await told.sync() == 0.0
    assert str(NEW) in logs[0]["advice"]
    told.restart()
    made.opened(chat="b")
    assert await told.sync() == 0.0
    # The old id may be that of another message now.
    assert told.group.count("edit") == 1
    assert told.group.messages.pop(old).group == GROUP
    assert [said.group for said in told.group.messages.values()] == [NEW, NEW]


@pytest.mark.parametrize("error", [GroupGone("Hãy thêm bot."), NotAllowed("Thiếu quyền.")])
async def test_a_bot_shut_out_says_so_once_and_catches_up(
    made: MadeDesk, told: MadeBoard, error: GroupError
) -> None:
    told.group.fail("post", error, error, error)
    made.opened(chat="a")
    made.opened(chat="b")
    with capture_logs() as logs:
        for _ in range(3):
            assert await told.sync() > 0
    assert [each["advice"] for each in logs] == [str(error)]
    assert await told.sync() == 0.0  # nothing waits for longer than the group did
    assert len(told.group.messages) == 2
    told.group.fail("post", error)
    made.opened(chat="c")
    with capture_logs() as logs:
        await told.sync()
    assert len(logs) == 1


async def test_as_long_as_telegram_asks(made: MadeDesk, told: MadeBoard) -> None:
    told.group.fail("post", TryLater("Gửi chậm lại.", 37.0))
    made.opened(chat="a")
    made.opened(chat="b")
    assert await told.sync() == 37.0
    assert told.group.count("post") == 1
    made.opened(Urgency.URGENT, chat="c")
    assert await told.sync() == 0.0
    assert "KHẨN CẤP" in told.group.texts[0]
    assert len(told.group.messages) == 3


async def test_telegram_away_for_days(made: MadeDesk, told: MadeBoard) -> None:
    case = made.opened(chat="a")
    told.group.fail("post", TryLater("Không nối được."))
    assert await told.sync() == 5.0
    assert await told.sync() == 0.0
    made.move(seconds=5)
    with made.database.write() as session:
        session.query(GroupNotice).update({"failures": 5000})
    told.group.fail("post", TryLater("Không nối được."))
    assert await told.sync() == 5.0
    made.opened(chat="b")
    assert await told.sync() == 0.0
    assert len(told.group.messages) == 1  # what comes when it is back does not wait
    made.move(seconds=300)
    await told.sync()
    assert f"số {case}<" in told.group.texts[-1]


async def test_one_case_the_group_does_not_take_keeps_no_other_back(
    made: MadeDesk, told: MadeBoard
) -> None:
    told.group.fail("post", GroupError("BUTTON_URL_INVALID"))
    made.opened(Urgency.URGENT, chat="a")
    made.opened(chat="b")
    assert await told.sync() == 0.0
    (other,) = told.group.messages.values()
    assert other.link is not None
    made.move(seconds=5)
    await told.sync()
    # The button may be what was wrong: the path does.
    late = list(told.group.messages.values())[-1]
    assert late.link is None
    assert "/tu-van/ho-so/1" in late.text


async def test_an_end_that_could_not_be_told_is_told_later(made: MadeDesk, told: MadeBoard) -> None:
    lan = made.staff()
    first, second = made.opened(chat="a"), made.opened(chat="b")
    await told.sync()
    for case in (first, second):
        made.desk.take(case, lan)
        made.desk.close(case, lan, Result.ANSWERED, None, made.case(case).number)
    told.group.fail("edit", TryLater("Không nối được."))
    assert await told.sync() == 5.0
    made.move(hours=1)
    told.group.fail("edit", GroupError("Telegram không nhận."))
    assert await told.sync() == 0.0
    made.move(hours=1)
    await told.sync()
    assert all("đã trả lời" in text for text in told.group.texts)
    third = made.opened(chat="c")
    await told.sync()
    made.move(hours=1)
    made.desk.take(third, lan)
    made.desk.close(third, lan, Result.REFERRED, None, made.case(third).number)
    await told.sync()
    assert "giới thiệu" in told.group.texts[-1]
    assert len(told.group.messages) == 3
