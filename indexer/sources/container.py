"""What a file really is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from pathlib import Path

from indexer.lines import SourceError

_LARGEST = 64 * 1024 * 1024

#: What each kind is called for people.
SPOKEN = {
    "zip": "tệp nén zip",
    "ole": "Word 97-2003 (.doc)",
    "pdf": "PDF",
    "rtf": "RTF",
    "mhtml": "trang web lưu một tệp (MHTML)",
    "html": "trang web (HTML)",
    "json": "JSON",
    "text": "văn bản thuần (.txt)",
}


def kind_of(raw: bytes) -> str:
    """One of the keys of ``SPOKEN``, or "unknown"."""
    head = raw[:4096].lstrip(b"\xef\xbb\xbf\r\n\t ")
    lower = head.lower()
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if lower.startswith((b"mime-version:", b"content-type: multipart")):
        return "mhtml"
    if re.match(rb"<(?:!doctype html|html|head|body|\?xml|div|p|meta|!--)", lower):
        return "html"
    if head.startswith((b"{", b"[")):
        return "json"
    if raw and b"\x00" not in raw[:4096]:
        return "text"
    return "unknown"


def load(path: Path) -> bytes:
    """The file's bytes; SourceError when it cannot be opened, is empty or is too large."""
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise SourceError(
                path.name,
                f"Tệp quá lớn ({size // 2**20} MB, tối đa {_LARGEST // 2**20} MB)",
                "Hãy tách riêng từng văn bản",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            path.name, f"Không mở được tệp: {error.strerror}", "Hãy kiểm tra đường dẫn và quyền đọc"
        ) from error
    if not raw.strip():
        raise SourceError(path.name, "Tệp rỗng", "Hãy tải lại tệp từ cổng chính thức")
    return raw
