"""How the Zalo stand-in brings events to the bot, and its control."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.zalo_stand_in import ZaloStandIn
from tests.contract.zalo_stand_in.calling import (
    SECRET,
    fetch,
    known,
    polled,
    polling,
    refused,
    set_webhook,
)
from tests.contract.zalo_stand_in.receiver import Receiver

REPOSITORY = Path(__file__).parents[2]
pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)


def test_late_doubled_and_reordered_events(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.late("Lan", "chậm", 0.05)
    first = zalo.say("Lan", "nhanh")
    assert polled(zalo_api, 2) == ["nhanh", "chậm"]
    zalo.redeliver(first)
    assert polled(zalo_api, 1) == ["nhanh"]
    with zalo.reorder():
        zalo.say_all([("Lan", "1"), ("Lan", "2"), ("Lan", "3")])
        assert zalo_api.post("getUpdates", json={"timeout": 0}).status_code == 408
    assert polled(zalo_api, 3) == ["3", "2", "1"]


def test_the_same_id_twice_with_other_words(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    assert zalo.say("Lan", "một", message_id="m1", date=1) == "m1"
    zalo.say("Lan", "hai", message_id="m1")
    assert polled(zalo_api, 2) == ["một", "hai"]


def test_groups_are_heard_only_when_mentioned(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    zalo.switches.quota_groups = 1
    zalo.say_in_group("Tổ may", "Lan", "nói riêng với nhau", mentioned=False)
    zalo.photo("Lan", b"x", "không gọi bot", group="Tổ may")
    zalo.say_in_group("Tổ cắt", "Lan", "nhóm thứ hai")
    zalo.say_in_group("Tổ may", "Lan", "lương trả chậm")
    message = zalo_api.post("getUpdates", json={"timeout": 1}).json()["result"]["message"]
    assert message["text"] == f"@{zalo.bot_name} lương trả chậm"
    assert message["chat"] == {"id": zalo.chat("Tổ may"), "chat_type": "GROUP"}
    assert message["from"]["id"] == zalo.chat("Lan") != message["chat"]["id"]
    zalo.photo("Lan", b"x", f"@{zalo.bot_name} xem giúp", group="Tổ may")
    assert zalo_api.post("getUpdates", json={"timeout": 1}).json()["ok"]
    assert zalo_api.post("getUpdates", json={"timeout": 0}).status_code == 408

    voice = {"chat_id": zalo.chat("Tổ may"), "voice_url": "https://example.vn/a.aac"}
    assert zalo_api.post("sendVoice", json=voice).json()["ok"]  # and nobody hears it
    assert zalo.sent("Tổ may") == []


def test_the_bot_may_hear_itself(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    chat = known(zalo, zalo_api)
    zalo.switches.echo_self = True
    zalo_api.post("sendMessage", json={"chat_id": chat, "text": "tôi nói"})
    photo = {"chat_id": chat, "photo": "https://example.vn/a.jpg", "caption": "ảnh"}
    zalo_api.post("sendPhoto", json=photo)
    said = zalo_api.post("getUpdates", json={"timeout": 1}).json()["result"]["message"]
    assert said["from"]["is_bot"]
    assert said["from"]["id"] == zalo.bot_id
    assert (said["chat"]["id"], said["text"]) == (chat, "tôi nói")
    assert said["message_id"] == zalo.sent("Lan")[0].message_id
    shown = zalo_api.post("getUpdates", json={"timeout": 1}).json()["result"]["message"]
    assert (shown["photo_url"], shown["caption"]) == (photo["photo"], "ảnh")


def test_media_do_not_last(zalo: ZaloStandIn, zalo_api: httpx.Client) -> None:
    def address() -> str:
        zalo.photo("Lan", b"picture")
        answer = zalo_api.post("getUpdates", json={"timeout": 1}).json()
        return str(answer["result"]["message"]["photo_url"])

    old = address()
    zalo.expire_media()
    assert fetch(old).status_code == 403
    zalo.switches.expired_media = 404
    assert fetch(old).status_code == 404
    fresh = address()
    zalo.fail_next("media", 502)
    assert [fetch(fresh).status_code for _ in range(2)] == [
        502,
        200,
    ]
    zalo.switches.media_seconds = 0
    assert fetch(fresh).status_code == 404
    assert fetch(f"{zalo.address}/media/none.jpg").status_code == 404


# --- webhooks ---


def test_a_webhook_is_probed_and_saved_even_so(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    good = set_webhook(zalo_api, zalo_hook.address)
    assert zalo_hook.bodies == [b""]
    assert zalo_hook.headers[0]["X-Bot-Api-Secret-Token"] == SECRET
    assert good["verification"] == {
        "ok": True,
        "outcome": "success",
        "status_code": 200,
        "hint": "",
    }
    zalo_hook.status = 500
    bad = set_webhook(zalo_api, zalo_hook.address)["verification"]
    assert (bad["ok"], bad["outcome"], bad["status_code"]) == (False, "bad_status", 500)
    zalo_hook.status, zalo_hook.delay = 200, 0.3
    zalo.switches.webhook_timeout = 0.1
    assert set_webhook(zalo_api, zalo_hook.address)["verification"]["outcome"] == "timeout"
    gone = set_webhook(zalo_api, "http://127.0.0.1:9/")
    assert gone["verification"]["outcome"] == "unreachable"
    assert zalo_api.get("getWebhookInfo").json()["result"]["url"] == "http://127.0.0.1:9/"
    zalo.switches.verification = False
    assert set(set_webhook(zalo_api, zalo_hook.address)) == {"url", "updated_at"}
    zalo.switches.local_webhooks = False
    public = {"url": "https://93.184.216.34/zalo", "secret_token": "x" * 7}
    assert refused(zalo_api.post("setWebhook", json=public))[0] == 400  # for its secret only


def test_test_webhook_may_not_be_called_often(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    set_webhook(zalo_api, zalo_hook.address)
    result = zalo_api.post("testWebhook").json()["result"]
    assert set(result) == {"ok", "outcome", "status_code", "latency_ms", "hint"}
    again = zalo_api.post("testWebhook")
    assert (again.status_code, again.json()["errorCode"]) == (426, 426)
    zalo.switches.test_webhook = False
    assert refused(zalo_api.post("testWebhook")) == (404, 404, False)


def test_events_are_posted_flat_or_wrapped(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    zalo.say("Lan", "còn chờ")
    set_webhook(zalo_api, zalo_hook.address)
    zalo.until(lambda: zalo_hook.texts() == ["còn chờ"])
    zalo.say("Lan", "phẳng")
    zalo.until(lambda: len(zalo_hook.events) == 2)
    assert set(zalo_hook.events[1]) == {"event_name", "message"}
    assert zalo_hook.headers[-1]["X-Bot-Api-Secret-Token"] == SECRET
    assert zalo_hook.headers[-1]["content-type"] == "application/json"
    zalo.switches.envelope = "wrapped"
    zalo.say("Lan", "gói")
    zalo.unsupported("Lan", with_message=False)
    zalo.until(lambda: len(zalo_hook.events) == 4)
    wrapped = {event["result"]["event_name"]: event for event in zalo_hook.events[2:]}
    assert wrapped["message.text.received"]["ok"]
    assert wrapped["message.text.received"]["result"]["message"]["text"] == "gói"
    assert "message" not in wrapped["message.unsupported.received"]["result"]


def test_a_failed_delivery_is_repeated_and_given_up(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    set_webhook(zalo_api, zalo_hook.address)
    zalo_hook.status = 503
    first = zalo.say("Lan", "bận")
    zalo.until(lambda: zalo.figures()["given_up"] == 1)
    assert zalo.deliveries(first) == [503, 503, 503]
    zalo.switches.webhook_retries = (0.02,) * 50
    second = zalo.say("Lan", "rồi cũng đến")
    zalo.until(lambda: len(zalo.deliveries(second)) > 1)
    zalo_hook.status = 200
    zalo.until(lambda: zalo.deliveries(second)[-1] == 200)
    zalo_hook.delay, zalo.switches.webhook_timeout = 0.3, 0.1
    slow = zalo.say("Lan", "chậm")
    zalo.until(lambda: zalo.deliveries(slow))
    assert zalo.deliveries(slow)[0] is None
    zalo_hook.delay, zalo.switches.webhook_timeout = 0, 2
    zalo.until(lambda: zalo.deliveries(slow)[-1] == 200)
    assert 2 <= zalo_hook.texts().count("chậm") <= len(zalo.deliveries(slow))


def test_posts_on_command(zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver) -> None:
    with pytest.raises(RuntimeError, match="no webhook"):
        zalo.empty_probe()
    set_webhook(zalo_api, zalo_hook.address)
    assert zalo.empty_probe() == 200
    assert zalo.empty_probe(with_secret=False) == 200
    assert "X-Bot-Api-Secret-Token" not in zalo_hook.headers[-1]
    assert zalo.post('{"message": 1}', "forged") == 200
    assert zalo_hook.headers[-1]["X-Bot-Api-Secret-Token"] == "forged"
    said = zalo.say("Lan", "hai lần")
    zalo.until(lambda: zalo.deliveries(said) == [200])
    zalo.redeliver(said)
    zalo.until(lambda: zalo.deliveries(said) == [200, 200])
    with zalo.reorder():
        zalo.say("Lan", "a")
        zalo.say("Lan", "b")
    zalo.until(lambda: zalo_hook.texts()[-2:] == ["b", "a"] if len(zalo_hook.events) > 4 else False)
    zalo_api.post("deleteWebhook")
    zalo.say("Lan", "lại hỏi vòng")
    assert polled(zalo_api, 1) == ["lại hỏi vòng"]


def test_deliveries_outlast_a_stop(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    set_webhook(zalo_api, zalo_hook.address)
    zalo.switches.webhook_retries = (30.0,)
    zalo_hook.status = 503
    first = zalo.say("Lan", "một")
    zalo.until(lambda: zalo.deliveries(first))
    zalo.stop()
    zalo.say("Minh", "hai")
    zalo_hook.status = 200
    zalo.start()
    zalo.until(lambda: sorted(zalo_hook.texts()) == ["hai", "một", "một"])


def test_a_poll_ends_when_a_webhook_is_set(
    zalo: ZaloStandIn, zalo_api: httpx.Client, zalo_hook: Receiver
) -> None:
    with polling(zalo, zalo_api) as answers:
        set_webhook(zalo_api, zalo_hook.address)
    assert refused(answers[0]) == (400, 400, False)
    assert "while a webhook is set" in answers[0].json()["description"]


# --- control ---


def test_control_over_http() -> None:
    with (
        ZaloStandIn(control=True, idle="200") as zalo,
        httpx.Client(base_url=f"{zalo.address}/control/", trust_env=False, verify=False) as bench,
    ):

        def control(name: str, **arguments: Any) -> Any:
            return bench.post(name, json=arguments).json()["result"]

        assert control("switches", consumed="replay")["idle"] == "200"
        said = control("say", user="Lan", text="chào")
        control("photo", user="Lan", content="cGljdHVyZQ==", caption="ảnh")
        control("fail_next", method="getMe", kind="429")
        base = f"{zalo.address}/bot{zalo.token}/"
        assert bench.get(base + "getMe").status_code == 429
        words = {"chat_id": control("chat", user="Lan"), "text": "trả lời"}
        bench.post(base + "sendMessage", json=words)
        [sent] = control("sent", chat="Lan")
        assert (sent["text"], sent["answered"]) == ("trả lời", True)
        assert control("sent", after=1) == []
        poll = httpx.post(
            base + "getUpdates", json={"timeout": 1}, trust_env=False, verify=False
        ).json()
        assert poll["result"]["message"]["message_id"] == said
        assert control("figures")["waiting"] == 1
        assert bench.post("switches", json={"idle": "never"}).status_code == 400
        assert bench.post("say", json={"nobody": 1}).status_code == 400
        assert bench.post("stop").status_code == 404
    with ZaloStandIn() as closed:
        url = f"{closed.address}/control/say"
        assert httpx.post(url, json={}, trust_env=False, verify=False).status_code == 404


def test_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.contract.zalo_stand_in", "--switch", "idle=200"]
    command += ["--switch", "webhook_retries=[0.5, 1]"]
    with (
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process,
        httpx.Client(trust_env=False, verify=False) as bench,
    ):
        assert process.stdout is not None
        address, token = process.stdout.readline().split()
        answer = bench.post(f"{address}/bot{token}/getUpdates", json={"timeout": 0})
        assert refused(answer) == (200, 408, False)
        switches = bench.post(f"{address}/control/switches").json()["result"]
        assert switches["webhook_retries"] == [0.5, 1.0]
        process.terminate()
        assert process.wait(10) == 0


def test_until_says_what_it_waited_for(zalo: ZaloStandIn) -> None:
    never: Callable[[], bool] = bool
    with pytest.raises(AssertionError, match="not so within"):
        zalo.until(never, 0.02)
