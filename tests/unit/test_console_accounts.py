"""The people at the desk: names, passwords, guessing, roles."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from console_made import KEY, PASSWORD, MadeConsole, hash_quickly
from sqlalchemy import select, update
from starlette.requests import Request

from bot.cases.states import Role
from bot.console.desk import passwords
from bot.console.desk.accounts import AccountRefused, first_account
from bot.console.desk.audit import Action
from bot.console.desk.door import FREE_FAILURES, TRIES_AT_ONCE, SignInRefused, TooManyTries
from bot.console.desk.logins import COOKIE
from bot.console.desk.passwords import WeakPassword
from bot.store.database import Database
from bot.store.desk_models import AuditEntry, Login, User


@pytest.fixture
def made(database: Database, monkeypatch: pytest.MonkeyPatch) -> MadeConsole:
    hash_quickly(monkeypatch)
    return MadeConsole(database)


def refused(made: MadeConsole, name: str, password: str = "không đúng đâu") -> str:
    with pytest.raises(SignInRefused) as said:
        made.accounts.check(name, password, "1.2.3.4")
    return str(said.value)


def row(made: MadeConsole, name: str) -> User:
    with made.database.read() as session:
        found = session.scalars(select(User).where(User.name == name)).one()
        session.expunge(found)
        return found


def logins(made: MadeConsole) -> int:
    with made.database.read() as session:
        return len(session.scalars(select(Login)).all())


# --- passwords ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["ngắn quá", "aaaaaaaaaaaaaaaa", "lan.nguyen", "LanNguyen2026!", "Nguyễn Thị Lan", "x" * 201],
)
def test_weak_passwords_are_refused_with_words(password: str) -> None:
    with pytest.raises(WeakPassword, match="Mật khẩu"):
        passwords.check_strength(password, "lan.nguyen", "Nguyễn Thị Lan")


@pytest.mark.parametrize("password", [PASSWORD, "1a2b3c4d5e", "lan.nguyen thích cà phê"])
def test_other_passwords_are_not(password: str) -> None:
    passwords.check_strength(password, "lan.nguyen", "Nguyễn Thị Lan")


def test_a_name_without_letters_is_no_password_either() -> None:
    with pytest.raises(WeakPassword):
        passwords.check_strength("0912345678", "0912345678", "Lan")
    passwords.check_strength("0912345678", "0987654321", "0987654321")


def test_another_keyboard_types_the_same_password() -> None:
    kept = passwords.hashed(unicodedata.normalize("NFC", PASSWORD))
    assert passwords.verify(kept, unicodedata.normalize("NFD", PASSWORD))
    assert not passwords.verify(kept, PASSWORD + " ")


def test_odd_characters_are_only_wrong() -> None:
    assert not passwords.verify(passwords.hashed(PASSWORD), "\udcff\x00" * 500)
    assert not passwords.verify("not a hash", PASSWORD)
    assert not passwords.verify(None, PASSWORD)


def test_one_time_passwords_are_good_and_never_the_same() -> None:
    made = {passwords.one_time() for _ in range(100)}
    assert len(made) == 100
    for one in made:
        passwords.check_strength(one, "lan", "Lan")


def test_a_guess_costs_what_it_should() -> None:
    parameters = extract_parameters(passwords.hashed(PASSWORD))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_an_old_hash_is_made_anew_at_the_next_sign_in(made: MadeConsole) -> None:
    made.person("lan")
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with made.database.write() as session:
        session.execute(update(User).values(password=old))
    made.accounts.check("lan", PASSWORD, "here")
    kept = row(made, "lan").password
    assert kept != old
    assert not passwords.outdated(kept)
    assert made.accounts.check("lan", PASSWORD, "here").name == "lan"


# --- accounts ----------------------------------------------------------------------------


def test_the_first_password_must_be_changed(made: MadeConsole) -> None:
    first = made.accounts.add(" Lan.Nguyen ", "  Nguyễn   Thị Lan ", Role.LEAD)
    account = made.accounts.named("LAN.nguyen")
    assert (account.staff.name, account.staff.shown) == ("lan.nguyen", "Nguyễn Thị Lan")
    assert account.must_change
    staff = made.accounts.check("Lan.Nguyen", first, "here")
    assert staff.role is Role.LEAD
    made.accounts.change_password(staff, first, PASSWORD, "here")
    assert not made.accounts.named("lan.nguyen").must_change
    refused(made, "lan.nguyen", first)


@pytest.mark.parametrize("name", ["", "a", "Đào", "lan nguyen", "-lan", "a" * 65, "lan\n", "<b>"])
def test_login_names_are_plain(made: MadeConsole, name: str) -> None:
    with pytest.raises(AccountRefused, match="Tên đăng nhập"):
        made.accounts.add(name + "!" if name == "lan\n" else name, "Lan", Role.COUNSELLOR)


@pytest.mark.parametrize("shown", ["", " \u200b\u202e ", "x" * 101])
def test_everybody_is_called_something(made: MadeConsole, shown: str) -> None:
    with pytest.raises(AccountRefused, match="Tên hiển thị"):
        made.accounts.add("lan", shown, Role.COUNSELLOR)


def test_a_name_is_given_once(made: MadeConsole) -> None:
    made.accounts.add("lan", "Lan", Role.COUNSELLOR)
    with pytest.raises(AccountRefused, match="Đã có"):
        made.accounts.add("LAN", "Lan khác", Role.COUNSELLOR)


def test_of_two_who_give_a_name_at_once_one_is_refused(made: MadeConsole) -> None:
    def add(number: int) -> str:
        try:
            return made.accounts.add("lan", f"Lan {number}", Role.COUNSELLOR)
        except AccountRefused:
            return ""

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(add, range(4)))
    assert sum(map(bool, got)) == 1


def test_the_first_account_is_an_admin_and_made_once(made: MadeConsole) -> None:
    given = first_account(made.database)
    assert given is not None
    assert made.accounts.check(*given, "here").role is Role.ADMIN
    assert first_account(made.database) is None


# --- guessing ----------------------------------------------------------------------------


def test_a_refusal_is_the_same_whatever_the_reason(made: MadeConsole) -> None:
    made.person("lan")
    off = made.person("off")
    made.accounts.deactivate(off.id)
    said = {refused(made, "lan"), refused(made, "nobody"), refused(made, "off", PASSWORD)}
    said |= {refused(made, "lan") for _ in range(FREE_FAILURES)}
    said.add(refused(made, "lan", PASSWORD))
    assert len(said) == 1


def test_an_unknown_name_costs_a_hash_too(
    made: MadeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.person("lan")
    hasher = passwords._HASHER
    checked: list[str] = []

    class Watched:
        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    refused(made, "lan")
    refused(made, "nobody")
    known, unknown = map(extract_parameters, checked)
    assert known == unknown


def test_guessing_locks_the_name_for_longer_each_time(made: MadeConsole) -> None:
    made.person("lan")
    for _ in range(FREE_FAILURES):
        refused(made, "lan")
    made.move(minutes=14)
    refused(made, "lan", PASSWORD)
    made.move(minutes=2)
    refused(made, "lan")  # one more wrong one after the lock: twice as long
    made.move(minutes=29)
    refused(made, "lan", PASSWORD)
    made.move(minutes=2)
    assert made.accounts.check("lan", PASSWORD, "here").name == "lan"
    assert row(made, "lan").failures == 0


def test_a_lock_is_never_longer_than_a_day(made: MadeConsole) -> None:
    made.person("lan")
    with made.database.write() as session:
        session.execute(update(User).values(failures=500))
    refused(made, "lan")
    made.move(hours=24, minutes=1)
    assert made.accounts.check("lan", PASSWORD, "here").name == "lan"


def test_guesses_sent_all_at_once_are_counted(
    made: MadeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.person("lan")
    looked: list[str | None] = []

    def watched(kept: str | None, password: str) -> bool:
        looked.append(kept)
        return False

    monkeypatch.setattr(passwords, "verify", watched)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: refused(made, "lan"), range(24)))
    assert sum(kept is not None for kept in looked) == FREE_FAILURES


def test_the_present_password_cannot_be_guessed_by_changing_it(made: MadeConsole) -> None:
    lan = made.person("lan")
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInRefused):
            made.accounts.change_password(lan, "đoán thử xem sao", "câu mới rất dài", "here")
    refused(made, "lan", PASSWORD)


def test_one_machine_cannot_try_name_after_name(made: MadeConsole) -> None:
    for number in range(TRIES_AT_ONCE):
        refused(made, f"name{number}")
    with pytest.raises(TooManyTries) as stopped:
        made.accounts.check("name60", "x", "1.2.3.4")
    assert stopped.value.wait > 0
    with pytest.raises(SignInRefused):
        made.accounts.check("name1", "x", "5.6.7.8")
    made.ticks += 60
    refused(made, "later")


def test_the_audit_trail_has_the_name_and_never_the_password(made: MadeConsole) -> None:
    made.person("lan")
    refused(made, "lan", "mật khẩu gõ nhầm")
    with made.database.read() as session:
        rows = session.scalars(select(AuditEntry)).all()
        said = " ".join(f"{one.name} {one.target} {one.detail} {one.action}" for one in rows)
    assert "sign_in_refused" in said
    assert "gõ nhầm" not in said
    assert PASSWORD not in said


# --- changes by an admin -----------------------------------------------------------------


def recalled(made: MadeConsole, cookie: str) -> bool:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/tu-van",
        "query_string": b"",
        "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())],
    }
    return made.logins.recall(Request(scope)) is not None


def test_every_change_ends_the_logins_of_that_person_alone(made: MadeConsole) -> None:
    admin, lan = made.person("admin", Role.ADMIN), made.person("lan")
    stays = made.logins.open(admin)
    changes = (
        lambda: made.accounts.set_role(lan.id, Role.LEAD, by=admin),
        lambda: made.accounts.reset_password(lan.id, by=admin),
        lambda: made.accounts.deactivate(lan.id, by=admin),
        lambda: made.accounts.activate(lan.id, by=admin),
    )
    for change in changes:
        cookie = made.logins.open(lan)
        change()
        assert not recalled(made, cookie)
        assert recalled(made, stays)
    assert logins(made) == 1


def test_changing_ones_password_ends_ones_logins(made: MadeConsole) -> None:
    lan = made.person("lan")
    cookie = made.logins.open(lan)
    made.accounts.change_password(lan, PASSWORD, "câu khác cũng dài", "here")
    assert not recalled(made, cookie)


def test_the_new_password_must_be_new(made: MadeConsole) -> None:
    lan = made.person("lan")
    with pytest.raises(WeakPassword, match="khác"):
        made.accounts.change_password(lan, PASSWORD, unicodedata.normalize("NFD", PASSWORD), "here")


def test_a_role_that_stays_ends_nothing(made: MadeConsole) -> None:
    admin, lan = made.person("admin", Role.ADMIN), made.person("lan")
    cookie = made.logins.open(lan)
    made.accounts.set_role(lan.id, Role.COUNSELLOR, by=admin)
    assert recalled(made, cookie)


def test_nobody_switches_themselves_off_or_leaves_no_admin(made: MadeConsole) -> None:
    admin = made.person("admin", Role.ADMIN)
    with pytest.raises(AccountRefused, match="cuối cùng"):
        made.accounts.deactivate(admin.id)
    with pytest.raises(AccountRefused, match="cuối cùng"):
        made.accounts.set_role(admin.id, Role.LEAD)
    other = made.person("other", Role.ADMIN)
    with pytest.raises(AccountRefused, match="nhờ quản trị viên khác"):
        made.accounts.deactivate(admin.id, by=admin)
    made.accounts.deactivate(admin.id, by=other)
    with pytest.raises(AccountRefused, match="cuối cùng"):
        made.accounts.set_role(other.id, Role.LEAD)


def test_two_admins_cannot_remove_each_other(made: MadeConsole) -> None:
    one, two = made.person("one", Role.ADMIN), made.person("two", Role.ADMIN)

    def demote(pair: tuple[int, object]) -> str:
        try:
            made.accounts.set_role(pair[0], Role.LEAD, by=pair[1])  # type: ignore[arg-type]
        except AccountRefused as said:
            return str(said)
        return ""

    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(demote, [(one.id, two), (two.id, one)]))
    assert sorted(map(bool, got)) == [False, True]


def test_who_is_no_admin_any_more_changes_nothing(made: MadeConsole) -> None:
    admin, other = made.person("admin", Role.ADMIN), made.person("other", Role.ADMIN)
    made.accounts.set_role(other.id, Role.COUNSELLOR, by=admin)
    with pytest.raises(AccountRefused, match="không còn quyền"):
        made.accounts.deactivate(admin.id, by=other)
    with pytest.raises(AccountRefused, match="không còn quyền"):
        made.accounts.add("ma", "Ma", Role.ADMIN, by=other)


@pytest.mark.parametrize("user", [0, 99, 2**31, 2**70])
def test_an_account_that_is_not_there_is_said(made: MadeConsole, user: int) -> None:
    with pytest.raises(AccountRefused, match="Không còn"):
        made.accounts.deactivate(user)


def test_a_reset_unlocks(made: MadeConsole) -> None:
    lan = made.person("lan")
    for _ in range(FREE_FAILURES):
        refused(made, "lan")
    first = made.accounts.reset_password(lan.id)
    assert made.accounts.check("lan", first, "here").name == "lan"


# --- the trail ---------------------------------------------------------------------------


def test_the_trail_is_read_by_person_action_and_day_in_pages(made: MadeConsole) -> None:
    admin, lan = made.person("admin", Role.ADMIN), made.person("lan")
    made.move(days=1)
    for number in range(5):
        made.audit.note(lan, Action.VIEW, target=f"hồ sơ {number}")
    refused(made, "lan")
    refused(made, "nobody")
    made.move(days=1)
    made.accounts.set_role(lan.id, Role.LEAD, by=admin)

    first = made.audit.page(user=lan.id, size=4)
    assert [one.action for one in first.entries] == [Action.SIGN_IN_REFUSED, *[Action.VIEW] * 3]
    rest = made.audit.page(user=lan.id, size=4, before=first.older)
    assert [one.target for one in rest.entries][:2] == ["hồ sơ 1", "hồ sơ 0"]
    assert rest.older is None
    assert len(made.audit.page(action=Action.SIGN_IN_REFUSED).entries) == 2
    newest = made.audit.page(since=made.at).entries
    assert [(one.who, one.target, one.detail) for one in newest] == [
        ("Người admin", "lan", "Tư vấn viên → Trưởng nhóm")
    ]
    older = made.audit.page(until=made.at).entries
    assert Action.USER_ROLE not in [one.action for one in older]


def test_what_is_too_long_is_cut_not_refused(made: MadeConsole) -> None:
    made.audit.note(None, "x", "đ" * 500, "đ" * 500, name="đ\x00" * 500)
    assert len(made.audit.page().entries[0].detail) == 300


def test_the_key_must_be_long(made: MadeConsole) -> None:
    with pytest.raises(ValueError, match="32"):
        type(made.logins)(made.database, KEY[:31])
