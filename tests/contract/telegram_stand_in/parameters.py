"""What a call carries: query, form, JSON or multipart, all read as the real server reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from tests.contract.telegram_stand_in.errors import ApiError, bad_request

MAX_UPLOAD = 50 * 1024 * 1024
MAX_BODY = MAX_UPLOAD + 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file of a multipart body."""

    name: str
    mime_type: str
    content: bytes


class Parameters:
    """The arguments of one call. Every value is text, as on the wire."""

    def __init__(self, values: dict[str, str], uploads: dict[str, Upload]) -> None:
        self.values = values
        self.uploads = uploads

    def text(self, name: str) -> str:
        """The value, or an empty string."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a number; what is no number counts as absent."""
        try:
            return int(self.values.get(name, default))
        except ValueError:
            return default

    def boolean(self, name: str) -> bool:
        """True for true, yes and 1, in any case."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str) -> Any:
        """The value parsed; None when absent. Raises ApiError that says it can't parse ``what``."""
        raw = self.text(name)
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def names(self, name: str) -> list[str] | None:
        """A JSON array of strings; None when absent or not such an array."""
        try:
            value = json.loads(self.text(name) or "null")
        except ValueError:
            return None
        if isinstance(value, list):
            return [one for one in value if isinstance(one, str)]
        return None


async def read_parameters(request: Request) -> Parameters:
    """Read the arguments of a call; the body wins over the query.

    Raises ApiError: 413 for a body over 51 MB, 400 for one that can't be read.
    """
    values = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    if request.method == "POST":
        if int(request.headers.get("content-length") or 0) > MAX_BODY:
            raise ApiError(413, "Request Entity Too Large")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            await _read_multipart(request, values, uploads)
        else:
            _read_body(kind, await request.body(), values)
    return Parameters(values, uploads)


def _read_body(kind: str, body: bytes, values: dict[str, str]) -> None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    if kind == "application/x-www-form-urlencoded":
        values.update(parse_qsl(text, keep_blank_values=True))
    elif kind == "application/json" and text:
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise bad_request("can't parse JSON encoded request") from None
        if not isinstance(fields, dict):
            raise bad_request("JSON object expected as the request")
        values.update({name: _as_text(one) for name, one in fields.items() if one is not None})


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _read_multipart(
    request: Request, values: dict[str, str], uploads: dict[str, Upload]
) -> None:
    async with request.form(max_files=100, max_fields=1000, max_part_size=MAX_BODY) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                if len(content) > MAX_UPLOAD:
                    raise ApiError(413, "Request Entity Too Large")
                mime_type = value.content_type or "application/octet-stream"
                uploads[name] = Upload(value.filename or name, mime_type, content)
            else:
                values[name] = value
