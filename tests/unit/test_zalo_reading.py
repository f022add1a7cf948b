"""Events of the Zalo Bot Platform, as they are seen and as they are feared."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import FileKind, Incoming, UpdateKind
from bot.channels.zalo_bot.reading import events_in, is_echo, parsed, read

BOT = "1459232241454765289"
ANNA = "0a1b2c3d4e5f60718293"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SENT = datetime(2026, 11, 23, 2, 59, 30, 250_000, tzinfo=UTC)


def event(kind: str = "text", **message: Any) -> dict[str, Any]:
    return {
        "event_name": f"message.{kind}.received",
        "message": {
            "message_id": "d41d8cd98f00b204e980",
            "date": int(SENT.timestamp() * 1000),
            "from": {"id": ANNA, "display_name": "Nguyễn Thị Anna", "is_bot": False},
            "chat": {"id": ANNA, "chat_type": "PRIVATE"},
            **message,
        },
    }


def taken(said: dict[str, Any]) -> Incoming:
    incoming = read(said, BOT, NOW)
    assert incoming is not None
    return incoming


def test_a_text() -> None:
    incoming = taken(event(text="cty nợ lương"))
    assert incoming == Incoming(
        channel="zalo_bot",
        chat_id=ANNA,
        update_id="d41d8cd98f00b204e980",
        remote_id="d41d8cd98f00b204e980",
        text="cty nợ lương",
        sent_at=SENT,
    )


def test_no_name_of_a_person_is_read() -> None:
    assert "Anna" not in repr(taken(event(text="x")))


def test_text_comes_composed() -> None:
    assert taken(event(text=unicodedata.normalize("NFD", "nghỉ việc"))).text == "nghỉ việc"


@pytest.mark.parametrize(
    "body",
    [
        event(text="x"),
        {"ok": True, "result": event(text="x")},
        [event(text="x")],
        {"ok": True, "result": [event(text="x")]},
    ],
)
def test_an_event_is_found_in_every_envelope(body: object) -> None:
    assert events_in(body) == [event(text="x")]


@pytest.mark.parametrize(
    "body", [None, 1, "x", [], {}, [1, None], {"ok": True}, {"ok": True, "result": None}]
)
def test_where_there_is_no_event_none_is_found(body: object) -> None:
    assert events_in(body) == []


def test_a_polled_event_without_name_is_read_by_its_fields() -> None:
    said = event(text="x")
    del said["event_name"]
    assert taken(said).text == "x"


@pytest.mark.parametrize("field", ["photo_url", "photo"])
def test_a_picture_with_its_caption(field: str) -> None:
    said = event("image", **{field: "https://f.zdn.vn/a/b.jpg?x=1"}, caption="bảng lương")
    incoming = taken(said)
    (file,) = incoming.files
    assert (file.kind, file.remote) == (FileKind.PHOTO, "https://f.zdn.vn/a/b.jpg?x=1")
    assert (file.media_type, incoming.text) == ("image/jpeg", "bảng lương")
    assert "f.zdn.vn" not in repr(incoming)


def test_a_recording() -> None:
    (file,) = taken(event("voice", voice_url="https://v.zdn.vn/1.aac")).files
    assert (file.kind, file.remote) == (FileKind.VOICE, "https://v.zdn.vn/1.aac")
    assert file.media_type == "audio/aac"


def test_a_sticker_has_nothing_to_fetch() -> None:
    (file,) = taken(event("sticker", sticker="0e07", url="https://s.zdn.vn/1.png")).files
    assert (file.kind, file.remote) == (FileKind.STICKER, "")


@pytest.mark.parametrize(
    "said",
    [
        event("unsupported"),
        event("image"),
        event("image", photo_url=7, photo={"a": "b"}),
        event("image", photo_url="https://f.zdn.vn/" + "x" * 5000),
        event("voice", voice_url="https://v.zdn.vn/a b\n.aac"),
        event("video", video="v1"),
        event("text", text=""),
        event("text", text=["x"]),
    ],
)
def test_what_is_not_handed_over_is_taken_as_withheld(said: dict[str, Any]) -> None:
    incoming = taken(said)
    assert [file.kind for file in incoming.files] == [FileKind.WITHHELD]
    assert (incoming.kind, incoming.text) == (UpdateKind.MESSAGE, "")


def test_unsupported_without_message_reaches_nobody() -> None:
    assert read({"event_name": "message.unsupported.received"}, BOT, NOW) is None


def test_unsupported_without_message_is_taken_where_the_event_tells_the_chat() -> None:
    bare = {"event_name": "message.unsupported.received", "from": {"id": ANNA}}
    incoming = taken(bare)
    assert (incoming.chat_id, incoming.files[0].kind) == (ANNA, FileKind.WITHHELD)


def test_a_link_is_its_words() -> None:
    assert taken(event("link", url="https://vi.du/1")).text == "https://vi.du/1"


@pytest.mark.parametrize("name", ["message.reaction.received", "user.followed", "x" * 5000])
def test_events_nobody_speaks_in_are_passed_over(name: str) -> None:
    assert read({**event(), "event_name": name}, BOT, NOW) is None


@pytest.mark.parametrize(
    "sender", [{"id": BOT}, {"id": BOT, "is_bot": False}, {"id": "9", "is_bot": True}]
)
def test_our_own_words_are_dropped(sender: dict[str, Any]) -> None:
    said = event(text="x", **{"from": sender})
    assert is_echo(said, BOT)
    assert read(said, BOT, NOW) is None


def test_a_person_is_no_echo_while_our_id_is_unknown() -> None:
    assert read(event(text="x"), None, NOW) is not None


@pytest.mark.parametrize(
    "chat", [{"id": "g1", "chat_type": "GROUP"}, {"id": "g1", "chat_type": "group"}, {"id": "g1"}]
)
def test_words_and_pictures_of_a_group_are_not_taken(chat: dict[str, Any]) -> None:
    for said in (event(text="giám đốc nợ lương"), event("image", photo="https://f.zdn.vn/1.jpg")):
        said["message"]["chat"] = chat
        incoming = taken(said)
        assert (incoming.kind, incoming.chat_id) == (UpdateKind.GROUP, "g1")
        assert (incoming.text, incoming.files) == ("", ())


@pytest.mark.parametrize(
    ("date", "at"),
    [
        (1_795_402_770_250, SENT),
        (1_795_402_770.25, SENT),
        ("1795402770250", SENT),
        (None, NOW),
        (True, NOW),
        (0, NOW),
        (-5, NOW),
        ("hôm qua", NOW),
        (float("nan"), NOW),
        (float("inf"), NOW),
        (10**400, NOW),
        (1_995_402_770_250, NOW),
        ({"a": 1}, NOW),
    ],
)
def test_dates(date: object, at: datetime) -> None:
    assert taken(event(text="x", date=date)).sent_at == at


def test_without_an_id_the_same_event_is_the_same_update() -> None:
    one, again, other = event(text="x"), event(text="x"), event(text="y")
    for said in (one, again, other):
        del said["message"]["message_id"]
    ids = [taken(said).update_id for said in (one, {**again}, other)]
    assert ids[0] == ids[1] != ids[2]
    assert taken(one).remote_id is None


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\x00b", " a", "\ud800", 1.5, None, True, ["a"]])
def test_unusable_ids(bad: object) -> None:
    assert taken(event(text="x", message_id=bad)).update_id.startswith("e-")
    lost = event(text="x", chat={"id": bad, "chat_type": "PRIVATE"}, **{"from": {"id": bad}})
    assert read(lost, BOT, NOW) is None


def test_half_a_character_is_replaced() -> None:
    said = json.loads(json.dumps(event(text="PLACE")).replace("PLACE", "a\\ud83d b"))
    assert taken(said).text == "a\ufffd b"


@pytest.mark.parametrize("depth", [40, 5000, 200_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    for body in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        with pytest.raises(ValueError, match="nested"):
            parsed(body)


def test_what_is_nested_a_little_is_read() -> None:
    assert parsed(b"[" * 30 + b"]" * 30)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    name=_JSON | st.sampled_from(["message.text.received", "message.image.received"]),
    message=st.dictionaries(
        st.sampled_from(
            ["message_id", "date", "text", "photo_url", "photo", "caption", "voice_url", "sticker"]
        ),
        _JSON,
    ),
    sender=_JSON | st.fixed_dictionaries({"id": _JSON}),
    chat=_JSON | st.fixed_dictionaries({"id": _JSON, "chat_type": _JSON}),
)
def test_nothing_in_an_event_breaks_the_reading(
    name: object, message: dict[str, Any], sender: object, chat: object
) -> None:
    said = {"event_name": name, "message": {**message, "from": sender, "chat": chat}}
    for one in events_in(said):
        incoming = read(one, BOT, NOW)
        assert incoming is None or 0 < len(incoming.update_id) <= 200
