"""An HTML file as a tree: its character set, its archive wrapping, where its lines begin."""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from collections.abc import Iterator

from lxml import html
from lxml.html import HtmlElement

UNSEEN = {
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas",
    "nav", "button", "select", "textarea", "input", "dialog", "audio", "video", "map",
}  # fmt: skip
"""Elements that hold no words of a document."""

BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
"""Elements that begin a line of their own."""

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes) -> str:
    """Text of an HTML file in NFC, whatever it was saved in.

    A byte order mark counts first, then UTF-8 if the bytes are valid in it (browsers re-save
    pages as UTF-8 and leave the old declaration standing), then the declared character set,
    then windows-1258, in which old Vietnamese Word saved.
    """
    if data[:512].lstrip().lower().startswith((b"mime-version", b"from:")):
        return _web_archive(data)
    for sign, name in _MARKS:
        if data.startswith(sign):
            return _composed(data.decode(name, errors="replace"))
    if data[:200].count(b"\x00") > 40:
        order = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
        return _composed(data.decode(order, errors="replace"))
    declared = _CHARSET.search(data[:8192])
    names = [declared[1].decode("ascii", "replace")] if declared else []
    for name in ["utf-8", *names, "windows-1258"]:
        try:
            return _composed(data.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return _composed(data.decode("utf-8", errors="replace"))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _web_archive(data: bytes) -> str:
    """The HTML part of an .mht file ("single file web page")."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return decode(payload)
    return ""


def parse(text: str) -> HtmlElement | None:
    """The document element, None for a page without any word."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")
    if not re.search(r"\w", re.sub(r"<[^>]*>", "", text)):
        return None
    parser = html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    return html.document_fromstring(text, parser=parser)


def words(element: HtmlElement) -> str:
    """All words of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def line_starts(body: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Each place where a line begins, with its block and its first words."""
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in BLOCKS:
            start = (element.text or "") if _holds_block(element) else words(element)
            if start.strip():
                yield element, " ".join(start.split())[:400]
        elif element.tag == "br":
            parent, following = element.getparent(), element.getnext()
            start = (element.tail or "").strip()
            if not start and following is not None and isinstance(following.tag, str):
                start = words(following)
            if start and parent is not None:
                yield parent, " ".join(start.split())[:400]


def _holds_block(element: HtmlElement) -> bool:
    return any(isinstance(e.tag, str) and e.tag in BLOCKS for e in element.iterdescendants())
