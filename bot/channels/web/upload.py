"""Pictures and PDF files a worker sends from the page: read within limits, told by their bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from bot.channels.port import FileKind, IncomingFile

MAX_FILE = 10 * 1024 * 1024
"""Bytes of one file. The page makes photographs smaller before it sends them."""
_MAX_BODY = MAX_FILE + 64 * 1024
_DRAIN = 2 * _MAX_BODY
_MAX_FIELD = 256 * 1024

# What a file is, its first bytes say; the name and type a browser gives are only claims.
_SIGNATURES: tuple[tuple[bytes, int, str, FileKind], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg", FileKind.PHOTO),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", FileKind.PHOTO),
    (b"GIF87a", 0, "image/gif", FileKind.PHOTO),
    (b"GIF89a", 0, "image/gif", FileKind.PHOTO),
    (b"WEBP", 8, "image/webp", FileKind.PHOTO),
    (b"%PDF-", 0, "application/pdf", FileKind.DOCUMENT),
)


class NotTaken(Exception):
    """The post cannot be read. ``status`` 413: too large; 415: a kind of file we do not take."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def read_multipart(request: Request) -> tuple[dict[str, str], IncomingFile | None]:
    """The fields of a post and the one file it may carry. Raises NotTaken, ValueError."""
    counted = _Counted(request)
    try:
        form = await MultiPartParser(
            request.headers, counted.stream(), max_files=1, max_fields=10, max_part_size=_MAX_FIELD
        ).parse()
    except MultiPartException as error:
        if counted.too_large:
            raise NotTaken(413) from None
        raise ValueError("not a form") from error
    try:
        if counted.too_large:
            raise NotTaken(413)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        uploads = [value for value in form.values() if isinstance(value, UploadFile)]
        return fields, await _file(uploads[0]) if uploads else None
    finally:
        await form.close()


async def _file(upload: UploadFile) -> IncomingFile | None:
    content = await upload.read()
    if not content:  # a form whose file was not chosen
        return None
    if len(content) > MAX_FILE:
        raise NotTaken(413)
    for signature, at, media_type, kind in _SIGNATURES:
        if content.startswith(signature, at):
            return IncomingFile(
                kind=kind,
                name=upload.filename or "",
                media_type=media_type,
                size=len(content),
                content=content,
            )
    raise NotTaken(415)


class _Counted:
    """The body of a request, cut off when it is more than may be sent."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.too_large = False

    async def stream(self) -> AsyncGenerator[bytes, None]:
        seen = 0
        async for chunk in self._request.stream():
            seen += len(chunk)
            if seen <= _MAX_BODY:
                yield chunk
                continue
            # The rest is read and thrown away: a browser whose upload is cut off shows a network
            # error instead of our words.
            self.too_large = True
            if seen > _DRAIN:
                return
