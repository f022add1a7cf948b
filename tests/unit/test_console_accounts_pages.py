"""The pages of the frame as a person uses them: the door, the password, accounts, the trail."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from console_made import PASSWORD, Browser, MadeConsole, hash_quickly

from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.console.desk import sign_in
from bot.console.desk.audit import PAGE_OF, Action
from bot.console.desk.logins import COOKIE
from bot.console.desk.pages import STATIC, fragment
from bot.store.database import Database

NEW = "một câu mới rất dài"
STATIC_AT = re.compile(r"/tu-van/static/\w{12}")


@pytest.fixture
def made(database: Database, monkeypatch: pytest.MonkeyPatch) -> MadeConsole:
    hash_quickly(monkeypatch)
    monkeypatch.setattr(sign_in, "REFUSED_AFTER", 0.0)
    return MadeConsole(database)


@pytest.fixture
def lan(made: MadeConsole) -> Staff:
    return made.person("lan")


@pytest.fixture
def browser(made: MadeConsole) -> Iterator[Browser]:
    with made.browser() as opened:
        yield opened


@pytest.fixture
def admin(made: MadeConsole, browser: Browser) -> Browser:
    """A browser where an admin is signed in."""
    made.person("admin", Role.ADMIN)
    browser.sign_in("admin")
    return browser


def actions(made: MadeConsole) -> list[str]:
    return [one.action for one in made.audit.page().entries]


# --- the door ----------------------------------------------------------------------------


def test_a_wrong_password_keeps_the_name_and_forgets_the_password(
    browser: Browser, lan: Staff
) -> None:
    answer = browser.sign_in("lan", "không phải mật khẩu")
    assert answer.status == 401
    assert 'value="lan"' in answer.text
    assert "không phải mật khẩu" not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_page_tells_names_apart_for_nobody(browser: Browser, lan: Staff) -> None:
    known = browser.sign_in("lan", "không phải").text
    unknown = browser.sign_in("nobody", "không phải").text
    assert known.replace('value="lan"', "") == unknown.replace('value="nobody"', "")


def test_a_typed_name_is_only_text(browser: Browser) -> None:
    answer = browser.sign_in('"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.text


def test_too_many_tries_say_when_to_come_back(browser: Browser, made: MadeConsole) -> None:
    answers = [browser.sign_in(f"name{number}", "x") for number in range(61)]
    assert {one.status for one in answers[:-1]} == {401}
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("host", "address", "secure"),
    [
        ("http://desk.test", None, False),
        ("https://desk.test", None, True),
        ("http://127.0.0.1:8080", "https://hoi.example.vn", True),
    ],
)
def test_the_cookie_is_for_the_desk_alone(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    address: str | None,
    secure: bool,
) -> None:
    hash_quickly(monkeypatch)
    made = MadeConsole(database, address)
    made.person("lan")
    with made.browser(host) as browser:
        fields = {"name": "lan", "password": PASSWORD}
        answer = browser.post("/tu-van/dang-nhap", fields, origin=address or host)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/tu-van;" in cookie + ";"
    assert ("secure" in cookie) is secure


def test_every_sign_in_is_a_new_login(browser: Browser, lan: Staff, made: MadeConsole) -> None:
    browser.sign_in("lan")
    first = browser.client.cookies[COOKIE]
    browser.sign_in("lan")
    assert browser.client.cookies[COOKIE] != first
    assert browser.get("/tu-van", cookie=f"{COOKIE}={first}").status == 303
    assert browser.get("/tu-van/dang-nhap").to == "/tu-van"


def test_coming_and_going_is_on_record(browser: Browser, lan: Staff, made: MadeConsole) -> None:
    browser.sign_in("lan", "sai")
    browser.sign_in("lan")
    browser.send("/tu-van/dang-xuat")
    assert actions(made)[:3] == [Action.SIGN_OUT, Action.SIGN_IN, Action.SIGN_IN_REFUSED]
    assert made.audit.page().entries[1].detail == "testclient"


# --- one's own password ------------------------------------------------------------------


def test_a_newcomer_chooses_a_password_and_goes_on(made: MadeConsole, browser: Browser) -> None:
    first = made.accounts.add("moi", "Người mới", Role.COUNSELLOR)
    browser.sign_in("moi", first)
    door = browser.get("/tu-van/ho-so/3").to
    assert "tiep=%2Ftu-van%2Fho-so%2F3" in door
    page = browser.get(door).text
    assert "Chọn mật khẩu của riêng bạn" in page
    assert "Hàng đợi" not in page
    before = browser.client.cookies[COOKIE]
    answer = browser.send(
        "/tu-van/mat-khau",
        {
            "password": first,
            "password_new": NEW,
            "password_again": NEW,
            "tiep": "/tu-van/ho-so/3",
        },
    )
    assert answer.to == "/tu-van/ho-so/3"
    assert browser.client.cookies[COOKIE] != before
    assert browser.get("/tu-van").status == 200
    assert browser.sign_in("moi", NEW).status == 303


@pytest.mark.parametrize(
    ("present", "new", "again", "says"),
    [
        (PASSWORD, NEW, NEW + "x", "chưa giống nhau"),
        (PASSWORD, "ngắn", "ngắn", "ít nhất 10"),
        ("sai mất rồi nhé", NEW, NEW, "Mật khẩu đang dùng chưa đúng"),
        (PASSWORD, PASSWORD, PASSWORD, "phải khác"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    browser: Browser, lan: Staff, present: str, new: str, again: str, says: str
) -> None:
    browser.sign_in("lan")
    answer = browser.send(
        "/tu-van/mat-khau", {"password": present, "password_new": new, "password_again": again}
    )
    assert answer.status == 422
    assert says in answer.text
    assert present not in answer.text
    assert browser.sign_in("lan").status == 303


# --- accounts ----------------------------------------------------------------------------


def test_an_admin_adds_someone_who_can_sign_in(made: MadeConsole, admin: Browser) -> None:
    answer = admin.send("/tu-van/nguoi", {"name": "Tam.Le", "shown": "Lê Tám", "role": "lead"})
    found = re.search(r'id="mat-khau-mot-lan">([\w-]+)<', answer.text)
    assert found
    assert found[1] not in admin.get("/tu-van/nguoi").text
    with made.browser() as other:
        assert other.sign_in("tam.le", found[1]).status == 303
        assert other.get("/tu-van").to.startswith("/tu-van/mat-khau")
    assert Action.USER_ADDED in actions(made)


def test_an_account_that_cannot_be_added_keeps_what_was_typed(admin: Browser) -> None:
    answer = admin.send("/tu-van/nguoi", {"name": "Đào", "shown": "Chị <Đào>", "role": "lead"})
    assert answer.status == 422
    assert "Tên đăng nhập gồm" in answer.text
    assert 'value="Chị &lt;Đào&gt;"' in answer.text
    assert admin.send("/tu-van/nguoi", {"name": "dao", "shown": "Đào"}).status == 422
    assert admin.send("/tu-van/nguoi", {"name": "dao", "role": "king"}).status == 422


def test_an_admin_changes_role_password_and_access(
    made: MadeConsole, admin: Browser, lan: Staff
) -> None:
    one = f"/tu-van/nguoi/{lan.id}"
    done = admin.send(f"{one}/vai-tro", {"role": "lead"})
    assert done.to == "/tu-van/nguoi?xong=vai-tro"
    assert "Đã đổi vai trò" in admin.get(done.to).text
    assert made.accounts.named("lan").staff.role is Role.LEAD
    reset = admin.send(f"{one}/mat-khau")
    assert 'id="mat-khau-mot-lan"' in reset.text
    with made.browser() as other:
        assert other.sign_in("lan").status == 401
        admin.send(f"{one}/khoa")
        assert not made.accounts.named("lan").active
        assert "Đã khóa" in admin.get("/tu-van/nguoi").text
        admin.send(f"{one}/mo")
        assert made.accounts.named("lan").active


def test_what_an_admin_may_not_do_is_said(made: MadeConsole, admin: Browser) -> None:
    me = made.accounts.named("admin").staff.id
    assert admin.send(f"/tu-van/nguoi/{me}/khoa").status == 422
    assert admin.send(f"/tu-van/nguoi/{me}/vai-tro", {"role": "lead"}).status == 422
    assert "Đổi mật khẩu" in admin.send(f"/tu-van/nguoi/{me}/mat-khau").text
    assert admin.send("/tu-van/nguoi/99999999999999999999/khoa").status == 422
    assert admin.send("/tu-van/nguoi/khong/khoa").status in {404, 405}
    assert made.accounts.check("admin", PASSWORD, "x").role is Role.ADMIN


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.LEAD])
def test_nobody_else_touches_accounts(made: MadeConsole, browser: Browser, role: Role) -> None:
    made.person("minh", role)
    lan = made.person("lan")
    browser.sign_in("minh")
    for path in (
        "",
        f"/{lan.id}/vai-tro",
        f"/{lan.id}/khoa",
        f"/{lan.id}/mo",
        f"/{lan.id}/mat-khau",
    ):
        fields = {"role": "admin", "name": "x1", "shown": "X"}
        assert browser.send(f"/tu-van/nguoi{path}", fields).status == 403
    assert [one.staff.role for one in made.accounts.list()] == [Role.COUNSELLOR, role]
    assert made.accounts.named("lan").active


def test_names_are_only_text(made: MadeConsole, admin: Browser) -> None:
    made.accounts.add("x1", '<img src=x onerror="alert(1)">', Role.COUNSELLOR)
    for page in ("/tu-van/nguoi", "/tu-van/nhat-ky"):
        assert "<img" not in admin.get(page).text


# --- the trail ---------------------------------------------------------------------------


def test_the_trail_is_narrowed_and_turned(made: MadeConsole, admin: Browser, lan: Staff) -> None:
    for number in range(PAGE_OF + 1):
        made.audit.note(lan, Action.VIEW, target=f"<hồ sơ {number}>")
    page = admin.get(f"/tu-van/nhat-ky?nguoi={lan.id}&viec=view").text
    assert page.count("&lt;hồ sơ ") == PAGE_OF
    older = re.search(r'href="(/tu-van/nhat-ky\?[^"]*truoc=\d+)"', page)
    assert older
    last = admin.get(older[1].replace("&amp;", "&")).text
    assert "&lt;hồ sơ 0&gt;" in last
    assert last.count("&lt;hồ sơ ") == 1
    assert "Không có việc nào" in admin.get("/tu-van/nhat-ky?den=2020-01-01").text
    day = f"{made.at:%Y-%m-%d}"
    assert "hồ sơ 50" in admin.get(f"/tu-van/nhat-ky?tu={day}&den={day}").text


@pytest.mark.parametrize(
    "query",
    ["nguoi=x", "nguoi=99999999999999999999", "truoc=-1", "tu=hôm+qua", "viec=%00", "tu=0001-01-01",
     "den=9999-12-31", "nguoi=²"],
)  # fmt: skip
def test_made_up_filters_do_no_harm(admin: Browser, query: str) -> None:
    assert admin.get(f"/tu-van/nhat-ky?{query}").status == 200


# --- files and frame ---------------------------------------------------------------------


def test_the_pages_load_only_what_is_served(admin: Browser) -> None:
    page = admin.get("/tu-van/nguoi").text
    loaded = set(re.findall(r'(?:src|href)="(/tu-van/static/[^"]+)"', page))
    assert {path.rpartition("/")[2] for path in loaded} >= {
        "desk.css", "frame.js", "htmx.js", "mark.svg",
    }  # fmt: skip
    for path in loaded:
        answer = admin.get(path)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("name", ["../guard.py", "..%2fguard.py", "nothing.js", "%00"])
def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    at = STATIC_AT.search(fragment("refusal.html", message=""))
    assert at
    assert browser.get(f"{at[0]}/{name}").status in {303, 404}


def test_what_is_loaded_names_no_other_machine() -> None:
    for name in ("desk.css", "frame.js"):
        assert not re.search(r"https?:|url\(", (STATIC / name).read_text(encoding="utf-8"))
