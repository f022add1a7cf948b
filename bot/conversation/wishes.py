"""Words about wanting a person: asking for one, waiting for one, no longer wanting one.

Written with or without marks, among other words. "Người sử dụng lao động" and "tư vấn viên tính
lương sao" are questions: so what surrounds the wish must be small words from closed lists, and
only the plainest requests may go on into anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.recognise import PARTICLES
from bot.plain_text import fold


@dataclass(frozen=True, slots=True)
class Request:
    """A person is asked for. ``about``: what else the message says, empty when nothing."""

    about: str = ""


# Someone at our desk, whatever people call them; and people one may also want to meet elsewhere.
_OURS = (
    r"(?:tu van vien|tvv|nguoi that(?: viec that)?|nguoi tu van|nguoi ho tro"
    r"|(?:nhan vien|can bo|chuyen vien|chuyen gia) tu van|nhan vien ho tro|ben tu van)"
)
_OTHERS = (
    r"(?:luat su|can bo(?: cong doan)?|chuyen gia(?: luat)?|chuyen vien|nhan vien|ai do|con nguoi"
    r"|nguoi (?:co chuyen mon|hieu luat|khac)|nguoi(?! (?:that|tu van|ho tro))|tu van)"
)
_MEET = (
    r"(?:(?:gap|noi chuyen|tro chuyen|trao doi|chat|nhan tin|lien he|lien lac|ket noi|noi may)"
    r"(?: (?:truc tiep|lai))?(?: (?:voi|cung|toi|den|cho))?"
    r"|chuyen(?: (?:may|cau hoi|toi|em|minh|qua|sang|cho|den)){0,4})"
    r"(?: (?:mot|1|truc tiep))?"
)
_WANT = r"(?:cho|muon|can|xin|nho|mong|yeu cau|de nghi)"
_OPEN = (
    rf"(?:{_WANT}|da|vang|thoi|ok|alo|chao|a|ad|admin|shop|bot|oi|lam on|lam phien|vui long|phien"
    r"|giup(?: do)?|ho|hay|the|vay|gio|bay gio|nay|nha|toi|em|minh|tui|tao|chau|con|ban|anh|chi"
    r"|co chu|co the|lam sao(?: de)?|lam the nao(?: de)?|cach nao(?: de)?|lai|ngay|xin phep"
    r"|(?<=cho )duoc|(?<=xin )duoc|(?<=muon )duoc|(?<=em )duoc|(?<=toi )duoc|(?<=minh )duoc)"
)
_CLOSE = (
    r"(?:(?:duoc|dc) (?:khong|ko|k|hong|chu|chua)|a|ah|ak|nha|nhe|nhen|di|voi|ngay|luon|lien|gap"
    r"|that|nay|gio|bay gio|truc tiep|cua cong doan|ben cong doan|o day|nao|roi|oi|em|toi|minh|ban"
    r"|ad|bot|anh|chi|giup|gium|dum|cam on|xin cam on|thoi|hon|them|nua|mot chut|1 chut|mot lat|xiu"
    r"|de (?:hoi|duoc (?:tu van|ho tro))|tu van|ho tro|noi chuyen)"
)
# Of our own people one may also ask whether and how they can be reached.
_HOW = (
    r"(?: (?:khong|ko|k|hong|dau|o dau|thi (?:lam sao|o dau|lam the nao|phai lam sao|bam vao dau"
    r"|lam cach nao)|bang cach nao|the nao|lam sao))?"
)
_NOT_OURS = r"(?! (?:cua|bao hiem|ngan hang|tuyen dung|tai chinh|bat dong san|du hoc|ban hang)\b)"
_ASKS = r"\b(?:dau|the nao|lam sao|bao nhieu|bao lau|mat tien|gi|khong|ko)$"

_PLAIN = re.compile(rf"(?:{_OPEN} )*(?:{_MEET} )?{_OURS}(?: {_CLOSE})*{_HOW}(?: {_CLOSE})*")
_MEETING = re.compile(
    rf"(?:{_OPEN} )*{_MEET} {_OTHERS}(?: {_CLOSE})*"
    rf"|(?:{_OPEN} )*{_WANT}(?: {_OPEN})* {_OTHERS.replace('|tu van)', ')')}(?: {_CLOSE})*"
)
_IS_THERE = re.compile(
    r"(?:(?:ad|admin|bot|shop|alo|oi|o day|ben minh|ben ban|da|the|vay) )*"
    rf"co (?:ai|{_OURS}|nguoi|luat su|can bo)(?: nao)?(?: (?:o day|truc|dang truc|tra loi|tu van"
    r"|ho tro|giup|noi chuyen|that|toi|em|minh))* (?:khong|ko|k|hong)(?: (?:a|vay|ad|ban|nhi|day))*"
)
_NO_MACHINE = re.compile(
    rf"(?:{_OPEN} )*(?:khong|ko|k|chan|dung)(?: (?:muon|thich|can))? (?:noi chuyen|chat|tro chuyen"
    rf"|hoi|nhan tin)(?: (?:voi|cung))? (?:may|bot|robot|tra loi tu dong)(?: {_CLOSE})*"
)
_WITH_MORE = re.compile(
    rf"(?:{_OPEN} )*{_WANT}(?: {_OPEN})* (?:{_MEET} )?{_OURS}{_NOT_OURS}(?: {_CLOSE})*(?= )"
)
_ABOUT = re.compile(
    rf"(?:{_OPEN} )*{_WANT}(?: {_OPEN})* {_MEET} {_OTHERS}(?= (?:ve|de hoi|hoi ve|vi)\b)"
)
_AT_END = re.compile(
    rf"(?<!khong )(?<!ko )(?<!co )(?<!duoc )(?<!chua )(?:cho (?:toi|em|minh|tui|chau|con)(?: xin)?"
    rf"|\b(?:toi|em|minh|tui|chau) (?:muon|can|xin))(?: duoc)? {_MEET} {_OURS}(?: {_CLOSE})*$"
)

_SEGMENT = re.compile(r"(?<=[.,;!?…])\s+|\n+")
_WORD = re.compile(r"\w+")
_TOLD = re.compile(r"\bđã\b")
_WISH_WORDS = 60
"""Words up to which a segment may be a wish that goes on; no wish is longer, and patterns are slow
on what is."""
_REMARK_WORDS = 20
_SMALL_WORDS = PARTICLES | set(
    "xin chao hello hi alo chuyen viec nay do voi gap va thi vi nen ve cau hoi nhanh".split()  # noqa: SIM905
)


def asks_for_person(text: str) -> Request | None:
    """Whether a message asks for a person, and what else it says; None when it does not."""
    segments = [part for part in _SEGMENT.split(text) if fold(part)]
    for n, segment in enumerate(segments):
        edge = n in {0, len(segments) - 1}
        rest = _besides(segment, edge)
        if rest is not None:
            others = [s for s in (*segments[:n], rest, *segments[n + 1 :]) if not dissatisfied(s)]
            return Request(" ".join(s for s in others if _substantial(s)).rstrip(" ,;"))
    return None


def _besides(segment: str, edge: bool) -> str | None:
    """What a segment says besides asking for a person; None when it does not ask.

    ``edge``: it is the first or last of its message, where a wish stands. In the middle of a
    story "muốn gặp luật sư" is usually told of someone.
    """
    words = fold(segment)
    if _TOLD.search(segment.casefold()) or re.search(r"\bda .* roi$", words):
        return None
    if len(words.split()) > _WISH_WORDS:
        return _after_story(segment, words)
    if any(each.fullmatch(words) for each in (_PLAIN, _IS_THERE, _NO_MACHINE)):
        return ""
    if edge and _MEETING.fullmatch(words):
        return ""
    if found := _WITH_MORE.match(words):
        return _from_word(segment, len(found[0].split()))
    if edge and (found := _ABOUT.match(words)) and not re.search(_ASKS, words):
        return _from_word(segment, len(found[0].split()))
    return _after_story(segment, words)


def _after_story(segment: str, words: str) -> str | None:
    """What is told before a wish that ends it without a stop."""
    found = _AT_END.search(words)
    return _from_word(segment, 0, len(words[: found.start()].split())) if found else None


def _from_word(segment: str, start: int, stop: int | None = None) -> str:
    """The words of a segment from one to another, as they were written."""
    places = [found.span() for found in _WORD.finditer(segment)][start:stop]
    return segment[places[0][0] : places[-1][1]] if places else ""


def _substantial(segment: str) -> bool:
    return sum(word not in _SMALL_WORDS for word in fold(segment).split()) >= 2


_WHEN = r"(?:bao gio|khi nao|chung nao|bao lau(?: nua)?|chung bao lau|may gio|luc nao)"
_WHO = rf"(?:ai|nguoi|{_OURS}|can bo(?: cong doan)?|luat su|ben (?:do|minh|ban)|moi nguoi)"
_ME = r"(?:toi|em|minh|tui|chau|con)"
_REPLY = r"(?:tra loi|rep|tu van|lien he|nhan tin|goi|gap|xem|ho tro|vao|giup|noi chuyen)"
_TURN = re.compile(
    rf"(?:da |vay |the |ad |ad oi )*(?:"
    rf"(?:{_WHEN} (?:thi |moi |se )*)?(?:da |sap )?(?:toi|den|gan toi|gan den) (?:luot|phien)"
    rf"(?: cua)?(?: {_ME})?(?: (?:chua|vay|a|roi|the|ad))*"
    rf"|(?:con )?{_WHEN} (?:thi |moi |se |co |duoc )*(?:{_WHO} )?(?:that )?(?:thi |moi |se )*"
    rf"{_REPLY}(?: (?:lai|cho|duoc|voi|{_ME}|{_OURS}))*(?: (?:a|vay|ad|day|the|nhi))*"
    rf"|(?:con )?(?:bao lau|lau)(?: nua)?(?: (?:khong|ko|k|vay|a|ad|moi xong))*"
    rf"|sao (?:mai |lau |qua )*(?:chua|khong|ko|k|ma chua)(?: thay)?(?: co)?"
    rf"(?: {_WHO})?(?: {_REPLY})(?: (?:lai|cho|{_ME}|vay|a|het))*"
    rf"|sao lau (?:qua|the|vay)(?: (?:vay|a|ad|the))*"
    rf"|(?:{_ME} )?(?:doi|cho) (?:qua )?(?:lau|mai|hoai|(?:den|toi) (?:bao gio|khi nao)|bao lau)"
    rf"(?: (?:qua|roi|nua|vay|the|a|ad))*"
    rf"|(?:{_ME} )?(?:dang )?(?:dung|xep)(?: hang)? thu may(?: (?:roi|vay|a|ad|the))*"
    rf"|(?:da )?co (?:{_WHO})(?: (?:nhan|{_REPLY}))*(?: {_ME})? chua(?: (?:a|ad|vay))*"
    rf")"
)


def asks_for_turn(text: str) -> bool:
    """Whether someone who waits for a person asks how long still."""
    return _says(_TURN, fold(text))


_WITHDRAWS = re.compile(
    rf"(?:(?:da|thoi|a|ad|vang|{_ME}) )*(?:"
    rf"(?:khong|ko|k|khoi|dung|chang)(?: (?:can|muon|phai|con))*(?: {_MEET})? (?:{_OURS}|luat su"
    rf"|can bo(?: cong doan)?|nguoi|gap|tu van)(?: (?:nua|roi|dau|a|nhe|nha|ad))*"
    rf"|(?:rut|huy|bo)(?: lai)? (?:yeu cau|gap|hen|cuoc hen)(?: {_OURS})?"
    rf"(?: (?:di|nua|nhe|nha|a|giup|{_ME}|roi))*)"
)


def withdraws(text: str) -> bool:
    """Whether someone who waits for a person no longer wants one."""
    return _says(_WITHDRAWS, fold(text))


_ENDS = set(
    "toi em minh tui da vang a ak oi nha nhe bot ban ad may vay the qua roi day ma cua".split()  # noqa: SIM905
)
_NO = r"(?:khong|ko|k|chua|cha|chang|hong)"
_OF_THE_ANSWER = re.compile(
    rf"{_NO} (?:phai|dung|trung|dung voi)(?: (?:y|cau hoi|cai|dieu|van de|cau|y cua))+"
    rf"(?: (?:toi|em|minh|muon|can|dang|hoi))*"
    rf"|(?:cau )?(?:tra loi|noi|rep)(?: (?:gi|kieu gi|cai gi|nhu the|nhu vay|ma))*"
    rf" (?:ky|ki|ky cuc|ky cuc qua|lung tung|linh tinh|tao lao|lan man|chan|te|do|sai(?: bet| het)?"
    rf"|vo van|kho hieu|chung chung|dau dau|{_NO} (?:dung|trung|ro|lien quan)(?: y)?)"
    rf"|lac de|hoi mot dang (?:tra loi|dap|noi) mot neo|(?:may|bot|do)? ?(?:vo dung|ngu|te)"
    rf"|{_NO} (?:giup|giai quyet) (?:duoc )?gi|tra loi lai|sai (?:bet|het)"
)
_UNSURE = re.compile(
    rf"sai|{_NO} dung|(?:van |doc )?{_NO}(?: thay)? (?:ro|hieu)(?: (?:lam|gi|y|ro|noi gi|het))*"
)


def dissatisfied(text: str, asked_back: bool = False) -> bool:
    """Whether a message only says that the answer did not help.

    ``asked_back``: we asked something, so that "chưa rõ" may be the reply to it.
    """
    words = fold(text).split()
    while words and words[0] in _ENDS:
        del words[0]
    while words and words[-1] in _ENDS:
        del words[-1]
    said = " ".join(words)
    return _says(_OF_THE_ANSWER, said) or (not asked_back and _says(_UNSURE, said))


def _says(pattern: re.Pattern[str], words: str) -> bool:
    """Whether short words say just that, and nothing else."""
    return len(words.split()) <= _REMARK_WORDS and pattern.fullmatch(words) is not None
