"""Buttons pressed by those they were not shown to, and names that are no names."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.conversation import wording
from bot.conversation.turn import AGREE
from bot.store.database import Database
from bot.store.models import Base, Chat, File, Message
from knowledge.asking import Asking
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.made_application import opened_index, running, settings

NOON, NOON_SAYS = "làm vườn có được nghỉ trưa không", "ngồi nghỉ bên giàn mướp"
PAY, PAY_SAYS = "bao giờ được trả công", "chiều thứ bảy"
PEOPLE = iter(range(5_400_000_001, 5_400_001_000))


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with opened_index(tmp_path_factory.mktemp("index")) as opened:
        yield opened


@dataclass
class House:
    """The application behind a Telegram bot that polls."""

    client: TestClient
    database: Database
    telegram: TelegramStandIn
    file: Path

    def person(self, **details: str) -> int:
        """Someone new."""
        return self.telegram.user(next(PEOPLE), **details)

    def heard(self, person: int) -> list[str]:
        """What the bot has said to someone."""
        return [each.text for each in self.telegram.sent(person)]

    def until(self, person: int, words: str, times: int = 1) -> None:
        """Wait until the bot has said something so often."""
        self.telegram.until(lambda: sum(words in each for each in self.heard(person)) >= times, 30)

    def asks(self, person: int, text: str, words: str) -> None:
        """Ask something and wait for the answer."""
        times = sum(words in each for each in self.heard(person)) + 1
        self.telegram.say(person, text)
        self.until(person, words, times)

    def buttons(self, person: int) -> list[tuple[int, str]]:
        """Each button the person was shown, with the message it stands under."""
        return [
            (sent.message_id, button["callback_data"])
            for sent in self.telegram.sent(person)
            for row in (sent.reply_markup or {}).get("inline_keyboard", [])
            for button in row
        ]

    def presses(self, person: int, message: int, data: str) -> None:
        """Press a button that was never there, until the waiting sign on it is gone."""
        query = self.telegram.press(person, message, data, forged=True)
        self.telegram.until(lambda: self.telegram.answer(query) is not None, 30)

    def everything(self) -> str:
        """All that is stored, of every table."""
        with self.database.read() as session:
            rows = [session.execute(select(each)).all() for each in Base.metadata.sorted_tables]
        return repr(rows)


@pytest.fixture(scope="module")
def house(
    knowledge: Asking, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    path = folder / "caunoi.sqlite3"
    shutil.copy(sqlite_template, path)
    with TelegramStandIn() as telegram:
        chosen = settings(folder, f"sqlite:///{path}", telegram=telegram)
        with running(chosen, knowledge) as client:
            database = Database(chosen.database_url)
            yield House(client, database, telegram, path)
            database.close()


def answer_buttons(house: House, person: int) -> list[tuple[int, str]]:
    """The buttons under answers: those that speak of a turn."""
    return [each for each in house.buttons(person) if each[1].partition(".")[0].isdigit()]


def test_a_button_of_somebody_elses_answer_says_nothing_of_it(house: House) -> None:
    an, binh = house.person(), house.person()
    house.asks(an, NOON, NOON_SAYS)
    house.asks(binh, "xin chào", wording.INVITE)
    own = house.telegram.sent(binh)[-1].message_id
    before = len(house.heard(an))
    shown = answer_buttons(house, an)
    assert shown, "there is a button to steal"
    for times, (_, data) in enumerate(shown, start=1):
        house.presses(binh, own, data)
        house.until(binh, wording.OLD_CHOICE, times)
    assert NOON_SAYS not in "".join(house.heard(binh))
    assert len(house.heard(an)) == before, "nothing happens in the chat it was taken from"
    with house.database.read() as session:
        said = session.scalars(
            select(Message.text)
            .join(Chat)
            .where(Chat.chat_id == str(binh), Message.author == "worker")
        ).all()
    assert set(said) == {"xin chào", ""}, "nor are its words shown as Bình's"


@pytest.mark.parametrize(
    "data",
    [
        "999999.o0",
        "0.full",
        "-1.o0",
        "1.o99999999999999999999",
        "1.o-1",
        "x.y",
        "\x00",
        "' OR 1=1 --",
        "<b>x</b>",
        "ệ" * 21,
        "a" * 64,
    ],
)
def test_an_invented_button_is_answered_kindly(house: House, data: str) -> None:
    an = house.person()
    house.asks(an, NOON, NOON_SAYS)
    house.presses(an, house.telegram.sent(an)[-1].message_id, data)
    # The next answer comes after whatever was said to the button.
    house.asks(an, PAY, PAY_SAYS)
    heard = house.heard(an)
    between = heard[next(at for at, said in enumerate(heard) if NOON_SAYS in said) + 1 : -1]
    assert len(between) == 1, heard
    assert between[0] in (wording.OLD_CHOICE, wording.NOTHING_SAID)


@pytest.mark.parametrize("data", ["a" * 65, "ệ" * 22, "a" * 5000, ""])
def test_a_button_longer_than_any_is_let_go(house: House, data: str) -> None:
    an = house.person()
    house.asks(an, NOON, NOON_SAYS)
    house.presses(an, house.telegram.sent(an)[-1].message_id, data)
    house.asks(an, PAY, PAY_SAYS)
    assert wording.FAILED not in house.heard(an)
    assert not data or data not in house.everything()


def test_a_button_of_an_answer_long_gone_is_answered_kindly(house: House) -> None:
    an = house.person()
    house.asks(an, NOON, NOON_SAYS)
    message, data = answer_buttons(house, an)[0]
    for _ in range(6):
        house.asks(an, PAY, PAY_SAYS)
    house.presses(an, message, data)
    house.until(an, wording.OLD_CHOICE)
    asked, _ = house.buttons(an)[0]
    house.presses(an, asked, AGREE.id)  # one of the welcome still means what it meant
    house.until(an, wording.agreed(90))


NAMES = (
    "<script>alert(1)</script>Hằng",
    "</b><b>Người \u202eđộc\u202c\x07",
    "Tên\x00Rỗng" + "\u200b" * 5,
    "{{7*7}}${7*7}%s",
)


@pytest.mark.parametrize("name", NAMES, ids=["script", "turned", "nul", "template"])
def test_a_name_is_kept_nowhere(house: House, name: str) -> None:
    an = house.person(first_name=name, last_name=name, username="ten_xau")
    house.asks(an, NOON, NOON_SAYS)
    group = house.telegram.group(title=name)
    house.telegram.say_in_group(group, an, f"@{house.telegram.username} {NOON}")
    house.until(group, wording.GROUP)
    kept = house.everything()
    for part in ("Hằng", "độc", "Rỗng", "7*7", "ten_xau"):
        assert part not in kept
    with sqlite3.connect(house.file) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert name.encode() not in house.file.read_bytes()
    assert all(name not in said for said in (*house.heard(an), *house.heard(group)))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
        ("hop\u202efdp.exe\x00\x1b[2J", "hopfdp.exe[2J"),
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\a\r\nb.pdf", "a b.pdf"),
        ("a" * 5000 + ".pdf", None),
    ],
)
def test_the_name_of_a_file_is_cleaned_and_shown_as_words(
    house: House, given: str, kept: str | None
) -> None:
    an = house.person()
    house.telegram.document(an, b"%PDF-1.4", given, caption="hop dong cua em")
    house.telegram.until(lambda: house.heard(an), 30)
    with house.database.read() as session:
        name = session.scalar(
            select(File.name).join(Chat, Chat.id == File.chat).where(Chat.chat_id == str(an))
        )
    assert name is not None
    assert len(name) <= 200
    assert kept is None or name == kept
    assert all(given not in said for said in house.heard(an)), "the bot repeats no name"
