"""Saved answers and the search over cases."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from test_console_desk import HOST, Browser, _order, client, house, lan

from bot.cases.reading import PAGE
from bot.cases.states import Result
from bot.console.desk.audit import Action
from bot.console.desk.saved import SavedAnswers, SavedRefused
from tests.made_desk import DeskHouse

__all__ = ["client", "house", "lan"]  # fixtures


def _post(lan: Browser, path: str, fields: dict[str, str]) -> object:
    token = re.search(r'"x-form-token":"(\w+)"', lan.get("/tu-van/mau"))
    assert token
    sent = {"token": token[1], **fields}
    return lan.client.post(path, data=sent, headers={"origin": HOST})


def test_saved_answers_are_added_changed_found_and_removed(house: DeskHouse, lan: Browser) -> None:
    words = {"title": "Xin bảng lương", "text": "Bạn chụp bảng lương nhé.", "topic": "tien-luong"}
    assert _post(lan, "/tu-van/mau", words).headers["location"] == "/tu-van/mau?xong=luu"
    _post(lan, "/tu-van/mau", {"title": "Chào", "text": "Chào bạn <b>", "topic": ""})
    assert "&lt;b&gt;" in lan.get("/tu-van/mau")
    assert "Bạn chụp bảng lương nhé." in lan.get("/tu-van/mau?sua=1")
    _post(lan, "/tu-van/mau/1", {**words, "text": "Bạn gửi bảng lương nhé."})
    chosen = lan.get("/tu-van/mau/chon?mau=bang luong")
    assert "Bạn gửi bảng lương nhé." in chosen
    assert "Chào bạn" not in chosen
    first = lan.get("/tu-van/mau/chon?chu-de=tien-luong")
    assert first.index("Xin bảng lương") < first.index("Chào bạn"), "the case's topic comes first"
    _post(lan, "/tu-van/mau/1/xoa", {})
    assert "Xin bảng lương" not in lan.get("/tu-van/mau")
    told = [one.detail for one in house.audit.page(action=Action.SAVED).entries]
    assert told == [
        "xóa: Xin bảng lương",
        "sửa: Xin bảng lương",
        "thêm: Chào",
        "thêm: Xin bảng lương",
    ]


def test_a_saved_answer_that_cannot_be_kept_stays_in_the_form(lan: Browser) -> None:
    answer = _post(lan, "/tu-van/mau", {"title": "t" * 121, "text": "giữ chữ này", "topic": ""})
    assert answer.status_code == 422
    assert "giữ chữ này" in answer.text
    gone = _post(lan, "/tu-van/mau/9", {"title": "t", "text": "giữ chữ này", "topic": ""})
    assert gone.status_code == 422
    assert "không còn nữa" in gone.text
    assert "giữ chữ này" in gone.text


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [("", "x", ""), ("t", " ", ""), ("t", "x" * 4001, ""), ("t", "x", "bees")],
)
def test_what_is_no_saved_answer_is_refused(
    house: DeskHouse, title: str, text: str, topic: str
) -> None:
    with pytest.raises(SavedRefused):
        SavedAnswers(house.database).keep(house.staff(), title, text, topic)


def test_search_by_words_state_topic_person_and_days(house: DeskHouse, lan: Browser) -> None:
    old = house.asks("Nợ lương tháng ba", chat="a")
    house.move(days=3)
    lan = Browser(house, lan.staff, lan.client)  # the login of three days ago has ended
    new = house.asks("Bị nợ bảo hiểm", chat="b", topic="bhxh")
    house.desk.take(new, lan.staff)
    house.desk.close(old, lan.staff, Result.ANSWERED, None, None)

    def found(query: str) -> list[int]:
        return _order(lan.get(f"/tu-van/tim?{query}"))

    assert found("tat-ca=1") == [new, old]
    assert found("tu=no luong") == [old]
    assert found(f"tu=%23{new}") == [new]
    assert found("trang-thai=closed") == [old]
    assert found("chu-de=bhxh") == [new]
    assert found(f"nguoi={lan.staff.id}&trang-thai=held") == [new]
    day = (house.at + timedelta(hours=7)).date().isoformat()
    before = (house.at + timedelta(hours=7) - timedelta(days=3)).date().isoformat()
    assert found(f"tu-ngay={day}") == [new]
    assert found(f"den-ngay={before}") == [old]
    assert found("tu-ngay=hom-qua&trang-thai=??&nguoi=x") == [], "no filter, no list"
    assert "Không có hồ sơ nào khớp" in lan.get("/tu-van/tim?tu=khongcogi")


def test_search_results_come_in_pages_also_by_days(house: DeskHouse, lan: Browser) -> None:
    for number in range(PAGE + 3):
        house.opened(chat=f"c{number}")
    day = (house.at + timedelta(hours=7)).date().isoformat()
    for query in ("tat-ca=1", f"tu-ngay={day}"):
        first = lan.get(f"/tu-van/tim?{query}")
        second = lan.get(f"/tu-van/tim?{query}&trang=2")
        assert len(_order(first)) == PAGE
        assert len(_order(second)) == 3
        assert "Cũ hơn" in first
        assert "Cũ hơn" not in second
        assert not set(_order(first)) & set(_order(second))


def test_a_search_is_on_record_without_its_words(house: DeskHouse, lan: Browser) -> None:
    lan.get("/tu-van/tim?tu=chuyện riêng của Hoa&chu-de=bhxh")
    (entry,) = house.audit.page(action=Action.SEARCH).entries
    assert entry.detail == "4 từ khóa, chu-de=bhxh"
