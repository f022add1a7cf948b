"""Signed-in browsers: how a login begins, lasts and ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from console_made import MORNING, Browser, MadeConsole, hash_quickly
from sqlalchemy import select
from starlette.requests import Request

from bot.cases.states import Role
from bot.console.desk.logins import COOKIE, IDLE, LONGEST
from bot.store.database import Database
from bot.store.desk_models import Login, User

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


def test_the_cookie_is_kept_nowhere_and_goes_nowhere_else(made: MadeConsole, lan: Browser) -> None:
    cookie = lan.client.cookies[COOKIE]
    assert len(cookie) == 43
    with made.database.read() as session:
        keys = session.scalars(select(Login.key)).all()
    assert len(keys) == 1
    assert cookie not in keys[0]


def test_two_logins_have_two_form_tokens(made: MadeConsole, lan: Browser) -> None:
    with made.browser() as other:
        other.sign_in("lan")
        assert other.token != lan.token
        assert other.post(REPLY, {"token": lan.token, "text": "a"}).status == 403
    assert made.replies == []


@pytest.mark.parametrize("value", ["", "a" * 43, "a" * 44, "../../etc/passwd", "%00"])
def test_a_made_up_cookie_opens_nothing(browser: Browser, value: str) -> None:
    answer = browser.get("/tu-van", cookie=f"{COOKIE}={value}")
    assert answer.status == 303


def test_a_login_ends_when_nobody_does_anything(made: MadeConsole, lan: Browser) -> None:
    made.move(hours=11)
    assert lan.get("/tu-van").status == 200
    made.move(hours=11)
    assert lan.get("/tu-van").status == 200
    made.move(hours=13)
    assert lan.get("/tu-van").status == 303


def test_what_a_page_asks_by_itself_keeps_no_login_alive(made: MadeConsole, lan: Browser) -> None:
    for _ in range(11):
        made.move(hours=1)
        assert lan.get("/tu-van/dem").status == 200
    made.move(hours=1, minutes=1)
    assert lan.get("/tu-van/dem").status == 303


def test_a_login_ends_after_a_week_however_busy(made: MadeConsole, lan: Browser) -> None:
    while made.at < MORNING + LONGEST - timedelta(hours=6):
        made.move(hours=6)
        assert lan.get("/tu-van").status == 200
    made.move(hours=6)
    assert lan.get("/tu-van").status == 303


def test_logins_that_are_over_are_swept_away(made: MadeConsole, lan: Browser) -> None:
    made.move(hours=IDLE.total_seconds() / 3600 + 1)
    with made.browser() as other:
        other.sign_in("lan")
    with made.database.read() as session:
        assert len(session.scalars(select(Login)).all()) == 1


def test_a_stream_hears_that_its_login_ended(made: MadeConsole) -> None:
    admin, minh = made.person("admin", Role.ADMIN), made.person("minh")
    cookie = made.logins.open(minh)
    signed = made.logins.recall(_request(cookie=f"{COOKIE}={cookie}"))
    assert signed is not None
    assert made.logins.lasts(signed)
    with made.database.write() as session:
        session.get_one(User, minh.id).role = Role.LEAD
    assert not made.logins.lasts(signed)
    made.accounts.set_role(minh.id, Role.COUNSELLOR, by=admin)
    assert not made.logins.lasts(signed)


def test_signing_out_ends_it_on_the_server(made: MadeConsole, lan: Browser) -> None:
    stolen = lan.client.cookies[COOKIE]
    answer = lan.send("/tu-van/dang-xuat")
    assert answer.to == "/tu-van/dang-nhap"
    assert 'caunoi_tuvan=""' in answer.headers["set-cookie"]
    assert lan.get("/tu-van", cookie=f"{COOKIE}={stolen}").status == 303


def test_someone_switched_off_is_out_at_once(made: MadeConsole, lan: Browser) -> None:
    made.person("admin", Role.ADMIN)
    made.accounts.deactivate(made.accounts.named("lan").staff.id)
    assert lan.get("/tu-van").status == 303
    assert lan.post(REPLY, {"token": "x", "text": "một câu trả lời"}).status == 401


def _request(*, client: str = "9.9.9.9", **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/tu-van"}
    return Request({**scope, "headers": raw, "client": (client, 1), "query_string": b""})
