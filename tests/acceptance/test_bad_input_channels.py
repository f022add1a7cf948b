"""What strangers post to the webhooks, and buttons pressed by those they were not shown to."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from starlette.testclient import TestClient

from bot import logs
from bot.conversation import wording
from bot.store.database import Database
from bot.store.models import Update
from knowledge.asking import Asking
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn
from tests.made_application import (
    TELEGRAM_HEADER,
    TELEGRAM_HOOK,
    ZALO_HEADER,
    ZALO_HOOK,
    opened_index,
    running,
    settings,
)

AN = 5_400_000_001
SECRET, OLD_SECRET = "bi-mat-dang-dung-hom-nay", "bi-mat-cua-nam-ngoai"
WORDS = "làm vườn có được nghỉ trưa không"
NUMBERS = count(1)
PAY, PAY_SAYS = "bao giờ được trả công", "mỗi tuần một lần vào chiều thứ bảy"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with opened_index(tmp_path_factory.mktemp("index")) as opened:
        yield opened


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def zalo() -> Iterator[ZaloStandIn]:
    with ZaloStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that is logged, at the most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("DEBUG", readable=False)
    root.setLevel("DEBUG")
    yield lambda: "".join(capsys.readouterr())
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@dataclass
class Hooks:
    """The application with both webhooks, as the two platforms and strangers see it."""

    client: TestClient
    database: Database
    telegram: TelegramStandIn
    zalo: ZaloStandIn

    def post(self, channel: str, body: Any, *secrets: str) -> int:
        """Post a body (bytes as they are) with these headers of a secret; the status."""
        path = TELEGRAM_HOOK if channel == "telegram" else ZALO_HOOK
        header = TELEGRAM_HEADER if channel == "telegram" else ZALO_HEADER
        headers = [("content-type", "application/json"), *((header, each) for each in secrets)]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=content, headers=headers).status_code

    def update(self, channel: str, text: str = WORDS) -> dict[str, Any]:
        """A message as the platform posts it."""
        number = next(NUMBERS)
        if channel == "telegram":
            person = {"id": AN, "is_bot": False, "first_name": "An"}
            chat = {"id": AN, "type": "private", "first_name": "An"}
            message = {"message_id": number, "date": 1_795_000_000, "chat": chat, "from": person}
            return {"update_id": number, "message": message | {"text": text}}
        message = {
            "message_id": f"m{number}",
            "date": 1_795_000_000_000,
            "from": {"id": self.zalo.chat("an"), "is_bot": False},
            "chat": {"id": self.zalo.chat("an"), "chat_type": "PRIVATE"},
            "text": text,
        }
        return {"event_name": "message.text.received", "message": message}

    def taken(self) -> int:
        """Updates in the inbox."""
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(Update)) or 0


Start = Callable[..., AbstractContextManager[Hooks]]


@pytest.fixture(scope="module")
def start(
    knowledge: Asking,
    telegram: TelegramStandIn,
    zalo: ZaloStandIn,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Start:
    """Starts the application with a secret, over a store of its own."""

    @contextmanager
    def start(secret: str, folder: Path | None = None) -> Iterator[Hooks]:
        folder = folder or tmp_path_factory.mktemp("house")
        path = folder / "caunoi.sqlite3"
        if not path.exists():
            shutil.copy(sqlite_template, path)
        chosen = settings(
            folder,
            f"sqlite:///{path}",
            telegram=telegram,
            zalo=zalo,
            telegram_webhook_secret=secret,
            zalo_webhook_secret=secret,
        )
        joined = telegram.call_count("setMyCommands"), len(zalo.calls("getMe"))
        database = Database(chosen.database_url)
        with running(chosen, knowledge) as client:
            # Before the bots know their own names nothing is taken.
            telegram.until(lambda: telegram.call_count("setMyCommands") > joined[0])
            zalo.until(lambda: len(zalo.calls("getMe")) > joined[1])
            yield Hooks(client, database, telegram, zalo)
        database.close()

    return start


@pytest.fixture(scope="module")
def hooks(start: Start, telegram: TelegramStandIn, zalo: ZaloStandIn) -> Iterator[Hooks]:
    # Both platforms know An as someone who has written; nobody told them of our webhooks.
    telegram.say(AN, "chào")
    zalo.say("an", "chào")
    with start(SECRET) as hooks:
        yield hooks


CHANNELS = pytest.mark.parametrize("channel", ["telegram", "zalo"])


@CHANNELS
@pytest.mark.parametrize(
    "secrets",
    [
        (),
        ("",),
        ("x",),
        (SECRET[:-1],),
        (SECRET + "x",),
        (SECRET.upper(),),
        (OLD_SECRET,),
        (SECRET, "x"),
        ("x", SECRET),
        (f"{SECRET}, {SECRET}",),
        ("a" * 60_000,),
    ],
    ids=lambda secrets: "+".join(each[:8] or "empty" for each in secrets) or "none",
)
def test_who_does_not_prove_who_they_are_is_not_heard(
    written: Callable[[], str], hooks: Hooks, channel: str, secrets: tuple[str, ...]
) -> None:
    before = hooks.taken()
    assert hooks.post(channel, hooks.update(channel), *secrets) in {401, 403}
    assert hooks.taken() == before
    said = written()
    for secret in (SECRET, OLD_SECRET, *filter(None, secrets)):
        assert len(secret) < 3 or secret not in said
    assert hooks.post(channel, hooks.update(channel), SECRET) == 200, "the platform is heard"
    assert hooks.taken() == before + 1
    said = written()
    assert SECRET not in said
    assert WORDS not in said


def test_a_secret_that_was_changed_is_worth_nothing(start: Start, tmp_path: Path) -> None:
    for secret, other in ((OLD_SECRET, SECRET), (SECRET, OLD_SECRET)):
        with start(secret, tmp_path) as hooks:
            for channel in ("telegram", "zalo"):
                before = hooks.taken()
                assert hooks.post(channel, hooks.update(channel), other) == 403
                assert hooks.taken() == before
                assert hooks.post(channel, hooks.update(channel), secret) == 200
                assert hooks.taken() == before + 1


@CHANNELS
def test_what_the_platform_posts_twice_is_answered_once(hooks: Hooks, channel: str) -> None:
    sent = (lambda: hooks.telegram.sent(AN)) if channel == "telegram" else hooks.zalo.sent

    def heard(words: str) -> int:
        return sum(words in each.text for each in sent())

    before, answers, thanks = hooks.taken(), heard(PAY_SAYS), heard(wording.THANKS)
    update = hooks.update(channel, PAY)
    assert [hooks.post(channel, update, SECRET) for _ in range(5)] == [200] * 5
    hooks.telegram.until(lambda: heard(PAY_SAYS) > answers, 30)
    # What comes after it in the same chat is answered after it: then nothing more is under way.
    assert hooks.post(channel, hooks.update(channel, "cảm ơn nhé"), SECRET) == 200
    hooks.telegram.until(lambda: heard(wording.THANKS) > thanks, 30)
    assert heard(PAY_SAYS) == answers + 1
    assert hooks.taken() == before + 2


def nested(levels: int, empty: bytes = b"1") -> bytes:
    return b'{"a":' * levels + empty + b"}" * levels


def crooked() -> list[tuple[str, bytes]]:
    """Bodies of no platform: each with a name."""
    whole = b'{"update_id": 900, "event_name": "message.text.received", "message": %s}'
    some = {
        "a string": b'"update"',
        "a number": b"7",
        "null": b"null",
        "a list": b"[]",
        "lists in lists": b"[" * 50_000 + b"]" * 50_000,
        "deep": nested(50_000),
        "deep in a message": whole % nested(500),
        "not JSON": b"{",
        "not UTF-8": b'{"update_id": 901, "message": "\xff\xfe"}',
        "infinite": b'{"update_id": Infinity, "message": NaN}',
        "a huge number": b'{"update_id": 1' + b"0" * 4000 + b"}",
        "five megabytes": whole % (b'{"text": "' + b"a" * 5_000_000 + b'"}'),
        "five megabytes of space": b" " * 5_000_000,
        "a message that is a word": whole % b'"xin chao"',
        "a message that is a list": whole % b"[1, 2]",
        "a chat that is a word": whole % b'{"message_id": "x", "chat": "an", "from": 5, "text": 7}',
        "an unknown event": b'{"update_id": 902, "event_name": "moon.rises", "moon": {"full": 1}}',
        "a name that is no name": b'{"update_id": 903, "event_name": {"a": 1}, "message": {}}',
        "an update of the other platform": b'{"ok": true, "result": {"result": {"result": []}}}',
    }
    return list(some.items())


@CHANNELS
@pytest.mark.parametrize(("name", "body"), crooked(), ids=[name for name, _ in crooked()])
def test_crooked_bodies_harm_nobody(
    written: Callable[[], str], hooks: Hooks, channel: str, name: str, body: bytes
) -> None:
    # What seems to be an update and cannot be read may be asked for again, but not for ever.
    before = hooks.taken()
    statuses = [hooks.post(channel, body, SECRET) for _ in range(3)]
    assert statuses[-1] in {200, 400, 413}, statuses
    assert set(statuses) <= {200, 400, 413, 503}
    assert hooks.taken() == before
    assert hooks.post(channel, body) in {401, 403}, "nothing is read of strangers"
    assert hooks.post(channel, hooks.update(channel), SECRET) == 200, "others are heard"
    assert hooks.taken() == before + 1
    said = written()
    assert SECRET not in said
    assert "xin chao" not in said
    assert "aaaaaaaa" not in said
    assert "Traceback" not in said
