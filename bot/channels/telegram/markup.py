"""A message as Telegram takes it: parts that fit, in HTML and plain, with a keyboard at the end."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.port import Choice, Outgoing, Passage, SendRefused
from bot.conversation.split import split
from bot.plain_text import clean

MAX_UNITS = 4096
"""UTF-16 units of a message, counted after its markup is taken away."""

_CHOICE_BYTES = 64
_MOST_BUTTONS = 100
_SHORT_LABEL = 16
"""Characters of a label up to which two stand side by side on a small phone."""
_HEADING_LENGTH = 160
_LISTED = re.compile(r"(?:[-•–]|\d{1,2}[.)]|[a-zđ]\))\s")


@dataclass(frozen=True, slots=True)
class Part:
    """One message on the wire. ``plain`` goes out where Telegram does not take ``html``."""

    plain: str
    html: str
    keyboard: InlineKeyboardMarkup | None = None


def parts_of(message: Outgoing) -> list[Part]:
    """The message in parts; choices and passages go with the last. Raises SendRefused."""
    texts = _fitting(clean(message.text))
    if not texts:
        raise SendRefused("Tin không có chữ nào.")
    parts = [Part(text, _marked(text)) for text in texts]
    plain, marked = _with_passages(texts[-1], message.passages)
    parts[-1] = Part(plain, marked, keyboard_of(message.choices))
    return parts


def units(text: str) -> int:
    """The length as Telegram counts it: emoji and the like are two."""
    return len(text.encode("utf-16-le")) // 2


def _fitting(text: str) -> list[str]:
    """Parts that fit; in characters they are shorter the more emoji there are."""
    limit = MAX_UNITS
    while True:
        texts = split(text, limit)
        if all(units(part) <= MAX_UNITS for part in texts):
            return texts
        limit = limit * 3 // 4


def _marked(text: str) -> str:
    """HTML with headings bold; everything else escaped."""
    lines = text.split("\n")
    return "\n".join(
        f"<b>{_escaped(line)}</b>" if _is_heading(line, after) else _escaped(line)
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def _is_heading(line: str, after: str) -> bool:
    """A short line that ends with a colon and has something right under it."""
    return (
        line.endswith(":")
        and bool(after.strip())
        and len(line) <= _HEADING_LENGTH
        and not _LISTED.match(line)
    )


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _with_passages(text: str, passages: Sequence[Passage]) -> tuple[str, str]:
    """The text, and under it the official wordings that still fit, folded."""
    plain, marked = text, _marked(text)
    for passage in passages:
        note = f" ({clean(passage.note)})" if passage.note else ""
        head, body = f"{clean(passage.citation)}{note}:", clean(passage.text)
        longer = f"{plain}\n\n{head}\n{body}"
        if not body or units(longer) > MAX_UNITS:
            continue
        plain = longer
        marked += (
            f"\n\n<b>{_escaped(head)}</b>\n<blockquote expandable>{_escaped(body)}</blockquote>"
        )
    return plain, marked


def keyboard_of(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Buttons, two short ones side by side; None without choices. Raises SendRefused."""
    if not choices:
        return None
    if len(choices) > _MOST_BUTTONS:
        raise SendRefused("Tin có quá nhiều lựa chọn.")
    rows: list[list[Choice]] = []
    for choice in choices:
        if not 1 <= len(choice.id.encode()) <= _CHOICE_BYTES or not choice.label.strip():
            raise SendRefused("Một lựa chọn của tin không đúng dạng Telegram nhận.")
        beside = rows[-1] if rows else []
        if len(beside) == 1 and len(beside[0].label) <= _SHORT_LABEL >= len(choice.label):
            beside.append(choice)
        else:
            rows.append([choice])
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(c.label, callback_data=c.id) for c in row] for row in rows]
    )
