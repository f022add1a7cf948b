"""What a message is, before any law is asked: a command, a courtesy, or nothing."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.plain_text import fold


class Command(StrEnum):
    """What a person can ask of the assistant itself."""

    START = "start"
    HELP = "help"
    FORGET = "forget"
    SOURCES = "sources"
    AGREE = "agree"
    DECLINE = "decline"
    FULL_TEXT = "full_text"
    PERSON = "person"
    CANCEL = "cancel"
    AGAIN = "again"


class Courtesy(StrEnum):
    """Words that want a kind word back, not an answer."""

    HELLO = "hello"
    THANKS = "thanks"
    OK = "ok"


_COMMANDS: dict[str, Command] = {
    "start": Command.START,
    "bat dau": Command.START,
    "trogiup": Command.HELP,
    "tro giup": Command.HELP,
    "huong dan": Command.HELP,
    "help": Command.HELP,
    "menu": Command.HELP,
    "xoa": Command.FORGET,
    "xoa het": Command.FORGET,
    "xoa du lieu": Command.FORGET,
    "xoa du lieu cua toi": Command.FORGET,
    "xoa tin nhan": Command.FORGET,
    "xoa cuoc tro chuyen": Command.FORGET,
    "xoa lich su": Command.FORGET,
    "nguon": Command.SOURCES,
    "nguon luat": Command.SOURCES,
    "nguon van ban": Command.SOURCES,
    "dong y": Command.AGREE,
    "dong y luu": Command.AGREE,
    "toi dong y": Command.AGREE,
    "khong luu": Command.DECLINE,
    "ko luu": Command.DECLINE,
    "dung luu": Command.DECLINE,
    "khong dong y": Command.DECLINE,
    "ko dong y": Command.DECLINE,
    "xem nguyen van": Command.FULL_TEXT,
    "nguyen van": Command.FULL_TEXT,
    "xem dieu luat": Command.FULL_TEXT,
    "xem nguyen van dieu luat": Command.FULL_TEXT,
    "tuvan": Command.PERSON,
    "huy": Command.CANCEL,
    "huy yeu cau": Command.CANCEL,
    "rut yeu cau": Command.CANCEL,
    "rut lai yeu cau": Command.CANCEL,
    "molai": Command.AGAIN,
    "mo lai": Command.AGAIN,
    "mo lai yeu cau": Command.AGAIN,
}

PARTICLES = set(
    """a ah ak ad admin anh ban biet bot cac chi chu cho co cua da du duoc e em hen hi hieu i la lam
    luon minh nghe nha nhe nhen nhieu nhiu nua oi qua rat roi shop thay the toi truoc tu va van vang
    vay""".split()  # noqa: SIM905 - a list of words reads best as words
)
_THANKS = re.compile(r"\b(cam on|cam on nhieu|thanks|thank you|thank|tks|thanks you)\b")
_HELLO = re.compile(r"\b(chao buoi (?:sang|trua|chieu|toi)|xin chao|chao|hello|helo|hi|alo|a lo)\b")
_OK = set(
    "ok oke okay okie oki uh u um uhm vang da duoc roi hieu biet vay tot".split()  # noqa: SIM905
)

_YES = {
    *("co", "u", "uh", "ok", "yes", "vang", "chac", "chac chan", "da co", "da vang"),
    *("dong y", "xoa", "xoa het", "xoa di", "co xoa"),
}
_NO = {
    *("khong", "ko", "k", "no", "thoi", "khoan", "huy"),
    *("giu lai", "khong xoa", "ko xoa", "dung xoa"),
}


def command_of(text: str) -> Command | None:
    """The command a message is, with or without slash and marks; None when it is none."""
    words = re.sub(r"^/(\w+)(@\w+)?.*", r"\1", text.strip(), flags=re.DOTALL)
    return _COMMANDS.get(fold(words))


def names_keeping(text: str) -> bool:
    """Whether a yes or no names what it is about ("không lưu"), so that it counts at any time."""
    return "luu" in fold(text).split()


def names_request(text: str) -> bool:
    """Whether a wish to cancel is surely about a person asked for: a bare "hủy" may speak of a
    contract."""
    return text.startswith("/") or "yeu cau" in fold(text)


def courtesy_of(text: str) -> Courtesy | None:
    """Greeting, thanks or "OK" and nothing else in the message."""
    words = fold(text)
    if not words or len(words.split()) > 10:
        return None
    for pattern, courtesy in ((_THANKS, Courtesy.THANKS), (_HELLO, Courtesy.HELLO)):
        if pattern.search(words):
            rest = pattern.sub(" ", words).split()
            if all(word in PARTICLES or word in _OK for word in rest):
                return courtesy
    every = words.split()
    if not all(word in _OK or word in PARTICLES for word in every):
        return None
    if any(word in _OK for word in every):
        return Courtesy.OK
    return Courtesy.HELLO if "oi" in every else None


def says_yes(text: str) -> bool:
    """A plain yes, to a question just asked."""
    return fold(text) in _YES


def says_no(text: str) -> bool:
    """A plain no, to a question just asked."""
    return fold(text) in _NO


def says_nothing(text: str) -> bool:
    """No letter and no digit: empty, a sticker, emoji, only signs."""
    return not any(c.isalnum() for c in text)
