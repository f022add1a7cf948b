"""What Telegram's updates mean to us, and which of them are none of our business."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Update

from bot.channels.port import FileKind, Incoming, UpdateKind
from bot.channels.telegram.reading import Me, read

ME = Me(7_812_345_678, "CauNoi_bot")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SENT = 1_772_400_000
AN = 5_400_000_001
DESK, GROUP = -1_001_900_000_001, -1_001_900_000_002

PERSON = {
    "id": AN,
    "is_bot": False,
    "first_name": "Nguyễn Thị Bí Mật",
    "last_name": "Họ Kín",
    "username": "bimat",
}
BOT = {"id": ME.id, "is_bot": True, "first_name": "Cầu Nối", "username": ME.username}
PRIVATE = {"id": AN, "type": "private", "first_name": "Nguyễn Thị Bí Mật"}
FILE = {"file_unique_id": "u", "file_size": 1234}


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 41, "date": SENT, "chat": PRIVATE, "from": PERSON, **fields}


def taken(update: dict[str, Any]) -> Incoming | None:
    parsed = Update.de_json({"update_id": 900, **update}, None)
    return read(parsed, ME, {DESK}, NOW)


def said(**fields: Any) -> Incoming:
    incoming = taken({"message": message(**fields)})
    assert incoming is not None
    return incoming


def in_group(chat: int = GROUP, **fields: Any) -> Incoming | None:
    place = {"id": chat, "type": "supergroup", "title": "Xưởng may 2"}
    return taken({"message": message(chat=place, **fields)})


def test_a_private_text() -> None:
    incoming = said(text=unicodedata.normalize("NFD", "  Nghỉ việc báo trước mấy ngày?\u202e "))
    assert incoming == Incoming(
        channel="telegram",
        chat_id=str(AN),
        update_id="900",
        text="Nghỉ việc báo trước mấy ngày?",
        remote_id="41",
        sent_at=datetime.fromtimestamp(SENT, UTC),
    )


def test_no_name_and_no_number_is_read() -> None:
    contact = {"phone_number": "+84901234567", "first_name": "Nguyễn Thị Bí Mật"}
    for incoming in (
        said(text="chào"),
        said(contact=contact),
        taken({"edited_message": message(text="chào", edit_date=SENT)}),
    ):
        assert incoming is not None
        shown = repr(incoming)
        assert not any(part in shown for part in ("Bí Mật", "Họ Kín", "bimat", "0901234567"))
        assert "84901234567" not in shown


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("/tuvan@CauNoi_bot", "/tuvan"),
        ("/tuvan@caunoi_BOT gặp chị Lan", "/tuvan gặp chị Lan"),
        ("/start abc", "/start abc"),
        ("/tuvan@AnotherBot", "/tuvan@AnotherBot"),
        ("hỏi @CauNoi_bot", "hỏi @CauNoi_bot"),
        ("/", "/"),
    ],
)
def test_commands_lose_our_name(text: str, read_as: str) -> None:
    assert said(text=text).text == read_as


def test_the_largest_size_of_a_picture() -> None:
    sizes = [
        {**FILE, "file_id": "s", "width": 90, "height": 60},
        {**FILE, "file_id": "l", "width": 1280, "height": 900},
        {**FILE, "file_id": "m", "width": 320, "height": 200},
    ]
    incoming = said(photo=sizes, caption="phiếu lương", media_group_id="1301")
    (file,) = incoming.files
    assert (file.kind, file.remote, file.media_type) == (FileKind.PHOTO, "l", "image/jpeg")
    assert (incoming.text, incoming.album) == ("phiếu lương", "1301")


@pytest.mark.parametrize(
    ("fields", "kind", "name", "media_type"),
    [
        (
            {"document": {"file_name": "hợp\x00 đồng\u202e.pdf", "mime_type": "application/pdf"}},
            FileKind.DOCUMENT,
            "hợp đồng.pdf",
            "application/pdf",
        ),
        ({"document": {}}, FileKind.DOCUMENT, "", ""),
        ({"voice": {"duration": 3}}, FileKind.VOICE, "", "audio/ogg"),
        (
            {"audio": {"duration": 3, "file_name": "họp.m4a", "mime_type": "audio/mp4"}},
            FileKind.VOICE,
            "họp.m4a",
            "audio/mp4",
        ),
        (
            {"video": {"width": 1, "height": 1, "duration": 1, "mime_type": "video/mp4"}},
            FileKind.VIDEO,
            "",
            "video/mp4",
        ),
        ({"video_note": {"length": 1, "duration": 1}}, FileKind.VIDEO, "", "video/mp4"),
        (
            {
                "animation": {"width": 1, "height": 1, "duration": 1, "file_name": "a.mp4"},
                "document": {"file_name": "a.mp4"},
            },
            FileKind.VIDEO,
            "a.mp4",
            "",
        ),
    ],
)
def test_files(fields: dict[str, Any], kind: FileKind, name: str, media_type: str) -> None:
    incoming = said(**{field: {**FILE, "file_id": "f", **more} for field, more in fields.items()})
    (file,) = incoming.files
    assert (file.kind, file.name, file.media_type) == (kind, name, media_type)
    assert (file.remote, file.size) == ("f", 1234)
    assert incoming.text == ""


def test_a_sticker_has_nothing_to_fetch() -> None:
    sticker = {
        **FILE,
        "file_id": "f",
        "width": 1,
        "height": 1,
        "is_animated": False,
        "is_video": False,
        "type": "regular",
        "emoji": "😢",
    }
    (file,) = said(sticker=sticker).files
    assert (file.kind, file.remote, file.name) == (FileKind.STICKER, "", "😢")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"location": {"latitude": 10.7, "longitude": 106.6}}, "[vị trí]"),
        (
            {
                "venue": {
                    "location": {"latitude": 10.7, "longitude": 106.6},
                    "title": "Nhà riêng",
                    "address": "Số 1",
                },
                "location": {"latitude": 10.7, "longitude": 106.6},
            },
            "[vị trí]",
        ),
        ({"contact": {"phone_number": "1", "first_name": "A"}}, "[danh thiếp]"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "🎲"),
    ],
)
def test_words_in_place_of_what_has_none(fields: dict[str, Any], words: str) -> None:
    incoming = said(**fields)
    assert (incoming.text, incoming.files) == (words, ())


def test_what_the_library_does_not_know_is_said_to_be_unreadable() -> None:
    (file,) = said(something_of_next_year={"blocks": []}).files
    assert (file.kind, file.remote) == (FileKind.WITHHELD, "")
    # Beside words a new field is no news.
    assert said(text="chào", something_of_next_year={"blocks": []}).files == ()


def test_an_edit_names_the_message_it_changes() -> None:
    incoming = taken({"edited_message": message(text="2 tháng rồi", edit_date=SENT + 60)})
    assert incoming is not None
    assert (incoming.kind, incoming.remote_id, incoming.text) == (
        UpdateKind.EDIT,
        "41",
        "2 tháng rồi",
    )
    assert incoming.sent_at == datetime.fromtimestamp(SENT + 60, UTC)


def press(data: str | None = "12.o3", **fields: Any) -> Incoming | None:
    asked = {"message_id": 40, "date": SENT, "chat": PRIVATE, "from": BOT, "text": "Chọn:"}
    query = {"id": "1", "from": PERSON, "chat_instance": "1", "message": asked, **fields}
    if data is not None:
        query["data"] = data
    return taken({"callback_query": query})


def test_a_pressed_button() -> None:
    incoming = press()
    assert incoming is not None
    assert (incoming.choice, incoming.text, incoming.chat_id) == ("12.o3", "", str(AN))
    assert (incoming.kind, incoming.sent_at) == (UpdateKind.MESSAGE, NOW)
    # Of a message too old for Telegram to show; its date is 0.
    old = {"message_id": 40, "date": 0, "chat": PRIVATE}
    again = press(message=old)
    assert again is not None
    assert again.choice == "12.o3"


@pytest.mark.parametrize(
    "fields",
    [
        {"data": None},
        {"data": "x" * 65},
        {"data": "đ" * 33},
        {"message": None},
        {"from": {**PERSON, "id": AN + 1}},
        {"from": BOT},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": DESK, "type": "supergroup"}}},
    ],
)
def test_presses_that_are_none(fields: dict[str, Any]) -> None:
    assert press(fields.pop("data", "12.o3"), **fields) is None


@pytest.mark.parametrize(
    ("status", "kind"), [("kicked", UpdateKind.BLOCKED), ("member", UpdateKind.UNBLOCKED)]
)
def test_blocking(status: str, kind: UpdateKind) -> None:
    def change(chat: dict[str, Any]) -> Incoming | None:
        old = {"user": BOT, "status": "member"}
        new = {"user": BOT, "status": status, **({"until_date": 0} if status == "kicked" else {})}
        member = {
            "chat": chat,
            "from": PERSON,
            "date": SENT,
            "old_chat_member": old,
            "new_chat_member": new,
        }
        return taken({"my_chat_member": member})

    incoming = change(PRIVATE)
    assert incoming is not None
    assert (incoming.kind, incoming.chat_id, incoming.text) == (kind, str(AN), "")
    assert change({"id": GROUP, "type": "supergroup"}) is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"text": "@CauNoi_bot hỏi về tăng ca"}, "hỏi về tăng ca"),
        ({"text": "ơi @caunoi_BOT, lương?"}, "ơi , lương?"),
        ({"caption": "@CauNoi_bot xem giúp"}, "xem giúp"),
        ({"text": "/tuvan"}, "/tuvan"),
        ({"text": "/tuvan@CauNoi_bot"}, "/tuvan"),
        ({"text": "còn ngày lễ?", "reply_to_message": message(**{"from": BOT, "text": "a"})},
         "còn ngày lễ?"),
        (
            {
                "text": "Cầu Nối ơi",
                "entities": [{"type": "text_mention", "offset": 0, "length": 7, "user": BOT}],
            },
            "Cầu Nối ơi",
        ),
    ],
)  # fmt: skip
def test_what_is_said_to_us_in_a_group(fields: dict[str, Any], text: str) -> None:
    incoming = in_group(**fields)
    assert incoming is not None
    assert (incoming.kind, incoming.chat_id) == (UpdateKind.GROUP, str(GROUP))
    assert (incoming.text, incoming.files) == (text, ())
    assert in_group(DESK, **fields) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "trưa nay ăn gì"},
        {"text": "viết cho x@CauNoi_bot"},
        {"text": "@CauNoi_bot2 chào"},
        {"text": "/tuvan@Other_bot"},
        {"text": "/help"},
        {"text": "ừ", "reply_to_message": message(text="@CauNoi_bot chào")},
        {"text": "@CauNoi_bot", "from": {**BOT, "id": 1}},
        {"new_chat_title": "Xưởng may 3"},
        {"migrate_to_chat_id": -1_001_900_000_009},
        {"new_chat_members": [BOT]},
        {"photo": [{**FILE, "file_id": "l", "width": 2, "height": 2}]},
    ],
)
def test_what_others_say_in_a_group_is_not_read(fields: dict[str, Any]) -> None:
    assert in_group(**fields) is None


def test_edits_in_groups_are_not_read() -> None:
    place = {"id": GROUP, "type": "supergroup", "title": "Xưởng"}
    edited = message(chat=place, text="@CauNoi_bot chào", edit_date=SENT)
    assert taken({"edited_message": edited}) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"something_new": {"a": 1}},
        {"channel_post": message(chat={"id": -100, "type": "channel", "title": "K"}, text="a")},
        {"message": message(**{"from": {**PERSON, "is_bot": True}, "text": "a"})},
        {"message": {k: v for k, v in message(text="a").items() if k != "from"}},
        {"message": message(pinned_message=message(text="a"))},
        {"message": message(text="\u200b\u202e")},
        {
            "edited_message": message(
                location={"latitude": 1.0, "longitude": 1.0}, edit_date=SENT + 5
            )
        },
    ],
)
def test_updates_that_say_nothing_to_us(update: dict[str, Any]) -> None:
    assert taken(update) is None
