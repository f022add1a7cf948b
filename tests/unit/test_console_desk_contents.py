"""What workers send into the desk's pages, its files, and the law beside a case."""

from __future__ import annotations

import re

from starlette.testclient import TestClient
from test_console_desk import HOST, Browser, _visible, client, house, lan

from bot.channels.port import FileKind, IncomingFile, UpdateKind
from bot.plain_text import clean
from bot.store.database import Database
from knowledge.clause import Ref
from tests.made_desk import DeskHouse, picture

__all__ = ["client", "house", "lan"]  # fixtures

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\u202etxt\u0000"


def test_what_workers_send_is_only_ever_text(house: DeskHouse, lan: Browser) -> None:
    case = house.asks(clean(EVIL), proposed=clean(EVIL), topic=None)
    house.sends(EVIL, picture(name=EVIL, media="text/html"))
    house.sends("d" * 10_000)
    house.desk.take(case, lan.staff)
    house.desk.note(case, lan.staff, EVIL)
    for path in ("/tu-van", f"/tu-van/ho-so/{case}", "/tu-van/tim?tu=script", "/tu-van/mau"):
        page = lan.get(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "\x00" not in page
    assert "&lt;script&gt;alert(1)" in lan.get(f"/tu-van/ho-so/{case}")
    assert "49" not in _visible(lan.get("/tu-van"))


def test_both_wordings_of_an_edit_are_shown(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.sends("lương 9 triệu", remote="r1")
    house.sends("lương 10 triệu", remote="r1", kind=UpdateKind.EDIT)
    house.sends("lương 11 triệu", remote="r1", kind=UpdateKind.EDIT)
    words = _visible(lan.get(f"/tu-van/ho-so/{case}"))
    assert "Trước: lương 9 triệu Nay: lương 10 triệu" in words
    assert "Trước: lương 10 triệu Nay: lương 11 triệu" in words
    assert "có bản sửa bên dưới" in words


def test_pictures_of_one_album_are_one_message(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    for number in range(3):
        house.sends("giấy tờ đây" if number == 0 else "", picture(), album="a1")
    house.sends("", picture(), album="a2")
    page = lan.get(f"/tu-van/ho-so/{case}")
    assert page.count('class="files grid"') == 1
    assert len(re.findall(r'<article class="line worker"', page)) == 3
    assert page.count("<img src=") == 4


def test_files_are_shown_with_their_state(house: DeskHouse, lan: Browser) -> None:
    case = house.asks("em bị nợ lương")
    house.sends("", IncomingFile(kind=FileKind.VOICE, remote="r"))
    house.sends("", IncomingFile(kind=FileKind.STICKER))
    house.sends("", IncomingFile(kind=FileKind.DOCUMENT, name="to.zip", size=10**9, remote="r"))
    words = _visible(lan.get(f"/tu-van/ho-so/{case}"))
    assert "Ghi âm: đang tải về" in words
    assert "Nhãn dán" in words
    assert "to.zip: không tải được. Tệp lớn hơn 20 MB" in words


def test_only_pictures_open_in_place(house: DeskHouse, lan: Browser) -> None:
    house.asks("em bị nợ lương")
    page = b"<script>alert(1)</script>"
    house.sends("", picture())
    house.sends("", picture(name="hợp đồng\r\nx: y.html", content=page, media="text/html"))
    house.sends("", picture(name="a.svg", content=page, media="image/svg+xml"))
    shown, html, svg = (lan.client.get(f"/tu-van/tep/{file}") for file in (1, 2, 3))
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"] == "inline"
    for answer in (html, svg):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert "\n" not in answer.headers["content-disposition"]
    for answer in (shown, html, svg):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert lan.client.get("/tu-van/tep/999").status_code == 404
    assert lan.client.get(f"/tu-van/tep/{10**30}").status_code == 404


def test_files_told_to_the_machine_alone_are_not_the_desks(house: DeskHouse, lan: Browser) -> None:
    house.sends("ảnh riêng", picture(), chat="khac")
    assert lan.client.get("/tu-van/tep/1").status_code == 404
    house.asks("giờ cần người", chat="khac")
    assert lan.client.get("/tu-van/tep/1").status_code == 200, "what went before is context"


def test_files_need_a_login(house: DeskHouse, client: TestClient) -> None:
    house.asks("em bị nợ lương")
    house.sends("", picture())
    assert client.get("/tu-van/tep/1").status_code == 303
    assert client.get("/tu-van/su-kien").status_code == 303


def test_the_law_the_machine_cited_can_be_read_and_inserted(house: DeskHouse, lan: Browser) -> None:
    ref = Ref.parse("45/2019/QH14 điều 98 khoản 1")
    case = house.asks("em bị nợ lương", refs=[ref])
    house.desk.take(case, lan.staff)
    page = lan.get(f"/tu-van/ho-so/{case}/can-cu", **{"hx-request": "true"})
    assert "Căn cứ: khoản 1 Điều 98" in page
    found = lan.get("/tu-van/tra-cuu?luat=khoản+1+điều+139&ngay=2026-06-30")
    assert "sáu hôm" in found
    assert "bảy hôm" in lan.get("/tu-van/tra-cuu?luat=khoản+1+điều+139&ngay=2026-07-01")
    assert "Ngày chưa đúng" in lan.get("/tu-van/tra-cuu?luat=ong&ngay=hôm qua")
    assert "Bạn ghi vài từ" in lan.get("/tu-van/tra-cuu?luat=")


def test_without_a_library_the_look_up_says_so(database: Database) -> None:
    house = DeskHouse(database, law=False)
    with TestClient(house.app, HOST) as client:
        lan = Browser(house, house.staff("Lan"), client)
        assert "chưa có kho luật" in lan.get("/tu-van/tra-cuu?luat=ong")


def test_an_index_that_fails_leaves_the_desk_working(house: DeskHouse, lan: Browser) -> None:
    def broken(*_args: object) -> None:
        raise OSError("secret path")

    house.context.library.find = broken  # type: ignore[union-attr, method-assign, assignment]
    page = lan.get("/tu-van/tra-cuu?luat=ong")
    assert "Kho luật đang bận" in page
    assert "secret" not in page
