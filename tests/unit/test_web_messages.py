"""Posting a message and reading the page, over HTTP, with a conversation in memory."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from bot.channels.port import Outgoing, Passage
from bot.channels.web.pages import STATIC
from bot.channels.web.routes import PAGE_OF
from tests.web_stand_in import StandIn

HOST = "http://hoi.test"


class Browser:
    """One browser: its cookies, the token and nonce of the page it has."""

    def __init__(self, stand_in: StandIn) -> None:
        transport = httpx.ASGITransport(app=stand_in.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=HOST)
        self.token = self.nonce = self.page = ""

    async def open(self, path: str = "/") -> httpx.Response:
        answer = await self.http.get(path)
        self.page = answer.text
        self.token = (re.search(r'data-token="(\w+)"', self.page) or ["", ""])[1]
        self.nonce = (re.search(r'name="nonce" value="(\w+)"', self.page) or ["", ""])[1]
        return answer

    async def post(self, body: dict[str, object], **headers: str) -> httpx.Response:
        body = {"update_id": str(uuid.uuid4()), **body}
        sent = {"origin": HOST, "x-caunoi-token": self.token, **headers}
        return await self.http.post("/chat/messages", json=body, headers=sent)

    async def form(self, **fields: str) -> httpx.Response:
        body = {"token": self.token, "nonce": self.nonce, "last": "0", **fields}
        return await self.http.post("/chat/messages", data=body, headers={"origin": HOST})


@pytest.fixture
def stand_in() -> StandIn:
    made = StandIn()
    made.answers = False
    return made


@pytest.fixture
async def browser(stand_in: StandIn) -> AsyncIterator[Browser]:
    made = Browser(stand_in)
    await made.open()
    yield made
    await made.http.aclose()


def chat_of(stand_in: StandIn) -> str:
    return stand_in.taken[0].chat_id


async def test_a_message_is_acknowledged_once_it_is_in_the_inbox(
    stand_in: StandIn, browser: Browser
) -> None:
    answer = await browser.post({"text": "cty no luong\r\n2 thang"})
    assert answer.status_code == 202
    (taken,) = stand_in.taken
    assert (taken.channel, taken.text, taken.choice) == ("web", "cty no luong\n2 thang", None)
    assert taken.sent_at.tzinfo is not None
    assert "cty no luong\n2 thang" in (await browser.open()).text


async def test_the_same_update_sent_again_is_one_message(
    stand_in: StandIn, browser: Browser
) -> None:
    update = str(uuid.uuid4())
    answers = [await browser.post({"text": "một lần", "update_id": update}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert [taken.update_id for taken in stand_in.taken] == [update]


async def test_without_the_inbox_nothing_is_acknowledged(
    stand_in: StandIn, browser: Browser
) -> None:
    stand_in.inbox_broken = True
    answer = await browser.post({"text": "giữ giúp tôi"})
    assert answer.status_code == 503
    assert answer.json()["error"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert stand_in.taken == []


async def test_a_choice_goes_in_as_its_id(stand_in: StandIn, browser: Browser) -> None:
    assert (await browser.post({"choice": "again:1"})).status_code == 202
    assert (stand_in.taken[0].choice, stand_in.taken[0].text) == ("again:1", "")


async def test_foreign_pages_cannot_post(stand_in: StandIn, browser: Browser) -> None:
    assert (await browser.post({"text": "x"}, origin="http://xau.test")).status_code == 403
    assert (await browser.post({"text": "x"}, **{"x-caunoi-token": "0" * 32})).status_code == 403
    browser.http.cookies.clear()
    lost = await browser.post({"text": "x"})
    assert (lost.status_code, lost.json()["error"]) == (403, "session")
    assert stand_in.taken == []


@pytest.mark.parametrize("script", [True, False])
async def test_a_megabyte_is_refused_kindly(
    stand_in: StandIn, browser: Browser, script: bool
) -> None:
    text = "x" * 1_000_000
    answer = await (browser.post({"text": text}) if script else browser.form(text=text))
    assert answer.status_code == 413
    assert "dài quá" in unescape(answer.text)
    assert len(answer.content) < 50_000
    assert stand_in.taken == []


async def test_the_longest_text_a_turn_has_words_for_passes(
    stand_in: StandIn, browser: Browser
) -> None:
    text = "ộ" * 20_000
    assert (await browser.post({"text": text})).status_code == 202
    assert (await browser.form(text=text)).status_code == 303
    assert [len(taken.text) for taken in stand_in.taken] == [20_000, 20_000]


async def test_a_flood_is_slowed_down_and_says_for_how_long() -> None:
    stand_in = StandIn(burst=2)
    stand_in.answers = False
    browser = Browser(stand_in)
    await browser.open()
    answers = [await browser.post({"text": f"tin {n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    assert "quá nhanh" in answers[2].json()["message"]
    await browser.http.aclose()


@pytest.mark.parametrize(
    "body",
    [
        {"text": "  \n "},
        {},
        {"text": 5},
        {"choice": "c" * 65},
        {"text": "x", "update_id": "1; drop table"},
        {"text": "x", "update_id": ""},
    ],
)
async def test_what_makes_no_sense_is_refused(
    stand_in: StandIn, browser: Browser, body: dict[str, object]
) -> None:
    answer = await browser.post(body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert stand_in.taken == []


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"[]", 400),
        ("application/json", b"\xff\xfe", 400),
        ("application/json", b"[" * 100_000, 400),
        ("application/x-www-form-urlencoded", "text=ộ".encode(), 400),
        ("application/x-www-form-urlencoded", b"text=%ff", 400),
        ("text/plain", b"hello", 415),
        ("multipart/form-data; boundary=x", b"--x--", 400),
        ("multipart/form-data", b"--x--", 400),
        ("image/jpeg", b"\xff\xd8\xff", 415),
    ],
)
async def test_broken_bodies_are_refused(
    browser: Browser, kind: str, content: bytes, status: int
) -> None:
    headers = {"origin": HOST, "x-caunoi-token": browser.token, "content-type": kind}
    answer = await browser.http.post("/chat/messages", content=content, headers=headers)
    assert answer.status_code == status


async def test_half_a_character_is_made_storable(stand_in: StandIn, browser: Browser) -> None:
    headers = {"origin": HOST, "x-caunoi-token": browser.token}
    body = '{"text": "a\\ud83d\\u0000b", "update_id": "%s"}' % uuid.uuid4()  # noqa: UP031
    headers["content-type"] = "application/json"
    answer = await browser.http.post("/chat/messages", content=body, headers=headers)
    assert answer.status_code == 202
    assert stand_in.taken[0].text == "a\ufffdb"


async def test_a_plain_form_sends_and_shows_the_conversation(
    stand_in: StandIn, browser: Browser
) -> None:
    answer = await browser.form(text="Nghỉ việc báo trước mấy ngày?")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?cho=0#cuoi")
    page = await browser.open("/?cho=0")
    assert "Nghỉ việc báo trước mấy ngày?" in page.text
    assert 'http-equiv="refresh"' in page.text
    await stand_in.say(chat_of(stand_in), Outgoing(text="Xong rồi."))
    page = await browser.open("/?cho=0&lan=1")
    assert "Xong rồi." in page.text
    assert 'http-equiv="refresh"' not in page.text


async def test_looking_for_the_answer_ends_some_time(browser: Browser) -> None:
    await browser.form(text="Có ai không?")
    page = await browser.open("/?cho=0&lan=20")
    assert 'http-equiv="refresh"' not in page.text
    assert "Tải lại trang" in page.text


async def test_pressing_twice_is_one_message_other_words_are_another(
    stand_in: StandIn, browser: Browser
) -> None:
    for text in ("một", "một", "hai"):
        await browser.form(text=text)
    await browser.form(choice="một")
    assert [(t.text, t.choice) for t in stand_in.taken] == [
        ("một", None),
        ("hai", None),
        ("", "một"),
    ]


async def test_a_plain_form_that_fails_gives_the_words_back(
    stand_in: StandIn, browser: Browser
) -> None:
    stand_in.inbox_broken = True
    answer = await browser.form(text="đừng làm mất <tin> này")
    assert answer.status_code == 503
    assert "đừng làm mất &lt;tin&gt; này</textarea>" in answer.text
    assert "đang bận" in answer.text


async def test_what_people_write_is_never_markup(stand_in: StandIn, browser: Browser) -> None:
    await browser.post({"text": "<script>alert(1)</script>"})
    evil = '"><img src=x onerror=alert(1)>'
    said = Outgoing(text=evil, passages=(Passage(citation=evil, text=evil, note=evil),))
    await stand_in.say(chat_of(stand_in), said)
    page = (await browser.open()).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("&lt;img") == 5


async def test_the_conversation_is_there_after_a_restart_and_only_for_its_browser(
    stand_in: StandIn, browser: Browser
) -> None:
    await browser.post({"text": "chuyện riêng của tôi"})
    again = StandIn()
    again.conversations = stand_in.conversations
    again.channel.conversations = stand_in.conversations
    restarted, stranger = Browser(again), Browser(again)
    restarted.http.cookies.update(browser.http.cookies)
    assert "chuyện riêng của tôi" in (await restarted.open()).text
    assert "chuyện riêng của tôi" not in (await stranger.open()).text
    for one in (restarted, stranger):
        await one.http.aclose()


async def test_a_long_conversation_is_turned_page_by_page(
    stand_in: StandIn, browser: Browser
) -> None:
    await browser.post({"text": "tin số 1."})
    for number in range(2, PAGE_OF + 6):
        stand_in.conversations.add(chat_of(stand_in), "bot", Outgoing(text=f"tin số {number}."))
    seen = (await browser.open()).text
    assert "tin số 5." not in seen
    assert "tin số 6." in seen
    earlier = re.search(r'href="(/\?truoc=\d+)#cuoi"', seen)
    assert earlier
    past = (await browser.open(earlier[1])).text
    assert [n for n in range(1, 8) if f"tin số {n}." in past] == [1, 2, 3, 4, 5]
    assert "truoc=" not in past
    assert "<textarea" not in past


@pytest.mark.parametrize("query", ["truoc=x", "cho=-1", "lan=%D9%A1", "truoc=" + "9" * 30])
async def test_made_up_addresses_are_refused(browser: Browser, query: str) -> None:
    assert (await browser.http.get(f"/?{query}")).status_code == 400


async def test_a_store_that_cannot_be_read_is_said_so(stand_in: StandIn, browser: Browser) -> None:
    await browser.post({"text": "xin chào"})
    stand_in.conversations.broken = True
    page = await browser.open()
    assert page.status_code == 503
    assert "chưa mở được cuộc trò chuyện" in page.text
    assert (await browser.http.get("/healthz")).status_code == 503
    stand_in.conversations.broken = False
    assert "xin chào" in (await browser.open()).text
    assert (await browser.http.get("/healthz")).json() == {"status": "ok"}


async def test_every_response_is_guarded(stand_in: StandIn, browser: Browser) -> None:
    version = stand_in.channel.pages.version
    for path in ("/", "/gioi-thieu", "/healthz", f"/static/{version}/chat.css", "/?truoc=x"):
        headers = (await browser.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    refused = await browser.post({"text": "x"}, origin="http://xau.test")
    assert "content-security-policy" in refused.headers


async def test_pages_obey_their_own_policy(browser: Browser) -> None:
    await browser.post({"text": "x"})
    for path in ("/", "/gioi-thieu"):
        page = (await browser.http.get(path)).text
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", page)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page)


async def test_a_first_visit_weighs_less_than_60_kb(browser: Browser) -> None:
    page = (await browser.open()).content
    linked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.decode()))
    assert len(linked) == len(list(STATIC.iterdir()))
    files = [await browser.http.get(path) for path in linked]
    assert all(file.status_code == 200 for file in files)
    assert all("immutable" in file.headers["cache-control"] for file in files)
    assert len(page) + sum(len(file.content) for file in files) < 60_000


async def test_pages_with_conversations_are_never_cached(browser: Browser) -> None:
    assert (await browser.open()).headers["cache-control"] == "no-store"
    assert (await browser.post({"text": "x"})).headers["cache-control"] == "no-store"
