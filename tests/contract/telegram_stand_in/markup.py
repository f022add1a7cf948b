"""Telegram's HTML: read strictly into plain text and entities, refused with the server's words.

Only parse mode HTML is known here, since the house sends no other; a call that asks for another
one is refused, never misread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.contract.telegram_stand_in.errors import Json, bad_request

MAX_ENTITIES = 100
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_SPECIAL = re.compile(r"[<&]")
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot));?")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"\s*([^\s=>]*)\s*(=)?\s*")
_BARE_VALUE = re.compile(r"[0-9A-Za-z.\-]*")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
# The server turns control characters into spaces and drops those that change direction.
_CLEAN = {i: " " for i in range(32) if i != 10} | {13: None} | dict.fromkeys(range(0x2028, 0x202F))


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text has: the unit of offsets and of the text limit."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def clean(text: str) -> str:
    """The text as the server keeps it."""
    return text.translate(_CLEAN)


@dataclass
class _Open:
    tag: str
    at: int
    attributes: dict[str, str]


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        place = 0
        while match := _SPECIAL.search(self.source, place):
            self.put(self.source[place : match.start()])
            place = self.special(match.start())
        self.put(self.source[place:])
        if self.open:
            raise self.error(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"'
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def put(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16_length(text)

    def special(self, place: int) -> int:
        if self.source[place] == "&":
            letter, after = _character(self.source, place)
            self.put(letter)
            return after
        if self.source.startswith("</", place):
            return self.end_tag(place)
        return self.start_tag(place)

    def start_tag(self, place: int) -> int:
        name_end = _TAG_NAME.match(self.source, place + 1).end()  # type: ignore[union-attr]
        tag = self.source[place + 1 : name_end].lower()
        if name_end == len(self.source):
            raise self.error("Unclosed start tag", place)
        if tag not in _TAGS:
            raise self.error(f'Unsupported start tag "{tag}"', place)
        attributes, after = self.attributes(tag, place, name_end)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.error('Tag "span" must have class "tg-spoiler"', place)
        self.open.append(_Open(tag, self.length, attributes))
        return after

    def attributes(self, tag: str, begin: int, place: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        while True:
            match = _ATTRIBUTE.match(self.source, place)
            assert match is not None
            name, place = match[1].lower(), match.end()
            if place >= len(self.source):
                raise self.error("Unclosed start tag", begin)
            if not name and not match[2] and self.source[place] == ">":
                return found, place + 1
            if not name:
                raise self.error(f'Empty attribute name in the tag "{tag}"', begin)
            if not match[2]:
                if (tag, name) != ("blockquote", "expandable"):
                    words = f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                    raise self.error(words, begin)
                found[name] = ""
                continue
            found[name], place = self.value(begin, place)

    def value(self, begin: int, place: int) -> tuple[str, int]:
        quote = self.source[place]
        if quote not in "'\"":
            bare = _BARE_VALUE.match(self.source, place)
            assert bare is not None
            end = bare.end()
            if end == place or (end < len(self.source) and self.source[end] not in " \t\r\n>"):
                raise self.error("Unexpected end of name token", begin)
            return bare[0], end
        end = self.source.find(quote, place + 1)
        if end < 0:
            raise self.error("Unclosed start tag", begin)
        raw = self.source[place + 1 : end]
        return _ENTITY.sub(lambda match: _character(match[0], 0)[0], raw), end + 1

    def end_tag(self, place: int) -> int:
        if not self.open:
            raise self.error("Unexpected end tag", place)
        name = _TAG_NAME.match(self.source, place + 2)
        assert name is not None
        opened = self.open.pop()
        if name[0] and name[0].lower() != opened.tag:
            words = f'expected "</{opened.tag}>", found "</{name[0].lower()}>"'
            raise self.error(f"Unmatched end tag at byte offset {self.bytes_to(place)}, {words}")
        after = (
            name.end() + len(self.source[name.end() :]) - len(self.source[name.end() :].lstrip())
        )
        if self.source[after : after + 1] != ">":
            raise self.error("Unclosed end tag", place)
        self.close(opened)
        return after + 1

    def close(self, opened: _Open) -> None:
        length = self.length - opened.at
        kind = _TAGS[opened.tag]
        if not length:
            return
        entity: Json = {"type": kind, "offset": opened.at, "length": length}
        if kind == "text_link":
            url = opened.attributes.get("href", "")
            if not re.match(r"(?:https?|tg|mailto|tel):\S+$", url):
                return  # the server drops a link it can't use and keeps its words
            entity["url"] = url
        elif kind == "custom_emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        elif kind == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)

    def bytes_to(self, place: int) -> int:
        return len(self.source[:place].encode("utf-8", "surrogatepass"))

    def error(self, words: str, place: int | None = None) -> Exception:
        where = "" if place is None else f" at byte offset {self.bytes_to(place)}"
        return bad_request(f"can't parse entities: {words}{where}")


def _character(source: str, place: int) -> tuple[str, int]:
    """The character that an entity at ``place`` stands for, and where the text goes on."""
    match = _ENTITY.match(source, place)
    if match is None:
        return "&", place + 1
    if match[3]:
        return _NAMED[match[3]], match.end()
    code = int(match[1], 16) if match[1] else int(match[2])
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "&", place + 1
    return chr(code), match.end()


def parse(source: str, parse_mode: str) -> tuple[str, list[Json]]:
    """The plain text and its entities, trimmed as the server trims them. Raises ApiError."""
    mode = parse_mode.strip().lower()
    if mode not in {"", "html"}:
        raise bad_request("unsupported parse_mode")
    text, entities = _Reader(clean(source)).read() if mode else (clean(source), [])
    return _trimmed(text, entities)


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    stripped = text.strip()
    if not entities or stripped == text:
        return stripped, entities[:MAX_ENTITIES]
    skipped = utf16_length(text[: len(text) - len(text.lstrip())])
    end = skipped + utf16_length(stripped)
    kept = []
    for entity in entities:
        begin = max(entity["offset"], skipped)
        length = min(entity["offset"] + entity["length"], end) - begin
        if length > 0:
            kept.append({**entity, "offset": begin - skipped, "length": length})
    return stripped, kept[:MAX_ENTITIES]
