"""Pictures and PDF files sent from the page: taken, refused, and shown to nobody else."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from bot.channels.port import FileKind, Incoming, IncomingFile, Outgoing
from bot.channels.web.shown import FileContent, ShownFile
from bot.channels.web.stored import StoredConversations
from bot.channels.web.upload import MAX_FILE
from bot.store.database import Database
from bot.store.inbox import Inbox
from tests.unit.test_web_messages import HOST, Browser
from tests.web_stand_in import StandIn

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


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


async def upload(
    browser: Browser, content: bytes, name: str = "don.jpg", text: str = "", **more: str
) -> httpx.Response:
    fields = {"text": text, "update_id": str(uuid.uuid4()), **more}
    return await browser.http.post(
        "/chat/messages",
        data=fields,
        files={"file": (name, content, "image/jpeg")},
        headers={"origin": HOST, "x-caunoi-token": browser.token},
    )


async def test_a_picture_comes_in_with_its_words(stand_in: StandIn, browser: Browser) -> None:
    answer = await upload(browser, JPEG, text="giấy cho thôi việc đây")
    assert answer.status_code == 202
    (taken,) = stand_in.taken
    assert taken.text == "giấy cho thôi việc đây"
    (file,) = taken.files
    assert (file.kind, file.media_type, file.size) == (FileKind.PHOTO, "image/jpeg", len(JPEG))
    assert file.content == JPEG
    assert "picture" not in repr(taken)


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (PNG, FileKind.PHOTO, "image/png"),
        (b"GIF89a...", FileKind.PHOTO, "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", FileKind.PHOTO, "image/webp"),
        (b"%PDF-1.7 ...", FileKind.DOCUMENT, "application/pdf"),
    ],
)
async def test_what_a_file_is_its_bytes_say(
    stand_in: StandIn, browser: Browser, content: bytes, kind: FileKind, media_type: str
) -> None:
    assert (await upload(browser, content, name="x.exe")).status_code == 202
    (file,) = stand_in.taken[0].files
    assert (file.kind, file.media_type) == (kind, media_type)


@pytest.mark.parametrize(
    "content",
    [
        b"<script>alert(1)</script>",
        b"MZ\x90\x00",
        b"<svg xmlns='x'/>",
        b"PK\x03\x04",
        b"xx\xff\xd8\xff",
    ],
)
async def test_other_files_are_refused_with_advice(
    stand_in: StandIn, browser: Browser, content: bytes
) -> None:
    answer = await upload(browser, content, name="luong.jpg")
    assert answer.status_code == 415
    assert "PDF" in answer.json()["message"]
    assert stand_in.taken == []


@pytest.mark.parametrize("size", [MAX_FILE + 1, 3 * MAX_FILE])
async def test_a_file_that_is_too_large_is_refused_in_words(
    stand_in: StandIn, browser: Browser, size: int
) -> None:
    answer = await upload(browser, JPEG + b"\0" * (size - len(JPEG)))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert stand_in.taken == []


async def test_the_largest_file_fits(stand_in: StandIn, browser: Browser) -> None:
    assert (await upload(browser, JPEG + b"\0" * (MAX_FILE - len(JPEG)))).status_code == 202


async def test_a_plain_form_sends_a_picture_once(stand_in: StandIn, browser: Browser) -> None:
    form = {"token": browser.token, "nonce": browser.nonce, "last": "0", "text": ""}
    for content in (JPEG, JPEG, PNG):
        answer = await browser.http.post(
            "/chat/messages",
            data=form,
            files={"file": ("a.jpg", content, "image/jpeg")},
            headers={"origin": HOST},
        )
        assert answer.status_code == 303
    assert len({taken.update_id for taken in stand_in.taken}) == 2


async def test_a_form_without_a_file_is_as_before(stand_in: StandIn, browser: Browser) -> None:
    form = {"token": browser.token, "nonce": browser.nonce, "last": "0", "text": "chậm lương"}
    answer = await browser.http.post(
        "/chat/messages",
        data=form,
        files={"file": ("", b"", "application/octet-stream")},
        headers={"origin": HOST},
    )
    assert answer.status_code == 303
    assert (stand_in.taken[0].text, stand_in.taken[0].files) == ("chậm lương", ())


async def test_without_the_pages_token_no_file_is_taken(
    stand_in: StandIn, browser: Browser
) -> None:
    browser.token = "0" * 32
    assert (await upload(browser, JPEG)).status_code == 403
    assert stand_in.taken == []


async def test_the_page_shows_a_picture_and_never_runs_its_name(
    stand_in: StandIn, browser: Browser
) -> None:
    await upload(browser, JPEG)
    chat = stand_in.taken[0].chat_id
    picture = ShownFile(id=7, name="a.jpg", media_type="image/jpeg", kept=True)
    paper = ShownFile(id=8, name='"><script>x', media_type="application/pdf", kept=True)
    stand_in.conversations.add(chat, "worker", Outgoing(text=""), files=(picture, paper))
    page = (await browser.open()).text
    assert '<img src="/chat/tep/7"' in page
    assert "<script>x" not in page
    assert 'href="/chat/tep/8" download' in page


async def test_files_are_for_their_own_conversation(stand_in: StandIn, browser: Browser) -> None:
    await upload(browser, JPEG)
    shown = [
        ShownFile(id=7, name="", media_type="image/jpeg", kept=True),
        ShownFile(id=8, name="", media_type="application/pdf", kept=True),
    ]
    own = stand_in.conversations
    own.add(stand_in.taken[0].chat_id, "worker", Outgoing(text=""), files=shown)
    own.contents = {7: FileContent("image/jpeg", JPEG), 8: FileContent("application/pdf", b"%PDF")}
    answer = await browser.http.get("/chat/tep/7")
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert "sandbox" in answer.headers["content-security-policy"]
    paper = await browser.http.get("/chat/tep/8")
    assert paper.headers["content-type"] == "application/octet-stream"
    assert paper.headers["content-disposition"].startswith("attachment")
    stranger = Browser(stand_in)
    assert (await stranger.http.get("/chat/tep/7")).status_code == 404
    await stranger.open()
    assert (await stranger.http.get("/chat/tep/7")).status_code == 404
    await stranger.http.aclose()


async def test_the_store_gives_a_file_only_to_its_chat(database: Database) -> None:
    for chat in ("w1", "w2"):
        file = IncomingFile(
            kind=FileKind.PHOTO, name="a.jpg", media_type="image/jpeg", content=JPEG
        )
        Inbox(database).accept(
            Incoming(
                channel="web",
                chat_id=chat,
                update_id="u1",
                files=(file,),
                sent_at=datetime(2026, 3, 2, tzinfo=UTC),
            )
        )
    conversations = StoredConversations(database)
    (said,) = await conversations.history("w1", 0, 10)
    (shown,) = said.files
    assert (shown.name, shown.picture) == ("a.jpg", True)
    found = await conversations.file("w1", shown.id)
    assert found is not None
    assert found.content == JPEG
    assert await conversations.file("w2", shown.id) is None
    assert await conversations.file("w1", 2**62) is None
