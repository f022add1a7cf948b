"""Anonymous sessions of the web chat."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.sessions import COOKIE, Sessions, keep_key

KEY = bytes(32)


def request(*, scheme: str = "http", **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "scheme": scheme, "path": "/", "headers": raw}
    return Request({**scope, "server": ("hoi.test", 80), "query_string": b""})


def sessions(**more: object) -> Sessions:
    return Sessions(KEY, keep_days=30, **more)  # type: ignore[arg-type]


def test_a_browser_keeps_its_chat_over_a_restart() -> None:
    first = sessions().open()
    again = sessions().recall(request(cookie=f"{COOKIE}={first.cookie}"))
    assert again == first


def test_every_browser_gets_its_own_chat() -> None:
    opened = [sessions().open() for _ in range(50)]
    assert len({one.chat_id for one in opened}) == 50


def test_the_chat_id_does_not_give_the_cookie_or_the_form_token_away() -> None:
    one = sessions().open()
    assert one.cookie not in one.chat_id
    assert one.form_token not in one.chat_id
    other_key = Sessions(bytes([1] * 32), keep_days=30)
    recalled = other_key.recall(request(cookie=f"{COOKIE}={one.cookie}"))
    assert recalled is not None
    assert recalled.chat_id != one.chat_id


@pytest.mark.parametrize("value", ["", "short", "a" * 44, "a" * 42 + "!", "../../../etc/passwd"])
def test_a_made_up_cookie_is_no_session(value: str) -> None:
    assert sessions().recall(request(cookie=f"{COOKIE}={value}")) is None


@pytest.mark.parametrize(
    ("scheme", "address", "secure"),
    [
        ("http", None, False),
        ("https", None, True),
        ("http", "https://hoi.example.vn", True),
        ("https", "http://localhost:8080", False),
    ],
)
def test_the_cookie_is_secure_when_the_page_is(
    scheme: str, address: str | None, secure: bool
) -> None:
    house, response = sessions(address=address), Response()
    house.remember(house.open(), request(scheme=scheme), response)
    cookie = response.headers["set-cookie"].lower()
    assert ("secure" in cookie) is secure
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"max-age={30 * 86_400}" in cookie


@pytest.mark.parametrize(
    ("origin", "address", "own"),
    [
        ("http://hoi.test", None, True),
        ("https://hoi.test", None, True),
        ("http://xau.test", None, False),
        ("null", None, False),
        ("https://hoi.example.vn", "https://hoi.example.vn", True),
        ("http://hoi.test", "https://hoi.example.vn", False),
    ],
)
def test_posts_come_from_our_own_page(origin: str, address: str | None, own: bool) -> None:
    house = sessions(address=address)
    assert house.from_own_page(request(host="hoi.test", origin=origin)) is own


def test_a_form_token_is_good_for_its_own_session_only() -> None:
    house = sessions()
    mine, other = house.open(), house.open()
    assert house.proves(mine, mine.form_token)
    assert not house.proves(mine, other.form_token)
    assert not house.proves(mine, "ạ")


def test_a_weak_key_or_an_unusable_address_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        Sessions(b"secret", keep_days=30)
    with pytest.raises(ValueError, match="must look like"):
        sessions(address="hoi.example.vn")


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "web.key"
    key = keep_key(path)
    assert len(key) == 32
    assert keep_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["web.key"]


@pytest.mark.parametrize("content", [b"", b"abcd", b"\xff\xfe", b"z" * 64])
def test_a_damaged_key_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "web.key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Restore it from a backup"):
        keep_key(path)
