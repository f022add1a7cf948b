"""What the Zalo stand-in takes and refuses, how polls behave, and its faults."""

from __future__ import annotations

import functools
import json
import threading
import time
import unicodedata
from typing import Any

import httpx
import pytest

from tests.contract.zalo_stand_in import ZaloStandIn
from tests.contract.zalo_stand_in.calling import SECRET, known, polled, polling, refused

pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)


PUBLIC = "https://bot.example.vn/zalo"


def test_every_form_of_parameters_is_taken(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    chat = known(zalo, zalo_api)
    words: dict[str, Any] = {"chat_id": chat, "text": "đủ dấu"}
    zalo_api.get("sendMessage", params=words)
    zalo_api.post("sendMessage", params=words)
    zalo_api.post("sendMessage", data=words)
    zalo_api.post("sendMessage", json=words)
    zalo_api.post("sendMessage", files={name: (None, value) for name, value in words.items()})
    assert [sent.text for sent in zalo.sent("Lan")] == ["đủ dấu"] * 5
    answer = zalo_api.post("sendMessage", json=words).json()
    assert set(answer["result"]) == {"message_id", "date"}
    assert len(bytes.fromhex(answer["result"]["message_id"])) == 10
    assert abs(answer["result"]["date"] / 1000 - time.time()) < 60
    assert zalo_api.post("sendChatAction", json={"chat_id": chat, "action": "typing"}).json() == {
        "ok": True
    }


BAD_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("sendMessage", {"text": "không có chat"}),
    ("sendMessage", {"chat_id": "0" * 20, "text": "chưa từng nhắn"}),
    ("sendMessage", {"chat_id": 17, "text": "số"}),
    ("sendMessage", {"chat_id": "Lan"}),
    ("sendMessage", {"chat_id": "Lan", "text": 17}),
    ("sendMessage", {"chat_id": "Lan", "text": "\ud83d"}),
    ("sendMessage", {"chat_id": "Lan", "text": "a", "parse_mode": "MarkdownV2"}),
    ("sendMessage", {"chat_id": "Lan", "text": "a", "text_styles": "không"}),
    (
        "sendMessage",
        {"chat_id": "Lan", "text": "😀", "text_styles": [{"start": 0, "len": 3, "st": ["b"]}]},
    ),
    (
        "sendMessage",
        {"chat_id": "Lan", "text": "ab", "text_styles": [{"start": 0, "len": 2, "st": ["f_12"]}]},
    ),
    ("sendPhoto", {"chat_id": "Lan", "photo": "trang.jpg"}),
    ("sendPhoto", {"chat_id": "Lan", "photo": "https://example.vn/a.jpg", "caption": ""}),
    ("sendSticker", {"chat_id": "Lan"}),
    ("sendVoice", {"chat_id": "Lan", "voice_url": "https://example.vn/a.mp3"}),
    ("sendChatAction", {"chat_id": "Lan", "action": "dancing"}),
    ("getUpdates", {"timeout": "soon"}),
    ("getUpdates", {"timeout": True}),
    ("getUpdates", {"timeout": -1}),
    ("getUpdates", {"timeout": "nan"}),
    ("setWebhook", {"url": PUBLIC}),
    ("setWebhook", {"url": PUBLIC, "secret_token": "7 chars"}),
    ("setWebhook", {"url": PUBLIC, "secret_token": "x" * 257}),
    ("setWebhook", {"url": "http://bot.example.vn/zalo", "secret_token": SECRET}),
    ("setWebhook", {"url": "https://localhost/zalo", "secret_token": SECRET}),
    ("setWebhook", {"url": "https://192.168.1.4/zalo", "secret_token": SECRET}),
    ("setWebhook", {"url": "", "secret_token": SECRET}),
    ("testWebhook", {}),
]


def test_bad_parameters_are_refused(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    chat = known(zalo, zalo_api)
    headers = {"Content-Type": "application/json"}
    taken = []
    for method, parameters in BAD_CALLS:
        if parameters.get("chat_id") == "Lan":
            parameters["chat_id"] = chat
        body = json.dumps(parameters)  # ASCII: half a pair of surrogates can be written
        answer = zalo_api.post(method, content=body, headers=headers)
        if refused(answer) != (400, 400, False):
            taken.append((method, parameters, answer.text))
    assert taken == []
    assert zalo.sent() == []


def test_what_is_no_call_is_refused(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    assert refused(zalo_api.post("sendmessage")) == (404, 404, False)
    assert refused(zalo_api.post("editMessage")) == (404, 404, False)
    assert refused(zalo_api.put("getMe")) == (400, 400, False)
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"[]", b"\xff\xfe{}", b"[" * 100_000):
        assert refused(zalo_api.post("getMe", content=body, headers=headers)) == (400, 400, False)
    assert refused(zalo_api.post("getMe", content=b"<a/>"))[0] == 400
    wrong = httpx.post(f"{zalo.address}/bot1:no/getMe", trust_env=False, verify=False)
    assert refused(wrong) == (401, 401, False)
    zalo.switches.error_status = "200"
    assert refused(zalo_api.post("editMessage")) == (200, 404, False)


def test_characters_are_counted_on_nfc(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    chat = known(zalo, zalo_api)
    decomposed = unicodedata.normalize("NFD", "ế") * 2000
    assert len(decomposed) == 6000
    answer = zalo_api.post("sendMessage", json={"chat_id": chat, "text": decomposed})
    assert answer.status_code == 200
    more = zalo_api.post("sendMessage", json={"chat_id": chat, "text": decomposed + "ế"})
    assert refused(more) == (400, 400, False)


def test_styles_and_voice_and_photo_without_caption(
    zalo: ZaloStandIn, zalo_api: httpx.Client
) -> None:
    chat = known(zalo, zalo_api)
    styles = [{"start": 0, "len": 2, "st": ["b", "f_13", "c_ff0000"]}]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("sendMessage", {"text": "😀", "text_styles": styles}),
        ("sendMessage", {"text": "a", "parse_mode": "html", "text_styles": "whatever"}),
        ("sendVoice", {"voice_url": "https://example.vn/a.aac?x=1"}),
        ("sendPhoto", {"photo": "https://example.vn/a.jpg"}),
    ]
    for method, parameters in calls:
        answer = zalo_api.post(method, json={"chat_id": chat, **parameters})
        assert answer.status_code == 200, answer.text
    assert [sent.method for sent in zalo.sent("Lan")] == [method for method, _ in calls]


def test_quotas(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.switches.quota_users, zalo.switches.quota_month = 2, 3
    for user in ("Lan", "Minh", "Hoa"):
        zalo.say(user, "chào")

    def send(user: str) -> int:
        words = {"chat_id": zalo.chat(user), "text": "chào bạn"}
        return zalo_api.post("sendMessage", json=words).status_code

    assert [send(user) for user in ("Lan", "Minh", "Hoa")] == [200, 200, 429]
    assert [send("Lan"), send("Lan")] == [200, 429]
    zalo.new_month()
    assert send("Lan") == 200
    zalo.new_month()
    zalo.switches.quota_counts_inbound = True
    for _ in range(3):
        zalo.say("Lan", "nữa")
    assert send("Lan") == 429


# --- polling ---


def test_a_poll_blocks_until_there_is_news(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    with polling(zalo, zalo_api) as answers:
        zalo.say("Lan", "chào")
    result = answers[0].json()["result"]
    assert isinstance(result, dict)
    assert set(result) == {"event_name", "message"}
    assert result["message"]["text"] == "chào"


def test_one_update_a_poll_and_each_once(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.say_all([("Lan", "một"), ("Minh", "hai")])
    zalo.switches.poll_names_event = False
    first = zalo_api.post("getUpdates", json={"timeout": 1}).json()["result"]
    second = zalo_api.get("getUpdates", params={"timeout": 1}).json()["result"]
    assert [first["message"]["text"], second["message"]["text"]] == ["một", "hai"]
    assert "event_name" not in first
    assert refused(zalo_api.post("getUpdates", json={"timeout": 0})) == (408, 408, False)


def test_consumed_updates_come_back_in_replay(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.switches.consumed = "replay"
    ids = zalo.say_all([("Lan", "một"), ("Minh", "hai")])

    def poll() -> str:
        answer = zalo_api.post("getUpdates", json={"timeout": 5}).json()
        return str(answer["result"]["message"]["message_id"])

    assert [poll() for _ in range(5)] == [*ids, *ids, ids[0]]
    fresh = zalo.say("Lan", "ba")
    assert poll() == fresh  # news before what was there
    assert zalo.handed(ids[0]) == 3


def test_what_nobody_hears_may_be_lost(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.switches.unheard, zalo.switches.hearing_seconds = "lost", 0
    zalo.say("Lan", "chưa ai nghe")
    with polling(zalo, zalo_api) as answers:
        zalo.say("Lan", "có người nghe")
    assert answers[0].json()["result"]["message"]["text"] == "có người nghe"
    zalo.say("Lan", "không còn ai nghe")
    zalo.switches.hearing_seconds = 60
    zalo.say("Lan", "vừa mới nghe")
    assert polled(zalo_api, 1) == ["vừa mới nghe"]
    assert zalo.figures()["lost"] == 2


def test_two_pollers_split_the_messages(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    taken: list[list[str]] = [[], []]

    def all_taken(count: int) -> bool:
        return len(taken[0]) + len(taken[1]) == count

    def poll(number: int) -> None:
        while not all_taken(20):
            answer = zalo_api.post("getUpdates", json={"timeout": 0.2}).json()
            if answer["ok"]:
                taken[number].append(answer["result"]["message"]["text"])

    pollers = [threading.Thread(target=poll, args=(number,)) for number in (0, 1)]
    for poller in pollers:
        poller.start()
    for number in range(20):
        zalo.until(functools.partial(all_taken, number))
        zalo.say("Lan", str(number))
    for poller in pollers:
        poller.join(5)
    assert sorted(map(int, taken[0] + taken[1])) == list(range(20))
    assert taken[0]
    assert taken[1]


def test_a_poller_that_hung_up_takes_nothing(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    with pytest.raises(httpx.ReadTimeout):
        zalo_api.post("getUpdates", json={"timeout": 20}, timeout=0.05)
    zalo.until(lambda: zalo._platform.updates._pollers == 0)
    zalo.say("Lan", "chào")
    assert zalo_api.post("getUpdates", json={"timeout": 1}).json()["ok"]


def test_an_update_may_be_lost_on_its_way(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.say("Lan", "chào")
    zalo.fail_next("getUpdates", "accepted-then-dropped")
    with pytest.raises(httpx.RemoteProtocolError):
        zalo_api.post("getUpdates", json={"timeout": 1})
    assert zalo_api.post("getUpdates", json={"timeout": 0}).status_code == 408


def test_faults_in_their_order_and_healed(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.fail_next("getMe", 502, times=2)
    zalo.fail_next("*", "not-object")
    statuses = [zalo_api.get("getMe").status_code for _ in range(2)]
    assert statuses == [502, 502]
    assert zalo_api.get("getMe").json() == []
    assert zalo_api.get("getMe").json()["ok"]
    zalo.fail_next("getMe", "drop", times=10**6)
    with pytest.raises(httpx.RemoteProtocolError):
        zalo_api.get("getMe")
    zalo.heal()
    assert zalo_api.get("getMe").json()["ok"]
    with pytest.raises(ValueError, match="no such fault"):
        zalo.fail_next("getMe", 418)
    assert [call.status for call in zalo.calls("getMe")] == [502, 502, 200, 200, None, 200]


def test_a_platform_that_goes_away_and_comes_back(
    zalo: ZaloStandIn, zalo_api: httpx.Client
) -> None:
    zalo.say("Lan", "trước")
    zalo.stop()
    with pytest.raises(httpx.ConnectError):
        zalo_api.post("getUpdates")
    zalo.say("Lan", "trong lúc")
    zalo.start()
    assert polled(zalo_api, 2) == ["trước", "trong lúc"]


def test_stopping_cuts_polls_and_hanging_calls(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.fail_next("getMe", "hang")
    ends: list[type[Exception]] = []

    def call(method: str) -> None:
        try:
            zalo_api.post(method)
        except httpx.TransportError as error:
            ends.append(type(error))

    callers = [threading.Thread(target=call, args=(name,)) for name in ("getUpdates", "getMe")]
    for caller in callers:
        caller.start()
    zalo.until(lambda: zalo.calls("getUpdates") and zalo.calls("getMe"))
    zalo.stop()
    for caller in callers:
        caller.join(5)
    assert len(ends) == 2
