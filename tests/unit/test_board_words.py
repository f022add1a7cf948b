"""The words of a notice, and where its button leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cases.board_words import link_to, notice
from bot.cases.shown import CaseRow
from bot.cases.states import CaseState, Reason, Result, Urgency
from tests.unit.desk_made import MONDAY, local

PATH = "/tu-van/ho-so/7"
ROW = CaseRow(
    id=7,
    number=1,
    channel="zalo_bot",
    state=CaseState.OPEN,
    urgency=Urgency.SOON,
    reason=Reason.ASKED,
    topic="tien-luong",
    question="em bị quỵt lương",
    holder=None,
    holder_name=None,
    kept_for=None,
    kept_for_name=None,
    kept_until=None,
    opened_at=MONDAY,
    queued_at=MONDAY,
    held_at=None,
    due_at=local(2026, 10, 5, 14),
    overdue=False,
    reminded=0,
    worker_at=MONDAY,
    counsellor_at=None,
    waiting=True,
    closed_at=None,
    result=None,
    blocked=False,
)


def test_enough_to_act_on() -> None:
    said = notice(ROW, "https://a.vn/", PATH)
    assert said.text.splitlines() == [
        "<b>❗ Cần sớm · Hồ sơ số 7</b>",
        "Tiền lương · hỏi qua Zalo",
        "Chờ từ 09:00 ngày 05/10, chưa ai nhận",
        "Hẹn trả lời trước 14:00 ngày 05/10",
        "<i>Trả lời trong bàn tư vấn. Tin nhắn trong nhóm này không tới người lao động.</i>",
    ]
    assert said.link is not None
    assert said.link.url == "https://a.vn/tu-van/ho-so/7"


@pytest.mark.parametrize("result", list(Result))
def test_every_end_has_its_words(result: Result) -> None:
    said = notice(replace(ROW, state=CaseState.CLOSED, result=result), "https://a.vn", PATH)
    assert said.text.startswith("<s>Hồ sơ số 7</s> · đã kết thúc: ")
    assert result.value not in said.text
    assert said.link is None


def test_unknown_topics_and_channels_have_words_too() -> None:
    said = notice(replace(ROW, topic="<b>", channel="<i>"), "", PATH)
    assert "Chưa rõ chủ đề · hỏi qua kênh khác" in said.text


def test_a_fingerprint_tells_words_and_links_apart() -> None:
    first = notice(ROW, "https://a.vn", PATH)
    assert first.print == notice(replace(ROW, number=9), "https://a.vn", PATH).print
    assert first.print != notice(ROW, "https://b.vn", PATH).print
    assert first.print != notice(replace(ROW, urgency=Urgency.URGENT), "https://a.vn", PATH).print
    assert 0 <= first.print < 2**31


@pytest.mark.parametrize("address", ["https://tuvan.example.vn", "https://tuvan.example.vn:8443/"])
def test_public_addresses_get_a_button(address: str) -> None:
    assert link_to(address, PATH) == address.rstrip("/") + PATH


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://tuvan.example.vn",
        "https://localhost:8000",
        "https://127.0.0.1",
        "https://192.168.1.5",
        "https://[::1]",
        "https://maychu",
        "https://maychu.local",
    ],
)
def test_other_addresses_are_told_by_path(address: str) -> None:
    assert link_to(address, PATH) is None
    said = notice(ROW, address, PATH)
    assert said.link is None
    assert f"Mở trong bàn tư vấn: {PATH}" in said.text
