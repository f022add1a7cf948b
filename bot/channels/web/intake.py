"""A posted message: read within limits, checked, and made into an Incoming."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.channels.bodies import drained
from bot.channels.port import Incoming, IncomingFile
from bot.channels.web.upload import MAX_FILE, NotTaken, read_multipart

MAX_BODY = 256 * 1024
"""Bytes of a posted message: more than the longest one the turn has words for, form-encoded."""

_DRAIN = 4 * 1024 * 1024
_CHOICE_BYTES = 64
_NONCE = 64


@dataclass
class Refused(Exception):
    """A message that is not taken.

    ``code`` is for the page's script, ``message`` for the worker; ``text`` is what was written,
    where it is known, so that a page without script can give it back.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of one post. ``script`` tells the page's script from a plain form."""

    fields: dict[str, str]
    script: bool
    file: IncomingFile | None = None

    @property
    def form_token(self) -> str:
        """What proves that the form is ours."""
        return self.fields.get("token", "")

    def incoming(self, channel: str, chat_id: str) -> Incoming:
        """The update this post stands for. Raises Refused."""
        text = _storable(self.fields.get("text", ""))
        choice = self.fields.get("choice") or None
        if choice is not None and len(choice.encode(errors="replace")) > _CHOICE_BYTES:
            raise _malformed("lựa chọn không đúng dạng")
        if choice is None and not text.strip() and self.file is None:
            raise Refused(400, "empty", "Bạn chưa viết gì. Hãy viết câu hỏi rồi bấm Gửi.")
        return Incoming(
            channel=channel,
            chat_id=chat_id,
            update_id=self._update_id(text, choice),
            text="" if choice is not None else text,
            choice=choice,
            files=(self.file,) if self.file is not None else (),
            sent_at=datetime.now(UTC),
        )

    def _update_id(self, text: str, choice: str | None) -> str:
        given = self.fields.get("update_id", "")
        if given:
            try:
                return str(uuid.UUID(given))
            except ValueError:
                raise _malformed("mã tin nhắn không đúng dạng") from None
        # A plain form cannot make an id for each press. The page's nonce and the words make
        # one: pressing twice is the same message, other words from the same page are not.
        nonce = self.fields.get("nonce", "")
        if not 16 <= len(nonce) <= _NONCE:
            raise _malformed("thiếu mã tin nhắn")
        said = f"{nonce}\n{'choice' if choice is not None else 'text'}\n{choice or text}"
        if self.file is not None and self.file.content is not None:
            said += "\n" + hashlib.sha256(self.file.content).hexdigest()
        return str(uuid.uuid5(uuid.NAMESPACE_OID, said))


async def read(request: Request) -> Posted:
    """The fields of a post, from JSON or a form. Raises Refused."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    token = request.headers.get("x-caunoi-token")
    file = None
    try:
        if kind == "application/json":
            fields = _json(await _body(request))
        elif kind == "application/x-www-form-urlencoded":
            fields = _form(await _body(request))
        elif kind == "multipart/form-data":
            fields, file = await read_multipart(request)
        else:
            raise _malformed("kiểu dữ liệu không nhận được", status=415)
    except (ValueError, RecursionError):
        raise _malformed("dữ liệu bị hỏng trên đường truyền") from None
    except NotTaken as refused:
        raise _not_taken(refused) from None
    script = kind == "application/json" or token is not None
    if script:
        fields["token"] = token or ""
    return Posted(fields, script, file)


def is_script(request: Request) -> bool:
    """Whether the page's script asks, and not a plain form."""
    kind = request.headers.get("content-type", "")
    return kind.startswith("application/json") or "x-caunoi-token" in request.headers


def _not_taken(refused: NotTaken) -> Refused:
    if refused.status == 413:
        return Refused(
            413,
            "too_large",
            f"Tệp lớn quá ({MAX_FILE // 1024 // 1024} MB là tối đa) nên chưa gửi được. Bạn chụp "
            "lại ảnh nhỏ hơn, hoặc gửi từng trang một.",
        )
    return Refused(
        415,
        "file_kind",
        "Mình chỉ nhận ảnh (JPG, PNG, GIF, WebP) và tệp PDF. Bạn chụp ảnh tài liệu đó rồi gửi nhé.",
    )


async def _body(request: Request) -> bytes:
    """The body, at most MAX_BODY bytes. Raises Refused."""
    body = await drained(request, MAX_BODY, _DRAIN)
    if body is None:
        raise Refused(
            413,
            "too_large",
            "Tin này dài quá nên chưa gửi được. Bạn hãy tóm lại chuyện chính trong vài câu, "
            "hoặc chia thành nhiều tin ngắn.",
        )
    return body


def _json(body: bytes) -> dict[str, str]:
    said: Any = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("not an object")
    fields: dict[str, str] = {}
    for name, value in said.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise ValueError("not a string")
        fields[name] = value
    return fields


def _form(body: bytes) -> dict[str, str]:
    pairs = parse_qsl(
        body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10
    )
    return dict(pairs)


def _storable(text: str) -> str:
    """The text with what no database takes replaced, and line ends as ``\\n``."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "").replace("\r\n", "\n")


def _malformed(what: str, status: int = 400) -> Refused:
    return Refused(
        status, "malformed", f"Tin chưa gửi được: {what}. Bạn hãy tải lại trang rồi gửi lại."
    )
