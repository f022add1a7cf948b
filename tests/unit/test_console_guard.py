"""Who is let in, who is not, and what they see instead."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog
from console_made import HOST, Browser, MadeConsole, hash_quickly
from sqlalchemy import select
from starlette.requests import Request
from starlette.routing import Route

from bot.cases.states import Role
from bot.console.desk.forms import MAX_BODY
from bot.console.desk.origin import Origin, machine
from bot.store.database import Database
from bot.store.desk_models import User
from bot.store.errors import StoreUnavailable

REPLY = "/tu-van/ho-so/1/tra-loi"


@pytest.fixture
def made(database: Database, monkeypatch: pytest.MonkeyPatch) -> MadeConsole:
    hash_quickly(monkeypatch)
    return MadeConsole(database)


@pytest.fixture
def browser(made: MadeConsole) -> Iterator[Browser]:
    made.person("lan")
    with made.browser() as opened:
        yield opened


@pytest.fixture
def lan(browser: Browser) -> Browser:
    """A browser where lan is signed in."""
    assert browser.sign_in("lan").status == 303
    return browser


# --- forms -------------------------------------------------------------------------------


def test_a_form_of_ours_is_taken(made: MadeConsole, lan: Browser) -> None:
    assert lan.send(REPLY, {"text": "dòng một\r\ndòng\x00 hai"}).status == 200
    assert made.replies == ["dòng một\ndòng hai"]


def test_the_token_may_come_as_a_header(made: MadeConsole, lan: Browser) -> None:
    assert lan.post(REPLY, {"text": "a"}, x_form_token=lan.token).status == 200
    assert lan.post(REPLY, {"text": "b"}, x_form_token="0" * 64).status == 403
    assert made.replies == ["a"]


@pytest.mark.parametrize("token", ["", "0" * 64, "đ", "x" * 100_000])
def test_without_its_token_a_form_does_nothing(made: MadeConsole, lan: Browser, token: str) -> None:
    assert lan.post(REPLY, {"token": token, "text": "a"}).status == 403
    assert made.replies == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": HOST.replace("desk", "desk2")},
        {"origin": HOST + ":8080"},
        {"origin": ""},
    ],
)
def test_another_site_cannot_send_our_forms(
    made: MadeConsole, lan: Browser, headers: dict[str, str]
) -> None:
    assert lan.send(REPLY, {"text": "a"}, **headers).status == 403
    assert lan.post("/tu-van/dang-nhap", {"name": "lan"}, **headers).status == 403
    assert made.replies == []


@pytest.mark.parametrize(("site", "own"), [("same-origin", True), ("cross-site", False)])
def test_without_origin_the_browser_may_say_it_otherwise(site: str, own: bool) -> None:
    assert Origin(None).own_page(_request(**{"sec-fetch-site": site})) is own
    assert Origin(None).own_page(_request())


def test_behind_a_proxy_the_public_address_counts() -> None:
    origin = Origin("https://hoi.example.vn")
    assert origin.own_page(_request(host="10.0.0.1", origin="https://hoi.example.vn"))
    assert not origin.own_page(_request(host="hoi.example.vn", origin="http://hoi.example.vn"))
    assert not origin.own_page(_request(host="evil.test", origin="http://evil.test"))
    with pytest.raises(ValueError, match="https"):
        Origin("hoi.example.vn")


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("9.9.9.9", "", "9.9.9.9"),
        ("9.9.9.9", "198.51.100.1", "9.9.9.9"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:0db8:0001:0002::/64"),
        ("::ffff:198.51.100.1", "", "198.51.100.1"),
        ("127.0.0.1", "<script>" * 50, ("<script>" * 50)[:64]),
        ("testclient", "", "testclient"),
    ],
)
def test_machines_are_told_apart(peer: str, forwarded: str, who: str) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert machine(_request(client=peer, **headers)) == who


def test_a_form_may_be_long_but_not_endless(made: MadeConsole, lan: Browser) -> None:
    assert lan.send(REPLY, {"text": "a" * 100_000}).status == 200
    answer = lan.send(REPLY, {"text": "a" * (MAX_BODY + 1)})
    assert answer.status == 413
    assert "rút gọn" in answer.text
    assert len(made.replies) == 1


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"text": "a"}', 415),
        ("application/x-www-form-urlencoded", b"text=%ff%fe", 400),
        ("application/x-www-form-urlencoded", b"text=\xff", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 500), 400),
    ],
)
def test_what_is_no_form_is_refused(
    made: MadeConsole, lan: Browser, kind: str, body: bytes, status: int
) -> None:
    headers = {"content-type": kind, "origin": HOST, "x-form-token": lan.token}
    assert lan.client.post(REPLY, content=body, headers=headers).status_code == status
    assert made.replies == []


def test_looking_changes_nothing(made: MadeConsole) -> None:
    changing = {"dang-xuat", "vai-tro", "khoa", "mo", "tra-loi"}
    routes = [route for route in made.app().routes if isinstance(route, Route)]
    assert len(routes) > 10
    for route in routes:
        methods = (route.methods or set()) - {"HEAD"}
        assert len(methods) == 1, route.path
        if route.path.rpartition("/")[2] in changing:
            assert methods == {"POST"}, route.path


# --- roles -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        (Role.COUNSELLOR, {"/tu-van"}),
        (Role.LEAD, {"/tu-van", "/tu-van/nhat-ky"}),
        (Role.ADMIN, {"/tu-van", "/tu-van/nhat-ky", "/tu-van/nguoi"}),
    ],
)
def test_each_role_opens_its_pages_only(made: MadeConsole, role: Role, open_to: set[str]) -> None:
    made.person("minh", role)
    with made.browser() as browser:
        browser.sign_in("minh")
        for path in ("/tu-van", "/tu-van/nhat-ky", "/tu-van/nguoi"):
            assert browser.get(path).status == (200 if path in open_to else 403), path
        sent = browser.send("/tu-van/truong-nhom", {"text": "a"})
        assert sent.status == (200 if role.includes(Role.LEAD) else 403)


def test_a_role_counts_as_it_is_now(made: MadeConsole, lan: Browser) -> None:
    with made.database.write() as session:
        session.scalars(select(User)).one().role = Role.LEAD
    assert lan.get("/tu-van/nhat-ky").status == 200


def test_a_login_that_was_left_behind_opens_nothing_for_who_is_off(
    made: MadeConsole, lan: Browser
) -> None:
    with made.database.write() as session:
        session.scalars(select(User)).one().active = False
    assert lan.get("/tu-van").status == 303


def test_a_one_time_password_opens_nothing_but_its_change(made: MadeConsole) -> None:
    first = made.accounts.add("moi", "Người mới", Role.ADMIN)
    with made.browser() as browser:
        browser.sign_in("moi", first)
        for path in ("/tu-van", "/tu-van/nguoi", "/tu-van/nhat-ky"):
            assert browser.get(path).to.startswith("/tu-van/mat-khau")
        assert browser.send(REPLY, {"text": "a"}).to == "/tu-van/mat-khau"
        answer = browser.send(REPLY, {"text": "a"}, hx_request="true")
        assert answer.headers["hx-redirect"] == "/tu-van/mat-khau"
        assert browser.get("/tu-van/mat-khau").status == 200
    assert made.replies == []


# --- what people see instead -------------------------------------------------------------


def test_after_signing_in_one_is_where_one_wanted_to_be(browser: Browser) -> None:
    door = browser.get("/tu-van/ho-so/12?tu=5")
    assert door.to == "/tu-van/dang-nhap?tiep=%2Ftu-van%2Fho-so%2F12%3Ftu%3D5"
    assert 'value="/tu-van/ho-so/12?tu=5"' in browser.get(door.to).text
    assert browser.sign_in("lan", tiep="/tu-van/ho-so/12?tu=5").to == "/tu-van/ho-so/12?tu=5"


@pytest.mark.parametrize(
    "back",
    ["https://evil.test", "//evil.test", "/tu-van//evil.test", "/tu-van\\evil", "/", "/tu-vanx",
     "/tu-van/\r\nset-cookie: a=b", "javascript:alert(1)", "/tu-van/../xoa", "/tu-van/" + "a" * 600],  # noqa: E501
)  # fmt: skip
def test_the_door_leads_to_no_other_place(browser: Browser, back: str) -> None:
    assert browser.sign_in("lan", tiep=back).to == "/tu-van"


def test_signed_out_while_typing_nothing_is_lost(made: MadeConsole, lan: Browser) -> None:
    token = lan.token
    made.move(hours=13)
    typed = {"token": token, "text": "Câu trả lời <b>dài</b> đang viết dở"}
    page = lan.post(REPLY, typed)
    assert page.status == 401
    assert "Câu trả lời &lt;b&gt;dài&lt;/b&gt; đang viết dở" in page.text
    assert token not in page.text

    part = lan.post(REPLY, typed, hx_request="true")
    assert part.status == 401
    assert part.headers["hx-retarget"] == "#notice"
    assert part.headers["hx-reswap"] == "innerHTML"
    assert "/tu-van/dang-nhap" in part.text
    assert "<html" not in part.text
    assert made.replies == []


def test_a_password_is_never_given_back(made: MadeConsole, lan: Browser) -> None:
    fields = {"token": lan.token, "password": "một câu bí mật", "password_new": "câu bí mật khác"}
    made.move(hours=13)
    answer = lan.post("/tu-van/mat-khau", fields)
    assert answer.to == "/tu-van/dang-nhap"
    assert "bí mật" not in lan.post("/tu-van/mat-khau", {**fields, "tiep": "a b"}).text


def test_with_nothing_typed_the_door_is_shown(made: MadeConsole, lan: Browser) -> None:
    token = lan.token
    made.move(hours=13)
    assert lan.post("/tu-van/dang-xuat", {"token": token}).to == "/tu-van/dang-nhap"


def test_signed_in_again_the_open_page_goes_on(made: MadeConsole, lan: Browser) -> None:
    old = lan.token
    lan.send("/tu-van/dang-xuat")
    lan.sign_in("lan")
    answer = lan.post(REPLY, {"token": old, "text": "a"}, hx_request="true")
    assert answer.status == 403
    fresh = json.loads(answer.headers["hx-trigger"])["caunoi-token"]["token"]
    assert made.replies == []
    assert lan.post(REPLY, {"token": fresh, "text": "a"}, hx_request="true").status == 200

    page = lan.post(REPLY, {"token": old, "text": "một câu đã viết"})
    assert page.status == 403
    assert "một câu đã viết" in page.text


def test_a_foreign_page_never_gets_a_token(lan: Browser) -> None:
    answer = lan.post(REPLY, {"text": "a"}, origin="https://evil.test", hx_request="true")
    assert "hx-trigger" not in answer.headers
    assert lan.token not in answer.text


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [("closed", 409, "đã khép"), ("away", 503, "đang bận"), ("fault", 500, "Có lỗi")],
)
def test_what_goes_wrong_is_said_beside_what_was_typed(
    lan: Browser, text: str, status: int, says: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        part = lan.send(REPLY, {"text": text}, hx_request="true")
        page = lan.send(REPLY, {"text": text})
    assert part.status == page.status == status
    assert says in part.text
    assert says in page.text
    assert part.headers["hx-retarget"] == "#notice"
    assert "secret words" not in page.text + str(logs)


def test_without_the_store_nobody_is_let_in_and_all_is_said(
    made: MadeConsole, lan: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = lan.token

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(made.logins, "recall", away)
    assert lan.get("/tu-van").status == 503
    typed = "Chị cứ giữ <bảng lương>"
    page = lan.post(REPLY, {"token": token, "text": typed})
    assert page.status == 503
    assert "Chị cứ giữ &lt;bảng lương&gt;" in page.text, "a plain form gives back what was typed"
    assert token not in page.text
    assert made.replies == []


@pytest.mark.parametrize("path", ["/tu-van", "/tu-van/dang-nhap", "/tu-van/khong-co", REPLY])
def test_every_answer_is_guarded_and_kept_by_nobody(lan: Browser, path: str) -> None:
    answer = lan.send(path, {"text": "a"}) if path == REPLY else lan.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_address_is_said_to_who_is_signed_in(browser: Browser) -> None:
    assert browser.get("/tu-van/khong-co").status == 303
    browser.sign_in("lan")
    answer = browser.get("/tu-van/khong-co")
    assert answer.status == 404
    assert "Không có trang này" in answer.text


def test_an_htmx_page_that_is_expired_is_asked_to_sign_in(browser: Browser) -> None:
    answer = browser.get("/tu-van/dem", hx_request="true")
    assert answer.status == 401
    assert answer.headers["hx-retarget"] == "#notice"


def _request(*, client: str = "9.9.9.9", **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/tu-van"}
    return Request({**scope, "headers": raw, "client": (client, 1), "query_string": b""})
